"""Trackers on real files, with a clock that the test moves."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jobctl.daemon import offsets, patience, progress
from jobctl.daemon.history import History
from jobctl.daemon.progress import Tracker, Trackers, ended
from jobctl.model.progress import source
from support.stepped import Clock, Stepped
from support.wait import until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jobctl.store.layout import Layout

CATASTROPHE = r"(a+)+$(?P<percent>)"


@pytest.fixture
def clock() -> Clock:
    return Clock()


class Attempt:
    """The directory of an attempt, and who follows it."""

    def __init__(self, path: Path, clock: Clock, wanted: str = "auto", **more: Any) -> None:
        self.path = path
        self.clock = clock
        self.tracker = Tracker(str(path), wanted, clock, **more)

    def write(self, name: str, text: str, *, append: bool = True) -> None:
        with (self.path / name).open("a" if append else "w") as file:
            file.write(text)

    def look(self, seconds: float = 1.0) -> dict[str, Any] | None:
        self.clock.seconds += seconds
        return self.tracker.look(self.clock.steady())


@pytest.fixture
def attempt(tmp_path: Path, clock: Clock) -> Attempt:
    return Attempt(tmp_path, clock)


def bar(first: int, last: int) -> str:
    return "".join(f"\r {p}%|#####     | {p}/100 [00:01<00:02]" for p in range(first, last))


# ── sources ────────────────────────────────────────────────────────────────────────────────────────


def test_nothing_is_known_of_a_silent_job(attempt: Attempt) -> None:
    assert attempt.look() is None
    attempt.write("stdout", "hello\n")
    assert attempt.look() is None


def test_a_bar_that_stays_full_while_the_job_goes_on_was_of_a_part(attempt: Attempt) -> None:
    for second in range(60):
        attempt.write("stderr", f"\rdownloading: {second * 100 // 59:3}%|#####     | {second}/59 [00:01<00:02]")
        shown = attempt.look()
    assert shown is not None
    assert shown["percent"] == 99.9
    shown = attempt.look(29)
    assert shown is not None
    assert shown["percent"] == 99.9
    shown = attempt.look(3)
    assert shown is not None
    assert (shown["percent"], shown["done"], shown["message"]) == (None, None, "downloading: done")
    attempt.write("stderr", "".join(f"\runpacking: {p:3}%|#####     | {p}/99 [00:01<00:02]" for p in range(40)))
    shown = attempt.look()
    assert shown is not None
    assert shown["percent"] is None


def test_what_the_user_says_is_the_whole_is_so_however_long_it_stays_full(tmp_path: Path, clock: Clock) -> None:
    attempt = Attempt(tmp_path, clock, "percent")
    attempt.write("stdout", "99%\n100%\n")
    attempt.look()
    shown = attempt.look(600)
    assert shown is not None
    assert shown["percent"] == 99.9


def test_output_is_read_as_it_comes_and_paced(attempt: Attempt) -> None:
    for second in range(10):
        attempt.write("stderr", bar(second * 2, second * 2 + 2))
        shown = attempt.look()
    assert shown is not None
    assert {**shown, "rate": None, "eta_s": None, "updated_at": None} == {
        "percent": 19.0,
        "done": 19,
        "total": 100,
        "unit": None,
        "message": None,
        "rate": None,
        "eta_s": None,
        "source": "output",
        "updated_at": None,
    }
    assert shown["rate"] == pytest.approx(2.0)
    assert shown["eta_s"] == 40


def test_a_report_goes_before_output_whatever_comes_later(attempt: Attempt) -> None:
    attempt.write("stderr", bar(0, 60))
    attempt.write("progress", "3/10\n")
    shown = attempt.look()
    assert shown is not None
    assert (shown["percent"], shown["source"]) == (30.0, "reported")
    attempt.write("stderr", bar(60, 90))
    assert attempt.look() is shown


def test_a_sequence_in_the_output_is_a_report(attempt: Attempt) -> None:
    attempt.write("stdout", "\x1b]9;4;1;12\x07")
    shown = attempt.look()
    assert shown is not None
    assert (shown["percent"], shown["source"]) == (12.0, "reported")


def test_a_message_alone_goes_with_the_numbers_of_the_output(attempt: Attempt) -> None:
    attempt.write("progress", '{"message":"second part"}\n')
    attempt.write("stderr", bar(0, 60))
    shown = attempt.look()
    assert shown is not None
    assert (shown["percent"], shown["source"], shown["message"]) == (59.0, "output", "second part")


@pytest.mark.parametrize("append", [True, False])
def test_reports_may_be_appended_or_written_anew(attempt: Attempt, append: bool) -> None:
    for number in (9, 10, 11, 45):
        attempt.write("progress", f"{number}\n", append=append)
        shown = attempt.look()
        assert shown is not None
        assert shown["percent"] == number


def test_malformed_reports_are_counted_and_change_nothing(attempt: Attempt) -> None:
    attempt.write("progress", "nonsense\n200\n{}\n")
    assert attempt.look() is None
    assert attempt.tracker.malformed == 3
    attempt.write("progress", "40\n")
    shown = attempt.look()
    assert shown is not None
    assert shown["percent"] == 40


def test_whole_is_shown_only_of_what_has_ended(attempt: Attempt) -> None:
    attempt.write("progress", "10/10\n")
    shown = attempt.look()
    assert shown is not None
    assert (shown["percent"], shown["done"], shown["total"]) == (99.9, 10, 10)
    assert (ended(shown, completed=True) or {})["percent"] == 100
    assert (ended(shown, completed=False) or {})["percent"] == 99.9


def test_nothing_is_read_where_nothing_is_wanted(tmp_path: Path, clock: Clock) -> None:
    attempt = Attempt(tmp_path, clock, "none")
    attempt.write("stderr", bar(0, 60))
    assert attempt.look() is None
    attempt.write("progress", "5\n")
    assert attempt.look() is not None


def test_earlier_runs_are_an_estimate_until_they_are_exceeded(tmp_path: Path, clock: Clock) -> None:
    attempt = Attempt(tmp_path, clock, expected=100.0, started=clock.steady())
    shown = attempt.look(25)
    assert shown is not None
    assert (shown["percent"], shown["eta_s"], shown["source"]) == (25.0, 75, "earlier-runs")
    assert ended(shown, completed=True) is None
    assert attempt.look(76) is None


# ── files that are not what they should be ─────────────────────────────────────────────────────────


def test_a_truncated_or_replaced_output_is_read_on(attempt: Attempt) -> None:
    attempt.write("stderr", bar(0, 20))
    attempt.look()
    attempt.write("stderr", bar(20, 22), append=False)
    attempt.look()
    (attempt.path / "stderr").unlink()
    attempt.look()
    attempt.write("stderr", bar(22, 30))
    shown = attempt.look()
    assert shown is not None
    assert shown["done"] == 29


@pytest.mark.parametrize("name", ["stdout", "stderr", "progress"])
def test_what_is_no_regular_file_is_not_read(attempt: Attempt, name: str) -> None:
    place = attempt.path / name
    os.mkfifo(place)
    assert attempt.look() is None
    place.unlink()
    place.symlink_to("/proc/self/mem")
    assert attempt.look() is None
    place.unlink()
    place.mkdir()
    assert attempt.look() is None


def test_of_much_output_only_the_end_is_read(attempt: Attempt) -> None:
    attempt.write("stdout", ("x" * 79 + "\n") * 50_000)
    attempt.write("stdout", bar(0, 50))
    shown = attempt.look()
    assert shown is not None
    assert shown["done"] == 49
    assert attempt.tracker.cost <= progress._MOST_OUTPUT


def test_a_cut_line_is_not_taken_for_a_whole_one(attempt: Attempt) -> None:
    attempt.write("stdout", "Progress 11/100\n" * 10000)
    attempt.look()
    for number in range(3):
        attempt.write("stdout", "x" * 200_000 + f" {number + 5}/9 items\n")
        assert attempt.look() is None


def test_a_silent_attempt_is_not_opened(attempt: Attempt, monkeypatch: pytest.MonkeyPatch) -> None:
    attempt.write("stdout", bar(0, 5))
    attempt.look()
    opened: list[object] = []
    monkeypatch.setattr(os, "open", lambda *arguments, **_: opened.append(arguments))
    attempt.look()
    assert opened == []


# ── what is told when ──────────────────────────────────────────────────────────────────────────────


def test_the_same_is_told_once_and_a_look_too_soon_does_nothing(attempt: Attempt) -> None:
    attempt.write("progress", "10\n")
    first = attempt.look()
    attempt.write("progress", "20\n")
    assert attempt.look(0.1) is first
    second = attempt.look()
    assert second is not None
    assert second["percent"] == 20
    assert attempt.look() is second


def test_a_stall_makes_the_time_left_longer(attempt: Attempt) -> None:
    for number in range(10):
        attempt.write("progress", f"{number}/100\n")
        before = attempt.look()
    assert before is not None
    for _ in range(60):
        after = attempt.look()
    assert after is not None
    assert after["eta_s"] > 2 * before["eta_s"]
    assert after["done"] == before["done"]


def test_many_changes_are_told_a_few_at_a_time_and_all_in_the_end(tmp_path: Path, clock: Clock) -> None:
    trackers = Trackers()
    for number in range(35):
        directory = tmp_path / str(number)
        directory.mkdir()
        (directory / "progress").write_text("50\n")
        trackers.add(number, Tracker(str(directory), "auto", clock))
    told = [[key for key, _ in trackers.look(clock.steady())] for _ in range(4)]
    assert [len(keys) for keys in told] == [10, 10, 10, 5]
    assert sorted(key for keys in told for key in keys) == list(range(35))
    trackers.drop(3)
    assert 3 not in trackers


def test_a_job_of_many_tasks_is_as_far_as_its_tasks(clock: Clock) -> None:
    tasks = progress.Tasks(clock)
    counts = {"total": 8, "pending": 5, "processing": 1, "completed": 1, "failed": 1, "cancelled": 0, "retrying": 0}
    shown = tasks.look(clock.steady(), counts)
    assert shown is not None
    assert (shown["percent"], shown["done"], shown["unit"], shown["source"]) == (25.0, 2, "tasks", "tasks")
    assert tasks.look(clock.steady(), counts) is shown
    for done in range(2, 6):
        clock.seconds += 10
        shown = tasks.look(clock.steady(), {**counts, "completed": done})
    assert shown is not None
    assert (shown["done"], shown["eta_s"], shown["rate"]) == (6, 20, 0.1)


# ── expressions ────────────────────────────────────────────────────────────────────────────────────


def test_a_catastrophic_expression_is_given_up(tmp_path: Path, clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    attempt = Attempt(tmp_path, clock, CATASTROPHE)
    attempt.write("stdout", ("a" * 60 + "b\n") * 1000)
    assert attempt.look() is None
    assert "takes too long" in caplog.text
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0.0, 0.0)


def test_an_expression_that_is_quick_is_never_given_up() -> None:
    limit = patience.Patience()
    pattern = source.expression(r"(?P<percent>\d+)%")
    for number in range(1000):
        assert limit.search(pattern, f"{number}%") is not None
    assert not limit.is_gone


# ── the file that is read ──────────────────────────────────────────────────────────────────────────

READER = """
import sys
with open(sys.argv[1], "rb", buffering=0) as file:
    for _ in sys.stdin:
        file.read(1 << 20)
        print(flush=True)
"""


class Reading:
    """A process that reads a mebibyte of a file whenever it is told to."""

    def __init__(self, *arguments: str, before: tuple[str, ...] = ()) -> None:
        self.process = subprocess.Popen(
            [*before, sys.executable, "-c", READER, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def on(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        self.process.stdout.readline()


@pytest.fixture
def reading(tmp_path: Path) -> Iterator[Reading]:
    (tmp_path / "big").write_bytes(bytes(8 << 20))
    made = Reading(str(tmp_path / "big"))
    yield made
    made.process.kill()
    made.process.communicate()


def test_the_one_large_file_a_job_was_told_to_read_is_a_measure(reading: Reading) -> None:
    looker = offsets.Offsets(reading.process.pid, "/nowhere")
    seen = []
    for second in range(4):
        reading.on()
        found = looker.look(10.0 * second)
        seen.append(None if found is None else found.percent)
    assert seen == [None, None, 37.5, 50.0]


def test_one_of_several_large_files_is_no_measure(tmp_path: Path, reading: Reading) -> None:
    (tmp_path / "other").write_bytes(bytes(2 << 20))
    both = Reading(str(tmp_path / "big"), str(tmp_path / "other"))
    try:
        looker = offsets.Offsets(both.process.pid, "/nowhere")
        for second in range(4):
            both.on()
            assert looker.look(10.0 * second) is None
    finally:
        both.process.kill()
        both.process.communicate()


@pytest.mark.parametrize(
    ("text", "whole"),
    [('"$@"', True), ('"$@" 2>&1 | cat', True), ('true; "$@"; true', False), ('for n in 1 2; do "$@"; done', False)],
)
def test_a_file_is_a_measure_only_of_the_one_thing_a_job_does(tmp_path: Path, text: str, whole: bool) -> None:
    (tmp_path / "big").write_bytes(bytes(8 << 20))
    reading = Reading(str(tmp_path / "big"), before=("sh", "-c", text, "sh"))
    try:
        looker = offsets.Offsets(reading.process.pid, "/nowhere")
        for second in range(4):
            reading.on()
            found = looker.look(10.0 * second)
        assert (found is not None) == whole
    finally:
        reading.process.kill()
        reading.process.communicate()


def test_a_file_that_grows_is_no_measure(tmp_path: Path, reading: Reading) -> None:
    looker = offsets.Offsets(reading.process.pid, "/nowhere")
    for second in range(4):
        reading.on()
        with (tmp_path / "big").open("ab") as file:
            file.write(b"x")
        assert looker.look(10.0 * second) is None


def test_a_process_that_is_gone_is_no_measure(reading: Reading) -> None:
    looker = offsets.Offsets(reading.process.pid, "/nowhere")
    reading.on()
    looker.look(0.0)
    reading.process.kill()
    reading.process.communicate()
    until(lambda: not Path(f"/proc/{reading.process.pid}").exists(), "it to be gone")
    assert looker.look(10.0) is None


# ── earlier runs ───────────────────────────────────────────────────────────────────────────────────


def test_what_usually_takes_so_long_is_remembered_by_name_and_by_command(layout: Layout) -> None:
    history = History(layout)
    for seconds in (10.0, 12.0, 11.0):
        history.note("nightly", ["backup", "monday"], "/", seconds)
    assert history.expected("nightly", ["backup", "tuesday"], "/") == 11.0
    assert history.expected(None, ["backup", "monday"], "/") == 11.0
    assert history.expected(None, ["backup", "monday"], "/elsewhere") is None
    history.save(0.0, at_once=True)
    assert History(layout).expected("nightly", ["x"], "/") == 11.0
    assert b"nightly" not in Path(layout.durations).read_bytes()


def test_durations_that_vary_widely_foretell_nothing(layout: Layout) -> None:
    history = History(layout)
    history.note(None, ["x"], "/", 5.0)
    history.note(None, ["x"], "/", 500.0)
    assert history.expected(None, ["x"], "/") is None


@pytest.mark.parametrize("content", [b"", b"{", b"[]\n", b'{"v":1,"runs":{"a":["x",-1,null],"b":3}}\n', b'{"v":9}\n'])
def test_an_index_that_cannot_be_read_is_begun_anew(layout: Layout, content: bytes) -> None:
    Path(layout.durations).write_bytes(content)
    history = History(layout)
    history.note(None, ["x"], "/", 5.0)
    assert history.expected(None, ["x"], "/") == 5.0


def test_the_index_is_bounded(layout: Layout) -> None:
    history = History(layout)
    for number in range(2000):
        history.note(None, [str(number)], "/", 5.0)
    assert history.expected(None, ["0"], "/") is None
    assert history.expected(None, ["1999"], "/") == 5.0


# ── in the daemon ──────────────────────────────────────────────────────────────────────────────────


def test_the_daemon_shows_progress_while_it_changes_and_the_whole_at_the_end(layout: Layout) -> None:
    stepped = Stepped(layout)
    job = stepped.submit("make")
    keeper = stepped.run_to_the_start(job)
    directory = Path(layout.attempt(job, 1, 1))
    (directory / "progress").write_text("1/4\n")
    stepped.clock.seconds += 1
    stepped.look()
    shown = stepped.status(job).progress
    assert shown is not None
    assert (shown["percent"], shown["source"]) == (25.0, "reported")
    before = Path(layout.status(job)).stat().st_ino
    stepped.clock.seconds += 1
    stepped.look()
    assert Path(layout.status(job)).stat().st_ino == before, "nothing changed, and it was written"
    stepped.children.end(keeper)
    stepped.step()
    assert (stepped.status(job).progress or {})["percent"] == 100


def test_a_job_whose_specification_cannot_be_used_for_progress_runs_all_the_same(layout: Layout) -> None:
    stepped = Stepped(layout)
    job = stepped.submit("make", progress_from="(")
    keeper = stepped.run_to_the_start(job)
    stepped.look()
    assert stepped.state(job) == "processing"
    stepped.children.end(keeper)
    stepped.step()
    assert stepped.state(job) == "completed"

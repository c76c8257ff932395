"""What a person sees in `watch`, `status` and `run` of jobs with progress. Most status files are the test's own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from jobctl.cli.watching import Watched
from jobctl.model import status as model
from jobctl.store import clock, status_reader, status_writer
from jobctl.store import home as homes
from jobctl.store.selection import Target
from store import make
from support.terminal import Terminal
from support.wait import until

if TYPE_CHECKING:
    from jobctl.store.layout import Layout
    from support.installed import Home

NO_DAEMON = {"JOBCTL_NO_START": "1"}


@pytest.fixture
def spool(home: Home) -> Layout:
    """The home, without a daemon."""
    return homes.create({"JOBCTL_HOME": str(home.path)})


def put(layout: Layout, job: int | None = None, /, **changes: Any) -> int:
    """Write the status of a job, a new one that runs unless another is meant, with *changes*; return its ID."""
    if job is None:
        job = make.job(layout, name=changes.pop("name", "build"))
        changes = {"state": "processing", "started_at": clock.now(), "attempt": 1, **changes}
    status_writer.write(layout, status_reader.read(layout, job).but(**changes))
    return job


def progress(percent: float | None, **more: Any) -> dict[str, Any]:
    nothing = dict.fromkeys(("done", "total", "unit", "message", "rate", "eta_s"))
    return {"percent": percent, **nothing, "source": "output", "updated_at": clock.now(), **more}


def finish(layout: Layout, job: int, state: str = "completed", **more: Any) -> None:
    put(layout, job, state=state, finished_at=clock.now(), usage={"wall_s": 75.0}, **more)


def test_a_line_shows_bar_percent_source_count_rate_time_left_and_message(home: Home, spool: Layout) -> None:
    job = put(
        spool,
        progress=progress(
            45, done=45, total=100, unit="files", rate=2.1, eta_s=3000, message="epoch 3", source="reported"
        ),
    )
    with Terminal(home, "watch", str(job), columns=120, **NO_DAEMON) as terminal:
        terminal.see("45 % reported")
        (line,) = [line for line in terminal.look().splitlines() if line.startswith("1 build")]
        for part in ("━", "─", "49m", " left ", "45/100 files", "2.1/s", "epoch 3"):
            assert part in line, line
        finish(spool, job)
        assert terminal.end() == 0
        assert terminal.look().split() == ["1", "build", "completed", "1m15s"]


def test_in_a_narrow_window_the_words_on_the_source_give_way_and_no_figure_does(home: Home, spool: Layout) -> None:
    name = "a name that is far too long for a window like this"
    put(spool, name=name, progress=progress(45, done=45, total=100, eta_s=3000))
    put(spool, state="queued", reason="dependency")
    with Terminal(home, "watch", columns=60, rows=12, **NO_DAEMON) as terminal:
        terminal.see("queued (dependency)")
        (line,) = [line for line in terminal.look().splitlines() if line.startswith("1 a name")]
        for part in ("45 %", "s left"):
            assert part in line, line
        assert "output" not in line
        terminal.type("q")
        assert terminal.end() == 0


def test_what_runs_is_never_shown_as_complete_and_what_is_not_known_has_a_spinner(home: Home, spool: Layout) -> None:
    put(spool, progress=progress(100))
    put(spool, name="silent")
    with Terminal(home, "watch", **NO_DAEMON) as terminal:
        terminal.see("99 %")
        terminal.see("processing")
        assert "100 %" not in terminal.look()
        terminal.type("q")
        assert terminal.end() == 0


def test_one_failed_task_of_many_is_seen_in_the_bar(home: Home, spool: Layout) -> None:
    job = put(spool, tasks=model.counts(100_000, completed=99_000, failed=1, processing=1))
    for arguments in (["watch", str(job)], ["status"], ["status", str(job)]):
        with Terminal(home, *arguments, **NO_DAEMON) as terminal:
            terminal.see("✗")
            assert "99 %" in terminal.look()
            if arguments != ["status"]:
                assert "1 failed 99001/100000" in terminal.look()


def test_more_jobs_than_rows_are_counted_and_those_that_run_are_shown(home: Home, spool: Layout) -> None:
    for _ in range(30):
        put(spool, state="queued", reason="slots", started_at=None)
    runs = put(spool, name="the one that runs", progress=progress(10))
    with Terminal(home, "watch", rows=10, **NO_DAEMON) as terminal:
        terminal.see("the one that r")
        shown = terminal.look().splitlines()
        assert shown[0] == "1 processing · 30 queued"
        assert "more: 25 queued" in "\n".join(shown)
        assert len(shown) <= 10
        put(spool, 1, state="processing", reason=None, started_at=clock.now())
        terminal.see("2 processing · 29 queued")
        finish(spool, runs, "failed", reason="exit", exit_code=3)
        terminal.see("1 processing · 29 queued · 1 failed")


def test_a_window_that_gets_another_size_holds_no_old_lines(home: Home, spool: Layout) -> None:
    for _ in range(3):
        put(spool, progress=progress(45, message="x" * 100))
    with Terminal(home, "watch", columns=100, **NO_DAEMON) as terminal:
        terminal.see("45 %")
        for columns, rows in ((60, 12), (140, 30)):
            terminal.resize(columns, rows)
            until(
                lambda: terminal.look().count("45 %") == 3 and terminal.look().startswith("3 processing"),
                f"three lines at {columns}x{rows}",
            )
            assert all(len(line) < columns for line in terminal.look().splitlines())


def test_the_end_of_the_output_is_shown_below_and_cannot_drive_the_terminal(home: Home, spool: Layout) -> None:
    log = home.base / "log"
    log.write_bytes(b"one\n10%\r20%\rthirty \x1b[2Jpercent\n")
    job = put(spool, output={"stdout": str(log), "stderr": "/nothing"}, progress=progress(3, message="\x1b]0;own\x07"))
    with Terminal(home, "watch", "--logs", str(job), **NO_DAEMON) as terminal:
        terminal.see("│ thirty \\x1b[2Jpercent")
        assert "│ one" in terminal.look()
        with log.open("ab") as more:
            more.write(b"the next line\n")
        terminal.see("│ the next line")
        assert b"\x1b[2J" not in terminal.received
        assert b"own\x07" not in terminal.received


def test_a_view_says_when_the_daemon_is_gone_and_goes_on_when_it_is_back(home: Home) -> None:
    job = home.submit("-c", "while [ ! -e go ]; do sleep 0.05; done; exit 4")
    home.await_state(job, "processing")
    with Terminal(home, "watch", "--exit-status", str(job), **NO_DAEMON) as terminal:
        terminal.see("processing")
        home.kill_daemon()
        terminal.see("no daemon runs")
        (home.base / "go").touch()
        home.ok("daemon", "start")
        assert terminal.end() == 4
        assert "failed (exit 4)" in terminal.look()


def test_several_jobs_end_with_a_summary_that_names_what_did_not_end_well(home: Home, spool: Layout) -> None:
    jobs = [put(spool) for _ in range(3)]
    with Terminal(home, "watch", "--exit-status", "1-3", **NO_DAEMON) as terminal:
        terminal.see("3 processing")
        finish(spool, jobs[0])
        finish(spool, jobs[1], "failed", reason="exit", exit_code=9)
        finish(spool, jobs[2])
        assert terminal.end() == 9
        assert "3 jobs: 2 completed · 1 failed" in terminal.look()
        assert "not completed: 2" in terminal.look()


def test_tasks_of_an_array_job_are_watched_each_by_itself(home: Home) -> None:
    job = home.submit("--array", "1-3", "-c", "[ $JOBCTL_TASK != 3 ]")
    home.run("wait", str(job))
    done = home.run("watch", "--exit-status", f"{job}.3", f"{job}.2")
    told = [line.split("\t")[:4] for line in done.stdout.decode().splitlines()]
    assert told == [[f"{job}.2", "completed", "", "0"], [f"{job}.3", "failed", "exit", "1"]]
    assert done.returncode == 1
    assert home.run("watch", f"{job}.4").returncode == 127
    with Terminal(home, "watch", f"{job}.3") as terminal:
        assert terminal.end() == 0
        assert f"{job}.3 " in terminal.look()
        assert "failed (exit 1)" in terminal.look()


def test_a_task_is_watched_until_it_has_ended_whatever_becomes_of_the_others(home: Home) -> None:
    gate = home.path.parent / "go"
    job = home.submit("--array", "1-2%2", "-c", f"[ $JOBCTL_TASK = 1 ] || while [ ! -e {gate} ]; do sleep 0.05; done")
    with Terminal(home, "watch", f"{job}.2") as terminal:
        terminal.see(f"{job}.2 ")
        terminal.see("processing")

        def only_this_one_runs() -> bool:
            tasks = home.status(job)["tasks"]
            return (tasks["completed"], tasks["processing"]) == (1, 1)

        until(only_this_one_runs, "the other task to end and this one to run")
        assert terminal.process.poll() is None
        gate.touch()
        assert terminal.end() == 0
        assert "completed" in terminal.look()


def test_the_terminal_is_given_back_as_it_was(home: Home, spool: Layout) -> None:
    put(spool)
    for leave in ("q", "\x03"):
        with Terminal(home, "watch", TERM_PROGRAM="mintty", **NO_DAEMON) as terminal:
            terminal.see("processing")
            terminal.type(leave)
            terminal.end()
            assert terminal.received.count(b"\x1b[?25l") == terminal.received.count(b"\x1b[?25h") == 1
            assert terminal.received.rfind(b"\x1b]9;4;0;0\x1b\\") > terminal.received.rfind(b"\x1b]9;4;3;0\x1b\\")


def test_a_pipe_gets_a_line_for_every_change_and_no_other(home: Home, spool: Layout) -> None:
    import subprocess

    from support.installed import COMMAND

    job = put(spool, progress=progress(10.2))
    lines = subprocess.Popen(
        [COMMAND, "watch", str(job)],
        env={**home.environ, **NO_DAEMON},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert lines.stdout is not None
    try:
        assert lines.stdout.readline().split(b"\t")[-1] == b"10\n"
        put(spool, job, progress=progress(10.8, message="another message"))
        put(spool, job, progress=progress(11))
        assert lines.stdout.readline().split(b"\t")[-1] == b"11\n"
        finish(spool, job)
        (last,) = lines.stdout.read().splitlines()
        assert last.split(b"\t")[1] == b"completed"
        assert lines.wait(20) == 0
    finally:
        lines.kill()
        lines.wait()
        lines.stdout.close()


def test_a_job_that_did_not_change_is_not_read_again(spool: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = [put(spool) for _ in range(50)]
    watched = Watched(spool, [], everything=True)
    reads: list[int] = []
    real = status_reader.read

    def read(layout: Layout, job: int) -> model.Status:
        reads.append(job)
        return real(layout, job)

    monkeypatch.setattr(status_reader, "read", read)
    list(watched.read())
    assert sorted(reads) == jobs
    reads.clear()
    watched._look_at_all()
    put(spool, 7, progress=progress(5))
    watched.wait()
    assert [found.id for _, found in watched.read()] == [7]
    assert set(reads) == {7}
    reads.clear()
    for job in jobs:
        put(spool, job, progress=progress(6))
    watched.wait()
    assert [found.id for _, found in watched.read(first=[(40, 0)], most=3)] == [40, 1, 2, 3]
    watched.close()


def test_a_look_by_time_finds_what_nobody_announced(spool: Layout) -> None:
    job = put(spool)
    watched = Watched(spool, [Target(job=job)], everything=False)
    list(watched.read())
    watched._watcher.remove(spool.job(job))
    put(spool, job, progress=progress(5))
    watched._look_at_all()
    assert [found.progress for _, found in watched.read()] == [status_reader.read(spool, job).progress]
    watched.close()


def test_one_job_is_a_page_with_its_attempts_and_what_it_waits_for(home: Home, spool: Layout) -> None:
    entries = tuple(
        {"task": 1, "attempt": number, "reason": "exit", "exit_code": 3, "signal": None, "finished_at": clock.now()}
        for number in (1, 2)
    )
    job = put(
        spool,
        state="retrying",
        attempts=entries,
        attempt=2,
        max_attempts=4,
        next_attempt_at="2126-01-01T00:00:00.000000Z",
    )
    waits = put(spool, state="queued", reason="dependency", waiting_on=("1", "3.2"), started_at=None)
    with Terminal(home, "status", str(job), **NO_DAEMON) as terminal:
        terminal.end()
        page = terminal.look()
    assert "2 of 4" in page
    assert "1: exit 3 at" in page
    assert "2: exit 3 at" in page
    assert "2126-01-01" in page or "2125-12-31" in page
    with Terminal(home, "status", str(waits), **NO_DAEMON) as terminal:
        terminal.end()
        assert "job 1, 3.2" in terminal.look()


def test_the_progress_of_one_job_fits_its_line_and_its_message_has_one_of_its_own(home: Home, spool: Layout) -> None:
    said = "indexing a chapter of a very long book with a title that has no end"
    more = {"done": 133, "total": 400, "unit": "files", "rate": 0.97, "eta_s": 5000, "message": said}
    job = put(spool, progress=progress(33.2, **more))
    with Terminal(home, "status", str(job), columns=80, **NO_DAEMON) as terminal:
        assert terminal.end() == 0
        page = [line.split(maxsplit=1) for line in terminal.look().splitlines() if line.strip()]
    assert ["message", said] in page
    (line,) = [fact for what, fact in page if what == "progress"]
    for part in ("33 %", "133/400 files", "0.97/s", "left", "(output)"):
        assert part in line, line


def test_names_have_the_colour_of_the_terminal_and_the_next_attempt_is_not_cut(home: Home, spool: Layout) -> None:
    soon = (datetime.now(UTC) + timedelta(minutes=10, seconds=30)).isoformat().replace("+00:00", "Z")
    put(
        spool, name="flaky", state="retrying", reason="exit", exit_code=75, next_attempt_at=soon, usage={"wall_s": 75.0}
    )
    put(spool, name="waiting", state="queued", reason="slots", started_at=None)
    with Terminal(home, "watch", columns=80, NO_COLOR="", **NO_DAEMON) as terminal:
        terminal.see("again in 10m")
        (line,) = [line for line in terminal.look().splitlines() if "flaky" in line]
        assert not line.rstrip().endswith("…"), line
        assert terminal.colours("waiting") == {"default"}
        assert terminal.colours("queued (slots)") == {"brown"}  # as the emulator calls yellow
        terminal.type("q")
        assert terminal.end() == 0


def test_run_shows_progress_below_the_output_and_takes_it_away_at_the_end(home: Home) -> None:
    with Terminal(home, "run", "-c", "echo ready; while [ ! -e go ]; do sleep 0.05; done; echo done") as terminal:
        terminal.see("ready")
        layout = homes.create({"JOBCTL_HOME": str(home.path)})
        home.await_state(1, "processing")
        put(layout, 1, progress=progress(45, message="half \x1b[2Jway"))
        terminal.see("45 %  half \\x1b[2Jway")
        (home.base / "go").touch()
        assert terminal.end() == 0
        assert "45 %" not in terminal.look()
        assert terminal.look().splitlines()[-2:] == ["ready", "done"]

"""The event log: every transition once, numbered without a gap."""

from __future__ import annotations

import itertools
import json
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jobctl.model.event import Step
from jobctl.store import events
from jobctl.store.events import EventLog
from store import make

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jobctl.store.layout import Layout
    from store.calls import Calls


def step(job: int, before: str, to: str, **facts: Any) -> Step:
    return Step(**{"id": job, "before": before, "to": to, "attempt": 0, **facts})


class Daemon:
    """The writer of the event log, which can be killed and started again."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.log = EventLog(layout)

    def restart(self) -> None:
        self.log.close()
        self.log = EventLog(self.layout)

    def report(self, job: int, *steps: str, attempt: int = 0) -> None:
        """Report that *job* went through *steps*."""
        for before, after in itertools.pairwise(steps):
            self.log.append(step(job, before, after, attempt=attempt))

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in Path(self.layout.events).read_bytes().splitlines()]

    def numbers(self) -> list[int]:
        return [event["seq"] for event in self.lines()]


@pytest.fixture
def daemon(layout: Layout) -> Iterator[Daemon]:
    """A daemon with an empty event log."""
    made = Daemon(layout)
    yield made
    made.log.close()


class Steps:
    """A job with steps that are not reported yet."""

    def __init__(self, *steps: Step) -> None:
        self.steps = list(steps)


def test_an_event_says_which_job_went_from_where_to_where_and_how(daemon: Daemon) -> None:
    daemon.log.append(step(17, "processing", "failed", task=3, reason="exit", exit_code=7, attempt=2))
    (event,) = daemon.lines()
    at = event.pop("at")
    assert event == {
        "v": 1,
        "seq": 1,
        "id": 17,
        "task": 3,
        "from": "processing",
        "to": "failed",
        "reason": "exit",
        "retried": 0,
        "attempt": 2,
        "exit_code": 7,
        "signal": None,
    }
    assert len(at) == len(make.NOON)
    assert at.endswith("Z")


def test_events_are_numbered_from_1_without_a_gap(daemon: Daemon) -> None:
    for job in range(1, 6):
        daemon.report(job, "pending", "queued")
    assert daemon.numbers() == [1, 2, 3, 4, 5]
    assert [event["id"] for event in daemon.lines()] == [1, 2, 3, 4, 5]


def test_the_log_is_for_its_owner_only(daemon: Daemon) -> None:
    assert stat.S_IMODE(os.stat(daemon.layout.events).st_mode) == 0o600


def test_the_numbers_go_on_after_a_restart(daemon: Daemon) -> None:
    daemon.report(1, "pending", "queued")
    daemon.restart()
    assert daemon.log.sequence == 1
    daemon.report(2, "pending", "queued")
    assert daemon.numbers() == [1, 2]


# ── what a crash leaves ────────────────────────────────────────────────────────────────────────────


def test_a_line_that_was_cut_anywhere_is_taken_away_and_its_number_used_again(daemon: Daemon) -> None:
    daemon.report(1, "pending", "queued")
    first = Path(daemon.layout.events).read_bytes()
    daemon.report(2, "pending", "queued")
    whole = Path(daemon.layout.events).read_bytes()
    for size in range(len(first), len(whole)):
        Path(daemon.layout.events).write_bytes(whole[:size])
        daemon.restart()
        assert Path(daemon.layout.events).read_bytes() == first
        assert daemon.log.sequence == 1
    daemon.report(2, "pending", "queued")
    assert daemon.numbers() == [1, 2]


@pytest.mark.parametrize("tail", [b"\0" * 10, b"\0" * 5000, b"\0" * 100 + b"\n", b"garbage\n", b'{"v":1}\n', b"\xff"])
def test_what_a_power_cut_left_behind_the_last_event_is_taken_away(daemon: Daemon, tail: bytes) -> None:
    daemon.report(1, "pending", "queued", "processing")
    good = Path(daemon.layout.events).read_bytes()
    Path(daemon.layout.events).write_bytes(good + tail)
    daemon.restart()
    assert Path(daemon.layout.events).read_bytes() == good
    daemon.report(1, "processing", "completed")
    assert daemon.numbers() == [1, 2, 3]


def test_many_nuls_behind_the_last_event_are_taken_away_too(daemon: Daemon) -> None:
    daemon.report(1, "pending", "queued")
    good = Path(daemon.layout.events).read_bytes()
    Path(daemon.layout.events).write_bytes(good + bytes(70_000))
    daemon.restart()
    assert daemon.log.sequence == 1
    assert Path(daemon.layout.events).read_bytes() == good


def test_damage_within_the_log_ends_it_there(daemon: Daemon) -> None:
    for job in range(1, 4):
        daemon.report(job, "pending", "queued")
    first, second, third = Path(daemon.layout.events).read_bytes().splitlines(keepends=True)
    Path(daemon.layout.events).write_bytes(first + b"\0" * len(second) + third)
    daemon.restart()
    assert Path(daemon.layout.events).read_bytes() == first


def test_only_the_end_of_a_long_log_is_looked_at(daemon: Daemon, monkeypatch: pytest.MonkeyPatch) -> None:
    read = []
    real = os.pread
    monkeypatch.setattr(os, "pread", lambda fd, size, at: read.append(size) or real(fd, size, at))
    for job in range(1, 1001):
        daemon.report(job, "pending", "queued")
    whole = Path(daemon.layout.events).read_bytes()
    assert len(whole) > 2 * 64 * 1024
    daemon.restart()
    assert daemon.log.sequence == 1000
    assert Path(daemon.layout.events).read_bytes() == whole
    assert sum(read) <= 64 * 1024


def test_a_cut_line_at_the_end_of_a_long_log_is_taken_away(daemon: Daemon) -> None:
    for job in range(1, 1001):
        daemon.report(job, "pending", "queued")
    whole = Path(daemon.layout.events).read_bytes()
    Path(daemon.layout.events).write_bytes(whole[:-5])
    daemon.restart()
    assert daemon.log.sequence == 999
    assert daemon.numbers() == list(range(1, 1000))


# ── a full disk ────────────────────────────────────────────────────────────────────────────────────


def test_an_event_that_does_not_fit_leaves_nothing_and_keeps_its_number(layout: Layout, store_calls: Calls) -> None:
    daemon = Daemon(layout)
    daemon.report(1, "pending", "queued")
    before = Path(layout.events).read_bytes()
    store_calls.fail(lambda call: call.name == "write")
    with pytest.raises(OSError, match="No space left"):
        daemon.report(2, "pending", "queued")
    assert Path(layout.events).read_bytes() == before
    store_calls.succeed()
    daemon.report(2, "pending", "queued")
    assert daemon.numbers() == [1, 2]
    daemon.log.close()


def test_steps_that_could_not_be_reported_are_reported_later_in_their_order(layout: Layout, store_calls: Calls) -> None:
    daemon = Daemon(layout)
    job = Steps(
        step(1, "pending", "queued"),
        step(1, "queued", "processing", attempt=1),
        step(1, "processing", "completed", attempt=1),
    )
    written = iter([False, True, True])
    store_calls.fail(lambda call: call.name == "write" and next(written))
    for _ in range(2):
        with pytest.raises(OSError, match="No space left"):
            daemon.log.append_all(job)
        assert len(job.steps) == 2
    store_calls.succeed()
    daemon.log.append_all(job)
    assert job.steps == []
    assert [event["to"] for event in daemon.lines()] == ["queued", "processing", "completed"]
    assert daemon.numbers() == [1, 2, 3]
    daemon.log.close()


# ── once each ──────────────────────────────────────────────────────────────────────────────────────


def test_a_step_that_is_taken_again_after_a_crash_is_not_reported_twice(daemon: Daemon) -> None:
    daemon.report(1, "pending", "queued")
    daemon.restart()
    daemon.report(1, "pending", "queued")
    daemon.report(1, "queued", "processing", attempt=1)
    assert [(event["seq"], event["to"]) for event in daemon.lines()] == [(1, "queued"), (2, "processing")]


def test_the_same_step_of_another_job_or_attempt_is_reported(daemon: Daemon) -> None:
    daemon.report(1, "queued", "processing", attempt=1)
    daemon.restart()
    daemon.report(2, "queued", "processing", attempt=1)
    daemon.report(1, "queued", "processing", attempt=2)
    assert [(event["id"], event["attempt"]) for event in daemon.lines()] == [(1, 1), (2, 1), (1, 2)]


def test_once_a_job_has_caught_up_all_its_steps_are_reported_again(daemon: Daemon) -> None:
    daemon.report(1, "pending", "queued")
    daemon.restart()
    daemon.report(1, "pending", "queued")
    daemon.log.caught_up(1)
    daemon.log.caught_up(99)
    daemon.report(1, "failed", "queued")
    assert [(event["from"], event["to"]) for event in daemon.lines()] == [("pending", "queued"), ("failed", "queued")]


# ── rotation ───────────────────────────────────────────────────────────────────────────────────────


def test_the_numbers_go_on_behind_a_long_log_that_was_set_aside(daemon: Daemon) -> None:
    for job in range(1, 1001):
        daemon.report(job, "pending", "queued")
    os.rename(daemon.layout.events, daemon.layout.events_before)
    daemon.restart()
    assert daemon.log.sequence == 1000


@pytest.fixture
def rotating(daemon: Daemon, monkeypatch: pytest.MonkeyPatch) -> Daemon:
    """A daemon that sets its log aside when there are about ten events in it."""
    monkeypatch.setattr(events, "_ROTATE_AT", 1400)
    return daemon


def older(layout: Layout) -> list[int]:
    return [json.loads(line)["seq"] for line in Path(layout.events_before).read_bytes().splitlines()]


def test_the_numbers_go_on_after_a_rotation(rotating: Daemon) -> None:
    for job in range(1, 16):
        rotating.report(job, "pending", "queued")
    assert older(rotating.layout) + rotating.numbers() == list(range(1, 16))
    assert os.path.getsize(rotating.layout.events_before) > 1400
    assert len(rotating.numbers()) > 1


def test_one_old_log_is_kept(rotating: Daemon) -> None:
    for job in range(1, 101):
        rotating.report(job, "pending", "queued")
    kept = older(rotating.layout) + rotating.numbers()
    assert kept == list(range(kept[0], 101))
    assert 10 <= len(kept) <= 30
    assert sorted(name for name in os.listdir(rotating.layout.home) if name.startswith("events")) == [
        "events.1.jsonl",
        "events.jsonl",
    ]


def test_the_numbers_go_on_after_a_crash_just_behind_a_rotation(rotating: Daemon) -> None:
    for job in range(1, 6):
        rotating.report(job, "pending", "queued")
    os.rename(rotating.layout.events, rotating.layout.events_before)
    rotating.restart()
    assert rotating.log.sequence == 5
    rotating.report(5, "pending", "queued")
    rotating.report(6, "pending", "queued")
    assert rotating.numbers() == [6]


def test_the_numbers_go_on_when_the_first_event_behind_a_rotation_was_cut(rotating: Daemon) -> None:
    for job in range(1, 6):
        rotating.report(job, "pending", "queued")
    os.rename(rotating.layout.events, rotating.layout.events_before)
    Path(rotating.layout.events).write_bytes(b'{"v":1,"seq":6,"at":')
    rotating.restart()
    assert rotating.log.sequence == 5


def test_a_step_that_was_reported_before_the_rotation_is_not_reported_twice(rotating: Daemon) -> None:
    rotating.report(1, "pending", "queued")
    os.rename(rotating.layout.events, rotating.layout.events_before)
    rotating.restart()
    rotating.report(2, "pending", "queued")
    rotating.restart()
    rotating.report(1, "pending", "queued")
    assert rotating.numbers() == [2]


@pytest.mark.parametrize("rotated", [False, True], ids=["in the log", "in the one before"])
def test_however_long_ago_a_step_was_reported_it_is_not_reported_again_of_a_job_that_is_recalled(
    daemon: Daemon, monkeypatch: pytest.MonkeyPatch, *, rotated: bool
) -> None:
    """For an array of very many tasks, whose steps are all taken again by the next daemon."""
    monkeypatch.setattr(events, "_TAIL", 300)
    daemon.report(1, "pending", "queued", "processing")
    for other in range(2, 10):
        daemon.report(other, "pending", "queued")
    if rotated:
        os.rename(daemon.layout.events, daemon.layout.events_before)
    daemon.restart()
    daemon.report(10, "pending", "queued")
    before = daemon.numbers()
    daemon.log.recall(1)
    daemon.report(1, "pending", "queued", "processing")
    assert daemon.numbers() == before


def test_an_event_that_does_not_fit_behind_a_rotation_leaves_nothing(
    layout: Layout, monkeypatch: pytest.MonkeyPatch, store_calls: Calls
) -> None:
    monkeypatch.setattr(events, "_ROTATE_AT", 1400)
    daemon = Daemon(layout)
    job = 0
    while os.path.getsize(layout.events) <= 1400:
        job += 1
        daemon.report(job, "pending", "queued")
    store_calls.fail(lambda call: call.name == "write")
    with pytest.raises(OSError, match="No space left"):
        daemon.report(99, "pending", "queued")
    assert os.path.getsize(layout.events) == 0
    store_calls.succeed()
    daemon.report(99, "pending", "queued")
    assert (older(layout)[-1], daemon.numbers()) == (job, [job + 1])
    daemon.log.close()


def test_whatever_was_opened_is_closed(layout: Layout, monkeypatch: pytest.MonkeyPatch, store_calls: Calls) -> None:
    monkeypatch.setattr(events, "_ROTATE_AT", 100)
    daemon = Daemon(layout)
    for job in range(1, 4):
        daemon.report(job, "pending", "queued")
    daemon.restart()
    daemon.log.close()
    assert len(store_calls.named("open")) == 4
    assert store_calls.still_open == []


def test_a_link_in_place_of_the_log_is_set_aside_and_not_followed(layout: Layout, tmp_path: Path) -> None:
    os.symlink(tmp_path / "elsewhere", layout.events)
    EventLog(layout).close()
    assert not (tmp_path / "elsewhere").exists()
    assert os.path.islink(layout.set_aside("events.jsonl"))


def test_what_is_no_event_is_cut_off_but_kept_and_no_number_is_given_twice(layout: Layout) -> None:
    daemon = Daemon(layout)
    for job in range(1, 4):
        daemon.report(job, "pending", "queued")
    lines = Path(layout.events).read_bytes().splitlines(keepends=True)
    Path(layout.events).write_bytes(lines[0] + b"x" + lines[1] + lines[2])
    daemon.restart()
    assert Path(layout.events).read_bytes() == lines[0]
    assert Path(layout.set_aside("events.jsonl")).read_bytes() == b"x" + lines[1] + lines[2]
    assert daemon.log.sequence == 3

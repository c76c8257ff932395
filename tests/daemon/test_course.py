"""What a job waits for, and what follows when an attempt of it ends, stepped by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jobctl.daemon import progress
from jobctl.daemon.engine import Engine
from jobctl.model.array import Array
from jobctl.model.dependency import Dependency
from jobctl.model.retry import MOST_LOST, Retry
from jobctl.store import clock as real_clock
from jobctl.store import config, markers, removal, requests, status_writer
from support.stepped import NOON, Stepped

if TYPE_CHECKING:
    from jobctl.store.layout import Layout

NO_PAUSE = Retry(retries=2, delay=0)


def run(daemon: Stepped, job: int, task: int = 1, attempt: int = 1, *, exit_code: int = 0, **more: Any) -> None:
    """Let the attempt that was decided on start and end, and have both seen."""
    start(daemon, job, task, attempt)
    finish(daemon, job, task, attempt, exit_code=exit_code, **more)


def start(daemon: Stepped, job: int, task: int = 1, attempt: int = 1) -> None:
    daemon.children.record_start(daemon.children.pid_of(daemon.layout.attempt(job, task, attempt)))
    daemon.step(job)


def finish(daemon: Stepped, job: int, task: int = 1, attempt: int = 1, *, exit_code: int = 0, **more: Any) -> None:
    keeper = daemon.children.pid_of(daemon.layout.attempt(job, task, attempt))
    daemon.children.end(keeper, exit_code=exit_code, **more)
    look(daemon)


def settle(daemon: Stepped, *hints: int) -> None:
    """Step until there is nothing more to do now, and what is held back for a moment is shown."""
    wait = daemon.step(*hints)
    for _ in range(20):
        if wait is None or wait > 0.3:
            return
        daemon.clock.seconds += wait
        wait = daemon.step()
    raise AssertionError("the daemon does not come to rest")


def look(daemon: Stepped) -> None:
    daemon.look()
    settle(daemon)


def retry(daemon: Stepped, job: int, *, unstarted: bool = False, **after: int) -> None:
    request = {"by": "user", "after": {name[1:]: attempt for name, attempt in after.items()}, "unstarted": unstarted}
    requests.retry(daemon.layout, job, daemon.status(job).retried, request)
    settle(daemon, job)


def events(daemon: Stepped, job: int) -> list[tuple[int | None, str, str]]:
    lines = Path(daemon.layout.events).read_bytes().splitlines()
    return [(event["task"], event["from"], event["to"]) for event in map(json.loads, lines) if event["id"] == job]


def in_flight(daemon: Stepped) -> list[str]:
    return sorted(directory.rpartition("spool/")[2] for directory, *_ in daemon.children.keepers.values())


# ── retries ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_failed_attempt_is_followed_by_another_one_until_none_is_left(daemon: Stepped) -> None:
    job = daemon.submit(retry=NO_PAUSE)
    daemon.step(job)
    for attempt in (1, 2, 3):
        run(daemon, job, attempt=attempt, exit_code=7)
    status = daemon.status(job)
    assert (status.state, status.exit_code, status.attempt, status.max_attempts) == ("failed", 7, 3, 3)
    assert [(entry["attempt"], entry["exit_code"]) for entry in status.attempts] == [(1, 7), (2, 7), (3, 7)]
    assert events(daemon, job) == [
        (None, "pending", "queued"),
        *[
            (None, *step)
            for _ in range(2)
            for step in (("queued", "processing"), ("processing", "retrying"), ("retrying", "queued"))
        ],
        (None, "queued", "processing"),
        (None, "processing", "failed"),
    ]


def test_an_attempt_that_succeeds_ends_the_job_whatever_was_before(daemon: Stepped) -> None:
    job = daemon.submit(retry=NO_PAUSE)
    daemon.step(job)
    run(daemon, job, exit_code=1)
    run(daemon, job, attempt=2)
    status = daemon.status(job)
    assert (status.state, status.exit_code, status.error, status.attempt) == ("completed", 0, None, 2)


def test_between_two_attempts_a_job_is_retrying_and_says_when_the_next_is_due(daemon: Stepped) -> None:
    job = daemon.submit(retry=Retry(retries=1, delay=60))
    daemon.step(job)
    run(daemon, job, exit_code=7)
    status = daemon.status(job)
    assert (status.state, status.exit_code, status.finished_at) == ("retrying", 7, None)
    assert status.next_attempt_at is not None
    assert "2026-11-23T12:01:00" <= status.next_attempt_at < "2026-11-23T12:01:16"  # with jitter
    assert in_flight(daemon) == []
    daemon.clock.seconds += 59
    daemon.step()
    assert daemon.state(job) == "retrying"
    daemon.clock.seconds += 17
    daemon.step()
    assert in_flight(daemon) == [f"{job}/1.2"]
    start(daemon, job, attempt=2)
    assert (daemon.status(job).next_attempt_at, daemon.status(job).exit_code) == (None, None)


def test_another_daemon_waits_the_whole_pause_after_a_start_that_only_another_version_can_read(daemon: Stepped) -> None:
    job = daemon.submit(retry=Retry(retries=1, delay=60))
    daemon.step(job)
    run(daemon, job, exit_code=7)
    path = Path(daemon.layout.attempt(job, 1, 1), "start.json")
    path.write_text(path.read_text().replace('"v":1', '"v":99'))
    daemon.another_daemon()
    look(daemon)
    daemon.clock.seconds += 59
    look(daemon)
    assert (daemon.state(job), in_flight(daemon)) == ("retrying", [])
    daemon.clock.seconds += 17
    look(daemon)
    assert in_flight(daemon) == [f"{job}/1.2"]


def test_another_daemon_goes_on_with_the_attempts_where_they_are(daemon: Stepped) -> None:
    job = daemon.submit(retry=NO_PAUSE)
    daemon.step(job)
    run(daemon, job, exit_code=7)
    run(daemon, job, attempt=2, exit_code=8)
    daemon.another_daemon()
    look(daemon)
    assert in_flight(daemon) == [f"{job}/1.3"]
    run(daemon, job, attempt=3, exit_code=9)
    assert (daemon.state(job), daemon.status(job).exit_code) == ("failed", 9)
    assert [entry["exit_code"] for entry in daemon.status(job).attempts] == [7, 8, 9]


def test_an_attempt_that_was_decided_on_just_before_a_kill_follows_what_the_status_still_shows(daemon: Stepped) -> None:
    pause = Retry(retries=1, delay=60)
    for found in ("decided on", "started", "over"):
        job = daemon.submit(retry=pause)
        daemon.step(job)
        run(daemon, job, exit_code=3)
        assert daemon.state(job) == "retrying"
        shown = Path(daemon.layout.status(job)).read_bytes()
        daemon.clock.seconds += 100
        daemon.step()
        keeper = daemon.children.pid_of(daemon.layout.attempt(job, 1, 2))
        if found != "decided on":
            daemon.children.record_start(keeper)
        if found == "over":
            daemon.children.end(keeper, exit_code=4)
        # Killed before it wrote that the time of the second attempt has come.
        Path(daemon.layout.status(job)).write_bytes(shown)
        daemon.another_daemon()
        look(daemon)
        assert daemon.state(job) == {"decided on": "queued", "started": "processing", "over": "failed"}[found]
        if found == "decided on":
            start(daemon, job, attempt=2)
        if found != "over":
            finish(daemon, job, attempt=2, exit_code=4)
        assert (daemon.state(job), daemon.status(job).exit_code, daemon.status(job).attempt) == ("failed", 4, 2)
        steps = [to for _, _, to in events(daemon, job)]
        assert steps == ["queued", "processing", "retrying", "queued", "processing", "failed"]


def test_another_daemon_takes_no_step_of_attempts_again_that_the_status_has_no_room_for(daemon: Stepped) -> None:
    job = daemon.submit(retry=Retry(retries=30, delay=0))
    daemon.step(job)
    for attempt in range(1, 25):
        run(daemon, job, attempt=attempt, exit_code=3)
    start(daemon, job, attempt=25)
    shown = daemon.status(job)
    assert (shown.state, shown.attempt, len(shown.attempts)) == ("processing", 25, 20)
    before = len(events(daemon, job))
    daemon.another_daemon()
    look(daemon)
    assert daemon.status(job).but(daemon_seen_at=None) == shown.but(daemon_seen_at=None)
    assert len(events(daemon, job)) == before
    finish(daemon, job, attempt=25)
    assert (daemon.state(job), daemon.status(job).attempt) == ("completed", 25)


def test_only_statuses_that_are_named_are_tried_again(daemon: Stepped) -> None:
    named, other = (daemon.submit(retry=NO_PAUSE.but(only=(75,))) for _ in range(2))
    daemon.step(named, other)
    run(daemon, named, exit_code=75)
    run(daemon, other, exit_code=1)
    assert in_flight(daemon) == [f"{named}/1.2"]
    assert daemon.state(other) == "failed"


def test_a_job_that_is_cancelled_between_two_attempts_makes_no_other(daemon: Stepped) -> None:
    job = daemon.submit(retry=Retry(retries=1, delay=60))
    daemon.step(job)
    run(daemon, job, exit_code=7)
    requests.ask_to_cancel(daemon.layout, job, signal=None, now=False, note="enough")
    daemon.step(job)
    status = daemon.status(job)
    assert (status.state, status.next_attempt_at) == ("cancelled", None)
    daemon.clock.seconds += 100
    look(daemon)
    assert in_flight(daemon) == []


@pytest.mark.parametrize(("on_crash", "then"), [("fail", "failed"), ("retry", "retrying"), ("hold", "queued")])
def test_what_follows_a_lost_attempt_is_the_users_choice(daemon: Stepped, on_crash: str, then: str) -> None:
    job = daemon.submit(retry=Retry(on_crash=on_crash, delay=60))
    daemon.step(job)
    start(daemon, job)
    finish(daemon, job, reason="lost", exit_code=0)
    assert (daemon.state(job), daemon.status(job).held) == (then, on_crash == "hold")


def test_a_job_that_was_held_for_a_lost_attempt_goes_on_when_it_is_released(daemon: Stepped) -> None:
    job = daemon.submit(retry=Retry(on_crash="hold"))
    daemon.step(job)
    run(daemon, job, reason="lost")
    daemon.another_daemon()
    look(daemon)
    assert (daemon.state(job), daemon.status(job).reason, in_flight(daemon)) == ("queued", "held", [])
    requests.steer(daemon.layout, job, {"hold": False})
    settle(daemon, job)
    assert in_flight(daemon) == [f"{job}/1.2"]


def test_a_retry_that_is_asked_for_while_the_mark_is_taken_away_is_heard(
    daemon: Stepped, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = daemon.submit()
    daemon.step(job)
    start(daemon, job)
    drop = markers.drop

    def late(layout: Layout, number: int) -> None:
        # Whoever saw the end asks, touches the mark, and rings: and then it goes.
        requests.retry(layout, number, 0, {"after": {"1": 1}})
        drop(layout, number)

    with monkeypatch.context() as patch:
        patch.setattr(markers, "drop", late)
        daemon.children.end(daemon.children.pid_of(daemon.layout.attempt(job, 1, 1)), exit_code=1)
        daemon.step()
    assert daemon.state(job) == "failed"
    look(daemon)
    assert in_flight(daemon) == [f"{job}/1.2"]


def test_ten_lost_attempts_end_a_job_that_is_run_again_when_it_is_lost(daemon: Stepped) -> None:
    job = daemon.submit(retry=Retry(delay=0, on_crash="retry"))
    daemon.step(job)
    for attempt in range(1, MOST_LOST):
        run(daemon, job, attempt=attempt, reason="lost")
        if attempt == 5:
            # What was lost before is counted from the records.
            daemon.another_daemon()
            look(daemon)
    assert in_flight(daemon) == [f"{job}/1.10"]
    run(daemon, job, attempt=MOST_LOST, reason="lost")
    assert (daemon.state(job), daemon.status(job).reason, in_flight(daemon)) == ("failed", "lost", [])


def test_lost_attempts_do_not_use_up_the_retries(daemon: Stepped) -> None:
    job = daemon.submit(retry=Retry(retries=1, delay=0, on_crash="retry"))
    daemon.step(job)
    run(daemon, job, reason="lost")
    run(daemon, job, attempt=2, reason="lost")
    daemon.another_daemon()
    look(daemon)
    run(daemon, job, attempt=3, exit_code=1)
    run(daemon, job, attempt=4, exit_code=1)
    assert (daemon.state(job), daemon.status(job).attempt) == ("failed", 4)


# ── retry by hand ───────────────────────────────────────────────────────────────────────────────────


def test_a_job_that_is_retried_by_hand_makes_its_next_attempt_under_the_same_id(daemon: Stepped) -> None:
    job = daemon.submit()
    daemon.step(job)
    run(daemon, job, exit_code=7)
    assert markers.names(daemon.layout) == []
    retry(daemon, job, t1=1)
    status = daemon.status(job)
    assert (status.retried, in_flight(daemon)) == (1, [f"{job}/1.2"])
    run(daemon, job, attempt=2)
    status = daemon.status(job)
    assert (status.state, status.exit_code, status.attempt, status.max_attempts) == ("completed", 0, 2, 2)
    assert [entry["exit_code"] for entry in status.attempts] == [7, 0]
    assert markers.names(daemon.layout) == []


def test_a_request_to_retry_counts_once_whatever_is_killed(daemon: Stepped, monkeypatch: pytest.MonkeyPatch) -> None:
    job = daemon.submit()
    daemon.step(job)
    run(daemon, job, exit_code=7)
    with monkeypatch.context() as patch:
        patch.setattr(status_writer, "write", lambda *_: None)
        retry(daemon, job, t1=1)
        run(daemon, job, attempt=2, exit_code=8)
    daemon.another_daemon()
    markers.touch(daemon.layout, job)
    look(daemon)
    status = daemon.status(job)
    assert (status.state, status.exit_code, status.retried, in_flight(daemon)) == ("failed", 8, 1, [])


def test_a_cancelled_job_can_be_retried(daemon: Stepped) -> None:
    job = daemon.submit(hold=True)
    daemon.step(job)
    requests.ask_to_cancel(daemon.layout, job, signal=None, now=False, note=None)
    daemon.step(job)
    assert daemon.state(job) == "cancelled"
    requests.steer(daemon.layout, job, {"hold": False})
    retry(daemon, job, unstarted=True)
    assert in_flight(daemon) == [f"{job}/1.1"]


def test_retries_begin_anew_when_a_job_is_retried_by_hand(daemon: Stepped) -> None:
    job = daemon.submit(retry=Retry(retries=1, delay=0))
    daemon.step(job)
    run(daemon, job, exit_code=1)
    run(daemon, job, attempt=2, exit_code=1)
    retry(daemon, job, t1=2)
    run(daemon, job, attempt=3, exit_code=1)
    assert in_flight(daemon) == [f"{job}/1.4"]
    run(daemon, job, attempt=4, exit_code=1)
    assert (daemon.state(job), daemon.status(job).attempt) == ("failed", 4)


# ── arrays ──────────────────────────────────────────────────────────────────────────────────────────


def test_the_tasks_of_an_array_run_in_order_in_as_many_slots_as_there_are(daemon: Stepped) -> None:
    job = daemon.submit(array=Array(tasks=4))
    daemon.step(job)
    assert in_flight(daemon) == [f"{job}/1.1", f"{job}/2.1"]
    run(daemon, job, task=1)
    assert in_flight(daemon) == [f"{job}/2.1", f"{job}/3.1"]
    for task in (2, 3, 4):
        run(daemon, job, task=task)
    status = daemon.status(job)
    assert (status.state, status.reason, status.exit_code) == ("completed", None, None)
    assert status.tasks == {
        "total": 4, "pending": 0, "processing": 0, "completed": 4, "failed": 0, "cancelled": 0, "retrying": 0
    }  # fmt: skip
    assert [step for task, *step in events(daemon, job) if task == 3] == [
        ["queued", "processing"],
        ["processing", "completed"],
    ]


def test_no_more_tasks_of_an_array_run_at_once_than_it_allows(daemon: Stepped) -> None:
    job, other = daemon.submit(array=Array(tasks=4, at_once=1)), daemon.submit()
    daemon.step(job, other)
    assert in_flight(daemon) == [f"{job}/1.1", f"{other}/1.1"]
    run(daemon, job)
    assert f"{job}/2.1" in in_flight(daemon)


def test_an_array_with_failed_tasks_has_failed_as_the_first_of_them(daemon: Stepped) -> None:
    job = daemon.submit(array=Array(tasks=3))
    daemon.step(job)
    run(daemon, job, task=2, exit_code=8)
    run(daemon, job, task=1)
    run(daemon, job, task=3, exit_code=9)
    status = daemon.status(job)
    assert (status.state, status.reason, status.exit_code) == ("failed", "exit", 8)
    assert status.error == {
        "code": "exit",
        "message": f"2 of 3 tasks failed, the first is {job}.2: exited with status 8",
    }


def test_retrying_an_array_runs_only_the_tasks_that_are_named(daemon: Stepped) -> None:
    job = daemon.submit(array=Array(tasks=3))
    daemon.step(job)
    run(daemon, job, task=1)
    run(daemon, job, task=2, exit_code=1)
    run(daemon, job, task=3)
    retry(daemon, job, t2=1)
    assert in_flight(daemon) == [f"{job}/2.2"]
    run(daemon, job, task=2, attempt=2)
    status = daemon.status(job)
    assert (status.state, status.error, (status.tasks or {})["completed"]) == ("completed", None, 3)


def test_a_task_of_an_array_is_retried_by_itself_and_the_others_go_on(daemon: Stepped) -> None:
    job = daemon.submit(array=Array(tasks=3), retry=Retry(retries=1, delay=60))
    daemon.step(job)
    run(daemon, job, task=1, exit_code=1)
    daemon.clock.seconds += 1
    daemon.step()
    assert (daemon.state(job), (daemon.status(job).tasks or {})["retrying"]) == ("processing", 1)
    run(daemon, job, task=2)
    run(daemon, job, task=3)
    assert in_flight(daemon) == []
    daemon.clock.seconds += 80
    daemon.step()
    run(daemon, job, task=1, attempt=2)
    assert daemon.state(job) == "completed"


def test_after_so_many_failures_no_other_task_is_started(daemon: Stepped) -> None:
    job = daemon.submit(array=Array(tasks=9, max_fails=2))
    daemon.step(job)
    run(daemon, job, task=1, exit_code=1)
    run(daemon, job, task=2, exit_code=1)
    assert in_flight(daemon) == [f"{job}/3.1"]
    run(daemon, job, task=3)
    status = daemon.status(job)
    assert status.state == "failed"
    assert status.tasks is not None
    assert (status.tasks["failed"], status.tasks["completed"], status.tasks["cancelled"]) == (2, 1, 6)


def test_failures_before_a_retry_do_not_count_as_those_after_which_no_task_is_started(daemon: Stepped) -> None:
    job = daemon.submit(array=Array(tasks=3, max_fails=1))
    daemon.step(job)
    start(daemon, job, task=1)
    start(daemon, job, task=2)
    finish(daemon, job, task=1, exit_code=1)
    finish(daemon, job, task=2, exit_code=1)
    retry(daemon, job, t2=1)
    run(daemon, job, task=2, attempt=2)
    status = daemon.status(job)
    assert (status.state, (status.tasks or {})["completed"]) == ("failed", 1)


def test_a_retried_array_waits_and_reports_only_the_tasks_that_are_named(daemon: Stepped) -> None:
    job = daemon.submit(array=Array(tasks=2))
    daemon.step(job)
    run(daemon, job, task=1)
    run(daemon, job, task=2, exit_code=1)
    before = events(daemon, job)
    others = [daemon.submit(), daemon.submit()]
    settle(daemon, *others)
    retry(daemon, job, t2=1)
    assert (daemon.state(job), daemon.status(job).reason) == ("queued", "slots")
    assert (daemon.status(job).tasks or {})["completed"] == 1
    assert events(daemon, job)[len(before) :] == [(None, "failed", "queued")]
    run(daemon, others[0])
    run(daemon, job, task=2, attempt=2)
    assert [step for step in events(daemon, job)[len(before) :] if step[0] is not None] == [
        (2, "queued", "processing"),
        (2, "processing", "completed"),
    ]


def test_a_daemon_killed_before_it_reported_steps_of_a_task_has_the_next_one_report_them(
    daemon: Stepped, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(*_: object, **__: object) -> None:
        raise Killed

    job = daemon.submit(array=Array(tasks=1), retry=NO_PAUSE)
    daemon.step(job)
    start(daemon, job)
    daemon.children.end(daemon.children.pid_of(daemon.layout.attempt(job, 1, 1)), exit_code=1)
    with monkeypatch.context() as patch:
        # By then the next attempt is decided on and has its keeper.
        patch.setattr(Engine, "_publish", die)
        with pytest.raises(Killed):
            daemon.look()
    assert in_flight(daemon) == [f"{job}/1.2"]
    daemon.another_daemon()
    look(daemon)
    run(daemon, job, attempt=2)
    assert [(before, after) for task, before, after in events(daemon, job) if task == 1] == [
        ("queued", "processing"),
        ("processing", "retrying"),
        ("retrying", "queued"),
        ("queued", "processing"),
        ("processing", "completed"),
    ]


def test_another_daemon_counts_the_tasks_of_an_array_from_their_records(daemon: Stepped) -> None:
    job = daemon.submit(array=Array(tasks=5))
    daemon.step(job)
    run(daemon, job, task=1)
    run(daemon, job, task=2, exit_code=1)
    start(daemon, job, task=3)
    daemon.another_daemon()
    look(daemon)
    assert in_flight(daemon) == [f"{job}/3.1", f"{job}/4.1"]
    daemon.clock.seconds += 1
    daemon.step()
    assert daemon.status(job).tasks == {
        "total": 5, "pending": 2, "processing": 1, "completed": 1, "failed": 1, "cancelled": 0, "retrying": 0
    }  # fmt: skip


def test_cancelling_an_array_cancels_what_did_not_start_and_what_runs_ends_first(daemon: Stepped) -> None:
    job = daemon.submit(array=Array(tasks=5))
    daemon.step(job)
    start(daemon, job, task=1)
    run(daemon, job, task=2)
    start(daemon, job, task=3)
    requests.ask_to_cancel(daemon.layout, job, signal=None, now=False, note="stop it")
    settle(daemon, job)
    assert daemon.state(job) == "processing"
    for task in (1, 3):
        finish(daemon, job, task=task, reason="cancelled")
    status = daemon.status(job)
    assert (status.state, status.reason, status.error) == (
        "cancelled",
        "cancelled",
        {"code": "cancelled", "message": "cancelled: stop it"},
    )
    assert (status.tasks or {})["cancelled"] == 4


def test_one_task_of_an_array_is_cancelled_and_the_others_run(daemon: Stepped) -> None:
    job = daemon.submit(array=Array(tasks=3))
    daemon.step(job)
    requests.ask_to_cancel(daemon.layout, job, task=3, signal=None, now=False, note=None)
    settle(daemon, job)
    run(daemon, job, task=1)
    run(daemon, job, task=2)
    status = daemon.status(job)
    assert (status.state, (status.tasks or {})["cancelled"], in_flight(daemon)) == ("cancelled", 1, [])
    daemon.another_daemon()
    retry(daemon, job, unstarted=True)
    assert in_flight(daemon) == [f"{job}/3.1"]


def test_a_task_that_was_cancelled_between_two_attempts_stays_so_when_another_is_retried(daemon: Stepped) -> None:
    job = daemon.submit(array=Array(tasks=2), retry=Retry(retries=1, delay=60))
    daemon.step(job)
    for task in (1, 2):
        run(daemon, job, task=task, exit_code=1)
    requests.ask_to_cancel(daemon.layout, job, signal=None, now=False, note=None)
    settle(daemon, job)
    assert (daemon.state(job), (daemon.status(job).tasks or {})["cancelled"]) == ("cancelled", 2)
    retry(daemon, job, t2=1)
    run(daemon, job, task=2, attempt=2)
    status = daemon.status(job)
    assert status.tasks is not None
    assert (status.tasks["cancelled"], status.tasks["failed"], status.tasks["completed"]) == (1, 0, 1)


def test_an_array_of_many_tasks_costs_no_file_for_those_that_did_not_start(daemon: Stepped) -> None:
    job = daemon.submit(array=Array(tasks=100_000))
    daemon.step(job)
    names = [path.name for path in Path(daemon.layout.job(job)).iterdir()]
    assert sorted(names) == ["1.1", "2.1", "spec.json", "status.json"]


# ── dependencies ────────────────────────────────────────────────────────────────────────────────────


def after(kind: Any, job: int, task: int | None = None) -> tuple[Dependency, ...]:
    return (Dependency(kind=kind, job=job, task=task),)


def test_a_job_waits_for_the_one_that_it_needs_to_end_well(daemon: Stepped) -> None:
    needed = daemon.submit()
    job = daemon.submit(after=after("ok", needed))
    daemon.step(needed, job)
    status = daemon.status(job)
    assert (status.state, status.reason, status.waiting_on) == ("queued", "dependency", (f"{needed}",))
    run(daemon, needed)
    assert in_flight(daemon) == [f"{job}/1.1"]
    assert daemon.status(job).waiting_on == ()


@pytest.mark.parametrize(
    ("kind", "exit_code", "runs"),
    [("ok", 0, True), ("ok", 1, False), ("any", 1, True), ("any", 0, True), ("fail", 1, True), ("fail", 0, False)],
)
def test_how_what_is_needed_ended_decides(daemon: Stepped, kind: str, exit_code: int, *, runs: bool) -> None:
    needed = daemon.submit()
    job = daemon.submit(after=after(kind, needed))
    daemon.step(needed, job)
    run(daemon, needed, exit_code=exit_code)
    assert (in_flight(daemon) == [f"{job}/1.1"]) == runs
    if not runs:
        status = daemon.status(job)
        assert (status.state, status.reason) == ("cancelled", "dependency-failed")


def test_the_first_job_that_failed_is_named_by_all_that_needed_it(daemon: Stepped) -> None:
    first = daemon.submit()
    second = daemon.submit(after=after("ok", first))
    third = daemon.submit(after=after("ok", second))
    daemon.step(first, second, third)
    run(daemon, first, exit_code=3)
    for job in (second, third):
        assert daemon.status(job).reason == "dependency-failed"
        assert (daemon.status(job).error or {})["job"] == str(first)
    assert "exited with status 3" in (daemon.status(second).error or {})["message"]


def test_retrying_what_failed_brings_back_all_that_needed_it(daemon: Stepped) -> None:
    first = daemon.submit()
    second = daemon.submit(after=after("ok", first))
    third = daemon.submit(after=after("ok", second))
    daemon.step(first, second, third)
    run(daemon, first, exit_code=3)
    daemon.another_daemon()
    retry(daemon, first, t1=1)
    look(daemon)
    look(daemon)
    assert [daemon.status(job).reason for job in (second, third)] == ["dependency"] * 2
    run(daemon, first, attempt=2)
    run(daemon, second)
    run(daemon, third)
    assert [daemon.state(job) for job in (first, second, third)] == ["completed"] * 3


def test_a_job_that_ran_in_an_earlier_life_is_brought_back_too(daemon: Stepped) -> None:
    needed = daemon.submit()
    job = daemon.submit(after=after("ok", needed))
    daemon.step(needed, job)
    run(daemon, needed)
    run(daemon, job, exit_code=1)
    retry(daemon, needed, t1=1)
    run(daemon, needed, attempt=2, exit_code=1)
    retry(daemon, job, t1=1)
    assert daemon.status(job).reason == "dependency-failed"
    retry(daemon, needed, t1=2)
    look(daemon)
    run(daemon, needed, attempt=3)
    look(daemon)
    run(daemon, job, attempt=2)
    assert daemon.state(job) == "completed"


def test_a_job_can_wait_for_one_task(daemon: Stepped) -> None:
    needed = daemon.submit(array=Array(tasks=3))
    job = daemon.submit(after=after("ok", needed, 2))
    daemon.step(needed, job)
    run(daemon, needed, task=2)
    assert f"{job}/1.1" not in in_flight(daemon)  # task 3 took the slot
    run(daemon, needed, task=1)
    assert f"{job}/1.1" in in_flight(daemon)


def test_what_is_needed_may_have_ended_before_the_job_was_submitted(daemon: Stepped) -> None:
    needed = daemon.submit(array=Array(tasks=2))
    daemon.step(needed)
    run(daemon, needed, task=1)
    run(daemon, needed, task=2, exit_code=1)
    good = daemon.submit(after=after("ok", needed, 1))
    bad = daemon.submit(after=after("ok", needed))
    daemon.step(good, bad)
    assert in_flight(daemon) == [f"{good}/1.1"]
    assert daemon.status(bad).reason == "dependency-failed"


def forget(daemon: Stepped, job: int) -> None:
    removal.remove_tree(daemon.layout.job(job))


def test_a_job_that_ran_can_be_retried_when_what_it_needed_was_forgotten_since(daemon: Stepped) -> None:
    needed = daemon.submit()
    job = daemon.submit(after=after("ok", needed))
    daemon.step(needed, job)
    run(daemon, needed)
    run(daemon, job, exit_code=1)
    forget(daemon, needed)
    retry(daemon, job, t1=1)
    run(daemon, job, attempt=2)
    assert daemon.state(job) == "completed"


def test_a_job_that_never_ran_cannot_when_what_it_needs_was_forgotten_and_says_so(daemon: Stepped) -> None:
    needed = daemon.submit()
    job = daemon.submit(after=after("ok", needed))
    daemon.step(needed, job)
    run(daemon, needed, exit_code=1)
    forget(daemon, needed)
    retry(daemon, job, unstarted=True)
    status = daemon.status(job)
    assert (status.state, status.reason, status.retried) == ("cancelled", "dependency-failed", 1)
    assert "was forgotten" in (status.error or {})["message"]


# ── time ────────────────────────────────────────────────────────────────────────────────────────────


def submitted_now(daemon: Stepped) -> dict[str, Any]:
    return {"steady": daemon.clock.seconds, "boot": real_clock.boot_id()}


def test_a_job_is_not_started_before_its_time_on_the_steady_clock(daemon: Stepped) -> None:
    job = daemon.submit(start_in=90.0, **submitted_now(daemon))
    wait = daemon.step(job)
    assert (daemon.status(job).reason, wait) == ("not-before", 90.0)
    daemon.clock.seconds += 89
    daemon.step()
    assert in_flight(daemon) == []
    daemon.clock.seconds += 1
    daemon.step()
    assert in_flight(daemon) == [f"{job}/1.1"]


def test_setting_the_time_of_day_changes_when_a_job_at_a_time_of_day_starts_and_no_other(daemon: Stepped) -> None:
    at = daemon.submit(not_before="2026-11-24T09:00:00.000000Z")
    in_ = daemon.submit(start_in=90.0, **submitted_now(daemon))
    daemon.step(at, in_)
    assert [daemon.status(job).reason for job in (at, in_)] == ["not-before"] * 2
    daemon.clock.time_of_day = "2026-11-24T09:00:00.000001Z"
    daemon.look()
    assert in_flight(daemon) == [f"{at}/1.1"]


def test_a_job_of_an_earlier_boot_goes_by_the_time_of_day(daemon: Stepped) -> None:
    late = daemon.submit(start_in=90.0, steady=1.0, boot="another", submitted_at="2026-11-23T11:00:00.000000Z")
    early = daemon.submit(start_in=90.0, steady=1.0, boot="another", submitted_at="2026-11-23T11:59:00.000000Z")
    settle(daemon, late, early)
    assert (in_flight(daemon), daemon.step()) == ([f"{late}/1.1"], pytest.approx(30, abs=1))


def test_a_job_that_waited_too_long_expires_and_that_is_on_record(daemon: Stepped) -> None:
    job = daemon.submit(hold=True, max_wait=60.0, **submitted_now(daemon))
    daemon.step(job)
    daemon.clock.seconds += 60
    daemon.step()
    status = daemon.status(job)
    assert (status.state, status.reason, status.finished_at) == ("cancelled", "expired", NOON)
    Path(daemon.layout.status(job)).unlink()
    daemon.another_daemon()
    markers.touch(daemon.layout, job)
    daemon.look()
    assert (daemon.state(job), daemon.status(job).reason) == ("cancelled", "expired")


@pytest.mark.parametrize("exit_code", [0, 1])
def test_what_made_an_attempt_in_time_does_not_expire_between_two_when_there_is_another_daemon(
    daemon: Stepped, exit_code: int
) -> None:
    more = {"max_wait": 60.0, "retry": Retry(retries=1, delay=600), **submitted_now(daemon)}
    job = daemon.submit(array=Array(tasks=2, at_once=1), **more) if exit_code == 0 else daemon.submit(**more)
    daemon.step(job)
    start(daemon, job)
    requests.steer(daemon.layout, job, {"by": "user", "hold": True})
    finish(daemon, job, exit_code=exit_code)
    daemon.clock.seconds += 60
    daemon.another_daemon()
    look(daemon)
    assert daemon.state(job) == ("processing" if exit_code == 0 else "retrying")


# ── holds, edits, queues ────────────────────────────────────────────────────────────────────────────


def test_a_held_job_waits_until_it_is_released(daemon: Stepped) -> None:
    job = daemon.submit(hold=True)
    daemon.step(job)
    assert (daemon.status(job).held, daemon.status(job).reason) == (True, "held")
    daemon.another_daemon()
    look(daemon)
    assert in_flight(daemon) == []
    requests.steer(daemon.layout, job, {"hold": False})
    daemon.step(job)
    settle(daemon)
    assert (daemon.status(job).held, in_flight(daemon)) == (False, [f"{job}/1.1"])


def test_an_edited_job_waits_in_its_new_place(layout: Layout) -> None:
    daemon = Stepped(layout, slots=1)
    running, first, second = (daemon.submit() for _ in range(3))
    daemon.step(running, first, second)
    requests.steer(layout, second, {"priority": 5})
    daemon.step(second)
    run(daemon, running)
    assert (daemon.status(second).priority, in_flight(daemon)) == (5, [f"{second}/1.1"])
    requests.steer(layout, first, {"queue": "other"})
    daemon.step(first)
    assert in_flight(daemon) == [f"{first}/1.1", f"{second}/1.1"]


class Queues(config.Config):
    """Queues some of which are paused."""

    stopped: tuple[str, ...] = ()

    def paused(self, queue: str) -> bool:
        return queue in self.stopped


def test_nothing_of_a_paused_queue_is_started_and_the_jobs_say_so(daemon: Stepped) -> None:
    daemon.engine.follow(Queues(queues=(("default", 2),), stopped=("default",)))
    job = daemon.submit()
    daemon.step(job)
    assert (in_flight(daemon), daemon.status(job).reason) == ([], "queue-paused")
    daemon.engine.follow(Queues(queues=(("default", 2),)))
    daemon.step()
    assert in_flight(daemon) == [f"{job}/1.1"]


def test_a_job_that_needs_two_slots_waits_for_both_and_is_not_overtaken(daemon: Stepped) -> None:
    small, large, late = daemon.submit(), daemon.submit(slots=2), daemon.submit()
    daemon.step(small, large, late)
    assert in_flight(daemon) == [f"{small}/1.1"]
    run(daemon, small)
    assert in_flight(daemon) == [f"{large}/1.1"]
    run(daemon, large)
    assert in_flight(daemon) == [f"{late}/1.1"]


def test_a_job_that_needs_more_slots_than_there_are_says_so_and_keeps_nobody_waiting(daemon: Stepped) -> None:
    large, small = daemon.submit(slots=3), daemon.submit()
    daemon.step(large, small)
    assert (daemon.status(large).reason, in_flight(daemon)) == ("resources", [f"{small}/1.1"])
    daemon.engine.follow(config.Config(queues=(("default", 4),)))
    daemon.step()
    assert f"{large}/1.1" in in_flight(daemon)


def test_a_look_makes_nothing_for_each_task_of_an_array_that_runs(
    daemon: Stepped, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    real = progress.Tasks
    monkeypatch.setattr(progress, "Tasks", lambda clock: made.append(clock) or real(clock))
    job = daemon.submit(array=Array(tasks=2))
    settle(daemon, job)
    start(daemon, job, 1)
    start(daemon, job, 2)
    for _ in range(3):
        look(daemon)
    assert len(made) == 1

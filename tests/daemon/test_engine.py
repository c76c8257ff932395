"""The daemon's loop, stepped by hand."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jobctl.daemon import identity, launch, recovery
from jobctl.daemon.intake import Intake
from jobctl.daemon.kernel import Ended
from jobctl.model.attempt import Start
from jobctl.store import atomic, markers, records, requests, running, status_writer
from store import make
from support.stepped import NOBODY, NOON, Stepped, run_of

if TYPE_CHECKING:
    from jobctl.model.status import Status
    from jobctl.store.layout import Layout


def events(layout: Layout) -> list[tuple[int, str, str]]:
    lines = Path(layout.events).read_bytes().splitlines()
    return [(event["id"], event["from"], event["to"]) for event in map(json.loads, lines)]


def test_a_job_goes_from_pending_over_processing_to_completed(daemon: Stepped) -> None:
    job = daemon.submit()
    assert daemon.state(job) == "pending"
    keeper = daemon.run_to_the_start(job)
    assert daemon.state(job) == "processing"
    daemon.children.end(keeper)
    daemon.step()
    assert daemon.state(job) == "completed"
    assert events(daemon.layout) == [
        (job, "pending", "queued"),
        (job, "queued", "processing"),
        (job, "processing", "completed"),
    ]


def test_a_job_is_not_shown_as_processing_before_its_start_is_on_record(daemon: Stepped) -> None:
    job = daemon.submit()
    daemon.step(job)
    daemon.clock.seconds += 1
    daemon.step()
    assert daemon.children.started == [(job, 1)]
    assert daemon.state(job) == "queued"


def test_a_lost_ring_is_made_up_for_by_the_next_look(daemon: Stepped) -> None:
    job = daemon.submit()
    daemon.step()
    assert daemon.children.started == []
    daemon.look()
    assert daemon.children.started == [(job, 1)]


def test_no_more_jobs_run_than_there_are_slots_and_the_others_say_why_they_wait(daemon: Stepped) -> None:
    jobs = [daemon.submit() for _ in range(4)]
    daemon.step(*jobs)
    assert [job for job, _ in daemon.children.started] == jobs[:2]
    assert [(daemon.state(job), daemon.status(job).reason) for job in jobs[2:]] == [("queued", "slots")] * 2


def test_a_freed_slot_goes_to_the_job_that_was_submitted_first(daemon: Stepped) -> None:
    jobs = [daemon.submit() for _ in range(4)]
    daemon.step(*reversed(jobs))
    keeper = daemon.children.pid_of(daemon.layout.attempt(jobs[0], 1, 1))
    daemon.children.record_start(keeper)
    daemon.children.end(keeper)
    daemon.step()
    assert [job for job, _ in daemon.children.started] == jobs[:3]


def test_a_job_of_higher_priority_starts_first(layout: Layout) -> None:
    daemon = Stepped(layout, slots=1)
    first = daemon.submit()
    urgent = daemon.submit(priority=5)  # type: ignore[arg-type]  # a Spec's field
    daemon.step(first, urgent)
    assert [job for job, _ in daemon.children.started] == [urgent]


def test_a_job_that_exits_with_a_status_has_failed_with_it(daemon: Stepped) -> None:
    job = daemon.submit()
    daemon.children.end(daemon.run_to_the_start(job), exit_code=7)
    daemon.step()
    status = daemon.status(job)
    assert (status.state, status.reason, status.exit_code) == ("failed", "exit", 7)
    assert status.error == {"code": "exit", "message": "exited with status 7"}


def test_a_finished_job_loses_its_marker_and_costs_the_daemon_nothing_more(daemon: Stepped) -> None:
    job = daemon.submit()
    daemon.children.end(daemon.run_to_the_start(job))
    daemon.step()
    assert markers.names(daemon.layout) == []
    assert not daemon.engine.counts


def test_a_cancelled_queued_job_never_starts(layout: Layout) -> None:
    daemon = Stepped(layout, slots=1)
    running, waiting = daemon.submit(), daemon.submit()
    daemon.step(running, waiting)
    requests.ask_to_cancel(layout, waiting, signal=None, now=False, note="no longer needed")
    daemon.step(waiting)
    status = daemon.status(waiting)
    assert (status.state, status.reason, status.started_at) == ("cancelled", "cancelled", None)
    assert status.error is not None
    assert "no longer needed" in status.error["message"]
    keeper = daemon.children.pid_of(layout.attempt(running, 1, 1))
    daemon.children.record_start(keeper)
    daemon.children.end(keeper)
    daemon.look()
    assert [job for job, _ in daemon.children.started] == [running]


def test_a_job_cancelled_before_any_daemon_saw_it_never_starts(daemon: Stepped) -> None:
    job = daemon.submit()
    requests.ask_to_cancel(daemon.layout, job, signal=None, now=False, note=None)
    daemon.look()
    assert daemon.state(job) == "cancelled"
    assert daemon.children.started == []


def test_a_keeper_that_ends_before_the_start_is_replaced_and_the_attempt_keeps_its_number(daemon: Stepped) -> None:
    job = daemon.submit()
    daemon.step(job)
    daemon.children.end(daemon.children.pid_of(daemon.layout.attempt(job, 1, 1)), record=False, status=28)
    wait = daemon.step()
    assert daemon.status(job).reason == "resources"
    assert wait is not None
    daemon.clock.seconds += wait
    daemon.step()
    assert daemon.children.started == [(job, 1), (job, 1)]


def test_a_lock_whose_copy_is_closed_with_an_error_does_not_make_a_started_job_one_that_was_not(
    daemon: Stepped, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = daemon.submit()
    close = os.close
    failed = []

    def close_with_an_error(fd: int) -> None:
        path = os.readlink(f"/proc/self/fd/{fd}")
        close(fd)
        if path.endswith("1.1/lock"):
            failed.append(path)
            raise OSError(errno.EDQUOT, os.strerror(errno.EDQUOT))

    with monkeypatch.context() as patch:
        patch.setattr(os, "close", close_with_an_error)
        daemon.step(job)
    assert len(failed) == 1
    keeper = daemon.children.pid_of(daemon.layout.attempt(job, 1, 1))
    daemon.children.record_start(keeper)
    daemon.step(job)
    daemon.children.end(keeper)
    daemon.step()
    assert daemon.state(job) == "completed"


def test_a_job_that_cannot_be_prepared_keeps_no_slot_from_the_others(layout: Layout) -> None:
    daemon = Stepped(layout, slots=1)
    first, second = daemon.submit(), daemon.submit()
    daemon.step(first, second)
    daemon.children.end(daemon.children.pid_of(layout.attempt(first, 1, 1)), record=False, status=28)
    daemon.step()
    assert daemon.children.started == [(first, 1), (second, 1)]


def test_another_daemon_takes_a_running_job_over_and_does_not_start_it_again(daemon: Stepped) -> None:
    job = daemon.submit()
    keeper = daemon.run_to_the_start(job)
    daemon.another_daemon()
    daemon.look()
    assert daemon.state(job) == "processing"
    daemon.children.end(keeper, exit_code=3)
    daemon.children.ended.clear()  # it is no child of this daemon
    daemon.look()
    assert daemon.status(job).exit_code == 3
    assert daemon.children.started == [(job, 1)]


def test_what_ended_while_no_daemon_ran_is_settled_by_the_next_one(daemon: Stepped) -> None:
    job = daemon.submit()
    keeper = daemon.run_to_the_start(job)
    daemon.children.end(keeper, exit_code=5)
    daemon.children.ended.clear()
    daemon.another_daemon()
    daemon.look()
    assert (daemon.state(job), daemon.status(job).exit_code) == ("failed", 5)


def test_a_daemon_killed_before_it_wrote_the_status_reports_no_event_twice(
    daemon: Stepped, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = daemon.submit()
    keeper = daemon.run_to_the_start(job)
    daemon.children.end(keeper)

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(status_writer, "write", fail)
    daemon.step()
    monkeypatch.undo()
    assert daemon.state(job) == "processing"
    daemon.another_daemon()
    daemon.look()
    assert daemon.state(job) == "completed"
    assert [to for _, _, to in events(daemon.layout)] == ["queued", "processing", "completed"]


def test_a_job_whose_processes_are_gone_without_a_verdict_is_lost_and_not_started_again(daemon: Stepped) -> None:
    job = daemon.submit()
    keeper = daemon.run_to_the_start(job)
    daemon.children.end(keeper, record=False)
    daemon.step()
    status = daemon.status(job)
    assert (status.state, status.reason, status.exit_code) == ("failed", "lost", None)
    assert daemon.children.started == [(job, 1)]


def test_after_a_reboot_every_unfinished_job_is_found_again_though_its_marker_is_lost(daemon: Stepped) -> None:
    done, waiting = daemon.submit(), daemon.submit()
    daemon.children.end(daemon.run_to_the_start(done))
    daemon.step()
    os.unlink(daemon.layout.marker(waiting))
    Path(daemon.layout.boot).write_text("another boot\n")
    daemon.another_daemon()
    daemon.look()
    assert [job for job, _ in daemon.children.started] == [done, waiting]


def test_after_a_reboot_a_finished_job_is_marked_only_if_something_is_asked_of_it_or_no_record_bears_its_end_out(
    daemon: Stepped,
) -> None:
    _ended, retried, forged, damaged = jobs = [daemon.submit() for _ in range(4)]
    for job in jobs:
        status_writer.write(daemon.layout, daemon.status(job).but(state="cancelled"))
        if job != forged:
            Path(daemon.layout.cancel(job)).write_text('{"v":1}\n')
    requests.retry(daemon.layout, retried, 0, {"after": {}, "unstarted": True})
    with open(daemon.layout.status(damaged), "ab") as file:
        file.write(b"{")
    for name in os.listdir(daemon.layout.active):
        os.unlink(f"{daemon.layout.active}/{name}")
    Intake(daemon.layout, daemon.clock)
    assert markers.names(daemon.layout) == [retried, forged, damaged]


def test_within_one_boot_finished_jobs_are_not_looked_at(daemon: Stepped, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(5):
        job = daemon.submit()
        daemon.children.end(daemon.run_to_the_start(job))
        daemon.step()
    looked: list[int] = []
    monkeypatch.setattr(records, "spec", lambda _, job: looked.append(job))
    daemon.another_daemon()
    daemon.look()
    assert looked == []


@pytest.mark.parametrize("content", [b"", b"{", b"[]\n", b'{"v":1}\n', b"\0" * 300, b"[" * 9999 + b"\n"])
def test_a_damaged_specification_is_set_aside_and_the_other_jobs_go_on(daemon: Stepped, content: bytes) -> None:
    damaged, sound = daemon.submit(), daemon.submit()
    Path(daemon.layout.spec(damaged)).write_bytes(content)
    daemon.step(damaged, sound)
    assert [job for job, _ in daemon.children.started] == [sound]
    assert Path(daemon.layout.corrupt, str(damaged), "spec.json").read_bytes() == content
    assert markers.names(daemon.layout) == [sound]


def test_a_specification_of_an_unknown_version_is_left_where_it_is(daemon: Stepped) -> None:
    job = daemon.submit()
    path = Path(daemon.layout.spec(job))
    path.write_bytes(path.read_bytes().replace(b'"v":1', b'"v":9'))
    daemon.step(job)
    daemon.look()
    assert daemon.children.started == []
    assert path.exists()
    assert daemon.state(job) == "pending"


def test_a_damaged_status_file_is_made_anew_from_the_records(daemon: Stepped) -> None:
    job = daemon.submit()
    keeper = daemon.run_to_the_start(job)
    Path(daemon.layout.status(job)).write_bytes(b'{"v":1,"state":"comp')
    daemon.another_daemon()
    daemon.look()
    assert daemon.state(job) == "processing"
    daemon.children.end(keeper, exit_code=4)
    daemon.look()
    assert daemon.status(job).exit_code == 4


def test_a_status_file_that_claims_an_end_no_record_knows_is_not_believed(daemon: Stepped) -> None:
    job = daemon.submit()
    forged = daemon.status(job).but(state="completed", exit_code=0)
    status_writer.write(daemon.layout, forged)
    daemon.step(job)
    assert daemon.children.started == [(job, 1)]


def test_a_marker_without_a_job_is_taken_away_after_ten_minutes(daemon: Stepped) -> None:
    markers.make(daemon.layout, 99)
    for _ in range(9):
        daemon.look()
        daemon.clock.seconds += 65
    assert markers.names(daemon.layout) == [99]
    for _ in range(3):
        daemon.clock.seconds += 65
        daemon.look()
    assert markers.names(daemon.layout) == []


def test_what_a_killed_submitter_left_is_taken_away_after_ten_minutes_and_what_a_living_one_writes_is_not(
    daemon: Stepped,
) -> None:
    import fcntl

    left, held = f"{daemon.layout.staging}/1.dead", f"{daemon.layout.staging}/2.alive"
    for staged in (left, held):
        os.mkdir(staged)
        Path(staged, "spec.json").write_bytes(b"{")
    lock = os.open(held, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    for seconds in range(0, 14 * 65, 65):
        # Whoever has only just made it may not hold it yet.
        assert seconds > 600 or len(os.listdir(daemon.layout.staging)) == 2, seconds
        daemon.clock.seconds += 65
        daemon.look()
    os.close(lock)
    assert os.listdir(daemon.layout.staging) == ["2.alive"]


def test_what_was_half_written_when_its_writer_was_killed_is_taken_away(daemon: Stepped) -> None:
    job = daemon.submit()
    layout = daemon.layout
    of_job = f"{layout.status(job)}.4711.tmp"
    of_home = f"{layout.daemon_json}.4711.tmp", f"{layout.active}/17.4711.tmp"
    for path in (of_job, *of_home):
        Path(path).touch()
    daemon.look()
    assert not os.path.lexists(of_job)
    assert all(map(os.path.lexists, of_home))
    for _ in range(14):
        daemon.clock.seconds += 65
        daemon.look()
    assert not any(map(os.path.lexists, of_home))


@pytest.mark.parametrize("name", ["spec.json", "status.json", "start.json", "final.json", "cancel.json", "lock"])
def test_a_file_that_cannot_be_opened_for_once_is_opened_later_and_nothing_is_set_aside(
    daemon: Stepped, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """The descriptors of the daemon may run out, a disk may stutter: that says nothing about the file."""
    real, refused = os.open, []

    def open_(path: str, *more: object, **named: object) -> int:
        if str(path).endswith("/" + name) and len(refused) < 2:
            refused.append(path)
            raise OSError(24, "Too many open files")
        return real(path, *more, **named)  # type: ignore[arg-type]  # as it was called

    job = daemon.submit()
    daemon.another_daemon()
    monkeypatch.setattr(os, "open", open_)
    for _ in range(6):
        daemon.look()
        daemon.clock.seconds += 31
    keeper = daemon.children.pid_of(daemon.layout.attempt(job, 1, 1))
    daemon.children.record_start(keeper)
    daemon.step(job)
    daemon.children.end(keeper, exit_code=9)
    daemon.look()
    daemon.look()
    assert refused or name in {"start.json", "final.json"}
    assert daemon.status(job).exit_code == 9
    assert os.listdir(daemon.layout.corrupt) == []
    assert daemon.children.started == [(job, 1)]


def test_a_job_whose_marker_was_seen_before_it_was_published_is_found_by_the_next_look(daemon: Stepped) -> None:
    job = daemon.submit()
    os.rename(daemon.layout.job(job), daemon.layout.home + "/not yet")
    daemon.look()
    daemon.look()
    os.rename(daemon.layout.home + "/not yet", daemon.layout.job(job))
    daemon.look()
    assert daemon.children.started == [(job, 1)]


def test_a_job_whose_start_record_was_removed_is_lost_and_not_started_again(daemon: Stepped) -> None:
    job = daemon.submit()
    keeper = daemon.run_to_the_start(job)
    os.unlink(daemon.layout.attempt(job, 1, 1) + "/start.json")
    daemon.children.end(keeper, record=False)
    daemon.step()
    daemon.look()
    assert (daemon.status(job).reason, daemon.children.started) == ("lost", [(job, 1)])


def test_a_directory_in_the_place_of_a_status_file_is_set_aside_and_holds_nobody_up(daemon: Stepped) -> None:
    odd, other = daemon.submit(), daemon.submit()
    keeper = daemon.run_to_the_start(odd)
    os.unlink(daemon.layout.status(odd))
    os.mkdir(daemon.layout.status(odd))
    daemon.children.end(keeper, exit_code=3)
    daemon.step(other)
    daemon.look()
    assert daemon.status(odd).exit_code == 3
    assert os.path.isdir(f"{daemon.layout.corrupt}/{odd}.status.json")
    assert daemon.children.started == [(odd, 1), (other, 1)]


@pytest.mark.parametrize(
    ("key", "value"), [("priority", '"x"'), ("attempts", "[5]"), ("attempt", "null"), ("tags", "{}"), ("state", "7")]
)
def test_a_status_file_with_values_of_a_wrong_kind_is_made_anew(daemon: Stepped, key: str, value: str) -> None:
    job = daemon.submit()
    document = json.loads(Path(daemon.layout.status(job)).read_bytes())
    document[key] = json.loads(value)
    Path(daemon.layout.status(job)).write_text(json.dumps(document) + "\n")
    daemon.children.end(daemon.run_to_the_start(job))
    daemon.step()
    assert daemon.state(job) == "completed"


def test_what_a_status_file_repeats_is_taken_from_the_specification(daemon: Stepped) -> None:
    job = daemon.submit()
    status_writer.write(daemon.layout, daemon.status(job).but(command=("rm", "-rf", "/"), queue="other"))
    daemon.run_to_the_start(job)
    assert daemon.status(job).command == ("true",)
    assert daemon.status(job).queue == "default"


def test_what_all_waiting_jobs_say_alike_is_in_memory_once(layout: Layout) -> None:
    first = Stepped(layout, slots=0)
    ids = [first.submit("convert", "a.png", cwd="/srv") for _ in range(2)]
    first.step(*ids)
    first.another_daemon()
    first.look()
    one, other = (first.engine._jobs[job] for job in ids)
    assert (one.status.state, one.status.reason) == ("queued", "resources")
    for field in ("state", "reason", "queue", "cwd"):
        assert getattr(one.status, field) is getattr(other.status, field), field
    for field in ("queue", "cwd", "progress_from"):
        assert getattr(one.plan, field) is getattr(other.plan, field), field
    assert all(mine is yours for mine, yours in zip(one.plan.command, other.plan.command, strict=True))
    assert one.status.uuid is one.plan.uuid
    assert one.status.daemon_seen_at is None, "it is told in the file, and is not worth the memory"


def test_a_job_is_taken_in_by_one_look_at_the_names_in_its_directory(
    daemon: Stepped, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = daemon.submit()
    looked: list[str] = []
    real = os.listdir

    def noting(path: str) -> list[str]:
        looked.append(path)
        return real(path)

    monkeypatch.setattr(os, "listdir", noting)
    daemon.step(job)
    assert daemon.children.started == [(job, 1)]
    assert looked.count(daemon.layout.job(job)) <= 2  # the other one is for its attempts


def test_which_jobs_run_is_told_where_there_are_many_and_only_when_it_is_other_ones(
    daemon: Stepped, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "FEW", 2)
    jobs = [daemon.submit() for _ in range(2)]
    daemon.look()
    assert not os.path.lexists(daemon.layout.running), "two are few"
    jobs.append(daemon.submit())
    daemon.look()
    assert running.read(daemon.layout) == set(jobs[:2])
    told = os.stat(daemon.layout.running).st_ino
    daemon.look()
    assert os.stat(daemon.layout.running).st_ino == told


def test_a_bug_that_one_job_meets_leaves_the_others_alone(daemon: Stepped, monkeypatch: pytest.MonkeyPatch) -> None:
    odd, sound = daemon.submit(), daemon.submit()
    real = records.attempts

    def attempts(layout: Layout, job: int) -> list[tuple[int, int]]:
        return real(layout, job) if job != odd else 1 // 0  # type: ignore[return-value]  # a bug

    monkeypatch.setattr(records, "attempts", attempts)
    daemon.step(odd, sound)
    assert daemon.children.started == [(sound, 1)]
    assert os.path.isdir(daemon.layout.job(odd))


def test_a_full_disk_stops_neither_the_loop_nor_the_truth(daemon: Stepped, monkeypatch: pytest.MonkeyPatch) -> None:
    job = daemon.submit()
    keeper = daemon.run_to_the_start(job)
    daemon.children.end(keeper, exit_code=6)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(atomic, "replace", full)
    daemon.step()
    daemon.look()
    monkeypatch.undo()
    daemon.look()
    assert daemon.status(job).exit_code == 6


@pytest.mark.parametrize("number", [5, 12, 24])
def test_nothing_is_forgotten_because_it_cannot_be_looked_at_for_a_while(
    daemon: Stepped, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    job = daemon.submit()
    keeper = daemon.run_to_the_start(job)
    daemon.another_daemon()
    daemon.look()

    def fail(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as trouble:
        for name in ("lstat", "stat", "open", "listdir", "scandir"):
            trouble.setattr(os, name, fail)
        daemon.step(job)
        daemon.look()
    daemon.children.end(keeper, exit_code=7)
    daemon.children.ended.clear()
    daemon.look()
    daemon.look()
    assert daemon.status(job).exit_code == 7
    assert os.listdir(daemon.layout.corrupt) == []


def test_a_full_disk_lets_the_next_daemon_start_after_a_reboot(
    daemon: Stepped, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = daemon.submit()
    Path(daemon.layout.boot).write_text("another boot\n")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(atomic, "replace", full)
        daemon.another_daemon()
        daemon.look()
    assert daemon.children.started == [(job, 1)]


def test_a_daemon_that_leaves_knows_whether_somebody_was_not_taken_in(daemon: Stepped) -> None:
    known = daemon.submit()
    daemon.step(known)
    assert not daemon.engine.is_behind
    daemon.submit()
    assert daemon.engine.is_behind
    daemon.look()
    assert not daemon.engine.is_behind


def unsure(*_: object) -> None:
    raise OSError(5, "Input/output error")


def test_a_start_that_is_not_known_to_be_durable_is_not_shown(daemon: Stepped, monkeypatch: pytest.MonkeyPatch) -> None:
    job = daemon.submit()
    daemon.step(job)
    daemon.children.record_start(daemon.children.pid_of(daemon.layout.attempt(job, 1, 1)))
    daemon.clock.seconds += 1
    with monkeypatch.context() as disk:
        disk.setattr(records, "confirm", unsure)
        daemon.step(job)
        assert daemon.state(job) != "processing"
    daemon.look()
    assert daemon.state(job) == "processing"


@pytest.mark.parametrize("is_over", [True, False], ids=["verdict", "start"])
def test_what_another_daemon_finds_on_record_is_not_shown_before_it_is_known_to_be_durable(
    daemon: Stepped, monkeypatch: pytest.MonkeyPatch, *, is_over: bool
) -> None:
    job = daemon.submit()
    daemon.step(job)
    keeper = daemon.children.pid_of(daemon.layout.attempt(job, 1, 1))
    directory, *_, lock = daemon.children.keepers.pop(keeper)
    myself = identity.of(os.getpid())
    assert myself is not None
    start = Start(task=1, attempt=1, process=myself, keeper=NOBODY, started_at=NOON, steady=1.0)
    make.publish_start(directory, start)
    if is_over:
        records.publish_verdict(directory, recovery.lost(1, 1, "for a test"))
    # Killed together with the daemon.
    os.close(lock)
    daemon.another_daemon()
    with monkeypatch.context() as disk:
        disk.setattr(records, "confirm", unsure)
        daemon.look()
        assert daemon.state(job) in {"pending", "queued"}
    daemon.look()
    assert daemon.state(job) == ("failed" if is_over else "processing")


def test_a_cancellation_that_is_not_known_to_be_durable_is_not_shown(
    daemon: Stepped, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = daemon.submit()
    requests.ask_to_cancel(daemon.layout, job, signal=None, now=False, note=None)
    with monkeypatch.context() as disk:
        disk.setattr(records, "confirm", unsure)
        daemon.step(job)
        assert daemon.state(job) == "pending"
    daemon.look()
    assert daemon.state(job) == "cancelled"
    assert daemon.children.started == []


@pytest.mark.parametrize("record", ["start", "verdict", "cancellation"])
def test_no_keeper_is_started_for_an_attempt_with_a_record(daemon: Stepped, record: str) -> None:
    job = daemon.submit()
    run = run_of(daemon.layout, job)
    records.make_attempt(run.directory)
    if record == "cancellation":
        requests.ask_to_cancel(daemon.layout, job, signal=None, now=False, note=None)
    elif record == "verdict":
        records.publish_verdict(run.directory, recovery.lost(1, 1, "for a test"))
    else:
        start = Start(
            task=1, attempt=1, process=NOBODY, keeper=NOBODY, started_at="2026-11-23T12:00:00.000000Z", steady=1.0
        )
        make.publish_start(run.directory, start)
    assert launch.start(daemon.layout, run, daemon.children) is None
    assert daemon.children.started == []


def test_the_exit_status_is_kept_though_the_job_is_seen_to_end_before_its_killed_keeper(daemon: Stepped) -> None:
    job = daemon.submit()
    daemon.step(job)
    directory = daemon.layout.attempt(job, 1, 1)
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(writing)
        os.read(reading, 1)
        os._exit(7)
    process = identity.of(pid)
    assert process is not None
    start = Start(
        task=1, attempt=1, process=process, keeper=NOBODY, started_at="2026-11-23T12:00:00.000000Z", steady=1.0
    )
    make.publish_start(directory, start)
    os.close(writing)
    os.close(reading)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    os.close(daemon.children.keepers[daemon.children.pid_of(directory)][3])  # killed, and not yet noticed
    daemon.children.ended.append((pid, Ended(exit_code=7, signal=None)))
    daemon.step()
    os.waitpid(pid, 0)
    assert (daemon.status(job).state, daemon.status(job).exit_code) == ("failed", 7)


def test_a_job_whose_directory_was_removed_is_forgotten_and_the_others_go_on(daemon: Stepped) -> None:
    import shutil

    gone, sound = daemon.submit(), daemon.submit()
    keeper = daemon.run_to_the_start(gone)
    shutil.rmtree(daemon.layout.job(gone))
    daemon.children.end(keeper, record=False)
    daemon.step(sound)
    assert daemon.children.started == [(gone, 1), (sound, 1)]
    assert markers.names(daemon.layout) == [sound]


@pytest.mark.parametrize("seen", ["as its end is read", "as its status is written"])
def test_a_job_with_a_file_in_the_place_of_its_directory_is_set_aside_wherever_that_is_seen_first_and_frees_its_slot(
    layout: Layout, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, seen: str
) -> None:
    import shutil

    daemon = Stepped(layout, slots=1)
    odd, following = daemon.submit(), daemon.submit()

    def put_in_its_place() -> None:
        shutil.rmtree(layout.job(odd))
        Path(layout.job(odd)).touch()

    keeper = daemon.run_to_the_start(odd)
    daemon.step(following)
    if seen == "as its end is read":
        put_in_its_place()
        daemon.children.end(keeper, record=False)
        daemon.step()
    else:
        real = status_writer.write

        def write(layout: Layout, status: Status) -> None:
            if status.id == odd and not os.path.isfile(layout.job(odd)):
                put_in_its_place()
            real(layout, status)

        monkeypatch.setattr(status_writer, "write", write)
        daemon.children.end(keeper)
        daemon.step()
    assert f"job {odd}: set aside in {layout.corrupt}: cannot read {layout.job(odd)}" in caplog.text
    assert os.path.isfile(f"{layout.corrupt}/{odd}")
    assert markers.names(layout) == [following]
    daemon.step()
    assert daemon.children.started == [(odd, 1), (following, 1)]


@pytest.mark.parametrize("why", [errno.ENOSPC, errno.EIO])
@pytest.mark.parametrize("what", ["jobctl.store.status_writer.write", "jobctl.store.events.EventLog.append_all"])
def test_what_cannot_be_written_is_not_tried_again_before_the_next_look(
    daemon: Stepped, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, what: str, why: int
) -> None:
    tries = 0

    def refuse(*_: object) -> None:
        nonlocal tries
        tries += 1
        raise OSError(why, os.strerror(why))

    job = daemon.submit()
    daemon.children.end(daemon.run_to_the_start(job))
    with monkeypatch.context() as refusing:
        refusing.setattr(what, refuse)
        for _ in range(3):
            # Nothing asks for a turn at once, which would keep a core busy as long as the disk refuses.
            assert daemon.step() is None
        assert tries == 1
        for _ in range(3):
            daemon.look()
        assert tries == 4
    assert caplog.text.count("cannot write its status") == 1
    assert daemon.state(job) == "processing"
    daemon.look()
    assert daemon.state(job) == "completed"

"""From one attempt to the next with the same keeper, stepped by hand: what it keeps next is decided as ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from jobctl.daemon.kernel import Ended
from jobctl.model.array import Array
from jobctl.model.retry import Retry
from jobctl.store import config, requests
from support.stepped import Stepped

if TYPE_CHECKING:
    from jobctl.store.layout import Layout


@pytest.fixture
def daemon(layout: Layout) -> Stepped:
    return Stepped(layout, slots=1)


def finish_the_first_task(daemon: Stepped, job: int, **more: int) -> int:
    """Let task 1 of *job* end and its keeper be free, which no step has seen yet; return the keeper."""
    keeper = daemon.run_to_the_start(job)
    daemon.children.set_free(keeper, **more)
    return keeper


def test_a_keeper_goes_on_with_the_next_task_in_the_step_in_which_it_is_free(daemon: Stepped) -> None:
    job = daemon.submit(array=Array(tasks=2))
    keeper = finish_the_first_task(daemon, job)
    daemon.step()
    assert daemon.children.pid_of(daemon.layout.attempt(job, 2, 1)) == keeper
    assert daemon.children.dismissed == []
    daemon.children.record_start(keeper)
    daemon.children.set_free(keeper)
    daemon.step()
    assert daemon.state(job) == "completed"
    assert daemon.children.dismissed == [keeper]


def test_who_is_before_the_next_task_in_the_line_gets_the_slot(daemon: Stepped) -> None:
    job = daemon.submit(array=Array(tasks=2))
    keeper = finish_the_first_task(daemon, job)
    urgent = daemon.submit(priority=10)
    daemon.step(urgent)
    assert daemon.children.started == [(job, 1), (urgent, 1)]
    assert daemon.children.pid_of(daemon.layout.attempt(urgent, 1, 1)) == keeper


@pytest.mark.parametrize("asked", ["cancel", "hold"])
def test_what_is_asked_between_two_tasks_keeps_the_next_one_from_starting(daemon: Stepped, asked: str) -> None:
    job = daemon.submit(array=Array(tasks=2))
    keeper = finish_the_first_task(daemon, job)
    if asked == "cancel":
        requests.ask_to_cancel(daemon.layout, job, signal=None, now=False, note=None)
    else:
        requests.steer(daemon.layout, job, {"hold": True})
    daemon.clock.seconds += 1  # counts are shown so often
    daemon.step(job)
    assert daemon.children.started == [(job, 1)]
    assert daemon.children.dismissed == [keeper]
    assert daemon.state(job) == ("cancelled" if asked == "cancel" else "processing")


def test_a_task_that_is_cancelled_in_the_moment_of_its_start_is_not_handed_to_a_keeper(daemon: Stepped) -> None:
    """The record may be there before anybody has rung: it is looked for once more under the lock."""
    job = daemon.submit(array=Array(tasks=3))
    keeper = finish_the_first_task(daemon, job)
    requests.ask_to_cancel(daemon.layout, job, task=2, signal=None, now=False, note=None)
    daemon.step()
    daemon.step()
    assert daemon.children.started == [(job, 1), (job, 1)]
    assert daemon.children.dismissed == [keeper]
    assert daemon.children.pid_of(daemon.layout.attempt(job, 3, 1)) > keeper


def test_nothing_is_handed_on_in_a_queue_that_was_paused_meanwhile(daemon: Stepped) -> None:
    job = daemon.submit(array=Array(tasks=2))
    keeper = finish_the_first_task(daemon, job)
    daemon.engine.follow(config.Config(queues=(("default", 0),)))
    daemon.step()
    assert daemon.children.started == [(job, 1)]
    assert daemon.children.dismissed == [keeper]


def test_a_task_that_failed_waits_for_its_time_and_the_keeper_goes_on_with_another(daemon: Stepped) -> None:
    job = daemon.submit(array=Array(tasks=2), retry=Retry(retries=1, delay=60))
    keeper = finish_the_first_task(daemon, job, exit_code=3)
    daemon.step()
    assert daemon.children.pid_of(daemon.layout.attempt(job, 2, 1)) == keeper
    daemon.children.set_free(keeper)
    daemon.step()
    assert daemon.children.dismissed == [keeper]
    daemon.clock.seconds += 100
    daemon.step()
    assert daemon.children.started == [(job, 1), (job, 1), (job, 2)]


def test_an_attempt_is_made_once_whose_keeper_was_killed_after_it_was_handed_the_next_one(daemon: Stepped) -> None:
    job = daemon.submit(array=Array(tasks=2))
    keeper = finish_the_first_task(daemon, job)
    daemon.step()
    daemon.children.end(keeper, record=False)
    daemon.children.ended = [(keeper, Ended(exit_code=None, signal=9))]
    daemon.step()
    assert daemon.children.started == [(job, 1), (job, 1)]
    daemon.clock.seconds += 2
    daemon.step()
    again = daemon.children.pid_of(daemon.layout.attempt(job, 2, 1))
    daemon.children.record_start(again)
    daemon.children.end(again)
    daemon.step()
    assert daemon.children.started == [(job, 1)] * 3
    assert daemon.state(job) == "completed"


def test_a_daemon_that_was_killed_before_it_heard_that_a_keeper_is_free_loses_nothing(daemon: Stepped) -> None:
    job = daemon.submit(array=Array(tasks=2))
    finish_the_first_task(daemon, job)
    # The keeper ends with the daemon.
    daemon.children.free = []
    daemon.another_daemon()
    daemon.look()
    assert daemon.children.started == [(job, 1), (job, 1)]
    keeper = daemon.children.pid_of(daemon.layout.attempt(job, 2, 1))
    daemon.children.record_start(keeper)
    daemon.children.set_free(keeper)
    daemon.step()
    assert daemon.state(job) == "completed"


def run_the_first_task(daemon: Stepped, job: int) -> int:
    """Let task 1 of *job* begin; then nothing of it runs any more and its keeper records that. Return the keeper."""
    keeper = daemon.run_to_the_start(job)
    daemon.children.over.append(keeper)
    return keeper


def test_the_next_task_of_an_array_has_the_slot_of_one_whose_verdict_is_being_recorded(daemon: Stepped) -> None:
    job = daemon.submit(array=Array(tasks=3))
    first = run_the_first_task(daemon, job)
    daemon.step()
    second = daemon.children.pid_of(daemon.layout.attempt(job, 2, 1))
    assert second != first
    # Once: as long as neither has a verdict.
    daemon.step(look=True)
    daemon.children.record_start(second)
    daemon.children.over.append(second)
    daemon.step(look=True)
    assert daemon.children.started == [(job, 1), (job, 1)]
    daemon.children.set_free(first)
    daemon.step()
    assert daemon.children.pid_of(daemon.layout.attempt(job, 3, 1)) == first


def test_a_slot_is_not_lent_to_another_job_nor_to_who_comes_after_that(daemon: Stepped) -> None:
    """It might count on what the task before it did, as jobs in a queue with one slot do."""
    job = daemon.submit(array=Array(tasks=2))
    run_the_first_task(daemon, job)
    urgent = daemon.submit(priority=10)
    daemon.step(urgent)
    assert daemon.children.started == [(job, 1)]


def test_a_slot_is_not_lent_in_a_queue_that_was_paused(daemon: Stepped) -> None:
    job = daemon.submit(array=Array(tasks=2))
    run_the_first_task(daemon, job)
    daemon.engine.follow(config.Config(queues=(("default", 0),)))
    daemon.step()
    assert daemon.children.started == [(job, 1)]


def test_a_keeper_that_is_killed_after_it_lent_its_slot_leaves_a_task_that_is_lost(daemon: Stepped) -> None:
    job = daemon.submit(array=Array(tasks=2))
    first = run_the_first_task(daemon, job)
    daemon.step()
    second = daemon.children.pid_of(daemon.layout.attempt(job, 2, 1))
    daemon.children.end(first, record=False, status=255)
    daemon.step(look=True)
    daemon.children.record_start(second)
    daemon.children.end(second)
    daemon.step(look=True)
    assert daemon.state(job) == "failed"
    assert daemon.status(job).reason == "lost"
    assert daemon.children.started == [(job, 1), (job, 1)]


def test_the_counts_of_an_array_show_a_task_that_has_begun_though_nobody_rang(layout: Layout) -> None:
    """Only the first task rings: of those that take less than a second none would ever be shown as running."""
    daemon = Stepped(layout, slots=2)
    job = daemon.submit(array=Array(tasks=3))
    first = daemon.run_to_the_start(job)
    daemon.clock.seconds += 1
    daemon.step()
    second = daemon.children.pid_of(daemon.layout.attempt(job, 2, 1))
    daemon.children.record_start(second)
    daemon.children.set_free(first)
    daemon.clock.seconds += 1  # counts are shown so often
    daemon.step()
    assert daemon.status(job).tasks == {
        **dict.fromkeys(("failed", "cancelled", "retrying"), 0),
        "total": 3,
        "pending": 1,
        "processing": 1,
        "completed": 1,
    }


def test_no_more_tasks_are_shown_as_processing_than_have_slots(daemon: Stepped) -> None:
    job = daemon.submit(array=Array(tasks=3))
    first = run_the_first_task(daemon, job)
    daemon.step()
    second = daemon.children.pid_of(daemon.layout.attempt(job, 2, 1))
    daemon.children.record_start(second)
    shown = []
    for keeper in (None, first):
        if keeper is not None:
            daemon.children.set_free(keeper)
        daemon.clock.seconds += 1
        daemon.step(job)
        tasks = daemon.status(job).tasks
        assert tasks is not None
        shown.append((tasks["processing"], tasks["completed"]))
    assert shown == [(1, 0), (1, 1)]

"""What a task has come to is read from the records of its attempts."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from jobctl.errors import NoSuchJob, UnreadableRecord
from jobctl.model.array import Array
from jobctl.model.retry import Retry
from jobctl.model.status import Status, exit_status
from jobctl.store import ends, requests, status_reader, status_writer, tasks
from jobctl.store.selection import Target
from store import make

if TYPE_CHECKING:
    from jobctl.store.layout import Layout


def array(layout: Layout, size: int = 4, state: str = "processing", **changes: Any) -> int:
    return make.job(layout, state, array=Array(tasks=size), **changes)


def task(layout: Layout, job: int, number: int) -> Status:
    return tasks.read(layout, Target(job=job, task=number))


def finish(layout: Layout, job: int, **changes: Any) -> None:
    status_writer.write(layout, status_reader.read(layout, job).but(state="failed", **changes))


def test_the_status_of_a_job_is_its_status_file(layout: Layout) -> None:
    job = make.job(layout, "completed", name="x")
    assert tasks.read(layout, Target(job=job)) == status_reader.read(layout, job)


def test_a_task_that_was_not_started_waits_as_its_job_does(layout: Layout) -> None:
    job = array(layout, state="pending")
    assert (task(layout, job, 2).state, task(layout, job, 2).attempt) == ("pending", 0)
    status_writer.write(layout, status_reader.read(layout, job).but(state="queued", reason="held"))
    assert (task(layout, job, 2).state, task(layout, job, 2).reason) == ("queued", "held")
    status_writer.write(layout, status_reader.read(layout, job).but(state="processing", reason=None))
    assert (task(layout, job, 2).state, task(layout, job, 2).reason) == ("queued", None)


def test_a_task_whose_attempt_is_being_prepared_waits(layout: Layout) -> None:
    job = array(layout)
    os.mkdir(layout.attempt(job, 2, 1))
    assert (task(layout, job, 2).state, task(layout, job, 2).attempt) == ("queued", 0)


def test_a_task_that_runs_shows_when_it_started_and_where_it_writes(layout: Layout) -> None:
    job = array(layout)
    directory = make.attempt(layout, job, 2, 1)
    found = task(layout, job, 2)
    assert (found.label, found.state, found.attempt, found.started_at) == (f"{job}.2", "processing", 1, make.NOON)
    assert found.output == {"stdout": f"{directory}/stdout", "stderr": f"{directory}/stderr"}
    assert (found.exit_code, found.finished_at, found.attempts) == (None, None, ())


@pytest.mark.parametrize(
    ("ended", "state", "reason", "status"),
    [
        ({"exit_code": 0}, "completed", None, 0),
        ({"exit_code": 3}, "failed", "exit", 3),
        ({"signal": 9}, "failed", "signal", 137),
        ({"reason": "cancelled", "signal": 15}, "cancelled", "cancelled", 143),
        ({"reason": "lost"}, "failed", "lost", 126),
    ],
    ids=str,
)
def test_a_task_ended_as_its_last_attempt_did(
    layout: Layout, ended: dict[str, Any], state: str, reason: str | None, status: int
) -> None:
    job = array(layout)
    make.attempt(layout, job, 3, 1, exit_code=1)
    make.attempt(layout, job, 3, 2, **ended)
    found = task(layout, job, 3)
    assert (found.state, found.reason, found.attempt, exit_status(found)) == (state, reason, 2, status)
    assert [entry["attempt"] for entry in found.attempts] == [1, 2]
    assert found.finished_at == make.NOON


def test_the_document_of_a_task_is_a_status_document_that_names_the_task(layout: Layout) -> None:
    job = array(layout)
    of_job, of_task = status_reader.read(layout, job).document(), task(layout, job, 3).document()
    assert of_task.keys() - of_job.keys() == {"task"}
    assert (of_task["id"], of_task["task"], of_task["tasks"]) == (job, 3, None)


def test_a_task_is_retrying_while_its_policy_leaves_attempts(layout: Layout) -> None:
    job = array(layout, retry=Retry(retries=1, never=(2,)))
    make.attempt(layout, job, 1, 1, exit_code=1)
    make.attempt(layout, job, 2, 1, exit_code=1)
    make.attempt(layout, job, 2, 2, exit_code=1)
    make.attempt(layout, job, 3, 1, exit_code=2)
    assert [task(layout, job, number).state for number in (1, 2, 3)] == ["retrying", "failed", "failed"]
    assert task(layout, job, 1).exit_code is None
    finish(layout, job)
    assert task(layout, job, 1).state == "failed"


def test_a_task_that_was_retried_by_hand_waits_and_has_all_its_attempts_again(layout: Layout) -> None:
    job = array(layout, retry=Retry(retries=1))
    make.attempt(layout, job, 2, 1, exit_code=1)
    make.attempt(layout, job, 2, 2, exit_code=1)
    requests.retry(layout, job, 0, {"by": "user", "after": {"2": 2}, "unstarted": False})
    assert task(layout, job, 2).state == "queued"
    make.attempt(layout, job, 2, 3, exit_code=1)
    assert (task(layout, job, 2).state, task(layout, job, 2).max_attempts) == ("retrying", 4)
    make.attempt(layout, job, 2, 4, exit_code=1)
    assert task(layout, job, 2).state == "failed"


def test_a_task_that_never_started_is_cancelled_when_its_job_is_over(layout: Layout) -> None:
    job = array(layout)
    finish(layout, job, reason="exit", exit_code=1, error={"code": "exit", "message": "exited with status 1"})
    found = task(layout, job, 4)
    assert (found.state, found.reason, found.exit_code, exit_status(found)) == ("cancelled", "cancelled", None, 126)
    assert found.error == {"code": "cancelled", "message": "cancelled before it started"}


def test_a_task_that_never_started_says_what_kept_its_job_from_it(layout: Layout) -> None:
    job = array(layout)
    error = {"code": "dependency-failed", "message": "job 3 failed"}
    ends.publish(layout, job, 0, {"reason": "dependency-failed", "error": error, "at": make.NOON})
    finish(layout, job, reason="dependency-failed", error=error)
    assert (task(layout, job, 4).reason, task(layout, job, 4).error) == ("dependency-failed", error)


def test_a_task_that_was_cancelled_by_itself_is_so_while_its_job_goes_on(layout: Layout) -> None:
    job = array(layout)
    requests.ask_to_cancel(layout, job, task=3, signal=None, now=False, note="not this one")
    assert [task(layout, job, number).state for number in (2, 3)] == ["queued", "cancelled"]
    assert (task(layout, job, 3).error or {})["message"] == "cancelled before it started: not this one"


def test_what_never_started_is_cancelled_with_its_job_while_other_tasks_are_being_ended(layout: Layout) -> None:
    job = array(layout)
    make.attempt(layout, job, 1, 1)
    requests.ask_to_cancel(layout, job, signal=None, now=False, note="enough")
    assert [task(layout, job, number).state for number in (1, 2)] == ["processing", "cancelled"]


def test_a_task_that_is_cancelled_while_it_waits_for_its_next_attempt_is_cancelled(layout: Layout) -> None:
    job = array(layout, retry=Retry(retries=3))
    make.attempt(layout, job, 2, 1, exit_code=5)
    requests.ask_to_cancel(layout, job, task=2, signal=None, now=False, note=None)
    for over in (False, True):
        if over:
            finish(layout, job)
        found = task(layout, job, 2)
        assert (found.state, found.reason, found.exit_code) == ("cancelled", "cancelled", 5)


def test_a_later_life_knows_nothing_of_what_was_cancelled_before(layout: Layout) -> None:
    job = array(layout)
    requests.ask_to_cancel(layout, job, task=3, signal=None, now=False, note=None)
    requests.retry(layout, job, 0, {"by": "user", "after": {}, "unstarted": True})
    assert task(layout, job, 3).state == "queued"


def test_the_last_attempts_are_those_that_were_started(layout: Layout) -> None:
    job = array(layout)
    make.attempt(layout, job, 1, 1, exit_code=1)
    make.attempt(layout, job, 1, 2, exit_code=0)
    make.attempt(layout, job, 3, 1)
    os.mkdir(layout.attempt(job, 4, 1))
    found = {number: (last, how and how.exit_code) for number, (last, how) in tasks.last_attempts(layout, job).items()}
    assert found == {1: (2, 0), 3: (1, None)}


def test_an_array_job_exits_as_its_first_task_that_failed(layout: Layout) -> None:
    job = array(layout)
    make.attempt(layout, job, 1, 1, exit_code=0)
    make.attempt(layout, job, 2, 1, exit_code=7)
    make.attempt(layout, job, 3, 1, exit_code=9)
    finish(layout, job)
    assert tasks.exit_status(layout, status_reader.read(layout, job)) == 7
    status_writer.write(layout, status_reader.read(layout, job).but(state="completed"))
    assert tasks.exit_status(layout, status_reader.read(layout, job)) == 0


def test_the_first_failed_tasks_are_found_and_not_more_than_asked_for(layout: Layout) -> None:
    job = array(layout)
    for number, code in ((1, 0), (2, 1), (3, 2), (4, 3)):
        make.attempt(layout, job, number, 1, exit_code=code)
    finish(layout, job, tasks={"total": 4, "completed": 1, "failed": 3})
    found = tasks.failed(layout, status_reader.read(layout, job), 2)
    assert [(status.label, status.exit_code) for status in found] == [(f"{job}.2", 1), (f"{job}.3", 2)]


def test_a_record_that_cannot_be_understood_is_named(layout: Layout) -> None:
    job = array(layout)
    directory = make.attempt(layout, job, 2, 1)
    with open(f"{directory}/final.json", "w") as file:
        file.write("{}")
    with pytest.raises(UnreadableRecord, match=r"2\.1/final\.json"):
        task(layout, job, 2)


def test_a_job_that_is_gone_is_no_job(layout: Layout) -> None:
    with pytest.raises(NoSuchJob):
        task(layout, 17, 1)

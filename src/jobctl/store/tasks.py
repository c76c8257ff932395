"""What each task of a job has come to, as readers find it in the records: no file says it for one task alone.

A status file counts the tasks of an array job. Which of them failed, and how, is on record in the attempts.
"""

from __future__ import annotations

import os

from jobctl.errors import UnknownVersion, UnreadableRecord
from jobctl.model import states
from jobctl.model import status as model
from jobctl.model.lives import Lives
from jobctl.model.retry import Retry
from jobctl.store import attempts, ends, records, requests, status_reader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from jobctl.model.attempt import Start, Verdict
    from jobctl.model.status import Status
    from jobctl.store.layout import Layout
    from jobctl.store.selection import Target


def read(layout: Layout, target: Target) -> Status:
    """Return the status of a job, or of one task of it as if that were a job.

    Raises:
        NoSuchJob, UnreadableRecord, UnknownVersion: as `status_reader.read`, or a record cannot be understood.
    """
    job = status_reader.read(layout, target.job)
    if target.task is None:
        return job
    return _of_task(layout, _Course(layout, job), target.task)


class _Course:
    """What all tasks of an array job have in common."""

    def __init__(self, layout: Layout, job: Status) -> None:
        self.job = job
        spec = status_reader.spec(layout, job.id)
        self.total = spec.tasks
        self.retry = spec.retry or Retry()
        self.lives = Lives(requests.all_of(layout, job.id, "retry"))


def _of_task(layout: Layout, course: _Course, task: int) -> Status:
    job = course.job
    entries: list[dict[str, Any]] = []
    start: Start | None = None
    verdict: Verdict | None = None
    number = 0
    while os.path.lexists(directory := layout.attempt(job.id, task, number + 1)):
        found = records.start(directory), records.verdict(directory)
        if found == (None, None):
            break  # It is being started, or was to be when the job was cancelled.
        number += 1
        start, verdict = found
        if verdict is not None:
            entries.append(attempts.entry(verdict, start, directory))
    directory = layout.attempt(job.id, task, number)
    common = job.but(
        task=task,
        tasks=None,
        attempt=number,
        max_attempts=course.lives.of(task)[0] + 1 + course.retry.retries,
        attempts=tuple(entries),
        started_at=None if start is None else start.started_at,
        output=attempts.output(directory) if number else None,
        progress=None,
        next_attempt_at=None,
    )
    if number and verdict is None and not job.finished:
        return common.but(state=states.PROCESSING, reason=None, **_NOTHING)
    if number and verdict is not None:
        state, reason = _after(layout, course, task, verdict)
        if state in states.UNFINISHED:
            return common.but(state=state, reason=reason, **_NOTHING)
        return common.but(
            state=state,
            reason=reason,
            exit_code=verdict.exit_code,
            signal=verdict.signal,
            error=verdict.error,
            finished_at=verdict.finished_at,
            usage=verdict.usage,
            result=None if verdict.reason == "not-started" else attempts.result(directory),
        )
    return _unstarted(layout, course, task, common)


#: What a task that is not finished has not.
_NOTHING: dict[str, Any] = {
    "exit_code": None,
    "signal": None,
    "error": None,
    "finished_at": None,
    "usage": None,
    "result": None,
}


def _after(layout: Layout, course: _Course, task: int, verdict: Verdict) -> tuple[states.State, str | None]:
    """Return state and reason of a task whose last attempt ended as *verdict*."""
    ended = states.TRANSITIONS[states.PROCESSING, verdict.event]
    before, _ = course.lives.of(task)
    begins_anew = verdict.attempt == before
    left = verdict.attempt - before <= course.retry.retries
    if begins_anew or (ended == states.FAILED and left and course.retry.wants(verdict)):
        if _ending(layout, course, task) is not None:
            return states.CANCELLED, "cancelled"
        if not course.job.finished:
            return (states.QUEUED, _why_queued(course.job)) if begins_anew else (states.RETRYING, None)
    return ended, None if ended == states.COMPLETED else verdict.reason


def _unstarted(layout: Layout, course: _Course, task: int, common: Status) -> Status:
    job = course.job
    ending = _ending(layout, course, task)
    if not job.finished and ending is None:
        state = states.PENDING if job.state == states.PENDING else states.QUEUED
        return common.but(state=state, reason=_why_queued(job), **_NOTHING)
    known = ending or {}
    note = f": {known['note']}" if known.get("note") else ""
    error = known.get("error") or {"code": "cancelled", "message": f"cancelled before it started{note}"}
    ended = {"error": error, "finished_at": known.get("at") or job.finished_at}
    return common.but(state=states.CANCELLED, reason=known.get("reason") or "cancelled", **{**_NOTHING, **ended})


def _ending(layout: Layout, course: _Course, task: int) -> dict[str, Any] | None:
    """Return what is on record about the end of a task that never started: of it, or of all of its job."""
    job, lives = course.job.id, course.lives
    for life in range(lives.of(task)[1], lives.number + 1):
        ending = requests.of_task(layout, job, life, task) or ends.read(layout, job, life)
        if ending is not None:
            return ending
    return None


def _why_queued(job: Status) -> str | None:
    return job.reason if job.state == states.QUEUED else None


def last_attempts(layout: Layout, job: int) -> dict[int, tuple[int, Verdict | None]]:
    """Return number and verdict of the last attempt of each task of *job* that was ever started.

    Raises:
        FileNotFoundError: there is no such job.
        UnreadableRecord, UnknownVersion: a record cannot be understood.
    """
    found = {}
    for task, number in records.attempts(layout, job):
        directory = layout.attempt(job, task, number)
        verdict = records.verdict(directory)
        if verdict is not None or records.start(directory) is not None:
            found[task] = (number, verdict)
    return found


def each(layout: Layout, job: Status) -> Iterator[Status]:
    """Yield the status of each task of the array job *job*, in order.

    Raises:
        UnreadableRecord, UnknownVersion: as `read`.
    """
    course = _Course(layout, job)
    for task in range(1, course.total + 1):
        yield _of_task(layout, course, task)


def exit_status(layout: Layout, status: Status) -> int:
    """Return the exit status of a command that exits as the finished job did; as its first task that failed did.

    Raises:
        UnreadableRecord, UnknownVersion: as `read`.
    """
    known = status.exit_code is not None or status.signal is not None or status.reason in states.NEVER_RAN
    if status.tasks is None or known or status.state == states.COMPLETED:
        return model.exit_status(status)
    codes = (model.exit_status(task) for task in each(layout, status))
    return next((code for code in codes if code), model.exit_status(status))


def failed(layout: Layout, status: Status, most: int) -> list[Status]:
    """Return the first tasks of the array job *status* that failed, *most* of them at most."""
    found: list[Status] = []
    if status.tasks is None or not status.tasks.get("failed"):
        return found
    try:
        for task in each(layout, status):
            if task.state == states.FAILED:
                found.append(task)
                if len(found) == most:
                    break
    except (UnreadableRecord, UnknownVersion):
        pass  # For people: the rest is worth more than a complaint.
    return found

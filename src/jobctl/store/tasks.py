"""What each task of a job has come to, as readers find it in the records: no file says it for one task alone.

A status file counts the tasks of an array job. Which of them failed, and how, is on record in the attempts.
"""

from __future__ import annotations

import os

from jobctl.errors import UnknownVersion, UnreadableRecord
from jobctl.model import states
from jobctl.model import status as model
from jobctl.model.retry import Retry
from jobctl.store import records, requests, status_reader
from jobctl.store.layout import AttemptFiles, results

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from jobctl.model.attempt import Start, Verdict
    from jobctl.model.spec import Spec
    from jobctl.model.status import Status
    from jobctl.store.layout import Layout
    from jobctl.store.selection import Target


def read(layout: Layout, target: Target) -> Status:
    """Return the status of a job, or of one task of it as if that were a job.

    Raises:
        NoSuchJob, UnreadableRecord, UnknownVersion: as `status_reader.read`.
    """
    job = status_reader.read(layout, target.job)
    if target.task is None:
        return job
    return of_task(layout, status_reader.spec(layout, target.job), job, target.task)


def of_task(layout: Layout, spec: Spec, job: Status, task: int) -> Status:
    """Return the status of one *task* of the array job *job*.

    Raises:
        UnreadableRecord, UnknownVersion: a record of it cannot be understood.
    """
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
            entries.append(entry(verdict, start, directory))
    directory = layout.attempt(job.id, task, number)
    common = job.but(
        task=task,
        tasks=None,
        attempt=number,
        attempts=tuple(entries),
        started_at=None if start is None else start.started_at,
        output=output(directory) if number else None,
        progress=None,
        next_attempt_at=None,
    )
    if number and verdict is None and not job.finished:
        return common.but(state=states.PROCESSING, reason=None, **_NOTHING)
    if number and verdict is not None:
        state, reason = _after(layout, spec, job, task, verdict)
        if state in states.UNFINISHED:
            return common.but(state=state, reason=reason, **_NOTHING)
        return common.but(
            state=state,
            reason=None if state == states.COMPLETED else verdict.reason,
            exit_code=verdict.exit_code,
            signal=verdict.signal,
            error=verdict.error,
            finished_at=verdict.finished_at,
            usage=verdict.usage,
            result=None if verdict.reason == "not-started" else result(directory),
        )
    return _unstarted(layout, job, task, common)


#: What a task that is not finished has not.
_NOTHING: dict[str, Any] = {
    "exit_code": None,
    "signal": None,
    "error": None,
    "finished_at": None,
    "usage": None,
    "result": None,
}


def _after(layout: Layout, spec: Spec, job: Status, task: int, verdict: Verdict) -> tuple[states.State, str | None]:
    """Return state and reason of a task whose last attempt ended as *verdict*."""
    ended = states.step(f"{job.id}.{task}", states.PROCESSING, verdict.event)
    if job.finished:
        return ended, None
    before = 0
    for request in requests.all_of(layout, job.id, "retry"):
        asked = request.get("after")
        number = asked.get(str(task)) if isinstance(asked, dict) else None
        if number == verdict.attempt:
            return states.QUEUED, "slots"
        if isinstance(number, int):
            before = max(before, number)
    retry = spec.retry or Retry()
    if ended == states.FAILED and retry.wants(verdict) and verdict.attempt - before <= retry.retries:
        return states.RETRYING, None
    return ended, None


def _unstarted(layout: Layout, job: Status, task: int, common: Status) -> Status:
    life = requests.count(layout, job.id, "retry")
    request = requests.cancellation(layout, job.id, life, task)
    if not job.finished and request is None:
        waiting = states.PENDING if job.state == states.PENDING else states.QUEUED
        reason = job.reason if job.state == states.QUEUED else None
        return common.but(state=waiting, reason=reason, **_NOTHING)
    # How a job ended of which some tasks ran says nothing of one that did not.
    reason = job.reason if job.reason in {"dependency-failed", "expired"} else "cancelled"
    error = job.error if job.error is not None and job.error.get("code") == reason else None
    note = (request or {}).get("note")
    message = f"cancelled before it started: {note}" if note else "cancelled before it started"
    ended = {"error": error or {"code": "cancelled", "message": message}, "finished_at": job.finished_at}
    return common.but(state=states.CANCELLED, reason=reason, **{**_NOTHING, **ended})


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
        UnreadableRecord, UnknownVersion: as `of_task`.
    """
    spec = status_reader.spec(layout, job.id)
    for task in range(1, spec.tasks + 1):
        yield of_task(layout, spec, job, task)


def exit_status(layout: Layout, status: Status) -> int:
    """Return the exit status of a command that exits as the finished job did; as its first task that failed did.

    Raises:
        UnreadableRecord, UnknownVersion: as `of_task`.
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


def entry(verdict: Verdict, start: Start | None, directory: str) -> dict[str, Any]:
    """Return what a status file holds of an attempt that has ended."""
    return {
        "task": verdict.task,
        "attempt": verdict.attempt,
        "reason": verdict.reason,
        "exit_code": verdict.exit_code,
        "signal": verdict.signal,
        "error": verdict.error,
        "started_at": None if start is None else start.started_at,
        "finished_at": verdict.finished_at,
        "usage": verdict.usage,
        "output": output(directory),
    }


def output(directory: str) -> dict[str, str]:
    """Return where the output of the attempt in *directory* lies, as a status file says it."""
    return {
        "stdout": f"{directory}/{AttemptFiles.STDOUT}",
        "stderr": f"{directory}/{AttemptFiles.STDERR}",
    }


def result(directory: str) -> dict[str, Any] | None:
    """Return where the result of the attempt in *directory* lies, as a status file says it."""
    for path in results(directory):
        try:
            found = os.lstat(path)
        except OSError:
            continue
        return {"path": path, "size": found.st_size, "sha256": None, "inline": None}
    return None

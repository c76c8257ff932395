"""What a start or a verdict on record changes in a job's status."""

from __future__ import annotations

import os

from jobctl.model import states
from jobctl.store.layout import AttemptFiles, results

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from jobctl.daemon.job import Job
    from jobctl.model.attempt import Start, Verdict


def accept(job: Job, now: str) -> None:
    """Take a job in that `submit` left."""
    job.step(states.ACCEPT, queued_at=now)


def started(job: Job, start: Start, directory: str, now: str) -> None:
    """Show *job* as processing: *start* is durable. One that is shown so already stays as it is."""
    if job.status.state == states.PENDING:
        accept(job, now)
    if job.status.state == states.QUEUED:
        job.step(
            states.START,
            reason=None,
            started_at=start.started_at,
            attempt=start.attempt,
            output=_output(directory),
        )


def ended(job: Job, start: Start | None, verdict: Verdict, directory: str, now: str) -> None:
    """Show how *job* ended: *verdict* is durable. One that is shown as finished already stays as it is."""
    if job.status.finished:
        return
    if start is not None:
        started(job, start, directory, now)
    started_at = None if start is None else start.started_at
    entry = {
        "task": verdict.task,
        "attempt": verdict.attempt,
        "reason": verdict.reason,
        "exit_code": verdict.exit_code,
        "signal": verdict.signal,
        "error": verdict.error,
        "started_at": started_at,
        "finished_at": verdict.finished_at,
        "usage": verdict.usage,
        "output": _output(directory),
    }
    earlier = tuple(known for known in job.status.attempts if known.get("attempt") != verdict.attempt)
    job.step(
        verdict.event,
        reason=_shown_reason(verdict),
        exit_code=verdict.exit_code,
        signal=verdict.signal,
        error=verdict.error,
        finished_at=verdict.finished_at,
        usage=verdict.usage,
        result=None if verdict.reason == "not-started" else _result(directory),
        attempts=(*earlier, entry),
    )


def cancelled_unstarted(job: Job, request: dict[str, Any]) -> None:
    """Show *job* as cancelled before anything ran, as the durable *request* asked."""
    note = request.get("note")
    detail = f": {note}" if isinstance(note, str) and note else ""
    asked_at = request.get("at")
    job.step(
        states.CANCEL,
        reason="cancelled",
        error={"code": "cancelled", "message": f"cancelled before it started{detail}"},
        finished_at=asked_at if isinstance(asked_at, str) else None,
    )


def _shown_reason(verdict: Verdict) -> str | None:
    """A job that did what it should needs no reason."""
    return None if verdict.event == states.SUCCEED else verdict.reason


def _output(directory: str) -> dict[str, str]:
    return {
        "stdout": f"{directory}/{AttemptFiles.STDOUT}",
        "stderr": f"{directory}/{AttemptFiles.STDERR}",
    }


def _result(directory: str) -> dict[str, Any] | None:
    """Where the result lies: what the job left in $JOBCTL_RESULT, else its standard output."""
    for path in results(directory):
        try:
            found = os.lstat(path)
        except OSError:
            continue
        return {"path": path, "size": found.st_size, "sha256": None, "inline": None}
    return None

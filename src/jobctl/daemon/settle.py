"""What a start or a verdict on record changes in the status of a job and in the state of its task."""

from __future__ import annotations

from datetime import datetime

from jobctl.daemon import progress
from jobctl.model import states
from jobctl.store import attempts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

    from jobctl.daemon.job import End, Job
    from jobctl.daemon.tasks import Task
    from jobctl.model.attempt import Start, Verdict
    from jobctl.model.states import Event

#: What a status says of the attempt before and must not say of the next one.
_AFRESH: Final[dict[str, Any]] = {
    "reason": None,
    "exit_code": None,
    "signal": None,
    "error": None,
    "finished_at": None,
    "next_attempt_at": None,
    "result": None,
    "usage": None,
    "progress": None,
}
#: Entries of `attempts` that a status keeps; the records of the others stay where they are.
_ATTEMPTS_SHOWN: Final = 20


def accept(job: Job, now: str) -> None:
    """Take a job in that `submit` left."""
    job.step(states.ACCEPT, queued_at=now)


def revive(job: Job, now: str) -> None:
    """Take a finished job in again that was retried by hand."""
    job.step(states.RETRY, **_AFRESH | {"retried": job.lives.number, "queued_at": now})


def due(job: Job, task: Task, now: str) -> None:
    """Show that the time of the next attempt of *task* has come."""
    if task.state != states.RETRYING:
        return
    job.tasks.move(task, states.QUEUED)
    if job.is_array:
        job.report(task.number, states.RETRYING, states.QUEUED, attempt=task.attempt)
        job.count()
    elif job.status.state == states.RETRYING:
        job.step(states.DUE, queued_at=now, next_attempt_at=None, reason="slots")


def started(job: Job, task: Task, start: Start, directory: str, now: str) -> None:
    """Show *task* as processing: *start* is durable. One that is shown so already stays as it is."""
    _began(job, task, start.attempt, start.started_at, directory, now=now)


def _began(job: Job, task: Task, attempt: int, started_at: str | None, directory: str, *, now: str) -> None:
    if job.status.state == states.PENDING:
        accept(job, now)
    due(job, task, now)
    if task.state != states.QUEUED:
        return
    job.tasks.move(task, states.PROCESSING)
    if job.is_array:
        job.report(task.number, states.QUEUED, states.PROCESSING, attempt=attempt)
        if job.status.state == states.QUEUED and job.is_of_this_life(task.number):
            job.step(states.START, **_AFRESH | {"started_at": started_at, "attempt": attempt})
        job.count()
    elif job.status.state == states.QUEUED:
        shown = {"started_at": started_at, "attempt": attempt, "output": attempts.output(directory)}
        job.step(states.START, **_AFRESH | shown)


def ended(
    job: Job,
    task: Task,
    start: Start | None,
    verdict: Verdict,
    directory: str,
    *,
    now: str,
    again_at: str | None,
) -> None:
    """Show how an attempt of *task* ended: *verdict* is durable. What is shown as over already stays as it is.

    *again_at* is when another attempt is due, None if none will follow.
    """
    if task.state in states.TERMINAL:
        return
    # Without a record of its start (somebody removed it) it has begun all the same: what is recorded is over.
    _began(job, task, verdict.attempt, None if start is None else start.started_at, directory, now=now)
    before = task.state
    after = states.RETRYING if again_at is not None else states.TRANSITIONS[states.PROCESSING, verdict.event]
    job.tasks.move(task, after)
    if job.is_array:
        facts = {"reason": _shown_reason(verdict), "exit_code": verdict.exit_code, "signal": verdict.signal}
        job.report(task.number, before, after, attempt=verdict.attempt, **facts)
        _add_usage(job, verdict)
        job.count()
        return
    if job.status.finished:
        return
    job.step(
        states.DEFER if again_at is not None else verdict.event,
        reason=_shown_reason(verdict),
        exit_code=verdict.exit_code,
        signal=verdict.signal,
        error=verdict.error,
        finished_at=None if again_at is not None else verdict.finished_at,
        next_attempt_at=again_at,
        usage=verdict.usage,
        progress=progress.ended(job.status.progress, completed=verdict.event == states.SUCCEED),
        result=None if verdict.reason == "not-started" else attempts.result(directory),
        attempts=with_attempt(job.status.attempts, start, verdict, directory),
    )


def with_attempt(
    known: tuple[dict[str, Any], ...], start: Start | None, verdict: Verdict, directory: str
) -> tuple[dict[str, Any], ...]:
    """Return the entries of `attempts` with one for the attempt that ended as *verdict*, in their order."""
    entry = attempts.entry(verdict, start, directory)
    others = [entry for entry in known if entry.get("attempt") != verdict.attempt]
    return tuple(sorted([*others, entry], key=lambda entry: int(entry.get("attempt") or 0))[-_ATTEMPTS_SHOWN:])


def array_ended(job: Job, verdict: Verdict | None, now: str) -> None:
    """Show that all tasks of an array job are finished; *verdict* is that of the first that failed.

    The job was cancelled if somebody cancelled all of it, it failed if a task did, and was cancelled if a task was.
    """
    counts = job.tasks.counts()
    failed, cancelled = counts.get(states.FAILED, 0), counts.get(states.CANCELLED, 0)
    shown: dict[str, Any]
    event: Event
    if counts.get(states.COMPLETED) == job.tasks.total:
        shown, event = {"reason": None, "error": None}, states.SUCCEED
    elif job.ending is not None and (verdict is None or job.ending.by_user):
        shown = {"reason": job.ending.reason, "error": job.ending.error}
        event = states.CANCEL
    elif verdict is not None:
        why = verdict.error or {}
        which = f"{failed} of {job.tasks.total} tasks failed, the first is {job.status.id}.{verdict.task}"
        shown = {
            "reason": verdict.reason,
            "exit_code": verdict.exit_code,
            "signal": verdict.signal,
            "error": {"code": why.get("code", verdict.reason), "message": f"{which}: {why.get('message', '?')}"},
        }
        event = states.FAIL
    else:
        message = f"{cancelled} of {job.tasks.total} tasks were cancelled"
        shown = {"reason": "cancelled", "error": {"code": "cancelled", "message": message}}
        event = states.CANCEL
    job.count()
    if event != states.CANCEL and job.status.state == states.QUEUED:
        # All were over before it was seen to begin, as when the daemon was killed meanwhile.
        job.step(states.START)
    shown["progress"] = progress.ended(job.status.progress, completed=True)  # all of its tasks have ended
    job.step(event, finished_at=now, usage=_used_by_all(job, now), **shown)


def _used_by_all(job: Job, now: str) -> dict[str, Any] | None:
    if not job.usage:
        return None
    wall = None
    if job.status.started_at is not None:
        wall = (datetime.fromisoformat(now) - datetime.fromisoformat(job.status.started_at)).total_seconds()
    return {**job.usage, "wall_s": wall}


def ended_unstarted(job: Job, ending: End) -> None:
    """Show a plain *job* as ended before anything ran, or while it waited for another attempt."""
    job.step(
        states.CANCEL, reason=ending.reason, error=ending.error, finished_at=ending.at, next_attempt_at=None, held=False
    )


def _add_usage(job: Job, verdict: Verdict) -> None:
    used = verdict.usage or {}
    cpu, memory = used.get("cpu_s"), used.get("max_rss_bytes")
    total = job.usage = job.usage or {}
    if isinstance(cpu, (int, float)):
        total["cpu_s"] = round(total.get("cpu_s", 0.0) + cpu, 6)
    if isinstance(memory, int):
        total["max_rss_bytes"] = max(total.get("max_rss_bytes", 0), memory)


def _shown_reason(verdict: Verdict) -> str | None:
    """A job that did what it should needs no reason."""
    return None if verdict.event == states.SUCCEED else verdict.reason

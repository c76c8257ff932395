"""Again: what a request to retry a job says, and a new job from what another one was."""

from __future__ import annotations

import os

from jobctl.errors import NoSuchJob, NotNow, OutcomeUnknown
from jobctl.model import states
from jobctl.store import config, doorbell, home, spool, status_reader, tasks
from jobctl.store.layout import default_config

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from jobctl.model.status import Status
    from jobctl.store.layout import Layout


def rerun(layout: Layout, job: int) -> int:
    """Store a new job from the frozen specification and inputs of *job*, and return its ID. Nobody is told.

    Raises:
        NoSuchJob: it was forgotten meanwhile.
        QueueFull, SpoolUnusable, OutcomeUnknown, InvalidConfig: as for any new job.
    """
    settings = config.for_submission(default_config(os.environ))
    try:
        return spool.deposit_again(layout, job, None if settings is None else settings.max_pending)
    except OutcomeUnknown as unknown:
        doorbell.ring(layout, unknown.job)
        raise
    except FileNotFoundError:
        raise NoSuchJob(f"cannot run job {job} again: there is no such job any more") from None
    except OSError as failure:
        raise home.unusable(layout, f"store job {job} again in", failure) from failure


def request(layout: Layout, job: Status, named: set[int | None], *, all_tasks: bool) -> dict[str, Any] | None:
    """Return the request that gives *job*, or the tasks *named*, another life; None if there is nothing to retry.

    Each attempt that is to be followed by another one is named, so that asking twice runs nothing twice.

    Raises:
        NotNow: the job is not finished.
    """
    if not job.finished:
        raise NotNow(f"job {job.id} is still {job.state}; retry it when it is finished")
    known = tasks.last_attempts(layout, job.id)
    if None not in named:
        return _document({task: known.get(task, (0, None))[0] for task in named if task}, unstarted=False)
    if job.tasks is None:
        return _document({task: number for task, (number, _) in known.items()}, unstarted=not known)
    after = {
        task: number
        for task, (number, verdict) in known.items()
        if all_tasks or verdict is None or verdict.event != states.SUCCEED
    }
    unstarted = len(known) < status_reader.spec(layout, job.id).tasks
    return _document(after, unstarted=unstarted) if after or unstarted else None


def _document(after: dict[int, int], *, unstarted: bool) -> dict[str, Any]:
    return {"by": "user", "after": {str(task): number for task, number in after.items()}, "unstarted": unstarted}

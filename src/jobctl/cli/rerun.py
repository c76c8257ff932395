"""`jobctl rerun`: new jobs from the frozen specifications and inputs of others."""

from __future__ import annotations

import os

from jobctl.cli import asking, output, submit
from jobctl.errors import NoSuchJob, OutcomeUnknown, UsageError
from jobctl.store import config, doorbell, home, selection, spool
from jobctl.store.layout import default_config

TYPE_CHECKING = False
if TYPE_CHECKING:
    from jobctl.store.layout import Layout


def run(*, selectors: list[str], no_start: bool = False, json: bool = False) -> int:
    """Submit jobs again; the parameters are the options of jobctl(1)."""
    asking.for_the_owner()
    if not selectors:
        raise UsageError("name the jobs to run again: an ID, or @ for the last one")
    layout = home.existing(os.environ)
    jobs = selection.select(layout, selectors)
    if layout is None:
        return 0
    made: list[int] = []

    def again(job: int) -> None:
        made.append(_deposit(layout, job))
        if json:
            output.write_json({"v": 1, "id": made[-1], "again": job, "status_path": layout.status(made[-1])})
        else:
            output.write(f"{made[-1]}\n".encode("ascii"))
        doorbell.ring(layout, made[-1])

    _, failure = asking.each(jobs, again, as_json=json)
    if made:
        submit.start_daemon(layout, made[-1], may_start=not no_start)
    return failure


def _deposit(layout: Layout, job: int) -> int:
    try:
        return spool.deposit_again(layout, job, _most())
    except OutcomeUnknown as unknown:
        doorbell.ring(layout, unknown.job)
        raise
    except FileNotFoundError:
        raise NoSuchJob(f"cannot run job {job} again: there is no such job any more") from None
    except OSError as failure:
        raise home.unusable(layout, f"store job {job} again in", failure) from failure


def _most() -> int | None:
    """Return how many jobs may be unfinished, None: any number."""
    settings = config.for_submission(default_config(os.environ))
    return None if settings is None else settings.max_pending

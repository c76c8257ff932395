"""`jobctl rerun`: new jobs from the frozen specifications and inputs of others."""

from __future__ import annotations

import os

from jobctl.cli import asking, submit
from jobctl.client import again
from jobctl.errors import OutcomeUnknown, UsageError
from jobctl.store import doorbell, home, selection


def run(*, selectors: list[str], no_start: bool = False, json: bool = False) -> int:
    """Submit jobs again; the parameters are the options of jobctl-cancel(1)."""
    asking.for_the_owner()
    if not selectors:
        raise UsageError("name the jobs to run again: an ID, or @ for the last one")
    layout = home.existing(os.environ)
    jobs = selection.select(layout, selectors)
    if layout is None:
        return 0
    made: list[int] = []
    untold: list[OutcomeUnknown] = []

    def repeat(job: int) -> None:
        made.append(new := again.rerun(layout, job))
        document = {"v": 1, "id": new, "again": job, "status_path": layout.status(new)}
        try:
            submit.tell_id(layout, new, document if json else None)
        except OutcomeUnknown as unknown:
            untold.append(unknown)
            raise
        doorbell.ring(layout, new)

    # When one ID could not be told, no other can: no further job is made of which nobody would know.
    _, failure = asking.each((job for job in jobs if not untold), repeat, as_json=json)
    if made:
        submit.start_daemon(layout, made[-1], may_start=not no_start)
    return failure

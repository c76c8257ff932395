"""`jobctl rerun`: new jobs from the frozen specifications and inputs of others."""

from __future__ import annotations

import os

from jobctl.cli import asking, output, submit
from jobctl.client import again
from jobctl.errors import UsageError
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

    def repeat(job: int) -> None:
        made.append(again.rerun(layout, job))
        if json:
            output.write_json({"v": 1, "id": made[-1], "again": job, "status_path": layout.status(made[-1])})
        else:
            output.write(f"{made[-1]}\n".encode("ascii"))
        doorbell.ring(layout, made[-1])

    _, failure = asking.each(jobs, repeat, as_json=json)
    if made:
        submit.start_daemon(layout, made[-1], may_start=not no_start)
    return failure

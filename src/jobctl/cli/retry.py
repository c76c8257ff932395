"""`jobctl retry`: another life for jobs that are finished: the same ID, new attempts, the earlier ones kept."""

from __future__ import annotations

import os

from jobctl.cli import asking, output, waiting
from jobctl.client import again
from jobctl.errors import UsageError
from jobctl.model import states
from jobctl.store import home, requests, selection, status_reader


def run(
    *,
    selectors: list[str],
    failed: bool = False,
    all_tasks: bool = False,
    no_wait: bool = False,
    name: str | None = None,
    tag: list[str] | None = None,
    queue: str | None = None,
    state: list[str] | None = None,
    json: bool = False,
) -> int:
    """Retry jobs; the parameters are the options of jobctl-cancel(1)."""
    asking.for_the_owner()
    filters = selection.filters(name, tag, queue, state, among=states.TERMINAL)
    if failed and state:
        raise UsageError("give either --failed or --state; --failed is --state failed")
    if (failed or filters) and not filters.states:
        filters = filters.but(states=(states.FAILED,))
    if not selectors and not filters:
        raise UsageError("name the jobs to retry: an ID, @ for the last one, or --failed for every failed one")
    layout = home.existing(os.environ)
    targets = selection.targets(layout, selectors, filters)
    if layout is None or not targets:
        waiting.tell_done((), "retried")
        return 0
    #: Of each job, the number of our request.
    asked: dict[int, int] = {}

    def ask(job: int) -> None:
        status = status_reader.read(layout, job)
        named = {target.task for target in targets if target.job == job}
        document = again.request(layout, status, named, all_tasks=all_tasks)
        if document is None:
            output.warn(f"job {job}: no task of it failed; --all-tasks runs them all again")
        else:
            asked[job] = asking.leave(
                layout, job, "retry", lambda: requests.retry(layout, job, status.retried, document)
            )

    jobs, failure = asking.each(sorted({target.job for target in targets}), ask, as_json=json)
    done = [target for target in targets if target.job in jobs]
    reached = None if no_wait else lambda status: status.retried >= asked[status.id]
    interrupted = asking.see_it_done(layout, list(asked), reached)
    if (filters or len(targets) > 1) and not (interrupted or (failure and not asked)):
        waiting.tell_done(list(asked), "retried")
    if json and not interrupted:
        asking.show(layout, done)
    return interrupted or failure

"""`jobctl hold` and `jobctl release`: keep jobs from starting, and let them start."""

from __future__ import annotations

import os

from jobctl.cli import asking, output, waiting
from jobctl.client import steering
from jobctl.client.steering import has_unstarted, require_waiting
from jobctl.errors import UsageError
from jobctl.store import home, selection, status_reader
from jobctl.store.selection import Target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from jobctl.store.selection import Filters


def hold(
    *,
    selectors: list[str],
    reason: str | None = None,
    no_wait: bool = False,
    name: str | None = None,
    tag: list[str] | None = None,
    queue: str | None = None,
    state: list[str] | None = None,
    all: bool = False,  # noqa: A002  # named as the option
    json: bool = False,
) -> int:
    """Hold jobs; the parameters are the options of jobctl-cancel(1)."""
    filters = selection.unfinished(name, tag, queue, state, every=all)
    return _steer(selectors, filters, held=True, note=reason, no_wait=no_wait, json=json)


def release(
    *,
    selectors: list[str],
    no_wait: bool = False,
    name: str | None = None,
    tag: list[str] | None = None,
    queue: str | None = None,
    state: list[str] | None = None,
    all: bool = False,  # noqa: A002  # named as the option
    json: bool = False,
) -> int:
    """Release jobs; the parameters are the options of jobctl-cancel(1)."""
    filters = selection.unfinished(name, tag, queue, state, every=all)
    return _steer(selectors, filters, held=False, note=None, no_wait=no_wait, json=json)


def _steer(selectors: list[str], filters: Filters, *, held: bool, note: str | None, no_wait: bool, json: bool) -> int:
    asking.for_the_owner()
    verb, past = ("hold", "held") if held else ("release", "released")
    if not selectors and not filters:
        raise UsageError(f"name the jobs to {verb}: an ID, @ for the last one, or --all")
    layout = home.existing(os.environ)
    named = selection.select(layout, selectors)
    jobs = selection.select(layout, selectors, filters)
    if layout is None or not jobs:
        waiting.tell_done((), past)
        return 0
    asked: list[int] = []

    def ask(job: int) -> None:
        status = status_reader.read(layout, job)
        if job not in named and (status.held == held or not has_unstarted(status)):
            return  # Of a set only those are meant with which it can be done.
        require_waiting(job, status, past)
        if status.held == held and note is None:
            output.hint(f"job {job} is {'held' if held else 'not held'} already")
            return
        steering.hold(layout, job, held=held, note=note)
        asked.append(job)

    done, failure = asking.each(jobs, ask, as_json=json)
    reached = None if no_wait else lambda status: status.held == held or not has_unstarted(status)
    interrupted = asking.see_it_done(layout, asked, reached)
    if not no_wait and not interrupted:
        late = asking.missed(layout, asked, lambda status: status.held == held, past)
        failure = failure or late
    if (filters or len(jobs) > 1) and not (interrupted or failure):
        waiting.tell_done(asked, past)
    if json and not interrupted:
        asking.show(layout, [Target(job=job) for job in done])
    return interrupted or failure

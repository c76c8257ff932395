"""`jobctl wait`: block until jobs are finished, and exit as they did."""

from __future__ import annotations

import os

from jobctl.cli import output, waiting
from jobctl.errors import UsageError
from jobctl.model import states
from jobctl.model import status as model
from jobctl.model.quantities import parse_duration
from jobctl.store import home, selection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from jobctl.model.status import Status
    from jobctl.store.layout import Layout

#: Exit status for a job of which there is no exit status.
_NEVER_RAN = 126


def run(
    *,
    selectors: list[str],
    any: bool = False,  # noqa: A002  # named as the option
    timeout: str | None = None,
    state: str | None = None,
    name: str | None = None,
    tag: list[str] | None = None,
    queue: str | None = None,
    all: bool = False,  # noqa: A002  # named as the option
    json: bool = False,
) -> int:
    """Wait for jobs; the parameters are the options of jobctl-status(1)."""
    filters = selection.unfinished(name, tag, queue, every=all)
    if not selectors and not filters:
        raise UsageError("name the jobs to wait for: an ID, @ for the last one, or --all")
    seconds = None if timeout is None else parse_duration(timeout, "--timeout")
    selection.known_states(None if state is None else [state])
    layout = home.existing(os.environ)
    jobs = selection.targets(layout, selectors, filters)
    if layout is None or not jobs:
        # Of filters only; a script that does not count on this gets no word.
        output.hint("nothing to wait for: no job that matches is unfinished; jobs that may have ended are named by ID")
        return 0
    enough = 1 if any else None
    try:
        there = waiting.until(layout, jobs, _reached(state), enough=enough, timeout=seconds)
    except KeyboardInterrupt:
        return waiting.interrupted(jobs)
    if any:
        there = there[:1]
    for status in there:
        if json:
            output.write_status(layout, status)
        elif any:
            output.write_line(status.label)
    return _missed(layout, there, state) if state is not None else _explained(layout, there)


def _explained(layout: Layout, there: list[Status]) -> int:
    """Return how the jobs exit; whoever sits there is told why some never ran, which no exit status says."""
    for status in there:
        if model.exit_status(status) == _NEVER_RAN:
            output.hint(f"job {status.label}: {(status.error or {}).get('message', model.summary(status))}")
    return waiting.first_failure(layout, there)


def _reached(state: str | None) -> Callable[[Status], bool]:
    return lambda status: status.finished or (state is not None and _has_been(status, state))


def _has_been(status: Status, state: str) -> bool:
    """Return whether a job is in *state*, or must have passed it."""
    if state == states.PENDING:
        return True
    if state == states.QUEUED:
        return status.state != states.PENDING
    if state == states.PROCESSING:
        return status.started_at is not None
    return status.state == state


def _missed(layout: Layout, there: list[Status], state: str) -> int:
    """Return 0 if all have been in *state*; else say which ended otherwise, and return how."""
    for status in there:
        if not _has_been(status, state):
            output.warn(f"job {status.label} ended as {status.state} and was never {state}")
            return waiting.first_failure(layout, [status]) or _NEVER_RAN
    return 0

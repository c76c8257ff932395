"""`jobctl wait`: block until jobs are finished, and exit as they did."""

from __future__ import annotations

import os

from jobctl.cli import output, waiting
from jobctl.errors import UsageError
from jobctl.model import states
from jobctl.model.quantities import parse_duration
from jobctl.store import home, selection, status_reader
from jobctl.store.selection import Filters

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from jobctl.model.status import Status

#: How far along a state is; a job that is further has been there, or went past it.
_PROGRESS = {states.PENDING: 0, states.QUEUED: 1, states.RETRYING: 1, states.PROCESSING: 2}


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
    """Wait for jobs; the parameters are the options of jobctl(1)."""
    filters = Filters(name=name, tags=tuple(tag or ()), queue=queue, every=all)
    if not selectors and not filters:
        raise UsageError("name the jobs to wait for: an ID, @ for the last one, or --all")
    seconds = None if timeout is None else parse_duration(timeout, "--timeout")
    selection.known_states(None if state is None else [state])
    layout = home.existing(os.environ)
    jobs = selection.select(layout, selectors, filters)
    if layout is None or not jobs:
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
            output.write(status_reader.read_raw(layout, status.id))
        elif any:
            output.write_line(str(status.id))
    if state is None:
        return waiting.first_failure(there)
    return _missed(there, state)


def _reached(state: str | None) -> Callable[[Status], bool]:
    if state is None or state in states.TERMINAL:
        return lambda status: status.finished
    wanted = _PROGRESS[state]
    return lambda status: status.finished or _PROGRESS[status.state] >= wanted


def _missed(there: list[Status], state: str) -> int:
    """Return 0 if all were in *state*, or passed it; else say which ended otherwise, and return how."""
    for status in there:
        passed = state not in states.TERMINAL and (state != states.PROCESSING or status.started_at is not None)
        if status.state != state and not passed:
            output.warn(f"job {status.id} ended as {status.state} and was never {state}")
            return waiting.first_failure([status]) or 126
    return 0

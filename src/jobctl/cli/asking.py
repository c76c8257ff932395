"""Ask something of each of several jobs: one that cannot be asked keeps none of the others from it."""

from __future__ import annotations

import os

from jobctl.cli import dispatch, output, waiting
from jobctl.client import asking as client
from jobctl.client.asking import leave
from jobctl.errors import JobctlError, NotNow
from jobctl.model import status as model
from jobctl.store import status_reader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import TypeVar

    from jobctl.model.status import Status
    from jobctl.store.layout import Layout
    from jobctl.store.selection import Target

    T = TypeVar("T")

__all__ = ["each", "for_the_owner", "leave", "missed", "see_it_done", "show"]


def each(things: Iterable[T], act: Callable[[T], object], *, as_json: bool) -> tuple[list[T], int]:
    """Call *act* with each of *things*; return those with which it could be done, and the first failure's exit status.

    What went wrong has been told.
    """
    done, first = [], 0
    for thing in things:
        try:
            act(thing)
        except JobctlError as failure:
            first = first or failure.exit_status
            dispatch.tell(failure, as_json=as_json)
        else:
            done.append(thing)
    return done, first


def see_it_done(layout: Layout, jobs: list[int], reached: Callable[[Status], bool] | None) -> int:
    """See to it that a daemon runs and, unless *reached* is None, wait until it holds for *jobs*; return 0, or 130.

    Raises:
        DaemonSilent: it does not in time. What was asked stays on record.
    """
    if not jobs:
        return 0
    presence = waiting.Presence(layout)
    presence.ensure()
    if reached is None:
        return 0
    try:
        client.see_it_done(layout, jobs, reached, tend=presence.ensure)
    except KeyboardInterrupt:
        output.warn(f"interrupted; what was asked of {waiting.name(jobs)} is on record all the same")
        return 130
    return 0


def missed(layout: Layout, jobs: Iterable[int], is_so: Callable[[Status], bool], what: str) -> int:
    """Say which of *jobs* were not *what* (a verb in the past), as *is_so* tells; return the exit status for that."""
    failure = 0
    for job in jobs:
        status = status_reader.read(layout, job)
        if not is_so(status):
            failure = NotNow.exit_status
            output.warn(f"job {job} was not {what}: by then it was {model.summary(status)}")
    return failure


def show(layout: Layout, targets: Iterable[Target]) -> None:
    """Write the status of each of *targets* as JSON."""
    for target in targets:
        output.write_status(layout, waiting.read(layout, target))


def for_the_owner() -> None:
    """Let what this process writes be for its owner only, whatever the umask."""
    os.umask(0o077)

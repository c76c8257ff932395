"""End the jobs whose keeper is gone, and record how they ended: the daemon in the keeper's place.

With a keeper the daemon leaves all of this to it.
"""

from __future__ import annotations

import os
import signal

from jobctl.daemon import identity, keeper, kernel, recovery, tree
from jobctl.store import records, requests

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    import psutil

    from jobctl.daemon.job import Run
    from jobctl.daemon.surroundings import Clock
    from jobctl.model.attempt import Start, Verdict
    from jobctl.store.layout import Layout


def cancellation(layout: Layout, job: int) -> dict[str, Any] | None:
    """Return the request to cancel *job*, made sure to be durable before anybody is shown its effect; or None."""
    request = requests.cancellation(layout, job)
    if request is not None:
        records.confirm(layout.job(job))
    return request


def begin_cancel(layout: Layout, job: int, run: Run, clock: Clock) -> float | None:
    """Do what is asked of *job*: send the first signal; return when SIGKILL is due on the steady clock, if at all."""
    if run.start is None:
        return None
    request = cancellation(layout, job)
    if request is None:
        return None
    if requests.is_urgent(layout, job):
        return clock.steady()
    if run.kill_at is not None:
        return run.kill_at
    first = keeper.first_signal(request)
    if run.adopted:
        tree.signal_group(run.start.process.pid, first)
    else:
        for process in _members(run.start):
            for number in (first, signal.SIGCONT):
                tree.send(process, number)
    return clock.steady() + keeper.DEFAULT_GRACE


def kill(run: Run) -> None:
    """End what is left of *run* with SIGKILL."""
    if run.start is not None:
        leftovers = _members(run.start)
        tree.kill_all(leftovers)


def conclude_adopted(layout: Layout, job: int, run: Run, start: Start) -> Verdict | None:
    """Return the recorded verdict on an adopted *run*, or None if its process still lives.

    The process stays a zombie, so that its exit status can be read again if it cannot be recorded.

    Raises:
        OSError: the verdict could not be written.
    """
    ended = kernel.peek(start.process.pid)
    if ended is None:
        return None
    tree.kill_all(_members(start))
    verdict = recovery.of_adopted(run.directory, start, ended)
    request = requests.cancellation(layout, job)
    if request is not None:
        verdict = keeper.cancelled(verdict, request)
    return recovery.conclude(run.directory, verdict)


def conclude_orphan(run: Run) -> Verdict | None:
    """Return the verdict `lost`, on record, if the process of an orphaned *run* is gone; else None.

    Raises:
        OSError: the verdict could not be written.
    """
    start = run.start
    if start is None or identity.is_alive(start.process):
        return None
    tree.kill_all(_members(start))
    why = "its keeper and the daemon were killed while it ran"
    return recovery.conclude(run.directory, recovery.lost(start, why))


def _members(start: Start) -> list[psutil.Process]:
    """The living processes of a job without a keeper: its own, its descendants, and its session."""
    found = {}
    if identity.is_alive(start.process):
        for process in tree.descendants(start.process.pid):
            found[process.pid] = process
    for process in tree.session_members(start.process.pid):
        found[process.pid] = process
    found.pop(os.getpid(), None)
    return list(found.values())

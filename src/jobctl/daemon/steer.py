"""End the jobs whose keeper is gone, and record how they ended: the daemon in the keeper's place.

With a keeper the daemon leaves all of this to it.
"""

from __future__ import annotations

import os
import signal

import psutil

from jobctl.daemon import identity, keeper, kernel, recovery, tree
from jobctl.store import records, requests

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

    from jobctl.daemon.job import Run
    from jobctl.daemon.surroundings import Clock
    from jobctl.model.attempt import Start, Verdict
    from jobctl.store.layout import Layout

#: Rounds of killing, and seconds that each waits for the killed to be gone.
_MOST_ROUNDS: Final = 20
_ROUND: Final = 0.1


def cancellation(layout: Layout, job: int, life: int, task: int | None = None) -> dict[str, Any] | None:
    """Return the request to cancel *job* in its *life*, or one *task*; or None.

    It is made sure to be durable before anybody is shown its effect.
    """
    request = requests.cancellation(layout, job, life, task)
    if request is not None:
        records.confirm(layout.job(job))
    return request


def begin_cancel(layout: Layout, run: Run, clock: Clock) -> float | None:
    """Do what is asked of *run*: send the first signal; return when SIGKILL is due on the steady clock, if at all."""
    if run.start is None:
        return None
    request = requests.of_task(layout, run.job, run.life, run.task)
    if request is None:
        return None
    records.confirm(layout.job(run.job))
    if requests.task_is_urgent(layout, run.job, run.life, run.task):
        return clock.steady()
    if run.kill_at is not None:
        return run.kill_at
    first = keeper.first_signal(request)
    if run.adopted:
        tree.signal_group(run.start.process.pid, first)
    else:
        for process in _members(layout, run):
            for number in (first, signal.SIGCONT):
                tree.send(process, number)
    return clock.steady() + keeper.DEFAULT_GRACE


def kill(layout: Layout, run: Run) -> None:
    """End what is left of *run* with SIGKILL."""
    tree.kill_all(_members(layout, run))


def conclude_adopted(layout: Layout, run: Run, start: Start) -> Verdict | None:
    """Return the recorded verdict on an adopted *run*, or None if its process still lives.

    The process stays a zombie, so that its exit status can be read again if it cannot be recorded.

    Raises:
        OSError: the verdict could not be written.
    """
    ended = kernel.peek(start.process.pid)
    if ended is None:
        return None
    _kill_members(layout, run)
    verdict = recovery.of_adopted(run.directory, start, ended)
    request = requests.of_task(layout, run.job, run.life, run.task)
    if request is not None:
        verdict = keeper.cancelled(verdict, request)
    return recovery.conclude(run.directory, verdict)


def conclude_orphan(layout: Layout, run: Run) -> Verdict | None:
    """Return the verdict on an orphaned *run*, on record, if its process is gone; else None. How it ended is not known.

    Raises:
        OSError: the verdict could not be written.
    """
    start = run.start
    if start is None or identity.is_alive(start.process):
        return None
    _kill_members(layout, run)
    verdict = recovery.lost(start.task, start.attempt, "its keeper and the daemon were killed while it ran")
    request = requests.of_task(layout, run.job, run.life, run.task)
    if request is not None:
        verdict = keeper.cancelled(verdict, request)
    return recovery.conclude(run.directory, verdict)


def _kill_members(layout: Layout, run: Run) -> None:
    """End what is left of a job, until nothing is; what is forked meanwhile is caught by the next round."""
    for _ in range(_MOST_ROUNDS):
        members = _members(layout, run)
        if not members:
            return
        tree.kill_all(members)
        psutil.wait_procs(members, timeout=_ROUND)


def _members(layout: Layout, run: Run) -> list[psutil.Process]:
    """The living processes of an attempt without a keeper: descendants, session, and who has its environment."""
    start = run.start
    if start is None:
        return []
    found = {}
    if identity.is_alive(start.process):
        for process in tree.descendants(start.process.pid):
            found[process.pid] = process
    marks = {
        "JOBCTL_HOME": layout.home,
        "JOBCTL_JOB_ID": str(run.job),
        "JOBCTL_TASK": str(run.task),
        "JOBCTL_ATTEMPT": str(run.attempt),
    }
    for process in (*tree.session_members(start.process.pid), *tree.with_environment(marks)):
        found[process.pid] = process
    found.pop(os.getpid(), None)
    return list(found.values())

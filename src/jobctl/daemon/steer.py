"""End the jobs whose keeper is gone, and record how they ended: the daemon in the keeper's place.

With a keeper the daemon leaves all of this to it.
"""

from __future__ import annotations

import math
import os
import signal

from jobctl.daemon import cgroup, ending, identity, kernel, recovery, tree
from jobctl.daemon.limits import Limiter
from jobctl.store import clock as clocks
from jobctl.store import records, requests

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

    from jobctl.daemon.ending import Ending
    from jobctl.daemon.job import Run
    from jobctl.daemon.others import Process
    from jobctl.daemon.surroundings import Clock
    from jobctl.model.attempt import Start, Verdict
    from jobctl.store.layout import Layout

#: Rounds of killing, and seconds that each waits for the killed to be gone.
_MOST_ROUNDS: Final = 20
_ROUND: Final = 0.1
#: Seconds before limits that could not be looked at are looked at again.
_LOOK_AGAIN: Final = 1.0


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
    request = requests.of_task(layout, run.job, run.life, run.task)
    if request is None or (run.start is None and run.lock < 0):
        return run.kill_at
    records.confirm(layout.job(run.job))
    urgent = requests.task_is_urgent(layout, run.job, run.life, run.task)
    if run.ending is None:
        return _end(layout, run, ending.cancelled(request, urgent=urgent), start=run.start, clock=clock)
    return clock.steady() if urgent else run.kill_at


def enforce(layout: Layout, run: Run, clock: Clock) -> None:
    """Hold *run*, which has no keeper, against its limits; say in `run.kill_at` and `run.look_at` what is due next."""
    if run.start is None or not identity.is_alive(run.start.process):
        run.look_at = math.inf  # Its end is looked for elsewhere.
        return
    run.look_at = clock.steady() + _LOOK_AGAIN
    limiter = _limiter(layout, run, run.start)
    now = clock.awake()
    found = limiter.look(now)
    if found is not None and run.ending is None:
        run.kill_at = _end(layout, run, found, start=run.start, clock=clock)
    elif found is not None and found.urgent:
        run.kill_at = clock.steady()
    run.look_at = clock.steady() + limiter.next_look(now)


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
    why = _finish(layout, run, start, ended)
    return _conclude(run, recovery.of_adopted(run.directory, start, ended), why)


def conclude_orphan(layout: Layout, run: Run) -> Verdict | None:
    """Return the verdict on an orphaned *run*, on record, if its process is gone; else None. How it ended is not known.

    Raises:
        OSError: the verdict could not be written.
    """
    start = run.start
    if start is None:
        if _members(layout, run):
            return None
        why = run.ending
        verdict = recovery.lost(run.task, run.attempt, "its start is of a version that this jobctl does not know")
    elif identity.is_alive(start.process):
        return None
    else:
        why = _finish(layout, run, start, None)
        verdict = recovery.lost(start.task, start.attempt, "its keeper and the daemon were killed while it ran")
    return _conclude(run, verdict, why)


def _end(layout: Layout, run: Run, why: Ending, *, start: Start | None, clock: Clock) -> float:
    """Begin to end *run*; return when SIGKILL is due on the steady clock."""
    run.ending = why
    if why.urgent:
        return clock.steady()
    if run.adopted and start is not None:
        tree.signal_group(start.process.pid, why.signal)
    else:
        for process in _members(layout, run):
            for number in (why.signal, signal.SIGCONT):
                tree.send(process, number)
    return clock.steady() + run.limits.grace


def _finish(layout: Layout, run: Run, start: Start, ended: kernel.Ended | None) -> Ending | None:
    """Do what a keeper does between the end of a command and the verdict; return why it was ended, if by us."""
    request = requests.of_task(layout, run.job, run.life, run.task)
    limiter = _limiter(layout, run, start)
    run.ending = run.ending or (None if request is None else ending.cancelled(request)) or limiter.overrun()
    if run.ending is None and ended is not None and ended.signal in {signal.SIGTERM, signal.SIGKILL}:
        # Its keeper may have been killed just after it sent that signal.
        run.ending = limiter.timed_out(clocks.awake())
    if run.ending is not None or not run.limits.keep_children:
        _kill_members(layout, run)
    return limiter.close(run.ending)


def _conclude(run: Run, verdict: Verdict, why: Ending | None) -> Verdict:
    return recovery.conclude(run.directory, verdict if why is None else why.of(verdict))


def _limiter(layout: Layout, run: Run, start: Start) -> Limiter:
    """Return what holds *run* against its limits."""
    if run.limiter is None:
        run.limiter = Limiter(
            run.limits,
            run.directory,
            # Before it was noted, sleep counted as well.
            started=start.awake if start.awake is not None else clocks.awake() - (clocks.steady() - start.steady),
            members=lambda: _members(layout, run),
            group=cgroup.find(cgroup.name(run.job, start.task, start.attempt)),
        )
    return run.limiter


def _kill_members(layout: Layout, run: Run) -> None:
    """End what is left of a job, until nothing is; what is forked meanwhile is caught by the next round."""
    for _ in range(_MOST_ROUNDS):
        # Twice: a look can miss one that begins meanwhile and whose parent ends (`tree.descendants`), and here the
        # kernel cannot say whether anybody is left, because we have other children as well.
        members = _members(layout, run) or _members(layout, run)
        if not members:
            return
        tree.kill_all(members)
        tree.await_end(members, _ROUND)


def _members(layout: Layout, run: Run) -> list[Process]:
    """The living processes of an attempt without a keeper: the tree, the session, and who has its environment."""
    start = run.start
    found = {}
    if start is not None and identity.is_alive(start.process):
        for process in tree.descendants(start.process.pid):
            found[process.pid] = process
    marks = {
        "JOBCTL_HOME": layout.home,
        "JOBCTL_JOB_ID": str(run.job),
        "JOBCTL_TASK": str(run.task),
        "JOBCTL_ATTEMPT": str(run.attempt),
    }
    session = () if start is None else tree.session_members(start.process.pid)
    for process in (*session, *tree.with_environment(marks)):
        found[process.pid] = process
    found.pop(os.getpid(), None)
    return list(found.values())

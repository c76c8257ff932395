"""Signal and end the whole tree of a job, and nothing else.

The keeper is a subreaper, so every descendant of its job stays its descendant, whatever it does with sessions and
double forks. Signals go through process descriptors where there are any, after a look that the process is
the one meant.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import time

from jobctl.daemon import kernel, others

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from jobctl.daemon.others import Process

#: Rounds of stopping and killing; a chain of forks that outruns one is caught by the next.
_MOST_ROUNDS: Final = 200
#: Looks at all processes, for descendants of whom the kernel says that there are some.
_MOST_LOOKS: Final = 50
#: Seconds between looks for the end of processes that are nobody's child here.
_GLANCE: Final = 0.005


def signal_group(leader: int, number: int) -> None:
    """Send signal *number* to the process group of *leader*, and SIGCONT so that a stopped one can obey.

    *leader* must be a child of this process that was not reaped: its number cannot mean anybody else.
    """
    for each in (number, signal.SIGCONT):
        try:
            os.killpg(leader, each)
        except ProcessLookupError:
            # Between fork and setsid it leads no group yet.
            try:
                os.kill(leader, each)
            except ProcessLookupError:
                return
        except PermissionError:
            return


def descendants(root: int, *, besides: int | None = None) -> list[Process]:
    """Return the living descendants of *root* but for the process *besides*; zombies do not count.

    A daemon that a job has started (by `jobctl submit`, say) is a descendant of the job's keeper, and so are its
    keepers and their jobs. They are nobody's leftovers and are left out.
    """
    for _ in range(_MOST_LOOKS):
        if root == os.getpid() and not kernel.has_living_children():
            # The question at the end of nearly every job, answered without a look at all processes there are.
            return []
        found, daemons = _look_below(root)
        living = [process for process in found if not process.is_dead]
        if living or daemons or root != os.getpid() or sys.platform != "linux":
            break
        # There is one that was not seen: it began during the look, and its parent ended before its turn came. Whoever
        # is orphaned is our child at once (subreaper), so that what the kernel says of our children holds for them all.
    return [process for process in living if process.pid != besides]


def _look_below(root: int) -> tuple[list[Process], bool]:
    """Return the descendants of *root* as one look at all processes shows them, and whether daemons were left out."""
    children: dict[int, list[Process]] = {}
    for process in others.everybody():
        children.setdefault(process.parent, []).append(process)
    found: list[Process] = []
    daemons = False
    parents, seen = [root], {root}
    while parents:
        for process in children.get(parents.pop(), ()):
            if process.pid in seen:
                continue
            if _is_daemon(process):
                daemons = True
                continue
            seen.add(process.pid)
            parents.append(process.pid)
            found.append(process)
    return found, daemons


def children() -> list[int]:
    """Return the numbers of the children of this process, zombies among them."""
    return [process.pid for process in others.everybody() if process.parent == os.getpid()]


def _is_daemon(process: Process) -> bool:
    """Return whether *process* is a daemon of jobctl or a keeper: what a job executes has a job's ID."""
    words = others.arguments(process)[:4]
    return "jobctl.daemon" in words and "JOBCTL_JOB_ID" not in others.environment(process)


def session_members(session: int) -> list[Process]:
    """Return the living processes of *session*: what is left of a job whose keeper was killed."""
    found = []
    for process in others.everybody():
        try:
            if not process.is_dead and os.getsid(process.pid) == session:
                found.append(process)
        except (ProcessLookupError, PermissionError):
            continue
    return found


def with_environment(marks: dict[str, str]) -> list[Process]:
    """Return the living processes of this user in whose environment all of *marks* stand."""
    found = []
    for process in others.everybody():
        if not process.is_dead and others.owner(process) == os.getuid():
            environ = others.environment(process)
            if all(environ.get(name) == value for name, value in marks.items()):
                found.append(process)
    return found


def memory(processes: list[Process], *, enough: int) -> int:
    """Return the bytes of memory that *processes* have together, at most; exactly if that is more than *enough*.

    Resident sets are cheap and count what is shared once for each process that shares it; proportional sets
    count it once, and the kernel walks all pages for them. Nobody is over a limit by the one who is not by the other.
    """
    total = sum(others.memory(process, exactly=False) for process in processes)
    return total if total <= enough else sum(others.memory(process, exactly=True) for process in processes)


def kill_descendants(root: int, *, besides: int | None = None) -> None:
    """End every descendant of *root* but *besides* with SIGKILL, and reap those that are our children.

    Each round first stops them all, so that none forks while the others are being killed.
    """
    for _ in range(_MOST_ROUNDS):
        living = descendants(root, besides=besides)
        if not living:
            return
        kill_all(living)
        reap_children(besides=besides)


def kill_all(processes: list[Process]) -> None:
    """Stop, then kill *processes*; those that have become somebody else are left alone."""
    for number in (signal.SIGSTOP, signal.SIGKILL):
        for process in processes:
            send(process, number)


def send(process: Process, number: int) -> None:
    """Send signal *number* to *process* if it still is the one that was found."""
    if not hasattr(os, "pidfd_open"):
        if process.is_running():
            try:
                os.kill(process.pid, number)
            except (ProcessLookupError, PermissionError):
                pass
        return
    try:
        fd = os.pidfd_open(process.pid)
    except (ProcessLookupError, OSError):
        return
    try:
        if process.is_running():
            signal.pidfd_send_signal(fd, number)
    except (ProcessLookupError, PermissionError):
        pass
    finally:
        os.close(fd)


def await_end(processes: list[Process], within: float) -> None:
    """Return when *processes* are gone or zombies, *within* so many seconds at the latest."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        found = [others.find(process.pid) for process in processes]
        if all(
            now is None or now.is_dead or now.birth != process.birth
            for process, now in zip(processes, found, strict=True)
        ):
            return
        select.select([], [], [], _GLANCE)


def reap_children(*, besides: int | None = None) -> None:
    """Reap every ended child of this process but *besides*."""
    for pid in children():
        if pid != besides:
            kernel.reap(pid)

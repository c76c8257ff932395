"""Signal and end the whole tree of a job, and nothing else.

The keeper is a subreaper, so every descendant of its job stays its descendant, whatever it does with sessions and
double forks. Signals go through process descriptors where there are any, after a look that the process is
the one meant.
"""

from __future__ import annotations

import os
import signal

import psutil

from jobctl.daemon import kernel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

#: Rounds of stopping and killing; a chain of forks that outruns one is caught by the next.
_MOST_ROUNDS: Final = 200


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


def descendants(root: int, *, besides: int | None = None) -> list[psutil.Process]:
    """Return the living descendants of *root* but for the process *besides*; zombies do not count.

    A daemon that a job has started (by `jobctl submit`, say) is a descendant of the job's keeper, and so are its
    keepers and their jobs. They are nobody's leftovers and are left out.
    """
    if root == os.getpid() and not kernel.has_living_children():
        # The question at the end of nearly every job, answered without a look at all processes there are.
        return []
    try:
        children = psutil.Process(root).children(recursive=True)
    except psutil.NoSuchProcess:
        return []
    parents = {}
    daemons = set()
    for process in children:
        try:
            parents[process.pid] = process.ppid()
            if _is_daemon(process):
                daemons.add(process.pid)
        except psutil.Error:
            continue
    found = []
    for process in children:
        try:
            if process.pid != besides and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.NoSuchProcess:
            continue
    return [process for process in found if daemons.isdisjoint(_line(process.pid, parents))] if daemons else found


def _line(pid: int, parents: dict[int, int]) -> list[int]:
    """Return *pid* and its ancestors as far as *parents* tells them."""
    line = [pid]
    while line[-1] in parents and parents[line[-1]] not in line:
        line.append(parents[line[-1]])
    return line


def _is_daemon(process: psutil.Process) -> bool:
    """Return whether *process* is a daemon of jobctl or a keeper: what a job executes has a job's ID."""
    try:
        return "jobctl.daemon" in process.cmdline()[:4] and "JOBCTL_JOB_ID" not in process.environ()
    except (psutil.Error, OSError):
        return False


def session_members(session: int) -> list[psutil.Process]:
    """Return the living processes of *session*: what is left of a job whose keeper was killed."""
    found = []
    for process in psutil.process_iter():
        try:
            if os.getsid(process.pid) == session and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (psutil.NoSuchProcess, ProcessLookupError, PermissionError):
            continue
    return found


def with_environment(marks: dict[str, str]) -> list[psutil.Process]:
    """Return the living processes of this user in whose environment all of *marks* stand."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.uids().real == os.getuid() and process.status() != psutil.STATUS_ZOMBIE:
                environ = process.environ()
                if all(environ.get(name) == value for name, value in marks.items()):
                    found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def memory(processes: list[psutil.Process], *, enough: int) -> int:
    """Return the bytes of memory that *processes* have together, at most; exactly if that is more than *enough*.

    Resident sets are cheap and count what is shared once for each process that shares it; proportional sets
    count it once, and the kernel walks all pages for them. Nobody is over a limit by the one who is not by the other.
    """
    total = sum(_memory(process, exactly=False) for process in processes)
    return total if total <= enough else sum(_memory(process, exactly=True) for process in processes)


def _memory(process: psutil.Process, *, exactly: bool) -> int:
    try:
        if exactly:
            try:
                return int(process.memory_full_info().pss)
            except (psutil.AccessDenied, AttributeError):
                pass  # Another user's, or a system that has no such thing.
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0


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


def kill_all(processes: list[psutil.Process]) -> None:
    """Stop, then kill *processes*; those that have become somebody else are left alone."""
    for number in (signal.SIGSTOP, signal.SIGKILL):
        for process in processes:
            send(process, number)


def send(process: psutil.Process, number: int) -> None:
    """Send signal *number* to *process* if it still is the one that was found."""
    if not hasattr(os, "pidfd_open"):
        try:
            process.send_signal(number)
        except psutil.Error:
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


def reap_children(*, besides: int | None = None) -> None:
    """Reap every ended child of this process but *besides*."""
    for process in psutil.Process().children():
        if process.pid != besides:
            kernel.reap(process.pid)

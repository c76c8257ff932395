"""What the kernel offers and the standard library does not: subreaping, and usage without reaping."""

from __future__ import annotations

import _signal
import ctypes
import os
import resource
import signal
import sys

# Not by way of their modules: what a child does before its execve(2) is to write to few pages (`child.prepare`).
from _signal import SIG_DFL, SIG_IGN, set_wakeup_fd
from _signal import signal as set_signal
from resource import setrlimit

from jobctl.model.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, Final

_PR_SET_CHILD_SUBREAPER: Final = 36
_PR_SET_NAME: Final = 15
_P_PID: Final = 1
#: waitid(2) by number, because glibc's wrapper hides the fifth argument, the usage.
_SYS_WAITID: Final = {"x86_64": 247, "aarch64": 95}.get(os.uname().machine)
#: clone(2) by number: glibc's wrapper wants a stack.
_SYS_CLONE: Final = {"x86_64": 56, "aarch64": 220}.get(os.uname().machine)
_CLONE_PARENT: Final = 0x8000

#: How many descriptors this process may have, and how large the files that it writes may be.
_limits: Final = {limit: resource.getrlimit(limit) for limit in (resource.RLIMIT_NOFILE, resource.RLIMIT_FSIZE)}
_libc = ctypes.CDLL(None, use_errno=True)
#: Where the kernel writes what is not read. One for all calls: to make the type of a buffer is what costs.
_siginfo: Final = ctypes.create_string_buffer(128)


class Ended(Value):
    """A child that has ended and may not have been reaped yet. Exactly one of the first two is set."""

    exit_code: int | None
    signal: int | None
    #: Processor time of it and of its own reaped children in seconds, and the largest of their
    #: resident sets in bytes. None where the kernel does not tell without reaping; the size also where
    #: it is no larger than what the process already had as a copy of this one, before its execve(2).
    cpu_s: float | None = None
    max_rss_bytes: int | None = None

    def usage(self, wall_s: float) -> dict[str, float | int | None]:
        """Return what it used as a verdict has it, when it took *wall_s* seconds."""
        return {"cpu_s": self.cpu_s, "max_rss_bytes": self.max_rss_bytes, "wall_s": round(wall_s, 6)}


class _Timeval(ctypes.Structure):
    _fields_ = (("sec", ctypes.c_long), ("usec", ctypes.c_long))


class _Rusage(ctypes.Structure):
    # As getrusage(2) has it; the rest is not used.
    _fields_ = (
        ("utime", _Timeval),
        ("stime", _Timeval),
        ("maxrss", ctypes.c_long),
        ("rest", ctypes.c_long * 13),
    )


_rusage: Final = _Rusage()
_usage_at: Final = ctypes.byref(_rusage)


def become_subreaper() -> bool:
    """Make this process the one that orphaned descendants are given to (PR_SET_CHILD_SUBREAPER(2const)).

    Return False where there is no such thing (macOS).
    """
    if sys.platform != "linux":
        return False
    return bool(_libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0)


def call_myself(name: str) -> None:
    """Let this process be called *name*, of at most 15 characters, by ps(1) and top(1), where that can be."""
    if sys.platform == "linux":
        _libc.prctl(_PR_SET_NAME, name.encode("ascii"), 0, 0, 0)


def can_clone() -> bool:
    """Return whether `clone` is there."""
    return sys.platform == "linux" and _SYS_CLONE is not None


def clone(*, for_parent: bool) -> int:
    """Fork, *for_parent* a child of this process's parent, a sibling (clone(2), CLONE_PARENT); return as fork(2) does.

    Neither the C library nor Python know of it, which is the same to both as long as there is one thread.

    Raises:
        OSError: it cannot be forked.
        NotImplementedError: this system has no such thing.
    """
    if not can_clone():
        raise NotImplementedError
    pid = int(_libc.syscall(_SYS_CLONE, _CLONE_PARENT * for_parent | signal.SIGCHLD, 0, 0, 0, 0))
    if pid < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return pid


def raise_limits() -> None:
    """Let this process have as many descriptors, and files as large, as it may; jobs get back what there was.

    A limit of a shell that happened to start the daemon would be one on the records of every job.
    """
    for limit, (_, most) in _limits.items():
        resource.setrlimit(limit, (most, most))
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    except (OSError, ValueError):
        pass  # Only root may.


def restore_limits() -> None:
    """Give this process the limits that the daemon was started with: programs rely on few descriptors."""
    for limit, values in _limits.items():
        setrlimit(limit, values)


def peek(pid: int) -> Ended | None:
    """Return how the child *pid* ended, or None if it has not; it stays a zombie and can be asked again.

    Raises:
        ChildProcessError: *pid* is not a child of this process, or was reaped.
    """
    found = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    if found is None:
        return None
    usage = _usage(pid)
    exited = found.si_code == os.CLD_EXITED
    return Ended(
        exit_code=found.si_status if exited else None,
        signal=None if exited else found.si_status,
        **usage,
    )


def reap(pid: int) -> None:
    """Let the ended child *pid* go; its number may be used again from now on."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        pass


def let_go_on(pid: int) -> None:
    """Let the child *pid* go on if a signal has stopped it; a process that is no child of this one is left alone."""
    try:
        if os.waitid(os.P_PID, pid, os.WSTOPPED | os.WNOHANG | os.WNOWAIT) is not None:
            os.kill(pid, signal.SIGCONT)
    except ChildProcessError:
        pass


def has_stopped_children() -> bool:
    """Return whether a signal has stopped a child of this process; `let_go_on` lets one go on."""
    try:
        return os.waitid(os.P_ALL, 0, os.WSTOPPED | os.WNOHANG | os.WNOWAIT) is not None
    except ChildProcessError:
        return False


def peek_any() -> int | None:
    """Return the number of some child that has ended, without reaping it; None if none has."""
    try:
        found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return None
    return None if found is None else found.si_pid


def reap_all() -> bool:
    """Let every child go that has ended; return whether others are left."""
    try:
        while os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG) is not None:
            pass
    except ChildProcessError:
        return False
    return True


def has_living_children() -> bool:
    """Return whether this process has a child that has not ended; one that was stopped lives. True where nobody knows.

    A zombie is no child that could be stopped, so that waitid(2) for those says that there is none.
    """
    if sys.platform != "linux":
        return True
    try:
        os.waitid(os.P_ALL, 0, os.WSTOPPED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def handled_signals() -> list[int]:
    """Return the signals that this process has handlers for, or ignores."""
    # Not by `signal`, which makes an enum of each. None is what the C library keeps for itself.
    usual = (_signal.SIG_DFL, None)
    return [number for number in range(1, signal.NSIG) if _signal.getsignal(number) not in usual]


def reset_signals() -> None:
    """Give every signal its default disposition and unblock all: what a program may expect after execve(2).

    Python ignores SIGPIPE and SIGXFSZ, and a script's `&` ignores SIGINT and SIGQUIT; a job must inherit neither.
    """
    give_up_signals(handled_signals())
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def give_up_signals(numbers: Iterable[int]) -> None:
    """Give the signals *numbers* their default disposition; whoever is woken by a pipe is not woken by us any more."""
    set_wakeup_fd(-1)
    for number in numbers:
        set_signal(number, SIG_DFL)


def set_signals(numbers: Iterable[int], *, ignored: bool) -> None:
    """Let the signals *numbers* be *ignored*, or have their default disposition, without an enum of what each had."""
    for number in numbers:
        set_signal(number, SIG_IGN if ignored else SIG_DFL)


def ignore_signals() -> None:
    """Be ended by none of the signals that are meant for others of the group or session, or say what a call says."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_IGN)


def _usage(pid: int) -> dict[str, Any]:
    if sys.platform != "linux" or _SYS_WAITID is None:
        return {}
    flags = os.WEXITED | os.WNOHANG | os.WNOWAIT
    if _libc.syscall(_SYS_WAITID, _P_PID, pid, _siginfo, flags, _usage_at) != 0:
        return {}
    usage = _rusage
    seconds = usage.utime.sec + usage.stime.sec + (usage.utime.usec + usage.stime.usec) / 1e6
    copied = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "cpu_s": round(seconds, 6),
        "max_rss_bytes": usage.maxrss * 1024 if usage.maxrss > copied else None,
    }

"""What the system says of processes that are not ours: which there are, whose children, and how large (proc(5)).

Read from /proc without psutil, because keepers need it and psutil would make each of them half as large again
(docs/internals.md, "What costs what"). Elsewhere it is psutil that says the same.
"""

from __future__ import annotations

import os
import sys

# Not by way of the module: see `birth_of_myself`.
from os import close, getpid, read
from os import open as open_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, Final

_DEAD: Final = ("Z", "X", "x")
_HAS_PROC: Final = sys.platform == "linux"
_READ: Final = os.O_RDONLY | os.O_CLOEXEC
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")


class Process:
    """A process as it was when it was found; what has its number later need not be the same one."""

    __slots__ = ("birth", "parent", "pid", "state")

    def __init__(self, pid: int, parent: int, birth: int, state: str) -> None:
        """Note a process by its number, its parent's, when it began, and its state as ps(1) has it."""
        self.pid = pid
        self.parent = parent
        self.birth = birth
        self.state = state

    @property
    def is_dead(self) -> bool:
        """Whether it was a zombie when it was found."""
        return self.state in _DEAD

    def is_running(self) -> bool:
        """Return whether its number still means it, alive or as a zombie."""
        now = find(self.pid)
        return now is not None and now.birth == self.birth


def find(pid: int) -> Process | None:
    """Return the process *pid*, which may be a zombie, or None if there is none."""
    if sys.platform != "linux":
        return _find_elsewhere(pid)
    try:
        fd = os.open(f"/proc/{pid}/stat", os.O_RDONLY | os.O_CLOEXEC)
    except (FileNotFoundError, ProcessLookupError):
        return None
    try:
        # The second field is the program's name in parentheses and may hold any byte.
        fields = os.read(fd, 4096).rpartition(b")")[2].split()
    except ProcessLookupError:
        return None
    finally:
        os.close(fd)
    state = fields[0].decode("ascii")
    if state in _DEAD and int(fields[17]) > 1:
        # Only its first thread has ended (pthread_exit(3) in main); what the others do is not said here.
        state = "S"
    return Process(pid, int(fields[1]), int(fields[19]), state)


def birth_of_myself() -> int:
    """Return when this process began, as `Process.birth`, with as little as can be done between fork(2) and execve(2).

    Raises:
        OSError: it cannot be told now.
    """
    if not _HAS_PROC:
        myself = _find_elsewhere(getpid())
        assert myself is not None  # noqa: S101  # this very process lives
        return myself.birth
    fd = open_file("/proc/self/stat", _READ)
    stat = read(fd, 4096)
    close(fd)
    return int(stat[stat.rindex(b")") + 2 :].split(b" ", 20)[19])


def everybody() -> Iterator[Process]:
    """Yield every process there is, in no order."""
    for pid in _numbers():
        process = find(pid)
        if process is not None:
            yield process


def arguments(process: Process) -> list[str]:
    """Return the words that *process* was executed with; none of one that is gone or nobody's to see."""
    if sys.platform != "linux":
        return list(_psutil(process.pid, "cmdline", []))
    return _words(process.pid, "cmdline")


def environment(process: Process) -> dict[str, str]:
    """Return the environment that *process* was executed with, as `arguments`."""
    if sys.platform != "linux":
        return dict(_psutil(process.pid, "environ", {}))
    pairs = (word.partition("=") for word in _words(process.pid, "environ"))
    return {name: value for name, _, value in pairs}


def owner(process: Process) -> int:
    """Return the real user of *process*, -1 of one that is gone."""
    if sys.platform != "linux":
        found = _psutil(process.pid, "uids", None)
        return -1 if found is None else int(found.real)
    for line in _read(process.pid, "status").split(b"\n"):
        if line.startswith(b"Uid:"):
            return int(line.split()[1])
    return -1


def memory(process: Process, *, exactly: bool) -> int:
    """Return the bytes of memory of *process*: *exactly*, with what it shares divided among all who do, or at most."""
    if sys.platform == "linux":
        for line in _read(process.pid, "smaps_rollup").split(b"\n") if exactly else ():
            if line.startswith(b"Pss:"):
                return int(line.split()[1]) * 1024
        fields = _read(process.pid, "statm").split()
        return int(fields[1]) * _PAGE if fields else 0
    if exactly:
        full = _psutil(process.pid, "memory_full_info", None)
        if hasattr(full, "pss"):
            return int(full.pss)
    found = _psutil(process.pid, "memory_info", None)
    return 0 if found is None else int(found.rss)


def _words(pid: int, name: str) -> list[str]:
    return [os.fsdecode(word) for word in _read(pid, name).split(b"\0")[:-1]]


def _read(pid: int, name: str) -> bytes:
    try:
        with open(f"/proc/{pid}/{name}", "rb") as file:
            return file.read()
    except OSError:
        return b""  # It is gone, or somebody else's.


def _numbers() -> list[int]:
    if sys.platform == "linux":
        return [int(name) for name in os.listdir("/proc") if name.isdigit()]
    import psutil

    return list(psutil.pids())


def _find_elsewhere(pid: int) -> Process | None:
    import psutil

    try:
        process = psutil.Process(pid)
        state = "Z" if process.status() == psutil.STATUS_ZOMBIE else "R"
        return Process(pid, process.ppid(), int(process.create_time() * 100), state)
    except psutil.Error:
        return None


def _psutil(pid: int, what: str, otherwise: Any) -> Any:
    """Return what psutil says of *pid*; *otherwise* of one that is gone or nobody's to see."""
    import psutil

    try:
        return getattr(psutil.Process(pid), what)()
    except (psutil.Error, AttributeError, OSError):
        return otherwise

"""A control group for one attempt, where systemd has delegated a tree of them to the daemon (cgroups(7), version 2).

The kernel then counts the memory of the whole tree at each allocation and ends all of it at the limit. That a tree
may be used is taken from nobody but systemd, which marks it; a directory that happens to be writable may be in
somebody else's care (systemd's CGROUP_DELEGATION says why).
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_MOUNT: Final = "/sys/fs/cgroup"
#: The group of the daemon and its keepers, below the delegated one.
_OURS: Final = "daemon"
_MARKS: Final = ("user.delegate", "trusted.delegate")


class Group:
    """The control group at *path*, which need not exist any more."""

    def __init__(self, path: str) -> None:
        """Name it."""
        self.path = path

    def enter(self) -> None:
        """Move this process into it, and with it all that it starts.

        Raises:
            OSError: it could not.
        """
        _write(f"{self.path}/cgroup.procs", "0")

    def killed(self) -> int:
        """Return how many processes the kernel has ended because the limit was reached; 0 also where none can tell."""
        for line in _read(f"{self.path}/memory.events").splitlines():
            name, _, number = line.partition(" ")
            if name == "oom_kill" and number.isdigit():
                return int(number)
        return 0

    def peak(self) -> int | None:
        """Return the most memory that was used at once in bytes, None where the kernel does not tell (before 5.19)."""
        number = _read(f"{self.path}/memory.peak").strip()
        return int(number) if number.isdigit() else None

    def remove(self) -> None:
        """Remove it, if nobody is left in it."""
        try:
            os.rmdir(self.path)
        except OSError:
            pass


def name(job: int, task: int, attempt: int) -> str:
    """Return what the group of an attempt is called; an attempt is made once."""
    return f"job.{job}.{task}.{attempt}"


def move_aside() -> None:
    """Leave the group that was delegated to this process for one below it: only a group without processes has others.

    A unit with `DelegateSubgroup=` begins like that. A daemon that a job has started leaves the group of the job.
    """
    own = _own()
    place = own if own is not None and _is_delegated(own) else _delegated()
    if place is not None:
        group = Group(f"{place}/{_OURS}")
        try:
            os.makedirs(group.path, exist_ok=True)
            group.enter()
        except OSError:
            pass  # Then memory is sampled.


def make(called: str, memory: int) -> Group | None:
    """Make the group *called* so whose processes may use *memory* bytes together; None where that cannot be."""
    place = _delegated()
    if place is None:
        return None
    group = Group(f"{place}/{called}")
    try:
        _write(f"{place}/cgroup.subtree_control", "+memory")
        # One that a keeper could not use, or could not remove in time, has counts of its own.
        group.remove()
        os.mkdir(group.path, 0o755)
    except OSError:
        return None
    try:
        _write(f"{group.path}/memory.max", str(memory))
        # The limit ends all of the job, not whichever process asked for the last page.
        _write(f"{group.path}/memory.oom.group", "1")
        if os.path.exists(f"{group.path}/memory.swap.max"):
            _write(f"{group.path}/memory.swap.max", "0")
    except OSError:
        group.remove()
        return None
    return group


def find(called: str) -> Group | None:
    """Return the group that another process made here and *called* so, or None."""
    place = _delegated()
    return Group(f"{place}/{called}") if place is not None and os.path.isdir(f"{place}/{called}") else None


def _delegated() -> str | None:
    """Return the delegated group below which this process is in one of its own, or None."""
    own = _own()
    parent = None if own is None else os.path.dirname(own)
    return parent if parent is not None and _is_delegated(parent) else None


def _own() -> str | None:
    """Return the directory of the group that this process is in, None if there is no such thing."""
    for line in _read("/proc/self/cgroup").splitlines():
        if line.startswith("0::/"):
            path = f"{_MOUNT}{line[3:]}".rstrip("/")
            return path if os.path.exists(f"{path}/cgroup.procs") else None
    return None


def _is_delegated(path: str) -> bool:
    for mark in _MARKS:
        try:
            if os.getxattr(path, mark) == b"1":
                return True
        except (OSError, AttributeError):
            continue  # Not marked, not to be seen by us, or macOS.
    return False


def _read(path: str) -> str:
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def _write(path: str, text: str) -> None:
    fd = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(fd, text.encode("ascii"))
    finally:
        os.close(fd)

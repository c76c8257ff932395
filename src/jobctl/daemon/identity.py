"""Who a process is, so that a recycled number is never taken for the process that had it.

A number alone identifies nothing. Number, birth, boot and PID namespace together do, but for a reuse
within one clock tick (10 ms); so liveness is decided by the attempt's lock, and this only confirms it.
"""

from __future__ import annotations

import os

from jobctl.daemon import others
from jobctl.model.attempt import Identity
from jobctl.store import clock


def of(pid: int) -> Identity | None:
    """Return the identity of the living process *pid*; None if there is none, or only its zombie."""
    birth = _birth(pid, zombies=False)
    return None if birth is None else _identity(pid, birth)


def is_same(process: Identity) -> bool:
    """Return whether the number of *process* still means it, alive or as a zombie."""
    birth = _birth(process.pid, zombies=True)
    return birth is not None and _identity(process.pid, birth) == process


def is_alive(process: Identity) -> bool:
    """Return whether exactly this process still runs; a zombie does not."""
    return process.pid > 1 and of(process.pid) == process


def open_verified(process: Identity) -> int | None:
    """Return a descriptor that means exactly this process (pidfd_open(2)), or None if it is gone.

    The descriptor is opened first and the identity compared after, so that no reuse can slip between.

    Raises:
        NotImplementedError: this system has no such descriptors.
    """
    if not hasattr(os, "pidfd_open"):
        raise NotImplementedError
    if process.pid <= 1:
        return None
    try:
        fd = os.pidfd_open(process.pid)
    except ProcessLookupError:
        return None
    if is_alive(process):
        return fd
    os.close(fd)
    return None


def _identity(pid: int, birth: int) -> Identity:
    return Identity(pid=pid, birth=birth, boot=clock.boot_id(), namespace=_namespace())


def _birth(pid: int, *, zombies: bool) -> int | None:
    process = others.find(pid)
    return None if process is None or (process.is_dead and not zombies) else process.birth


def _namespace() -> int:
    try:
        return os.stat("/proc/self/ns/pid").st_ino
    except FileNotFoundError:
        return 0

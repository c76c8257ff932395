"""Markers: `active/17` says that job 17 is not finished, or that something is asked of it.

They are derived and not fsynced. Within one boot the page cache keeps them; after a reboot the daemon
makes them again from the spool. What only looks at markers costs the same with ten finished jobs and with a million.
"""

from __future__ import annotations

import os

from jobctl.model.ids import parse_id
from jobctl.store import atomic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from jobctl.store.layout import Layout

    #: Inode and time of a marker in one number: both must be the same for it to be untouched.
    Stamp = int


def make(layout: Layout, job: int) -> None:
    """Mark *job* as not finished; called before the job is published, so that none is ever without."""
    os.close(os.open(layout.marker(job), os.O_CREAT | os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))


def touch(layout: Layout, job: int) -> None:
    """Say that something is asked of *job*.

    The marker is replaced rather than given another time, so that the directory changes as well and
    one look at it tells the daemon that something was touched.
    """
    atomic.replace(layout.marker(job), b"", durable=False)


def drop(layout: Layout, job: int) -> None:
    """Take the marker of *job* away, if it has one."""
    try:
        os.unlink(layout.marker(job))
    except FileNotFoundError:
        pass


def active(layout: Layout) -> Iterator[tuple[int, Stamp]]:
    """Yield each marked job and a stamp that is another one after every touch, in no order."""
    with os.scandir(layout.active) as entries:
        for entry in entries:
            job = parse_id(entry.name)
            if job is not None:
                try:
                    found = entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue
                yield job, found.st_ino << 64 | found.st_mtime_ns


def names(layout: Layout) -> list[int]:
    """Return the IDs of the marked jobs in ascending order, without looking closer at any."""
    return sorted(job for job in map(parse_id, os.listdir(layout.active)) if job is not None)


def is_any(layout: Layout) -> bool:
    """Return whether any job is marked."""
    with os.scandir(layout.active) as entries:
        return any(parse_id(entry.name) is not None for entry in entries)


def changed_at(layout: Layout) -> int:
    """Return a number that changes whenever a marker is made, touched or dropped."""
    return os.stat(layout.active).st_mtime_ns

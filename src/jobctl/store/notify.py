"""Wake a reader when a file changes: inotify(7) through ctypes, beside a slow look that never depends on it.

On systems without inotify the slow look is all there is, and is faster.
"""

from __future__ import annotations

import ctypes
import os
import select
import struct
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Final, Protocol

    class Waker(Protocol):
        """What ends the wait of somebody who waits for jobs."""

        def wait(self, timeout: float | None = None, *, also: Iterable[int] = (), beside: float) -> set[str] | None:
            """Return when something may have changed since the last call, and what, as `Watcher.wait` does."""

        def close(self) -> None:
            """Stop to watch."""


_IN_MODIFY: Final = 0x2
_IN_MOVED_TO: Final = 0x80
_IN_CREATE: Final = 0x100
_IN_DELETE: Final = 0x200
_IN_DELETE_SELF: Final = 0x400
_IN_MOVE_SELF: Final = 0x800
_IN_Q_OVERFLOW: Final = 0x4000
#: What is enough to know of a file that is only ever replaced whole; and that its directory is not there any more.
_REPLACED: Final = _IN_MOVED_TO | _IN_DELETE_SELF | _IN_MOVE_SELF
_NAMES: Final = _REPLACED | _IN_CREATE | _IN_DELETE
_CHANGES: Final = _REPLACED | _IN_CREATE | _IN_MODIFY
#: Head of an event (inotify(7)): watch, mask, cookie, length of the name behind it.
_EVENT: Final = struct.Struct("iIII")

#: Seconds between looks where notification works, and where it does not.
_BESIDE: Final = 1.0
ALONE: Final = 0.1


class Watcher:
    """Waits until something changes in one of some directories, or in a file that lies in one."""

    def __init__(self, directories: Iterable[str] = (), *, replaced_only: bool = False) -> None:
        """Begin to watch *directories* as by `add`; those that cannot be watched are looked at by time alone."""
        self._fd = -1
        self._watched: dict[str, int] = {}
        self._directories: dict[int, str] = {}
        self._complete = True
        if sys.platform == "linux":
            self._libc = ctypes.CDLL(None, use_errno=True)
            self._fd = self._libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        for directory in directories:
            self.add(directory, replaced_only=replaced_only)

    def add(self, directory: str, *, names_only: bool = False, replaced_only: bool = False) -> None:
        """Watch *directory* as well. What changes in it after this call ends a `wait`.

        With *names_only* only files that are made, removed or replaced count, not what is written to them; with
        *replaced_only* only those that take the place of others, or come from elsewhere.
        """
        if directory in self._watched:
            return
        mask = _REPLACED if replaced_only else _NAMES if names_only else _CHANGES
        watch = -1 if self._fd < 0 else self._libc.inotify_add_watch(self._fd, os.fsencode(directory), mask)
        self._watched[directory] = watch
        if watch < 0:
            self._complete = False
        else:
            self._directories[watch] = directory

    def remove(self, directory: str) -> None:
        """Watch *directory* no more."""
        watch = self._watched.pop(directory, -1)
        if watch >= 0:
            self._directories.pop(watch, None)
            self._libc.inotify_rm_watch(self._fd, watch)

    def wait(
        self, timeout: float | None = None, *, also: Iterable[int] = (), beside: float = _BESIDE
    ) -> set[str] | None:
        """Return when something changed since the last call, when it is time for a look, or after *timeout* seconds.

        It is time for one after *beside* seconds, if all directories are watched. What can be read on one of the
        descriptors *also*, or that its other end is gone, ends it too. The directories in which something changed
        are returned, none if it is for another reason; None means that anything may have changed.
        """
        longest = beside if self._complete else ALONE
        by_time = timeout is None or timeout >= longest
        if timeout is not None:
            longest = min(longest, max(timeout, 0))
        ready = readable([fd for fd in (self._fd, *also) if fd >= 0], longest)
        if self._fd in ready:
            return self._changed()
        return None if not ready and by_time else set()

    def _changed(self) -> set[str] | None:
        """Return the directories in which something changed; None if the kernel has lost count."""
        changed: set[str] = set()
        lost = False
        for watch, mask in self._events():
            if mask & _IN_Q_OVERFLOW:
                lost = True
            elif watch in self._directories:
                changed.add(self._directories[watch])
        return None if lost else changed

    def _events(self) -> Iterator[tuple[int, int]]:
        while True:
            try:
                data = os.read(self._fd, 65536)
            except BlockingIOError:
                return
            at = 0
            while at < len(data):
                watch, mask, _, length = _EVENT.unpack_from(data, at)
                yield watch, mask
                at += _EVENT.size + length

    def close(self) -> None:
        """Stop to watch."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def readable(descriptors: list[int], seconds: float) -> list[int]:
    """Wait until some of *descriptors* can be read, *seconds* at most, and return those."""
    # Not select(2): a program in Python that waits for jobs may have more files open than that can name.
    poll = select.poll()
    for fd in descriptors:
        poll.register(fd, select.POLLIN)
    return [fd for fd, _ in poll.poll(seconds * 1000)]

"""Wake a reader when a file changes: inotify(7) through ctypes, beside a slow look that never depends on it.

On systems without inotify the slow look is all there is, and is faster.
"""

from __future__ import annotations

import ctypes
import os
import select
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Final

_IN_MODIFY: Final = 0x2
_IN_MOVED_TO: Final = 0x80
_IN_CREATE: Final = 0x100
_IN_DELETE: Final = 0x200
_IN_DELETE_SELF: Final = 0x400
_CHANGES: Final = _IN_MODIFY | _IN_MOVED_TO | _IN_CREATE | _IN_DELETE | _IN_DELETE_SELF

#: Seconds between looks where notification works, and where it does not.
_BESIDE: Final = 1.0
_ALONE: Final = 0.1


class Watcher:
    """Waits until something changes in one of some directories, or in a file that lies in one."""

    def __init__(self, directories: Iterable[str] = ()) -> None:
        """Begin to watch *directories*; those that cannot be watched are looked at by time alone."""
        self._fd = -1
        self._watched: set[str] = set()
        self._complete = True
        if sys.platform == "linux":
            self._libc = ctypes.CDLL(None, use_errno=True)
            self._fd = self._libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        for directory in directories:
            self.add(directory)

    def add(self, directory: str) -> None:
        """Watch *directory* as well. What changes in it after this call ends a `wait`."""
        if directory in self._watched:
            return
        self._watched.add(directory)
        if self._fd < 0 or self._libc.inotify_add_watch(self._fd, os.fsencode(directory), _CHANGES) < 0:
            self._complete = False

    def wait(self, timeout: float | None = None, *, also: int | None = None) -> None:
        """Return when something changed since the last call, when it is time for a look, or after *timeout* seconds.

        What can be read on the descriptor *also* ends it too.
        """
        longest = _BESIDE if self._complete else _ALONE
        if timeout is not None:
            longest = min(longest, max(timeout, 0))
        ready, _, _ = select.select([fd for fd in (self._fd, also) if fd is not None and fd >= 0], [], [], longest)
        if self._fd in ready:
            try:
                while os.read(self._fd, 65536):
                    pass
            except BlockingIOError:
                pass

    def close(self) -> None:
        """Stop to watch."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

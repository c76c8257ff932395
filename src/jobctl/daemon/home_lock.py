"""One daemon for each home (P8): the lock that it holds, and whether that is still the lock of the home."""

from __future__ import annotations

import os

import filelock

from jobctl.errors import AlreadyRunning

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from jobctl.store.layout import Layout

#: Seconds for which a daemon that is just ending may hold the lock, and between tries.
_WITHIN: Final = 1.0
_AGAIN: Final = 0.02


class HomeLock:
    """The lock of the home, held for the daemon's life."""

    def __init__(self, layout: Layout) -> None:
        """Take it, within a moment if a daemon is just ending.

        Raises:
            AlreadyRunning: another daemon holds it.
            OSError: it cannot be taken.
        """
        self._path = layout.daemon_lock
        self._held = filelock.FileLock(self._path, mode=0o600, fallback_to_soft=False)
        try:
            self._held.acquire(timeout=_WITHIN, poll_interval=_AGAIN)
        except filelock.Timeout:
            raise AlreadyRunning(f"cannot start a daemon for {layout.home}: another one serves it") from None
        try:
            self._file = self._found()
        except OSError:
            self.release()
            raise

    def is_in_place(self) -> bool:
        """Return whether it is the lock of what is found under the home's path now.

        Raises:
            OSError: it cannot be told now.
        """
        try:
            return self._found() == self._file
        except (FileNotFoundError, NotADirectoryError):
            return False

    def release(self) -> None:
        """Let another daemon serve the home."""
        try:
            self._held.release()
        except OSError:
            pass  # It goes with this process, which is about to end: that is no failure of what was served.

    def _found(self) -> tuple[int, int]:
        found = os.lstat(self._path)
        return found.st_dev, found.st_ino

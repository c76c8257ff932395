"""Hold jobs at a gate, so that they last for as long as a test needs and no longer; nobody sleeps."""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from pathlib import Path


class Gate:
    """A lock that the test holds; a job passes through by `flock --shared GATE true` (util-linux)."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd = -1

    def __enter__(self) -> Self:
        """Shut the gate."""
        self._fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        fcntl.flock(self._fd, fcntl.LOCK_EX)
        return self

    def open(self) -> None:
        """Let everybody pass, now and later."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def __exit__(self, *_: object) -> None:
        """Leave the gate open."""
        self.open()

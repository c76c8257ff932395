"""Signals as something to wait for, SIGIO for a change in a directory among them (fcntl(2), F_NOTIFY, "dnotify")."""

from __future__ import annotations

import fcntl
import os
import signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final

#: Whether the kernel has dnotify: Linux only.
TELLS_OF_CHANGES: Final = hasattr(fcntl, "F_NOTIFY")


class Heard:
    """A pipe that signals write to, so that they end a wait instead of interrupting the work.

    Only for a program's main thread (signal(7) and Python's rule), and only for one that is wholly ours. It is written
    to for each signal that has a handler in Python, whoever has set that.
    """

    def __init__(self, numbers: Sequence[int]) -> None:
        """Let each of the signals *numbers* make `fd` readable from now on, and do nothing else.

        Raises:
            OSError: there is no pipe.
        """
        self.fd, self._writing = os.pipe()
        for end in (self.fd, self._writing):
            os.set_blocking(end, False)
        self._before = signal.set_wakeup_fd(self._writing, warn_on_full_buffer=False)
        for number in numbers:
            signal.signal(number, _nothing)
        # What whoever started us has blocked is blocked here as well, and would not be heard.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, numbers)

    def drain(self) -> None:
        """Take in what has come; what it means is for the caller to look at in any case."""
        try:
            # Of more there is another wake-up.
            os.read(self.fd, 4096)
        except BlockingIOError:
            pass

    def close(self) -> None:
        """Hear no more. The handlers stay, because a signal that comes late must not end this process."""
        signal.set_wakeup_fd(self._before)
        os.close(self.fd)
        os.close(self._writing)


def watch(directory: str, changes: int) -> int:
    """Have SIGIO sent to this process on each of the *changes* (DN_…) in *directory*.

    Return the descriptor that ends it when it is closed.

    Raises:
        OSError: it cannot be watched.
    """
    fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.fcntl(fd, fcntl.F_NOTIFY, changes | fcntl.DN_MULTISHOT)
    except OSError:
        os.close(fd)
        raise
    return fd


def _nothing(*_: object) -> None:
    """Do what a handler for a wake-up has to do."""

"""What signals do to the daemon: they wake its loop, and some of them tell it to stop."""

from __future__ import annotations

import os
import select
import signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

#: Seconds before what the system refused is tried again.
REST: Final = 1.0


class Wake:
    """A pipe that signals write to, so that they end a wait instead of interrupting the work."""

    def __init__(self) -> None:
        """Take the signals of this process over: the end of a child wakes, SIGTERM and SIGINT set `stop` as well.

        Raises:
            OSError: there is no pipe.
        """
        self.reading, writing = os.pipe()
        for end in (self.reading, writing):
            os.set_blocking(end, False)
        self.stop = False
        signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, self._ask_to_stop)
        signal.signal(signal.SIGINT, self._ask_to_stop)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)

    def rest(self) -> None:
        """Wait a moment before something is tried again, less if a signal comes."""
        try:
            select.select([self.reading], [], [], REST)
            self.drain()
        except OSError:
            pass  # What it says is said again.

    def drain(self) -> None:
        """Take in what has woken us; what it means is looked at in any case."""
        try:
            while os.read(self.reading, 4096):
                pass
        except BlockingIOError:
            pass

    def _ask_to_stop(self, *_: object) -> None:
        self.stop = True

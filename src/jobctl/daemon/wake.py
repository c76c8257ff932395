"""What signals do to the daemon: they wake its loop, and some of them tell it to stop."""

from __future__ import annotations

import select
import signal

from jobctl.store.heard import Heard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

#: Seconds before what the system refused is tried again.
REST: Final = 1.0


class Wake:
    """The signals of the daemon, heard as `heard` says."""

    def __init__(self) -> None:
        """Take the signals of this process over: the end of a child wakes, SIGTERM and SIGINT set `stop` as well.

        Raises:
            OSError: there is no pipe.
        """
        self._heard = Heard((signal.SIGCHLD,))
        #: What can be read when a signal has come.
        self.fd = self._heard.fd
        self.stop = False
        signal.signal(signal.SIGTERM, self._ask_to_stop)
        signal.signal(signal.SIGINT, self._ask_to_stop)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)

    def rest(self) -> None:
        """Wait a moment before something is tried again, less if a signal comes."""
        try:
            select.select([self.fd], [], [], REST)
            self.drain()
        except OSError:
            pass  # What it says is said again.

    def drain(self) -> None:
        """Take in what has woken us; what it means is looked at in any case."""
        self._heard.drain()

    def _ask_to_stop(self, *_: object) -> None:
        self.stop = True

"""What wakes a keeper: the end of a child of its, and a request about the job whose attempt it keeps."""

from __future__ import annotations

import fcntl
import os
import signal

from jobctl.daemon import kernel
from jobctl.store import heard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

#: Seconds between looks for requests, where the kernel says when there is one and where it does not.
_LOOK_BESIDE: Final = 5.0
_LOOK_ALONE: Final = 0.5


class Ear:
    """Whatever is heard can be read on `fd`, and beside that there is a look every `look_every` seconds."""

    def __init__(self) -> None:
        """Hear the ends of children from now on, and be ended by no signal that is meant for the job."""
        self._heard = heard.Heard((signal.SIGCHLD, signal.SIGIO))
        self.fd = self._heard.fd
        # What is meant for the job must not take its verdict away with its keeper.
        kernel.ignore_signals()
        self.look_every = _LOOK_ALONE
        self._directory = ""
        self._watched = -1

    def listen_to(self, directory: str) -> None:
        """Hear what appears in *directory*, and no more what appears in the one before."""
        if directory == self._directory:
            return
        if self._watched >= 0:
            os.close(self._watched)
        self._directory, self._watched, self.look_every = directory, -1, _LOOK_ALONE
        # macOS has no directory notification; there the slow look is a faster one.
        if heard.TELLS_OF_CHANGES:
            try:
                self._watched = heard.watch(directory, fcntl.DN_CREATE | fcntl.DN_RENAME)
                self.look_every = _LOOK_BESIDE
            except OSError:
                pass  # The looks do without.

    def drain(self) -> None:
        """Take in what was heard; one is enough to look at everything."""
        self._heard.drain()

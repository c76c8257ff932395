"""`daemon.json`: who serves the home. Informational, and how `daemon stop` finds the process."""

from __future__ import annotations

import logging
import os
import sys

import jobctl
from jobctl.daemon import identity
from jobctl.store import atomic, clock, codec
from jobctl.store.layout import default_config

TYPE_CHECKING = False
if TYPE_CHECKING:
    from jobctl.store.layout import Layout

_log = logging.getLogger("jobctl.daemon")


class Announcement:
    """That this process serves the home, since now.

    As long as the disk does not take it, none is there: what the daemon before us had said is not true any more.
    """

    def __init__(self, layout: Layout) -> None:
        """Begin to serve now; nothing is said yet."""
        self._path = layout.daemon_json
        self._since = clock.now()
        self._is_made = self._failed = False
        self._trouble: str | None = None

    def make(self, trouble: str | None = None) -> None:
        """Make it, with what is wrong with the configuration, unless it says so; what fails is to be tried again."""
        if self._is_made and trouble == self._trouble:
            return
        self._trouble = trouble
        try:
            atomic.replace(self._path, codec.encode(self._content()))
            self._is_made = True
        except OSError as failure:
            if not self._failed:
                _log.error("cannot write %s: %s; trying again", self._path, failure.strerror)
                self._failed = True
            self._forget()

    def _content(self) -> dict[str, object]:
        myself = identity.of(os.getpid())
        return {
            "v": 1,
            "version": jobctl.__version__,
            "started_at": self._since,
            "process": None if myself is None else myself.asdict(),
            "config": default_config(os.environ),
            "config_error": self._trouble,
            "program": sys.executable,
        }

    def _forget(self) -> None:
        try:
            os.unlink(self._path)
        except OSError:
            pass  # None is there, or it stays with what else cannot be changed.

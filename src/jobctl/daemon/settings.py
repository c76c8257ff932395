"""What the daemon is told: the configuration and what `jobctl queue` changed, read again when a file has changed."""

from __future__ import annotations

import logging
import os
import tomllib

from jobctl.errors import Contradiction
from jobctl.store import config, queues

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from jobctl.store.layout import Layout
    from jobctl.store.queues import Queues

    #: Time and inode of a file: every change of ours makes another one of both.
    Stamp = tuple[int, int]

#: What `config` imports when there is something to read is imported before the loop begins: no error of the moment, and
#: no upgrade of what lies there, may meet it later.
PARTS: Final = (tomllib,)

#: What is true of no file.
_UNSEEN: Final = ((-1, -1), (-1, -1))

_log = logging.getLogger("jobctl.daemon")


class Settings:
    """The settings as they are now; while a file cannot be understood, what it said before stays."""

    def __init__(self, layout: Layout, path: str) -> None:
        """Begin with the defaults; *path* is that of the configuration."""
        self._layout = layout
        self._path = path
        self._seen: tuple[Stamp | None, Stamp | None] = _UNSEEN
        self._said = ""
        #: What is wrong with the configuration as it is.
        self.trouble: str | None = None
        self.config = config.defaults()
        self.queues = queues.Queues(configured=self.config.queues)

    def refresh(self) -> Queues:
        """Return what holds for each queue now; it costs two looks while no file has changed."""
        seen = (_stamp(self._path), _stamp(self._layout.queues))
        if seen != self._seen:
            is_read = seen[0] == self._seen[0] or self._read_config()
            is_read = self._read_queues() and is_read
            # An error of the moment says nothing about a file: the next look begins anew.
            self._seen = seen if is_read else _UNSEEN
            if is_read:
                self._said = ""
        return self.queues

    def _read_config(self) -> bool:
        """Read the configuration; return whether there is nothing more to learn from it as it is."""
        try:
            self.config = config.load(self._path)
        except (Contradiction, OSError) as wrong:
            self._say(f"the configuration stays as it was: {wrong}")
            self.trouble = str(wrong)
            return isinstance(wrong, Contradiction)
        self.trouble = None
        return True

    def _read_queues(self) -> bool:
        """As `_read_config`, for what was changed of queues."""
        before = self.queues
        is_read = True
        try:
            self.queues = queues.load(self._layout, self.config)
        except (Contradiction, OSError) as wrong:
            self._say(f"what was changed of queues stays as it was: {wrong}")
            self.queues = before.but(configured=self.config.queues)
            is_read = isinstance(wrong, Contradiction)
        if self.queues != before:
            _log.info("queues: %s", ", ".join(map(self._describe, self.queues.names())))
        return is_read

    def _say(self, what: str) -> None:
        """Note *what* is wrong in the log, once as long as nothing else is."""
        if what != self._said:
            _log.error(what)
            self._said = what

    def _describe(self, name: str) -> str:
        return f"{name} {self.queues.slots(name)} slots{', paused' if self.queues.paused(name) else ''}"


def _stamp(path: str) -> Stamp | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino

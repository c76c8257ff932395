"""How long jobs of the same name or command took before: a small index, derived, that may be lost at any time."""

from __future__ import annotations

import logging
import zlib

from jobctl.errors import JobctlError
from jobctl.model.progress.objects import number
from jobctl.store import aside, atomic, codec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final

    from jobctl.store.layout import Layout

VERSION: Final = 1
#: Durations kept of each name or command, and how many of these there are: the longest unused is forgotten.
_KEPT: Final = 5
_MOST: Final = 1000
#: Seconds between writes of the index.
_WRITE_EVERY: Final = 30.0
#: Where the longest of them took more than so many times as long as the shortest, they foretell nothing.
_SPREAD: Final = 3.0

_log = logging.getLogger("jobctl.daemon")


class History:
    """The last durations of completed jobs, in memory and in the home's `durations.json`."""

    def __init__(self, layout: Layout) -> None:
        """Read what an earlier daemon left; what cannot be read is begun anew."""
        self._path = layout.durations
        self._written_at = 0.0
        self._changed = False
        self._known: dict[str, list[float]] = {}
        try:
            document = codec.read(self._path)
        except OSError:
            return
        except JobctlError as damaged:
            _log.error("how long jobs took is learnt anew: %s; it is now %s", damaged, _set_aside(layout))
            return
        runs = document.get("runs")
        if document.get("v") != VERSION or not isinstance(runs, dict):
            return
        for key, values in runs.items():
            kept = [value for value in map(number, values if isinstance(values, list) else []) if value is not None]
            if kept:
                self._known[str(key)[:64]] = kept[-_KEPT:]

    def note(self, name: str | None, command: Sequence[str], cwd: str, seconds: float) -> None:
        """Take note that a job completed after *seconds* of running."""
        for key in _keys(name, command, cwd):
            earlier = self._known.pop(key, [])
            self._known[key] = [*earlier, round(seconds, 3)][-_KEPT:]
        while len(self._known) > _MOST:
            del self._known[next(iter(self._known))]
        self._changed = True

    def expected(self, name: str | None, command: Sequence[str], cwd: str) -> float | None:
        """Return how many seconds such a job usually takes, None if nobody can tell."""
        for key in _keys(name, command, cwd):
            known = sorted(self._known.get(key, ()))
            if known and known[-1] <= _SPREAD * max(known[0], 1.0):
                return known[len(known) // 2]
        return None

    def save(self, now: float, *, at_once: bool = False) -> None:
        """Write the index if it changed and was not written just now on the steady clock *now*."""
        if not self._changed or (now - self._written_at < _WRITE_EVERY and not at_once):
            return
        self._written_at = now
        try:
            atomic.replace(self._path, codec.encode({"v": VERSION, "runs": self._known}))
        except OSError as failure:
            # Nobody misses it; the next change tries again.
            _log.warning("cannot write %s (%s)", self._path, failure.strerror)
        self._changed = False


def _set_aside(layout: Layout) -> str:
    try:
        return aside.put(layout, layout.durations, "durations.json")
    except OSError:
        return layout.durations


def _keys(name: str | None, command: Sequence[str], cwd: str) -> list[str]:
    """Return what the durations of such a job are kept under, the best first. Nothing of it can be read from them."""
    words = [*command, cwd]
    keys = [["command", *words]] if name is None else [["name", name], ["command", *words]]
    return [_digest("\0".join(key).encode("utf-8", "surrogateescape")) for key in keys]


def _digest(text: bytes) -> str:
    """Return 64 bits of *text*: enough against chance, and hashlib brings 4 MiB of OpenSSL into the daemon."""
    return f"{zlib.crc32(text):08x}{zlib.crc32(text[::-1]):08x}"

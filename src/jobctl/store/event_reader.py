"""The event log as readers follow it: from a number on, across rotations, without a lock."""

from __future__ import annotations

import os

from jobctl.errors import UnreadableRecord
from jobctl.store import codec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, Final

    from jobctl.store.layout import Layout

_CHUNK: Final = 256 * 1024
#: How every event begins; the number follows.
_HEAD: Final = b'{"v":1,"seq":'


class Events:
    """Reads on where it stopped. What was rotated away before it was read is reported as a gap."""

    def __init__(self, layout: Layout, since: int | None = None) -> None:
        """Begin behind number *since*, or with the first event that there is."""
        self._layout = layout
        self._last = since
        #: The largest number that was found, also of those that are not yielded; 0 for none.
        self.highest = 0
        self._fd = -1
        #: Where the first line begins that was not read.
        self._at = 0

    def read(self) -> Iterator[tuple[bytes, dict[str, Any]]]:
        """Yield every event that there is by now and was not yielded before: its line, and what it says.

        Events that nobody can read any more appear as one with the keys `v`, `gap_from` and `gap_to`.

        Raises:
            OSError: the log cannot be read.
        """
        if self._fd < 0:
            # The current one is opened first: if it is rotated meanwhile, it is among the two all the same.
            self._fd = _open(self._layout.events)
            older = _open(self._layout.events_before)
            if older >= 0:
                try:
                    yield from self._drain(older)
                finally:
                    os.close(older)
                    self._at = 0
        while self._fd >= 0:
            yield from self._drain(self._fd)
            if self._is_current():
                return
            # Rotated: what was written last to the old file is read first.
            yield from self._drain(self._fd)
            os.close(self._fd)
            self._at = 0
            self._fd = _open(self._layout.events)

    def close(self) -> None:
        """Read no more."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _is_current(self) -> bool:
        try:
            return os.path.samestat(os.stat(self._layout.events), os.fstat(self._fd))
        except FileNotFoundError:
            return True  # Between two renames, or removed by somebody: there is nothing else to read.

    def _drain(self, fd: int) -> Iterator[tuple[bytes, dict[str, Any]]]:
        # A line that is not complete is read again: it may be cut off, and another one written in its place.
        self._at = min(self._at, os.fstat(fd).st_size)
        look = _CHUNK
        while chunk := os.pread(fd, look, self._at):
            whole = chunk.rfind(b"\n") + 1
            if whole == 0:
                if len(chunk) < look:
                    return
                look *= 2
                continue
            for line in chunk[: whole - 1].split(b"\n"):
                yield from self._take(line)
            self._at += whole
            look = _CHUNK

    def _take(self, line: bytes) -> Iterator[tuple[bytes, dict[str, Any]]]:
        if line.startswith(_HEAD) and self._last is not None:
            number = line[len(_HEAD) : line.find(b",", len(_HEAD))]
            if number.isdigit() and int(number) <= self._last:
                self.highest = max(self.highest, int(number))
                return
        try:
            event = codec.decode(line + b"\n", self._layout.events)
            number_of = int(event["seq"])
        except (UnreadableRecord, KeyError, TypeError, ValueError):
            return  # A power cut has spoilt it.
        if self._last is not None and number_of <= self._last:
            return
        if self._last is not None and number_of > self._last + 1:
            gap = {"v": 1, "gap_from": self._last + 1, "gap_to": number_of - 1}
            yield codec.encode(gap), gap
        self._last = self.highest = number_of
        yield line + b"\n", event


def _open(path: str) -> int:
    """Return a descriptor of *path*, -1 if there is no such file."""
    try:
        return os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        return -1

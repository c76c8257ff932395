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
        self._fd = -1
        self._rest = b""

    @property
    def last(self) -> int | None:
        """The number of the last event that was read or asked to be passed over."""
        return self._last

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
                    self._rest = b""
        while self._fd >= 0:
            yield from self._drain(self._fd)
            if self._is_current():
                return
            # Rotated: what was written last to the old file is read first.
            yield from self._drain(self._fd)
            os.close(self._fd)
            self._rest = b""
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
        size = os.fstat(fd).st_size
        if size < os.lseek(fd, 0, os.SEEK_CUR):
            # A daemon has cut off what another one had left incomplete.
            os.lseek(fd, size, os.SEEK_SET)
            self._rest = b""
        while chunk := os.read(fd, _CHUNK):
            *lines, self._rest = (self._rest + chunk).split(b"\n")
            for line in lines:
                yield from self._take(line)

    def _take(self, line: bytes) -> Iterator[tuple[bytes, dict[str, Any]]]:
        if line.startswith(_HEAD) and self._last is not None:
            number = line[len(_HEAD) : line.find(b",", len(_HEAD))]
            if number.isdigit() and int(number) <= self._last:
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
        self._last = number_of
        yield line + b"\n", event


def _open(path: str) -> int:
    """Return a descriptor of *path*, -1 if there is no such file."""
    try:
        return os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        return -1

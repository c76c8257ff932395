"""The frozen lines of an array job: one for each task, found without reading the others.

`items` holds the lines as they came, a newline behind each; `items.index` holds where each line begins and where
the last one ends, eight bytes big-endian each. So a task costs two small reads whichever it is.
"""

from __future__ import annotations

import os
import struct
from itertools import accumulate

from jobctl.errors import UnreadableRecord, UsageError
from jobctl.store import atomic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final

    from jobctl.store.layout import Layout

#: More than a million lines of a reasonable length; what is longer was not meant to be given line by line.
_LARGEST: Final = 2**30
_CHUNK: Final = 2**20
_WIDTH: Final = 8


def read_lines(source: int, what: str) -> list[bytes]:
    """Return the lines of what is left of the descriptor *source*, without their newlines; *what* names it.

    The last one need not end with a newline; a blank line is a line.

    Raises:
        UsageError: there are none, they are too many bytes, or one holds a NUL.
        OSError: it cannot be read.
    """
    chunks, size = [], 0
    while chunk := os.read(source, _CHUNK):
        chunks.append(chunk)
        size += len(chunk)
        if size > _LARGEST:
            raise UsageError(f"{what} is longer than 1 GiB: too much to make a task of each of its lines")
    data = b"".join(chunks)
    lines = data.removesuffix(b"\n").split(b"\n") if data else []
    check(lines, what)
    return lines


def check(lines: list[bytes], what: str) -> None:
    """Refuse lines that no tasks can be made of; *what* names where they are from.

    Raises:
        UsageError: there are none, or one holds a NUL.
    """
    if not lines:
        raise UsageError(f"{what} has no lines, so there is nothing to make tasks of")
    for number, line in enumerate(lines, 1):
        if b"\0" in line:
            raise UsageError(f"line {number} of {what} holds a NUL byte, which no command can receive")


def write(directory: str, lines: Sequence[bytes]) -> None:
    """Write *lines* into *directory*, that of a job, durably.

    Raises:
        OSError: they could not be written.
    """
    offsets = list(accumulate((len(line) + 1 for line in lines), initial=0))
    atomic.write_new(f"{directory}/items", b"\n".join(lines) + b"\n")
    atomic.write_new(f"{directory}/items.index", struct.pack(f">{len(offsets)}Q", *offsets))


def read(layout: Layout, job: int, task: int) -> str:
    """Return the line of *task*, the first being 1; bytes that are not UTF-8 are lone surrogates (PEP 383).

    Raises:
        UnreadableRecord: there is no such line, or the index is damaged.
        OSError: it cannot be read.
    """
    path = layout.items(job)
    begin, end = struct.unpack(">2Q", _part(layout.items_index(job), (task - 1) * _WIDTH, 2 * _WIDTH))
    if not 0 <= begin < end <= begin + _LARGEST + 1:
        raise UnreadableRecord(layout.items_index(job), f"it does not say where line {task} is")
    line = _part(path, begin, end - begin)
    if line[-1:] != b"\n":
        raise UnreadableRecord(path, f"line {task} is cut")
    return os.fsdecode(line[:-1])


def _part(path: str, offset: int, size: int) -> bytes:
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        found = os.pread(fd, size, offset)
    finally:
        os.close(fd)
    if len(found) != size:
        raise UnreadableRecord(path, "it is shorter than it must be")
    return found

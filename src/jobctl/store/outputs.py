"""Cut the output of a job to its limit: its beginning and its end stay, and one line between them says what is gone."""

from __future__ import annotations

import errno
import os
import stat

from jobctl.store import atomic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Final

_MARK: Final = b"[jobctl: "
_CHUNK: Final = 1024 * 1024
#: What the line adds to the limit at most. A file that is over by no more is left whole.
ROOM: Final = 160


def cut(path: str, limit: int) -> tuple[int, int]:
    """Cut the file *path* to *limit* bytes and the line; return how many bytes were written to it, and dropped.

    Nobody may write to it any more. It is replaced in one step; where the disk has no room for that, only its
    beginning stays. Cutting again what was cut changes nothing and returns the same.

    Raises:
        OSError: it is as it was.
    """
    fd = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        found = os.fstat(fd)
        if not stat.S_ISREG(found.st_mode):
            return 0, 0
        size, head = found.st_size, limit // 2
        if size <= limit + ROOM:
            dropped, kept = _earlier(fd, head, size)
            return kept + dropped, dropped
        try:
            atomic.rewrite(path, _pieces(fd, head, size, limit))
        except OSError as failure:
            if failure.errno not in {errno.ENOSPC, errno.EDQUOT} or found.st_nlink > 1:
                raise  # With another name it has another reader, for whom it must not change.
            _shorten(fd, head, size, limit)
            return size, size - head
        return size, size - limit
    finally:
        os.close(fd)


def _pieces(fd: int, head: int, size: int, limit: int) -> Iterator[bytes]:
    yield from _read(fd, 0, head)
    yield _line(fd, head, size - limit, limit)
    yield from _read(fd, size - (limit - head), size)


def _read(fd: int, start: int, end: int) -> Iterator[bytes]:
    while start < end and (chunk := os.pread(fd, min(_CHUNK, end - start), start)):
        yield chunk
        start += len(chunk)


def _line(fd: int, head: int, dropped: int, limit: int) -> bytes:
    """The line that stands where *dropped* bytes were; what is before it need not end with a newline."""
    begun = head > 0 and os.pread(fd, 1, head - 1) != b"\n"
    said = b"%d bytes dropped here: the output was over its limit of %d bytes]\n" % (dropped, limit)
    return b"\n" * begun + _MARK + said


def _shorten(fd: int, head: int, size: int, limit: int) -> None:
    line = _line(fd, head, size - head, limit)
    os.ftruncate(fd, head)
    try:
        os.pwrite(fd, line, head)
    except OSError:
        pass  # Others have taken what was freed. The verdict says what is gone as well.
    atomic.sync_output(fd)


def _earlier(fd: int, head: int, size: int) -> tuple[int, int]:
    """Return how many bytes were dropped from the file when it was cut before, and how many others it has."""
    line, ended, _ = os.pread(fd, ROOM, head).partition(b"]\n")
    number, said, _ = line.removeprefix(b"\n").removeprefix(_MARK).partition(b" bytes dropped here: ")
    if not (ended and said and number.isdigit() and _MARK in line):
        return 0, size
    return int(number), size - len(line + ended)

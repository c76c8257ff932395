"""The doorbell: a FIFO that wakes the daemon and tells it which jobs to look at.

A ring is a hint. The daemon also looks by itself, so that a lost ring delays and never loses. That
somebody listens at all is how everybody learns whether a daemon runs: nobody has to take its lock to find out.
"""

from __future__ import annotations

import errno
import os
import stat

from jobctl.model.ids import parse_id
from jobctl.store import atomic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from jobctl.store.layout import Layout


#: What open(2) says of a FIFO without a reader, and of no FIFO.
_NOBODY: Final = frozenset((errno.ENXIO, errno.ENOENT, errno.EISDIR, errno.ELOOP))


#: Bytes of rings taken in at once: what a FIFO holds (pipe(7)). The rest wakes the daemon again.
_MOST_RINGS: Final = 65536


def ring(layout: Layout, job: int | None = None) -> bool:
    """Wake the daemon, naming *job* if there is one. Return whether a daemon listens."""
    try:
        fd = os.open(layout.doorbell, os.O_WRONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as nobody:
        if nobody.errno in _NOBODY:
            return False
        raise
    try:
        if not stat.S_ISFIFO(os.fstat(fd).st_mode):
            return False
        # Below PIPE_BUF: rings never mix (pipe(7)).
        os.write(fd, f"{job or ''}\n".encode("ascii"))
    except BlockingIOError:
        pass  # It is full of rings: the daemon has not looked for long, and will.
    except BrokenPipeError:
        return False
    finally:
        os.close(fd)
    return True


def is_heard(layout: Layout) -> bool:
    """Return whether a daemon listens, without waking it."""
    fd = hold(layout)
    if fd < 0:
        return False
    os.close(fd)
    return True


def hold(layout: Layout) -> int:
    """Return a descriptor that shows when the daemon that listens now has ended (`is_left`); -1 if none listens."""
    try:
        fd = os.open(layout.doorbell, os.O_WRONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return -1
    if not stat.S_ISFIFO(os.fstat(fd).st_mode):
        os.close(fd)
        return -1
    return fd


def is_left(fd: int) -> bool:
    """Return whether nobody listens any more behind *fd*, which `hold` returned."""
    from select import POLLERR, poll  # noqa: PLC0415  # only who waits pays for it

    waiting = poll()
    waiting.register(fd, POLLERR)
    return bool(waiting.poll(0))


class Doorbell:
    """The daemon's end of the bell; made anew if it is missing or is not a FIFO."""

    def __init__(self, layout: Layout) -> None:
        """Start to listen.

        Raises:
            OSError: the FIFO can be neither opened nor made.
        """
        self._path = layout.doorbell
        self.fd = self._open()

    def is_in_place(self) -> bool:
        """Return whether those who ring now ring this bell."""
        try:
            found = os.lstat(self._path)
        except OSError:
            return False
        mine = os.fstat(self.fd)
        return (found.st_dev, found.st_ino) == (mine.st_dev, mine.st_ino)

    def replace(self) -> int:
        """Listen to a FIFO that is in place, with another `fd`; return the one before, for the caller to close.

        Raises:
            OSError: it can be neither opened nor made; the old one is kept.
        """
        before, self.fd = self.fd, self._open()
        return before

    def _open(self) -> int:
        try:
            if not stat.S_ISFIFO(os.lstat(self._path).st_mode):
                os.unlink(self._path)
                os.mkfifo(self._path, 0o600)
        except FileNotFoundError:
            os.mkfifo(self._path, 0o600)
        # Read and write: with a writer of its own the FIFO never reports the end of the last other writer.
        return os.open(self._path, os.O_RDWR | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)

    def drain(self) -> set[int]:
        """Return the IDs that were rung since the last call; what is not an ID is passed over.

        Whoever rings without end is heard no more than a FIFO full at a time.
        """
        rings = b""
        while len(rings) < _MOST_RINGS:
            try:
                rings += os.read(self.fd, 65536)
            except BlockingIOError:
                break
        hints = (parse_id(line) for line in rings.decode("ascii", "replace").split("\n"))
        return {job for job in hints if job is not None}

    def close(self) -> None:
        """Stop to listen."""
        atomic.let_go(self.fd)

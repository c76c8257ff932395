"""Remove a whole directory without following links, whatever its modes, however deep it is.

Every step goes by descriptor: while somebody swaps a directory for a link or moves it, nothing outside is touched.
What is mounted inside is left alone, and with it the directories above it.
"""

from __future__ import annotations

import errno
import os
import stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from typing import Final

#: Device and inode.
Identity = tuple[int, int]

_OPEN: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


def remove_tree(path: str) -> None:
    """Remove the directory *path* and all that is in it.

    Raises:
        FileNotFoundError: there is none.
        OSError: something in it could not be removed; the rest may be gone.
    """
    for _ in removing(path):
        pass


def removing(path: str) -> Iterator[int]:
    """As `remove_tree`, one file at a time: yield the bytes on the disk that were freed with each."""
    parent, _, name = path.rstrip("/").rpartition("/")
    # One descriptor at a time, because a job may have made more directories in one another than there are descriptors.
    here = os.open(parent or ".", _OPEN)
    # The way down: each directory, that it is in, and the directories beside it that are still to be removed.
    way: list[tuple[str, Identity, list[str]]] = []
    beside = [name]
    device: int | None = None
    try:
        while beside or way:
            if beside:
                child = beside.pop()
                way.append((child, _identity(here), beside))
                below = os.open(child, _OPEN, dir_fd=here)
                os.close(here)
                here = below
                found = os.fstat(here)
                device = found.st_dev if device is None else device
                if found.st_dev != device:
                    raise OSError(errno.EBUSY, "another file system is mounted there", child)
                beside = yield from _empty(here, found)
            else:
                child, identity, beside = way.pop()
                above = os.open("..", _OPEN, dir_fd=here)
                os.close(here)
                here = above
                if _identity(here) != identity:
                    raise OSError(errno.ESTALE, "it was moved while it was removed", child)
                os.rmdir(child, dir_fd=here)
    finally:
        os.close(here)


def _empty(fd: int, found: os.stat_result) -> Generator[int, None, list[str]]:
    """Remove from the directory *fd* what is none, yielding what that freed; return the names of the directories."""
    if stat.S_IMODE(found.st_mode) & 0o700 != 0o700:
        os.fchmod(fd, 0o700)
    directories = []
    # Listed before the first is removed: that may hide others from a listing that goes on.
    for entry in os.listdir(fd):
        try:
            room = freed_with(os.stat(entry, dir_fd=fd, follow_symlinks=False))
            os.unlink(entry, dir_fd=fd)
        except (IsADirectoryError, PermissionError):  # macOS says the second one of a directory
            directories.append(entry)
        except FileNotFoundError:
            continue  # Somebody else removes it too.
        else:
            yield room
    return directories


def freed_with(found: os.stat_result) -> int:
    """Return the bytes on the disk that are freed with a file; one that has other names frees none."""
    return found.st_blocks * 512 if found.st_nlink == 1 else 0


def _identity(fd: int) -> Identity:
    found = os.fstat(fd)
    return found.st_dev, found.st_ino

"""Remove a whole directory without following links, whatever its modes.

Every step goes by descriptor: while somebody swaps a directory for a link, nothing outside is touched.
What is mounted inside is left alone, and with it the directories above it.
"""

from __future__ import annotations

import os
import stat

_OPEN = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


def remove_tree(path: str) -> None:
    """Remove the directory *path* and all that is in it.

    Raises:
        FileNotFoundError: there is none.
        OSError: something in it could not be removed; the rest may be gone.
    """
    parent, _, name = path.rstrip("/").rpartition("/")
    above = os.open(parent or ".", _OPEN)
    try:
        _remove(above, name, None)
    finally:
        os.close(above)


def _remove(above: int, name: str, device: int | None) -> None:
    fd = os.open(name, _OPEN, dir_fd=above)
    try:
        found = os.fstat(fd)
        if device is not None and found.st_dev != device:
            import errno  # noqa: PLC0415  # only when something is wrong

            raise OSError(errno.EBUSY, "another file system is mounted there", name)
        if stat.S_IMODE(found.st_mode) & 0o700 != 0o700:
            os.fchmod(fd, 0o700)
        for entry in os.listdir(fd):
            try:
                os.unlink(entry, dir_fd=fd)
            except (IsADirectoryError, PermissionError):  # macOS says the second one of a directory
                _remove(fd, entry, found.st_dev)
    finally:
        os.close(fd)
    os.rmdir(name, dir_fd=above)

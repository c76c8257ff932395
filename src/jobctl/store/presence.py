"""Whether something is gone. An error of the moment is no answer: nothing may be forgotten because of it."""

from __future__ import annotations

import os


def is_there(path: str) -> bool:
    """Return whether there is something at *path*, a link that leads nowhere included.

    Raises:
        OSError: it cannot be told now (os.path.lexists would say no).
    """
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def is_no_directory(path: str) -> bool:
    """Return whether it is sure that there is something at *path* that is not a directory, nor leads to one."""
    try:
        os.lstat(path)
    except OSError:
        return False
    return not os.path.isdir(path)

"""Set aside in corrupt/ what is not what jobctl wrote there, for people to look at; nothing there is ever replaced."""

from __future__ import annotations

import os
import stat

from jobctl.store import atomic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from jobctl.store.layout import Layout


def free(layout: Layout, name: str) -> str:
    """Return a place in corrupt/ for what is called *name* where nothing is."""
    place, count = layout.set_aside(name), 1
    while os.path.lexists(place):
        place, count = layout.set_aside(f"{name}.{count}"), count + 1
    return place


def put(layout: Layout, path: str, name: str) -> str:
    """Move *path* to corrupt/ under *name*, or one like it, and return where it is.

    Raises:
        OSError: it could not be moved.
    """
    place = free(layout, name)
    atomic.set_aside(path, place)
    return place


def is_ours(path: str) -> bool:
    """Return whether *path* is a regular file of ours with one name, or not there: to be opened without a thought."""
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return True
    return stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid() and found.st_nlink == 1

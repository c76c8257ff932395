"""Which process the daemon is, by what it says of itself and by its lock, and whether a signal has stopped it."""

from __future__ import annotations

from jobctl.errors import UnreadableRecord
from jobctl.store import clock, codec, locks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from jobctl.store.layout import Layout


def known(layout: Layout) -> dict[str, Any]:
    """Return what the daemon says of itself, nothing where it does not."""
    try:
        return codec.read(layout.daemon_json)
    except (FileNotFoundError, UnreadableRecord):
        return {}


def process(layout: Layout) -> tuple[int | None, Callable[[], bool]]:
    """Return the daemon's process, and what tells whether that number still means it.

    What the daemon says of itself comes first; on a full disk it could not say it, and there the lock tells. What tells
    raises FileNotFoundError or ProcessLookupError if there is no such process any more.
    """
    said = known(layout).get("process") or {}
    pid = said.get("pid")
    if isinstance(pid, int):
        return pid, lambda: (_stat(pid)[1], clock.boot_id()) == (said.get("birth"), said.get("boot"))
    holder = locks.holder(layout.daemon_lock)
    return holder, lambda: locks.holder(layout.daemon_lock) == holder


def stopped(layout: Layout) -> int | None:
    """Return which process the daemon is if a signal has stopped it: it is heard, its bell is open, and does nothing.

    None if none has, and where that cannot be told.
    """
    pid, is_it = process(layout)
    try:
        return pid if pid is not None and _stat(pid)[0] == b"T" and is_it() else None
    except OSError:
        return None


def _stat(pid: int) -> tuple[bytes, int]:
    """Return the state of a process and when it began (proc(5))."""
    with open(f"/proc/{pid}/stat", "rb") as file:
        # The second field is the program's name in parentheses and may hold any byte.
        fields = file.read().rpartition(b")")[2].split()
    return fields[0], int(fields[19])

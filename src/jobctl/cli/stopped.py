"""A daemon that a signal has stopped (SIGSTOP): it is heard, because its bell is open, and does nothing."""

from __future__ import annotations

from jobctl.errors import UnreadableRecord
from jobctl.store import clock, codec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from jobctl.store.layout import Layout


def daemon(layout: Layout) -> int | None:
    """Return which process the daemon is if it is stopped; None if it is not, and where that cannot be told."""
    try:
        process = codec.read(layout.daemon_json).get("process") or {}
        pid = int(process["pid"])
        with open(f"/proc/{pid}/stat", "rb") as file:
            state, *more = file.read().rpartition(b")")[2].split()
        is_it = (int(more[18]), clock.boot_id()) == (process.get("birth"), process.get("boot"))
    except (OSError, UnreadableRecord, KeyError, TypeError, ValueError):
        return None
    return pid if is_it and state == b"T" else None

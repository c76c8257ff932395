"""The daemon's own record that a job ended for a reason that is no attempt's: `end.json`, `end.L.json` in life L."""

from __future__ import annotations

from jobctl.errors import UnreadableRecord
from jobctl.store import atomic, codec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from jobctl.store.layout import Layout

#: Version of end.json.
VERSION = 1


def publish(layout: Layout, job: int, life: int, document: dict[str, Any]) -> None:
    """Put on record that *job* ended in its *life*; on return it survives a power cut.

    Raises:
        FileExistsError: it is on record already; that stands.
        OSError: it could not be written.
    """
    atomic.publish_record(layout.end(job, life), codec.encode({"v": VERSION, **document}))


def read(layout: Layout, job: int, life: int) -> dict[str, Any] | None:
    """Return why *job* ended in its *life*, or None. A record that is damaged still says that it did.

    Raises:
        OSError: it cannot be told now.
    """
    try:
        return codec.read(layout.end(job, life))
    except FileNotFoundError:
        return None
    except UnreadableRecord:
        return {"v": VERSION, "reason": "cancelled", "error": {"code": "cancelled", "message": "its record is damaged"}}


def block(layout: Layout, job: int, on: int) -> None:
    """Note, durably, that *job* ended because *on* did not end as it needed: a retry of *on* brings it back.

    Not where *on* was forgotten: nobody can retry that.

    Raises:
        OSError: it could not be noted.
    """
    try:
        atomic.make_directory(layout.blocked(on), exist_ok=True)
        atomic.write_new(f"{layout.blocked(on)}/{job}", b"", durable=False)
    except (FileExistsError, FileNotFoundError):
        return
    atomic.sync_directory(layout.blocked(on))

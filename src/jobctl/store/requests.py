"""What clients ask about a job: records beside its specification, each written once by one of them."""

from __future__ import annotations

import os

from jobctl.errors import UnreadableRecord
from jobctl.store import atomic, clock, codec, doorbell, markers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from jobctl.store.layout import Layout

#: Version of cancel.json.
VERSION = 1


def ask_to_cancel(layout: Layout, job: int, *, signal: int | None, now: bool, note: str | None) -> None:
    """Leave the durable request to cancel *job*; the first one stands, and only its urgency can be raised.

    *signal* is the first signal to send (None: SIGTERM), *now* asks for SIGKILL without a grace, *note* is
    a reason for people. The daemon and the keeper act on it; this does not wait for them.

    Raises:
        OSError: it could not be written, or, after the last step, may not be durable.
    """
    document = {"v": VERSION, "at": clock.now(), "signal": signal, "note": note}
    # The urgency first: whoever is woken by the request then sees both.
    for path in [layout.cancel_now(job), layout.cancel(job)] if now else [layout.cancel(job)]:
        try:
            atomic.publish_record(path, codec.encode(document))
        except FileExistsError:
            continue
    markers.touch(layout, job)
    doorbell.ring(layout, job)


def cancellation(layout: Layout, job: int) -> dict[str, Any] | None:
    """Return the request to cancel *job*, or None. One that is damaged still asks to cancel.

    Raises:
        OSError: whether there is one cannot be told now.
    """
    try:
        return codec.read(layout.cancel(job))
    except FileNotFoundError:
        return None
    except UnreadableRecord:
        return {"v": VERSION, "at": clock.now(), "signal": None, "note": None}


def is_urgent(layout: Layout, job: int) -> bool:
    """Return whether *job* is to be ended without a grace."""
    return os.path.lexists(layout.cancel_now(job))

"""Steer jobs that have still something to start."""

from __future__ import annotations

from jobctl.client import asking
from jobctl.errors import Contradiction, NotNow
from jobctl.model import states
from jobctl.model import status as model
from jobctl.store import requests

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from jobctl.model.status import Status
    from jobctl.store.layout import Layout


def hold(layout: Layout, job: int, *, held: bool, note: str | None = None) -> None:
    """Ask that *job* is *held*, or is not; *note* says why.

    Raises:
        NoSuchJob: it was forgotten meanwhile.
        SpoolUnusable: it could not be asked.
    """
    document: dict[str, Any] = {"hold": held}
    if note is not None:
        document["note"] = note
    asking.leave(layout, job, "hold" if held else "release", lambda: requests.steer(layout, job, document))


def require_waiting(label: object, status: Status, what: str) -> None:
    """Refuse to *what* (a verb in the past) a job of which nothing has still to start.

    Raises:
        NotNow: it runs.
        Contradiction: it is finished.
    """
    if status.finished:
        raise Contradiction(f"job {label} cannot be {what}: it is finished, {model.summary(status)}")
    if not has_unstarted(status):
        raise NotNow(f"job {label} cannot be {what}: it runs already; `jobctl cancel {label}` ends it")


def has_unstarted(status: Status) -> bool:
    """Return whether a job has something to start: an array job also while some of its tasks run."""
    if status.state != states.PROCESSING:
        return not status.finished
    waiting = status.tasks or {}
    return waiting.get("pending", 0) + waiting.get("retrying", 0) > 0

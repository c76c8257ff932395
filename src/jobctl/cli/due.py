"""When a job may start, for people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from jobctl.model.quantities import show_duration
from jobctl.store import clock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from jobctl.model.spec import Spec


def earliest(spec: Spec) -> str | None:
    """Return before which time of day a job may not start, as status files write times; None: at once."""
    if spec.start_in is None:
        return spec.not_before
    try:
        moment = datetime.fromisoformat(spec.submitted_at) + timedelta(seconds=spec.start_in)
    except OverflowError:
        moment = datetime.max.replace(tzinfo=UTC)
    return moment.isoformat()


def left(moment: str) -> float:
    """Return the seconds until *moment*, 0 if it has passed."""
    return max(0.0, (datetime.fromisoformat(moment) - _now()).total_seconds())


def long(moment: str) -> str:
    """Return *moment* on the user's clock, and how long it is until then."""
    shown = datetime.fromisoformat(moment).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    seconds = left(moment)
    return f"{shown}, in {show_duration(seconds)}" if seconds > 0 else shown


def short(moment: str) -> str:
    """Return *moment* on the user's clock in a few words: `02:00`, `tomorrow 02:00`, `28 Nov 02:00`."""
    there, today = datetime.fromisoformat(moment).astimezone(), _now().astimezone().date()
    # In the next hour seconds matter, to the minute or not.
    time = f"{there:%H:%M:%S}" if there.second and left(moment) < 3600 else f"{there:%H:%M}"
    if there.date() == today:
        return time
    if there.date() == today + timedelta(days=1):
        return f"tomorrow {time}"
    return f"{there:%d %b} {time}" if there.year == today.year else f"{there:%d %b %Y} {time}"


def _now() -> datetime:
    return datetime.fromisoformat(clock.now())

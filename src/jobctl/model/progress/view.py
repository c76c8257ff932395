"""Progress as people see it: never complete before the end, time left counted down, whatever the file holds."""

from __future__ import annotations

from jobctl.model.quantities import show_duration, show_size
from jobctl.model.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from jobctl.model.status import Status

#: How the sources of progress are called where there is little room.
_SOURCES: Final = {"file offset": "offset", "earlier runs": "estimate"}
#: Units that are shown as sizes.
_BYTES: Final = frozenset(("B", "byte", "bytes"))


class Shown(Value):
    """What there is to show of one job's progress; None for what is not known."""

    percent: int | None = None
    done: float | None = None
    total: float | None = None
    unit: str | None = None
    rate: float | None = None
    #: Seconds left from the moment that the progress was noted on.
    left: float | None = None
    noted_at: str | None = None
    message: str | None = None
    source: str | None = None

    @property
    def is_estimate(self) -> bool:
        """Whether it is only what earlier runs took."""
        return self.source == "estimate"

    @property
    def count(self) -> str | None:
        """How much of how much: `45/100 files`, `1.2 GiB/3.0 GiB`, `45 files`."""
        if self.done is None:
            return None
        parts = [self._amount(number) for number in (self.done, self.total) if number is not None]
        unit = "" if self.unit is None or self.unit in _BYTES else f" {self.unit}"
        return "/".join(parts) + unit

    @property
    def speed(self) -> str | None:
        """How much a second: `2.1/s`, `3.4 MiB/s`."""
        return None if not self.rate or self.rate < 0 else f"{self._amount(self.rate)}/s"

    def _amount(self, number: float) -> str:
        if self.unit in _BYTES:
            return show_size(int(number))
        if number == int(number) and number < 1e15:
            return str(int(number))
        return f"{number:.1f}" if number >= 1 else f"{number:.2g}"


def of(status: Status) -> Shown:
    """Return what there is to show of the progress of *status*; of an array job without any, its finished tasks."""
    found = status.progress or {}
    numbers = {name: _number(found.get(name)) for name in ("percent", "done", "total", "rate", "eta_s")}
    texts = {name: value if isinstance(value := found.get(name), str) else None for name in _TEXTS}
    percent, source = numbers["percent"], texts["source"]
    if percent is None and status.tasks is not None:
        percent, source = finished_percent(status.tasks), "tasks"
    if percent is not None and not status.finished:
        percent = min(percent, 99)  # 100 is said of what has ended.
    return Shown(
        percent=None if percent is None else int(max(0, min(percent, 100))),
        done=numbers["done"],
        total=numbers["total"],
        unit=texts["unit"],
        rate=numbers["rate"],
        left=numbers["eta_s"],
        noted_at=texts["updated_at"],
        message=texts["message"],
        source=None if source is None else _SOURCES.get(source.replace("-", " "), source),
    )


_TEXTS: Final = ("unit", "message", "source", "updated_at")


def finished_percent(tasks: dict[str, int]) -> float | None:
    """Return how many of the *tasks* of an array job are finished, as a percentage."""
    total = tasks.get("total", 0)
    done = sum(tasks.get(state, 0) for state in ("completed", "failed", "cancelled"))
    return 100 * done / total if total else None


def show_left(seconds: float | None, *, estimate: bool) -> str:
    """Return the time left for people, nothing if it is not known or over; an estimate is marked."""
    if seconds is None or seconds <= 0:
        return ""
    return ("~" if estimate else "") + show_duration(max(1.0, seconds)).replace(".0s", "s")


def _number(value: object) -> float | None:
    """Return *value* if it is a number, and no infinity."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value - value != 0:
        return None
    return float(value)

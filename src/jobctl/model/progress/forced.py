"""Progress from where the user says it is: a named shape or a regular expression, taken at its word."""

from __future__ import annotations

import re

from jobctl.model.progress import formats, objects, source
from jobctl.model.progress.detector import Detector
from jobctl.model.progress.fact import Fact, message_of
from jobctl.model.progress.screen import Screen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final, Protocol

    Search = Callable[[re.Pattern[str], str], re.Match[str] | None]

    class Reader(Protocol):
        """What reads progress from output: a Detector or one of these."""

        reported: Fact | None

        def feed(self, stream: str, data: bytes) -> None:
            """Take in the next bytes of *stream*."""

        @property
        def fact(self) -> Fact | None:
            """What may be claimed now."""


_PERCENT: Final = re.compile(r"(\d{1,3}(?:[.,]\d+)?) ?%|^\s*(\d{1,3}(?:\.\d+)?)\s*$")
_COUNT: Final = re.compile(r"(\d+(?:,\d{3})*) ?(?:/| out of | of ) ?(\d+(?:,\d{3})*)")


class Forced:
    """The last line that has what was asked for. How the bytes are cut makes no difference."""

    def __init__(self, wanted: str, search: Search = re.Pattern.search) -> None:
        """Look for the shape or the expression *wanted*; *search* tries an expression, and may give up by None.

        Raises:
            UsageError: *wanted* is neither.
        """
        self.fact: Fact | None = None
        self.reported: Fact | None = None
        self._durations: set[float] = set()
        self._read = self._reader(wanted, search)
        self._screens: dict[str, Screen] = {}

    def feed(self, stream: str, data: bytes) -> None:
        """Take in the next bytes of *stream*."""
        screen = self._screens.get(stream)
        if screen is None:
            screen = self._screens[stream] = Screen(self._line, self._osc)
        screen.feed(data)

    def _line(self, raw: bytes, rewritten: bool) -> None:  # noqa: ARG002, FBT001  # as Screen calls it
        found = self._read(raw.decode("utf-8", "replace"))
        if found is not None:
            self.fact = found

    def _osc(self, state: int, percent: int | None) -> None:
        if state in {0, 3}:
            self.reported = None
        elif percent is not None and percent <= 100:
            self.reported = Fact(percent=float(percent))

    def _reader(self, wanted: str, search: Search) -> Callable[[str], Fact | None]:
        named: dict[str, Callable[[str], Fact | None]] = {
            "percent": _percent,
            "count": _count,
            "json": _json,
            "time": self._time,
            "columns": _columns,
            "osc": lambda _line: None,
        }
        if wanted in named:
            return named[wanted]
        pattern = source.expression(wanted)
        return lambda line: _matched(search(pattern, line[: source.LONGEST_TRIED]))

    def _time(self, line: str) -> Fact | None:
        length = formats.duration(line)
        if length:
            self._durations.add(length)
        reached = formats.media_time(line)
        if reached is None or not self._durations:
            return None
        longest = max(self._durations)
        return _counted(min(reached, longest), longest, "s")


def reader(wanted: str, search: Search = re.Pattern.search) -> Reader | None:
    """Return what reads progress from output as `--progress-from` *wanted* it; None if nothing is to be read."""
    if wanted == source.NONE:
        return None
    if wanted == source.AUTO:
        return Detector()
    return Forced(wanted, search)


def _percent(line: str) -> Fact | None:
    value = None
    for found in _PERCENT.finditer(line):
        value = float((found[1] or found[2]).replace(",", "."))
    return Fact(percent=value) if value is not None and value <= 100 else None


def _count(line: str) -> Fact | None:
    found = _COUNT.search(line)
    return None if found is None else _counted(float(found[1].replace(",", "")), float(found[2].replace(",", "")))


def _json(line: str) -> Fact | None:
    document = objects.parse(line) if line.lstrip().startswith("{") else None
    found = None if document is None else objects.candidate(document)
    if found is None:
        return None
    return Fact(percent=found.percent, done=found.done, total=found.total, unit=found.unit, message=found.label)


def _columns(line: str) -> Fact | None:
    found = formats.columns(line)
    return None if found is None else Fact(percent=found.percent)


def _counted(done: float, total: float, unit: str | None = None) -> Fact | None:
    if total <= 0 or done > total:
        return None
    return Fact(percent=100 * done / total, done=done, total=total, unit=unit)


def _matched(found: re.Match[str] | None) -> Fact | None:
    """Return what the named groups of *found* say."""
    if found is None:
        return None
    groups = {name: text for name, text in found.groupdict().items() if text}
    message = message_of(groups["message"]) if "message" in groups else None
    unit = message_of(groups["unit"]) if "unit" in groups else None
    percent, done, total = (_value(groups.get(name)) for name in ("percent", "done", "total"))
    if done is not None and total is not None:
        counted = _counted(done, total, unit)
        return None if counted is None else counted.but(message=message)
    if percent is not None and percent <= 100:
        return Fact(percent=percent, message=message)
    if done is not None:
        return Fact(done=done, unit=unit, message=message)
    return None


def _value(text: str | None) -> float | None:
    if text is None or len(text) > 30:
        return None
    try:
        return objects.number(float(text.strip().replace(",", "")))
    except ValueError:
        return None

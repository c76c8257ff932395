"""Progress in JSON objects: one a line, as programs write them for programs, and as jobs report on purpose."""

from __future__ import annotations

import json
import re

from jobctl.model.progress import words
from jobctl.model.progress.candidate import Candidate
from jobctl.model.progress.fact import Fact, message_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

#: Names of what is done and of what there is to do, the best first.
_PAIRS: Final = (
    ("bytes_done", "total_bytes"),
    ("bytes_done", "bytes_total"),
    ("done", "total"),
    ("completed", "total"),
    ("processed", "total"),
    ("finished", "total"),
    ("current", "total"),
    ("position", "total"),
    ("step", "total_steps"),
    ("n", "total"),
    ("downloaded", "size"),
    ("downloaded_bytes", "total_bytes"),
    ("completed_units", "total_units"),
)
_PERCENTS: Final = ("percent", "percentage", "pct", "progress_percent", "percent_done", "percent_complete", "progress")
_FRACTIONS: Final = ("fraction", "progress", "percent_done", "fraction_done")
_DONE: Final = r"(?:done|processed|completed|finished)"
#: The same with the name of what is counted: `records_done` of `records_total`, `processed_files` of `total_files`.
_COUNTED: Final = re.compile(rf"(?P<first>[a-z]\w{{0,30}})_{_DONE}|{_DONE}_(?P<last>[a-z]\w{{0,30}})")
#: Names that only measurements have.
_MEASURES: Final = frozenset(
    ("metric", "metrics", "sensor", "gauge", "measurement", "labels", "device", "unit_of_measurement")
)
#: What tells objects of one kind from those of another.
_KINDS: Final = ("type", "message_type", "msgid", "event", "status", "id", "operation", "phase", "stage", "name")


def parse(text: str) -> dict[str, Any] | None:
    """Return the JSON object that *text* is, or None."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def number(value: object) -> float | None:
    """Return *value* as a finite number that is not negative, or None."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if 0 <= found < 1e18 else None


def candidate(document: dict[str, Any]) -> Candidate | None:
    """Return the fraction of work done that *document* tells, if it does."""
    for name in ("progress", "data", "payload"):
        inner = document.get(name)
        if isinstance(inner, dict):
            document = {**document, **inner}
    lower = {str(key).lower(): value for key, value in document.items()}
    done, total, unit = _pair(lower)
    percent = _percent(lower, None if total is None or done is None else 100 * done / total)
    if percent is None or (total is None and _is_measure(lower)):
        return None
    kinds = tuple(f"{name}={lower[name]!r:.40}" for name in _KINDS if isinstance(lower.get(name), (str, int)))
    label = next((lower[name] for name in ("message", "phase", "stage") if isinstance(lower.get(name), str)), None)
    return Candidate(
        percent=percent,
        done=done,
        total=total,
        unit=unit,
        label=None if label is None else message_of(label),
        key=("json", *kinds),
        style=("json", *sorted(map(str, lower))[:8]),
        weight=4,
    )


def _is_measure(document: dict[str, Any]) -> bool:
    """Whether the percentage in *document* is one of a sensor or a resource."""
    if not _MEASURES.isdisjoint(document):
        return True
    texts = (value for value in document.values() if isinstance(value, str) and len(value) < 60)
    return any(words.OTHER_QUANTITY.search(text.replace("_", " ")) for text in texts)


def _pair(document: dict[str, Any]) -> tuple[float | None, float | None, str | None]:
    for first, second in _PAIRS:
        done, total = number(document.get(first)), number(document.get(second))
        if done is not None and total and done <= total:
            unit = document.get("unit")
            return done, total, "bytes" if "byte" in second else unit if isinstance(unit, str) else None
    for name, value in document.items():
        found = _COUNTED.fullmatch(name)
        if found is None:
            continue
        what = found["first"] or found["last"]
        done = number(value)
        total = number(document.get(f"{what}_total", document.get(f"total_{what}")))
        if done is not None and total and done <= total:
            return done, total, "bytes" if what == "bytes" else what
    return None, None, None


def _percent(document: dict[str, Any], known: float | None) -> float | None:
    for name in _PERCENTS:
        value = number(document.get(name))
        if value is None or value > 100:
            continue
        if known is not None and abs(100 * value - known) < abs(value - known):
            return 100 * value if value <= 1 else known
        if value > 1:
            return value
        if name in _FRACTIONS and known is None and value != 1:
            # 0.3 of 1 or of 100? Written so, programs mean 1.
            return 100 * value
        return value if known is None and value == 0 else known
    for name in _FRACTIONS:
        value = number(document.get(name))
        if value is not None and value <= 1:
            return 100 * value
    return known


def report(document: dict[str, Any]) -> Fact | None:
    """Return what a job reports by *document*: some of done, total, percent, unit, message; None if malformed."""
    numbers = {name: number(document[name]) for name in ("done", "total", "percent") if document.get(name) is not None}
    texts = {name: document[name] for name in ("unit", "message") if document.get(name) is not None}
    if None in numbers.values() or not all(isinstance(text, str) for text in texts.values()):
        return None
    if not numbers and not texts:
        return None
    done, total, percent = (numbers.get(name) for name in ("done", "total", "percent"))
    if (percent or 0) > 100 or total == 0 or (done is not None and total is not None and done > total):
        return None
    if percent is None and done is not None and total is not None:
        percent = 100 * done / total
    words = {name: message_of(text) for name, text in texts.items()}
    return Fact(percent=percent, done=done, total=total, unit=words.get("unit"), message=words.get("message"))

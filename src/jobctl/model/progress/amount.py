"""How far something is, as people write it: `45`, `45%`, `3/10`. For `jobctl progress`, so nothing dear is imported."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

#: Digits of a number, before and behind its point.
_MOST_DIGITS: Final = 15


def parse(text: str) -> dict[str, float] | None:
    """Return `percent`, or `done` and `total`, as *text* says; None if it is neither, or more than the whole."""
    first, slash, second = text.partition("/")
    if slash:
        done, total = _number(first.strip()), _number(second.strip())
        if done is None or not total or done > total:
            return None
        return {"done": done, "total": total}
    percent = _number(text.strip().removesuffix("%").rstrip())
    return None if percent is None or percent > 100 else {"percent": percent}


def _number(text: str) -> float | None:
    whole, point, fraction = text.partition(".")
    for part in (whole, fraction) if point else (whole,):
        if not (part.isascii() and part.isdigit() and len(part) <= _MOST_DIGITS):
            return None
    return float(text) if point else int(text)

"""N/M and N of M in a line: counts and sizes, and not dates, versions or ratios."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

NUMBER: Final = r"\d+(?:,\d{3})+|\d+(?:[.,]\d+)?"
SIZE: Final = r"[kKMGTP]i?[Bb]?(?:ytes)?|[Bb]ytes|B"
#: What stands between the two, in the languages in which programs say it most.
OF: Final = "out of|of|von|sur|de"
PAIR: Final = re.compile(
    rf"(?<![\w,/:=+<>#@-])(?<![\w\s]\.)(?<!\w[\[(])({NUMBER}) ?((?:{SIZE})(?![a-z]))?"
    rf"(?: {{0,2}}/ {{0,8}}| (?:{OF}) )({NUMBER}) ?((?:{SIZE})(?![A-Za-z]))?"
    r"(?![\d/%]|[.,:-]\d|[A-Za-z_]\w| ?= ?\d)(?: {1,2}([a-z]{3,12}s)\b(?!:))?"
)
#: `11/23 09:37:57` is a time of day.
_TIME_AFTER: Final = re.compile(r" {1,2}\d{1,2}:\d\d")
_SCALE: Final = {"": 1.0, "k": 1e3, "m": 1e6, "g": 1e9, "t": 1e12, "p": 1e15, "b": 1.0}


class Pair:
    """`N/M` or `N of M` in a line."""

    __slots__ = ("done", "percent", "sizes", "span", "total", "unit")

    def __init__(self, span: tuple[int, int], done: float, total: float, unit: str | None, *, sizes: bool) -> None:
        """Take it as it was read; of *sizes* or of a count."""
        self.span = span
        self.done = done
        self.total = total
        self.unit = unit
        self.sizes = sizes
        self.percent = 100 * done / total


def read(found: re.Match[str]) -> Pair | None:
    """Return what *found*, a match of PAIR, says; None if it can be no fraction."""
    first, first_size, second, second_size, unit = found.groups()
    sizes = second_size is not None
    if first_size is not None and not sizes:
        return None
    if ("." in first or "." in second) and not sizes:
        return None
    done, total = _number(first), _number(second)
    if sizes:
        done, total = done * _factor(first_size or second_size), total * _factor(second_size)
        unit = "bytes"
    if total < (1 if sizes else 2) or done > total:
        return None
    if total <= 31 and done <= 31 and not sizes and _TIME_AFTER.match(found.string, found.end()):
        return None
    return Pair(found.span(), done, total, unit, sizes=sizes)


def _number(text: str) -> float:
    return float(text.replace(",", "") if re.fullmatch(r"\d+(?:,\d{3})+", text) else text.replace(",", "."))


def _factor(size: str) -> float:
    scale = _SCALE[size[0].lower()]
    power = {1e3: 1, 1e6: 2, 1e9: 3, 1e12: 4, 1e15: 5}.get(scale, 0)
    return 1024.0**power if "i" in size else scale

"""A line that grows by marks until it is full: `0...10...20...30`, or signs below a ruler from 0% to 100%.

Nothing of it ends or is redrawn before the work is over, so it is read while it is being written.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

#: From nought on, by marks with dots between them; perhaps behind a label.
_MARKS: Final = re.compile(
    r"(?:.{0,200}?[ :])?0(?P<sign>%?) ?\.{2,4} ?\d{1,3}(?P=sign)(?: ?\.{2,4} ?\d{1,3}(?P=sign))*"
    r"(?: ?\.{0,4} ?)(?:- ?done\.?)?\Z"
)
_MARK: Final = re.compile(r"\d+")
_BETWEEN: Final = re.compile(r"%? ?(\.{2,4}) ?\d")
_LAST: Final = re.compile(r"\d%? ?(\.{1,4}) ?\Z")
_FARTHEST: Final = 200
#: At least so many marks behind the nought.
_ENOUGH: Final = 2
_RULER: Final = re.compile(r"^\s*0 ?%?[ |.\-]{2,}10\b.{10,100}\b100 ?%?\s*$")
_FRAME: Final = re.compile(r"^\s*[|\[][-|+=]{18,100}[|\]]?$")
_SIGNS: Final = re.compile(r"^\s?([*#=.+])\1*\|?$")


class Scale:
    """What the lines of one stream say by marks."""

    __slots__ = ("_width",)

    def __init__(self) -> None:
        """Begin without a ruler."""
        self._width = 0

    def line(self, text: str) -> tuple[float, str] | None:
        """Take in a whole line; return what `reached` does, None if it is no scale."""
        if _RULER.match(text):
            self._width = len(text.strip())
            return None
        if self._width and _FRAME.match(text):
            self._width = len(text.strip())
            return None
        found = self.reached(text)
        self._width = 0
        return found

    def reached(self, text: str) -> tuple[float, str] | None:
        """Return how far *text*, which may still grow, has come (0 to 100) and its label; None if it is no scale."""
        if self._width:
            signs = text.strip()
            if len(signs) < _ENOUGH or not _SIGNS.match(text):
                return None
            return min(100.0, 100 * len(signs) / self._width), ""
        return _marked(text)


def _marked(text: str) -> tuple[float, str] | None:
    if ".." not in text[:_FARTHEST] or len(text) > 2 * _FARTHEST:
        return None
    found = _MARKS.match(text)
    if found is None:
        return None
    drawn = text[found.start("sign") :]
    marks = [int(mark) for mark in _MARK.findall(drawn)]
    step = marks[0]
    # The last one may be half written.
    half = len(marks) > 1 and marks[-1] != step * len(marks) and str(step * len(marks)).startswith(str(marks[-1]))
    marks = marks[: len(marks) - half]
    if len(marks) < _ENOUGH or not step or marks[-1] > 100 or marks != list(range(step, marks[-1] + 1, step)):
        return None
    between, last = _BETWEEN.match(drawn), _LAST.search(drawn)
    reached = float(marks[-1])
    if between is not None and (last is not None or half) and reached < 100 and not found["sign"]:
        # Dots come one by one; `10%...` is written at once.
        usual = len(between[1])
        reached += step * min(usual, usual if last is None else len(last[1])) / (usual + 1)
    return reached, text[: found.start("sign") - 1]

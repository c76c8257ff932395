"""Numbers alone: a stream that holds nothing but what rises from nought to a hundred, as `pv -n` writes it.

A number alone says nothing, so the whole stream has to: it begins low, only rises, and not by ones, as what counts
does. On standard output, where results are written, a constant step makes it a list as well.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_NUMBER: Final = re.compile(r"\s*(\d{1,3}(?:\.\d{1,4})?)\s*$")
#: What dialogs that draw a gauge take between the numbers.
_REMARK: Final = "#"
_BEGINS: Final = 34.0
#: Different values before anything is said: on standard error, where no results are, fewer do.
_NEEDED: Final = {"stdout": 8, "stderr": 4}
#: The largest step over the usual one of what is still even work: what doubles each time is something else.
_UNEVEN: Final = 2.5
_SAME: Final = 0.01


class Numbers:
    """What the numbers of one stream say."""

    __slots__ = ("_first", "_last", "_least", "_most", "_seen", "_stream", "_told", "over")

    def __init__(self, stream: str) -> None:
        """Begin with nothing seen on *stream*."""
        self._stream = stream
        self._first = 0.0
        self._last: float | None = None
        self._seen = 0
        self._least = 100.0
        self._most = 0.0
        self._told = False
        #: Whether the stream is none of this kind, and nothing it said is to be believed.
        self.over = False

    def line(self, text: str) -> float | None:
        """Take in a line; return how far it says the work is, None if it does not."""
        if self.over or text.startswith(_REMARK) or not text.strip():
            return None
        found = _NUMBER.match(text)
        value = None if found is None else float(found[1])
        before = self._last
        if value is None and self._told:
            # A last word. What was said stands.
            return None
        if value is None or value > 100 or value < (before or 0.0) or (before is None and value > _BEGINS):
            self.over = True
            return None
        if before is None:
            self._first = value
        elif value > before:
            self._seen += 1
            self._least, self._most = min(self._least, value - before), max(self._most, value - before)
        self._last = value
        self._told = self._told or self._is_told(value)
        return value if self._told else None

    def _is_told(self, value: float) -> bool:
        if self._seen + 1 < _NEEDED[self._stream]:
            return False
        even = self._most - self._least < _SAME
        if self._stream == "stderr":
            return not (even and abs(self._most - 1) < _SAME)
        return not even and self._most <= _UNEVEN * (value - self._first) / self._seen

"""How fast it goes and how long it may still take, from when which values were seen."""

from __future__ import annotations

import math

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

#: Seconds over which the pace is averaged: a third of what was seen, within these bounds. Short enough to
#: notice that it has become slow, long enough not to jump with every burst.
_WINDOW: Final = (15.0, 600.0)
#: Nothing is said before so many seconds and different values were seen, nor of more than this ahead.
_SEEN_FOR: Final = 2.0
_SEEN: Final = 2
_FARTHEST: Final = 100 * 86400.0


class Pace:
    """The pace of one value. Time is handed in, on a clock that never jumps.

    Gained and elapsed are each weighed down with age by the same factor, so that bursts even out; and since time
    counts also while nothing is gained, a stall lets the pace sink and the time left grow, smoothly.
    """

    __slots__ = ("_began", "_elapsed", "_gained", "_last", "_seen", "value")

    def __init__(self, value: float, now: float) -> None:
        """Begin at *value*."""
        self.value = value
        self._began = now
        self._last = now
        self._gained = 0.0
        self._elapsed = 0.0
        self._seen = 0

    def note(self, value: float, now: float) -> None:
        """Take note that it is *value* now; a step back begins anew."""
        if value < self.value:
            self.__init__(value, now)  # type: ignore[misc]  # exactly what beginning means
        elif value > self.value:
            passed, kept = self._kept(now)
            self._gained = self._gained * kept + value - self.value
            self._elapsed = self._elapsed * kept + passed
            self._last = now
            self._seen += 1
            self.value = value

    def rate(self, now: float) -> float | None:
        """Return what is gained a second, None while nobody can tell."""
        if self._seen < _SEEN or now - self._began < _SEEN_FOR:
            return None
        passed, kept = self._kept(now)
        # While less time has passed than a step usually takes, nothing is late.
        usual = (self._last - self._began) / self._seen
        if passed <= usual:
            return self._gained / self._elapsed if self._elapsed > 0 else None
        late = passed - usual
        kept = math.exp(-late / self._window(now))
        return self._gained * kept / (self._elapsed * kept + late)

    def left(self, whole: float, now: float) -> float | None:
        """Return the seconds until it is *whole* at this pace, None while nobody can tell."""
        rate = self.rate(now)
        if not rate:
            return None
        # Some of what is left has been done since the last step was seen.
        since = min(now - self._last, (self._last - self._began) / self._seen)
        seconds = max(0.0, (whole - self.value) / rate - since)
        return seconds if seconds <= _FARTHEST else None

    def _window(self, now: float) -> float:
        return min(max((now - self._began) / 3, _WINDOW[0]), _WINDOW[1])

    def _kept(self, now: float) -> tuple[float, float]:
        passed = max(0.0, now - self._last)
        return passed, math.exp(-passed / self._window(now))

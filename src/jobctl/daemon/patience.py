"""Try a user's regular expression on a line, but not for ever.

Some expressions take longer than the age of the universe on a short line, and the daemon has one thread. The `re`
module looks for signals while it matches, so a timer on the processor time of this process can end it.
"""

from __future__ import annotations

import signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from types import FrameType
    from typing import Final

#: Seconds of processor time for one line, and how many lines may need more before the expression is given up.
_LONGEST: Final = 0.05
_MOST: Final = 3


class _TooLongError(Exception):
    pass


class Patience:
    """What is left of the patience with one expression. Only for the main thread of the daemon."""

    def __init__(self) -> None:
        """Begin with all of it."""
        self._left = _MOST
        self._armed = False

    @property
    def is_gone(self) -> bool:
        """Whether the expression is not tried any more."""
        return self._left <= 0

    def search(self, pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
        """Return where *pattern* is found in *text*; None also if that took too long."""
        if self.is_gone:
            return None
        before = signal.signal(signal.SIGVTALRM, self._ring)
        try:
            self._armed = True
            signal.setitimer(signal.ITIMER_VIRTUAL, _LONGEST)
            try:
                return pattern.search(text)
            finally:
                self._armed = False
                signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        except (_TooLongError, RecursionError, MemoryError):
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            self._left -= 1
            return None
        finally:
            signal.signal(signal.SIGVTALRM, before)

    def _ring(self, _number: int, _frame: FrameType | None) -> None:
        if self._armed:
            self._armed = False
            raise _TooLongError

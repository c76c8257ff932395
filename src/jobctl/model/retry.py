"""When a failed attempt is followed by another one, and how long after it."""

from __future__ import annotations

from jobctl.errors import UsageError
from jobctl.model.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final, Literal

    from jobctl.model.attempt import Verdict

    OnCrash = Literal["fail", "retry", "hold"]

ON_CRASH: Final[tuple[OnCrash, ...]] = ("fail", "retry", "hold")

#: So many lost attempts of one life end a job with --on-crash retry: it may be what takes the machine down.
MOST_LOST: Final = 10
#: Status that an attempt counts as that ran out of time; timeout(1) exits with it.
_TIMED_OUT: Final = 124
#: The jitter: a pause is this much longer at most, as a part of it, so that jobs that failed together come apart.
_JITTER: Final = 0.25


class Retry(Value):
    """How often, when and for what a failed attempt is followed by another one without being asked."""

    #: Attempts after the first.
    retries: int = 0
    #: Seconds before the first of them; each later pause is *backoff* times the one before, at most *max_delay*.
    delay: float = 1.0
    backoff: float = 2.0
    max_delay: float = 3600.0
    #: Exit statuses that are tried again, or are not; a signal counts as 128+n. At most one of the two is given.
    only: tuple[int, ...] | None = None
    never: tuple[int, ...] | None = None
    #: What follows an attempt whose outcome is lost: it may have done its work.
    on_crash: OnCrash = "fail"

    def wants(self, verdict: Verdict) -> bool:
        """Return whether an attempt that ended as *verdict* is worth another one, if any is left."""
        if verdict.reason == "cancelled" or (verdict.reason == "exit" and verdict.exit_code == 0):
            return False
        if verdict.reason == "lost":
            return self.on_crash == "retry"
        if verdict.reason == "not-started":
            return self.only is None
        if verdict.reason == "timeout":
            code = _TIMED_OUT
        else:
            code = 128 + verdict.signal if verdict.signal is not None else verdict.exit_code or 0
        if self.only is not None:
            return code in self.only
        return self.never is None or code not in self.never

    def pause(self, failures: int, chance: float) -> float:
        """Return the seconds to wait after the *failures*-th failure in a row; *chance* from 0 to 1 spreads them."""
        try:
            pause = self.delay * self.backoff ** (failures - 1)
        except OverflowError:
            pause = self.max_delay
        return min(min(pause, self.max_delay) * (1 + _JITTER * chance), self.max_delay)


def parse_codes(text: str, what: str) -> tuple[int, ...]:
    """Return the exit statuses that *text* lists, ascending: `75`, `1,3,5-9`. *what* names the option.

    Raises:
        UsageError: it is no such list, or one of them is beyond 255.
    """
    codes: set[int] = set()
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        low, high = _code(first), _code(last if dash else first)
        if low is None or high is None or low > high:
            raise UsageError(f"{what} {text!r} is not understood: write exit statuses from 0 to 255, as in 1,3,5-9")
        codes.update(range(low, high + 1))
    return tuple(sorted(codes))


def parse_factor(text: str) -> float:
    """Return the factor that *text* writes: `2`, `1.5`.

    Raises:
        UsageError: it is not a number in digits.
    """
    digits = text.replace(".", "", 1)
    if not (digits.isascii() and digits.isdigit() and text[0] != "." and len(text) <= 20):
        raise UsageError(f"--retry-backoff {text!r} is not a factor: write a number from 1, as in 2 or 1.5")
    return float(text)


def check(retry: Retry) -> None:
    """Refuse a policy that cannot be.

    Raises:
        UsageError: a number is out of its range, or both lists of codes are given.
    """
    if not 0 <= retry.retries <= 1_000_000:
        raise UsageError(f"--retries {retry.retries} is not from 0 to 1000000")
    if retry.delay < 0 or retry.max_delay < 0:
        raise UsageError("a pause between attempts cannot be negative")
    if not 1 <= retry.backoff <= 1000:
        raise UsageError(f"--retry-backoff {retry.backoff:g} is not from 1 to 1000")
    if retry.only is not None and retry.never is not None:
        raise UsageError("give either --retry-on or --no-retry-on: what the one does not name is named by the other")
    for code in (*(retry.only or ()), *(retry.never or ())):
        if not 0 <= code <= 255:
            raise UsageError(f"{code} is no exit status: they are from 0 to 255")
    if retry.on_crash not in ON_CRASH:
        raise UsageError(f"--on-crash {retry.on_crash!r} is none of {', '.join(ON_CRASH)}")


def _code(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 3 and int(text) <= 255 else None

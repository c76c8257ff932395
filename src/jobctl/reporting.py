"""Progress of a Python program that runs as a job; in one that does not, all of this does nothing."""

from __future__ import annotations

import operator
import os
import time

from jobctl.store import progress_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Final, SupportsFloat, TypeVar

    T = TypeVar("T")

#: Seconds between two reports of `track`.
_EVERY: Final = 0.5


def report_progress(
    done: SupportsFloat | None = None,
    total: SupportsFloat | None = None,
    *,
    percent: SupportsFloat | None = None,
    unit: str | None = None,
    message: str | None = None,
) -> None:
    """Report how far the job is in which this program runs: *done* of *total*, or *percent*, and a *message*.

    What is left out stays as it was reported before. Outside of a job nothing happens. A report that cannot be
    written, or that makes no sense, is dropped: no job fails because of its progress.
    """
    path = progress_file.place(os.environ)
    if path is None:
        return
    try:
        numbers = {"done": _plain(done), "total": _plain(total), "percent": _plain(percent)}
        texts = {"unit": unit, "message": None if message is None else str(message)}
        report = {name: value for name, value in {**numbers, **texts}.items() if value is not None}
        if report:
            progress_file.append(path, report)
    except (OSError, ValueError, TypeError, OverflowError):
        pass


def track(
    iterable: Iterable[T], total: int | None = None, *, unit: str | None = None, message: str | None = None
) -> Iterator[T]:
    """Yield what *iterable* yields and report how many of *total* items (its length, where it has one) are done.

    An item is done when the next one is asked for. There are at most two reports a second, whatever the loop does.
    """
    if progress_file.place(os.environ) is None:
        yield from iterable
        return
    if total is None:
        total = operator.length_hint(iterable) or None
    done = 0
    report_progress(done, total, unit=unit, message=message)
    report_at = time.monotonic() + _EVERY
    for item in iterable:
        yield item
        done += 1
        now = time.monotonic()
        if now >= report_at:
            report_progress(done, total, unit=unit)
            report_at = now + _EVERY
    report_progress(done, total, unit=unit)


def _plain(number: SupportsFloat | None) -> float | int | None:
    """Return *number*, of whatever library, as Python's own."""
    if number is None:
        return None
    value = float(number)
    return int(value) if value.is_integer() else value

"""When something is due that was asked for at submission: after so long, or at a time of day.

`--in` and `--max-wait` run on the steady clock from the moment of submission, so that setting the time of day changes
nothing. In another boot that clock means nothing: there the time of day is all there is. `--at` is a time of day.
"""

from __future__ import annotations

import heapq
from datetime import UTC, datetime, timedelta

TYPE_CHECKING = False
if TYPE_CHECKING:
    from jobctl.daemon.surroundings import Clock
    from jobctl.model.spec import Spec


class Alarms:
    """When jobs are to be looked at again, on the steady clock."""

    def __init__(self) -> None:
        """Begin with none."""
        self._times: list[tuple[float, int]] = []
        self._set: set[tuple[float, int]] = set()

    def put(self, job: int, at: float) -> None:
        """Have *job* looked at again when the steady clock shows *at*."""
        if (at, job) not in self._set:
            self._set.add((at, job))
            heapq.heappush(self._times, (at, job))

    def ring(self, now: float) -> set[int]:
        """Return the jobs that are to be looked at at *now*, each alarm once."""
        due = set()
        while self._times and self._times[0][0] <= now:
            alarm = heapq.heappop(self._times)
            self._set.discard(alarm)
            due.add(alarm[1])
        return due

    @property
    def next(self) -> float | None:
        """When the next one rings; None if there is none."""
        return self._times[0][0] if self._times else None


def since_submission(plan: Spec, seconds: float, clock: Clock, boot: str) -> float:
    """Return when, on the steady clock of this *boot*, *seconds* have gone by since the job was submitted."""
    if plan.steady is not None and plan.boot == boot:
        return plan.steady + seconds
    return until(later(plan.submitted_at, seconds), clock)


def until(moment: str, clock: Clock) -> float:
    """Return when the steady clock will show *moment*, a time of day, if nobody sets the time meanwhile."""
    left = datetime.fromisoformat(moment) - datetime.fromisoformat(clock.now())
    return clock.steady() + left.total_seconds()


def waits_since(plan: Spec, clock: Clock, boot: str) -> float:
    """Return since when, on the steady clock, the job waits; before its zero for one of an earlier boot."""
    if plan.steady is not None and plan.boot == boot:
        return plan.steady
    return min(0.0, until(plan.submitted_at, clock) - clock.steady())


def later(moment: str, seconds: float) -> str:
    """Return the time of day *seconds* after *moment*, as status files write it."""
    try:
        shown = datetime.fromisoformat(moment) + timedelta(seconds=seconds)
    except OverflowError:
        shown = datetime.max.replace(tzinfo=UTC)
    return shown.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

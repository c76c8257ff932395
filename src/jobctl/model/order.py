"""The order of the jobs that wait in a queue."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

#: Seconds of waiting that are worth one point of priority, so that nothing starves: a job that has waited for
#: an hour goes before one of priority 1 that comes now.
AGEING: Final = 3600.0


def rank(priority: int, since: float) -> float:
    """Return the rank of a job that waits *since* a moment in seconds, on whatever clock: the lowest goes first."""
    return since - priority * AGEING

"""Block until jobs are where they are wanted, and see to it that a daemon runs meanwhile; say so if none can."""

from __future__ import annotations

from jobctl.cli import output, summon
from jobctl.client import waiting
from jobctl.client.waiting import name, read
from jobctl.model import status as model
from jobctl.store import clock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from jobctl.model.status import Status
    from jobctl.store.layout import Layout
    from jobctl.store.selection import Target

__all__ = ["Presence", "first_failure", "interrupted", "name", "read", "until", "until_finished"]

#: Seconds between looks whether a daemon runs.
_LOOK_EVERY = 0.5


def until_finished(layout: Layout, jobs: Sequence[int | Target]) -> int:
    """Block until all *jobs* are finished and return the first failure in order of ID, else 0.

    Interrupted, it says that the jobs go on and returns 130.
    """
    try:
        return first_failure(layout, until(layout, jobs, lambda status: status.finished))
    except KeyboardInterrupt:
        return interrupted(jobs)


def until(
    layout: Layout,
    jobs: Sequence[int | Target],
    reached: Callable[[Status], bool],
    *,
    enough: int | None = None,
    timeout: float | None = None,
) -> list[Status]:
    """Block until *reached* holds for *enough* of *jobs* (all unless said otherwise); return those it holds for.

    They come in the order of *jobs*.

    Raises:
        WaitTimedOut: *timeout* seconds went by first; the jobs go on.
        NoSuchJob, UnreadableRecord: a job was forgotten or set aside meanwhile.
    """
    return waiting.until(layout, jobs, reached, tend=Presence(layout).ensure, enough=enough, timeout=timeout)


class Presence:
    """Sees to it that a daemon runs while somebody waits for what only a daemon brings about."""

    def __init__(self, layout: Layout) -> None:
        """Watch over the daemon of *layout*."""
        self._layout = layout
        self._told = False
        self._looked_at = -1.0

    def ensure(self) -> None:
        """Start a daemon if none listens; if it may not or cannot be started, say so once."""
        now = clock.steady()
        if now >= self._looked_at + _LOOK_EVERY:
            self._looked_at = now
            if not summon.ensure(self._layout, patient=True, silent=self._told):
                self._told = True


def first_failure(layout: Layout, statuses: Iterable[Status]) -> int:
    """Return the first exit status that is not 0, in the order of *statuses*; 0 if there is none."""
    return next((code for status in statuses if (code := exit_status(layout, status))), 0)


def exit_status(layout: Layout, status: Status) -> int:
    """Return the exit status of a command that exits as the finished job did, an array job as its first failed task."""
    if status.tasks is None:
        return model.exit_status(status)
    from jobctl.store import tasks  # noqa: PLC0415  # as above

    return tasks.exit_status(layout, status)


def interrupted(jobs: Sequence[int | Target]) -> int:
    """Say that the jobs go on although nobody waits any more; return the exit status for that."""
    output.warn(f"interrupted; {name(jobs)} {'go' if len(jobs) > 1 else 'goes'} on")
    return 130

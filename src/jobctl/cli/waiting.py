"""Block until jobs are where they are wanted, and see to it that a daemon runs meanwhile; say so if none can."""

from __future__ import annotations

from jobctl.cli import output, summon
from jobctl.client import waiting
from jobctl.client.waiting import name, read
from jobctl.model import status as model
from jobctl.store import clock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from jobctl.cli.standstill import Standstill
    from jobctl.model.status import Status
    from jobctl.store.layout import Layout
    from jobctl.store.notify import Waker
    from jobctl.store.selection import Target

__all__ = ["Presence", "first_failure", "interrupted", "name", "read", "until", "until_finished"]

#: Seconds between looks whether a daemon runs.
_LOOK_EVERY = 0.5
#: As many jobs are listed.
_LISTED = 20
#: Its number everywhere (POSIX, kill); `signal` is dear.
_SIGINT = 2


def until_finished(layout: Layout, jobs: Sequence[int | Target]) -> int:
    """Block until all *jobs* are finished and return the first failure in order of ID, else 0.

    Interrupted, or told to leave by a signal, it says that the jobs go on and returns 130, or as by that signal.
    """
    try:
        return first_failure(layout, until(layout, jobs, lambda status: status.finished, in_its_place=True))
    except KeyboardInterrupt as interruption:
        return interrupted(jobs, interruption)


def until(
    layout: Layout,
    jobs: Sequence[int | Target],
    reached: Callable[[Status], bool],
    *,
    enough: int | None = None,
    timeout: float | None = None,
    explained: bool = True,
    in_its_place: bool = False,
) -> list[Status]:
    """Block until *reached* holds for *enough* of *jobs* (all unless said otherwise); return those it holds for.

    They come in the order of *jobs*. If *explained*, whoever sits there is told why none of them starts; a command
    that stands *in its place* hears the signals that a job in front of one would get.

    Raises:
        WaitTimedOut: *timeout* seconds went by first; the jobs go on.
        NoSuchJob, UnreadableRecord: a job was forgotten or set aside meanwhile.
    """
    standstill: Standstill | None = None

    def beside() -> float | None:
        nonlocal standstill
        if standstill is None:
            from jobctl.cli.standstill import Standstill  # noqa: PLC0415  # only who must block pays for it

            standstill = Standstill(layout, jobs if explained else ())
            if in_its_place:
                from jobctl.cli import leaving  # noqa: PLC0415  # as above

                leaving.listen()
        return standstill.look()

    tend = Presence(layout).ensure
    return waiting.until(layout, jobs, reached, tend=tend, enough=enough, timeout=timeout, beside=beside, watch=_watch)


def _watch(layout: Layout, directories: Collection[str]) -> Waker:
    from jobctl.cli import woken  # noqa: PLC0415  # only who must block pays for it

    return woken.of_jobs(layout, directories)


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


def tell_done(jobs: Sequence[int | Target], past: str) -> None:
    """Say to whoever sits there to which jobs of a set it was done; *past* is what."""
    if not jobs:
        output.hint("no job matches")
        return
    listed = " ".join(map(str, jobs[:_LISTED])) + (" …" if len(jobs) > _LISTED else "")
    output.hint(f"{len(jobs)} job{'' if len(jobs) == 1 else 's'} {past}: {listed}")


def first_failure(layout: Layout, statuses: Iterable[Status]) -> int:
    """Return the first exit status that is not 0, in the order of *statuses*; 0 if there is none."""
    return next((code for status in statuses if (code := exit_status(layout, status))), 0)


def exit_status(layout: Layout, status: Status) -> int:
    """Return the exit status of a command that exits as the finished job did, an array job as its first failed task."""
    if status.tasks is None:
        return model.exit_status(status)
    from jobctl.store import tasks  # noqa: PLC0415  # as above

    return tasks.exit_status(layout, status)


def interrupted(jobs: Sequence[int | Target], by: KeyboardInterrupt | None = None) -> int:
    """Say that the jobs go on although nobody waits any more; return the exit status for that.

    It is as by Ctrl-C unless *by* says which other signal it was.
    """
    number = getattr(by, "number", _SIGINT)
    output.warn(f"{'interrupted' if number == _SIGINT else 'told to end'}; {waiting.going_on(jobs)}")
    return 128 + int(number)

"""Block until jobs are where they are wanted: look first, then be woken by the file system, with a slow look beside.

A job is given by its ID, or as a target: then it may be one task of it.
"""

from __future__ import annotations

from jobctl.cli import output, summon
from jobctl.errors import WaitTimedOut
from jobctl.model import status as model
from jobctl.store import clock, status_reader
from jobctl.store.selection import Target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from jobctl.model.status import Status
    from jobctl.store.layout import Layout

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
    targets = [Target(job=job) if isinstance(job, int) else job for job in jobs]
    there: dict[Target, Status] = {}
    wanted = len(targets) if enough is None else enough

    def look() -> bool:
        for target in targets:
            if target not in there:
                status = read(layout, target)
                if reached(status):
                    there[target] = status
        return len(there) >= wanted

    def found() -> list[Status]:
        return [there[target] for target in targets if target in there]

    if look():
        return found()

    from jobctl.store.notify import Watcher  # noqa: PLC0415  # only who must block pays for it

    deadline = None if timeout is None else clock.steady() + timeout
    watcher = Watcher(layout.job(target.job) for target in targets if target not in there)
    daemon = Presence(layout)
    # Once more: something may have changed between the look and the watch.
    while not look():
        left = None if deadline is None else deadline - clock.steady()
        if left is not None and left <= 0:
            waiting = [target for target in targets if target not in there]
            raise WaitTimedOut(f"gave up waiting; {name(waiting)} {'go' if len(waiting) > 1 else 'goes'} on")
        daemon.ensure()
        watcher.wait(left)
    watcher.close()
    return found()


def read(layout: Layout, target: Target) -> Status:
    """Return the status of a job or of one task.

    Raises:
        NoSuchJob, UnreadableRecord, UnknownVersion: as `status_reader.read`.
    """
    if target.task is None:
        return status_reader.read(layout, target.job)
    from jobctl.store import tasks  # noqa: PLC0415  # only who asks for a task pays for it

    return tasks.read(layout, target)


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


def name(jobs: Sequence[int | Target]) -> str:
    """Return how *jobs* are called in a message: `job 17`, `jobs 17, 18.3`, `17 jobs`."""
    if len(jobs) == 1:
        return f"job {jobs[0]}"
    if len(jobs) <= 5:
        return "jobs " + ", ".join(str(job) for job in jobs)
    return f"{len(jobs)} jobs"

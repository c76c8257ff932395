"""Block until jobs are where they are wanted: look first, then be woken by the file system, with a slow look beside."""

from __future__ import annotations

from jobctl.cli import output, summon
from jobctl.errors import WaitTimedOut
from jobctl.model import status as model
from jobctl.store import clock, status_reader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from jobctl.model.status import Status
    from jobctl.store.layout import Layout

#: Seconds between looks whether a daemon runs.
_LOOK_EVERY = 0.5


def until_finished(layout: Layout, jobs: list[int]) -> int:
    """Block until all *jobs* are finished and return the first failure in order of ID, else 0.

    Interrupted, it says that the jobs go on and returns 130.
    """
    try:
        return first_failure(until(layout, jobs, lambda status: status.finished))
    except KeyboardInterrupt:
        return interrupted(jobs)


def until(
    layout: Layout,
    jobs: list[int],
    reached: Callable[[Status], bool],
    *,
    enough: int | None = None,
    timeout: float | None = None,
) -> list[Status]:
    """Block until *reached* holds for *enough* of *jobs* (all unless said otherwise); return those it holds for.

    Raises:
        WaitTimedOut: *timeout* seconds went by first; the jobs go on.
        NoSuchJob, UnreadableRecord: a job was forgotten or set aside meanwhile.
    """
    there: dict[int, Status] = {}
    wanted = len(jobs) if enough is None else enough

    def look() -> bool:
        for job in jobs:
            if job not in there:
                status = status_reader.read(layout, job)
                if reached(status):
                    there[job] = status
        return len(there) >= wanted

    if look():
        return [there[job] for job in sorted(there)]

    from jobctl.store.notify import Watcher  # noqa: PLC0415  # only who must block pays for it

    deadline = None if timeout is None else clock.steady() + timeout
    watcher = Watcher(layout.job(job) for job in jobs if job not in there)
    daemon = Presence(layout)
    # Once more: something may have changed between the look and the watch.
    while not look():
        left = None if deadline is None else deadline - clock.steady()
        if left is not None and left <= 0:
            waiting = [job for job in jobs if job not in there]
            raise WaitTimedOut(f"gave up waiting; {name(waiting)} {'go' if len(waiting) > 1 else 'goes'} on")
        daemon.ensure()
        watcher.wait(left)
    watcher.close()
    return [there[job] for job in sorted(there)]


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


def first_failure(statuses: Iterable[Status]) -> int:
    """Return the first exit status that is not 0, in order of ID; 0 if there is none."""
    for status in statuses:
        code = model.exit_status(status)
        if code:
            return code
    return 0


def interrupted(jobs: list[int]) -> int:
    """Say that the jobs go on although nobody waits any more; return the exit status for that."""
    output.warn(f"interrupted; {name(jobs)} {'go' if len(jobs) > 1 else 'goes'} on")
    return 130


def name(jobs: list[int]) -> str:
    """Return how *jobs* are called in a message: `job 17`, `jobs 17, 18`, `17 jobs`."""
    if len(jobs) == 1:
        return f"job {jobs[0]}"
    if len(jobs) <= 5:
        return "jobs " + ", ".join(str(job) for job in jobs)
    return f"{len(jobs)} jobs"

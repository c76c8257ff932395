"""Block until jobs are where they are wanted: look first, then be woken by the file system, with a slow look beside."""

from __future__ import annotations

from jobctl.errors import WaitTimedOut
from jobctl.store import clock, status_reader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from jobctl.model.status import Status
    from jobctl.store.layout import Layout


def until(
    layout: Layout,
    jobs: list[int],
    reached: Callable[[Status], bool],
    *,
    tend: Callable[[], None],
    enough: int | None = None,
    timeout: float | None = None,
) -> list[Status]:
    """Block until *reached* holds for *enough* of *jobs* (all unless said otherwise); return those it holds for.

    *tend* is called before each wait: only a daemon brings about what is waited for.

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
    try:
        # Once more: something may have changed between the look and the watch.
        while not look():
            left = None if deadline is None else deadline - clock.steady()
            if left is not None and left <= 0:
                missing = [job for job in jobs if job not in there]
                raise WaitTimedOut(f"gave up waiting; {name(missing)} {'go' if len(missing) > 1 else 'goes'} on")
            tend()
            watcher.wait(left)
    finally:
        watcher.close()
    return [there[job] for job in sorted(there)]


def name(jobs: list[int]) -> str:
    """Return how *jobs* are called in a message: `job 17`, `jobs 17, 18`, `17 jobs`."""
    if len(jobs) == 1:
        return f"job {jobs[0]}"
    if len(jobs) <= 5:
        return "jobs " + ", ".join(str(job) for job in jobs)
    return f"{len(jobs)} jobs"

"""Block until jobs are where they are wanted: look first, then be woken by the file system, with a slow look beside.

A job is given by its ID, or as a target: then it may be one task of it.
"""

from __future__ import annotations

import os

from jobctl.errors import WaitTimedOut
from jobctl.store import clock, doorbell, home, status_reader
from jobctl.store.selection import Target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from jobctl.model.status import Status
    from jobctl.store.layout import Layout
    from jobctl.store.notify import Waker

#: Seconds between looks while a daemon listens, whose end is told at once, in a home that only this machine changes;
#: and between looks otherwise, which is how soon another daemon is started where none could be.
_RARELY = 30.0
_OFTEN = 1.0
#: As many jobs are named one by one in a message.
_NAMED = 5


def until(
    layout: Layout,
    jobs: Sequence[int | Target],
    reached: Callable[[Status], bool],
    *,
    tend: Callable[[], None],
    enough: int | None = None,
    timeout: float | None = None,
    beside: Callable[[], float | None] | None = None,
    watch: Callable[[Layout, Collection[str]], Waker] | None = None,
) -> list[Status]:
    """Block until *reached* holds for *enough* of *jobs* (all unless said otherwise); return those it holds for.

    *tend* is called before a wait in which no daemon listens: only a daemon brings about what is waited for.
    *beside* is called before each wait, and returns after how many seconds it is to be called again, if that matters.
    *watch* is called with the directories of the jobs when it must block, and returns what wakes it, if that is not to
    be inotify.

    Raises:
        WaitTimedOut: *timeout* seconds went by first; the jobs go on.
        NoSuchJob, UnreadableRecord: a job was forgotten or set aside meanwhile.
    """
    awaited = _Awaited(layout, jobs, reached, wanted=len(jobs) if enough is None else enough)
    if awaited.look():
        return awaited.there

    from jobctl.store import notify  # noqa: PLC0415  # only who must block pays for it

    deadline = None if timeout is None else clock.steady() + timeout
    directories = awaited.directories
    waker = notify.Watcher(directories, replaced_only=True) if watch is None else watch(layout, directories)
    daemon = _Daemon(layout, tend)
    try:
        # All once more: something may have changed between the look and the watch.
        changed: set[str] | None = None
        while not awaited.look(changed):
            left = None if deadline is None else deadline - clock.steady()
            if left is not None and left <= 0:
                raise WaitTimedOut(f"gave up waiting; {going_on(awaited.missing)}")
            daemon.ensure()
            soon = None if beside is None else beside()
            look_every = daemon.look_every if soon is None else min(soon, daemon.look_every)
            changed = waker.wait(left, also=daemon.descriptors, beside=look_every)
    finally:
        waker.close()
        daemon.close()
    return awaited.there


class _Awaited:
    """The jobs that are waited for: those that are where they are wanted, and where it would show of the others."""

    def __init__(
        self, layout: Layout, jobs: Sequence[int | Target], reached: Callable[[Status], bool], *, wanted: int
    ) -> None:
        self._layout = layout
        self._targets = [Target(job=job) if isinstance(job, int) else job for job in jobs]
        self._reached = reached
        self._wanted = wanted
        self._there: dict[Target, Status] = {}
        #: By the directory of their job, each as often as it was named.
        self._missing: dict[str, list[Target]] = {}
        for target in self._targets:
            self._missing.setdefault(layout.job(target.job), []).append(target)

    def look(self, changed: set[str] | None = None) -> bool:
        """Look at what has *changed*, None for everything; return whether enough are where they are wanted."""
        for directory in list(self._missing) if changed is None else changed & self._missing.keys():
            for target in self._missing.pop(directory):
                status = read(self._layout, target)
                if self._reached(status):
                    self._there[target] = status
                    self._wanted -= 1
                else:
                    self._missing.setdefault(directory, []).append(target)
        return self._wanted <= 0

    @property
    def directories(self) -> list[str]:
        """Where a change of those shows that are not there."""
        return list(self._missing)

    @property
    def there(self) -> list[Status]:
        """Those that are where they are wanted, in the order in which they were named."""
        return [self._there[target] for target in self._targets if target in self._there]

    @property
    def missing(self) -> list[Target]:
        """The others."""
        return [target for target in self._targets if target not in self._there]


class _Daemon:
    """The daemon that listens, if one does, whose end is told by its bell."""

    def __init__(self, layout: Layout, tend: Callable[[], None]) -> None:
        self._layout = layout
        self._tend = tend
        self._bell = -1
        self._rarely = _OFTEN if home.remote(os.stat(layout.home).st_dev) else _RARELY

    def ensure(self) -> None:
        """See to it that one runs, if it is not known that one does."""
        if self._bell >= 0 and doorbell.is_left(self._bell):
            self.close()
        if self._bell < 0:
            self._tend()
            self._bell = doorbell.hold(self._layout)

    @property
    def descriptors(self) -> list[int]:
        """What is to be watched for its end."""
        return [self._bell] if self._bell >= 0 else []

    @property
    def look_every(self) -> float:
        """Seconds after which to look at what should have been told."""
        return self._rarely if self._bell >= 0 else _OFTEN

    def close(self) -> None:
        """Be told no more."""
        if self._bell >= 0:
            os.close(self._bell)
            self._bell = -1


def read(layout: Layout, target: Target) -> Status:
    """Return the status of a job or of one task.

    Raises:
        NoSuchJob, UnreadableRecord, UnknownVersion: as `status_reader.read`.
    """
    if target.task is None:
        return status_reader.read(layout, target.job)
    from jobctl.store import tasks  # noqa: PLC0415  # only who asks for a task pays for it

    return tasks.read(layout, target)


def going_on(jobs: Sequence[int | Target]) -> str:
    """Return that *jobs* go on, and how they are stopped, unless they are too many to be named."""
    many = len(jobs) > 1
    said = f"{name(jobs)} {'go' if many else 'goes'} on"
    if len(jobs) > _NAMED:
        return said
    return f"{said}; `jobctl cancel {' '.join(map(str, jobs))}` stops {'them' if many else 'it'}"


def name(jobs: Sequence[int | Target]) -> str:
    """Return how *jobs* are called in a message: `job 17`, `jobs 17, 18.3`, `17 jobs`."""
    if len(jobs) == 1:
        return f"job {jobs[0]}"
    if len(jobs) <= _NAMED:
        return "jobs " + ", ".join(str(job) for job in jobs)
    return f"{len(jobs)} jobs"

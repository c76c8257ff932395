"""The attempts in flight: each from the decision to start it until its verdict is known, whoever is killed in between.

What is in flight is learnt from keepers, from what the kernel says of children, and from records; what follows when
one has ended is decided in `course`.
"""

from __future__ import annotations

import logging
import os
from collections import Counter

from jobctl.daemon import identity, launch, recovery, settle, steer
from jobctl.daemon.job import Run
from jobctl.daemon.keeper import BROKEN
from jobctl.daemon.shortage import Shortage
from jobctl.errors import UnreadableRecord
from jobctl.model import states
from jobctl.store import presence, records

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from collections.abc import Set as AbstractSet
    from contextlib import AbstractContextManager
    from typing import Final

    from jobctl.daemon.course import Course
    from jobctl.daemon.following import Following
    from jobctl.daemon.job import Job
    from jobctl.daemon.surroundings import Clock, Processes, Watches
    from jobctl.daemon.tasks import Task
    from jobctl.model.attempt import Verdict
    from jobctl.store.layout import Layout

#: Seconds between tries to start a job that could not be prepared (disk full, no processes left): first, longest.
_BACKOFF: Final = (1.0, 10.0)

_log = logging.getLogger("jobctl.daemon")


class Flights:
    """The attempts in flight of the jobs that an engine knows."""

    def __init__(
        self,
        layout: Layout,
        jobs: Mapping[int, Job],
        course: Course,
        following: Following,
        *,
        clock: Clock,
        processes: Processes,
        watches: Watches,
        guard: Callable[[int], AbstractContextManager[None]],
        look_at: Callable[[int, Job], None],
    ) -> None:
        """Begin with none.

        *guard* keeps what goes wrong with a job from the others; *look_at* sees what is asked of a job and puts it
        where it belongs.
        """
        self._layout = layout
        self._jobs = jobs
        self._course = course
        self._following = following
        self._clock = clock
        self._processes = processes
        self._watches = watches
        self._guard = guard
        self._look_at = look_at
        #: By job and task, by their keeper, and by their own process where that is our child.
        self.runs: dict[tuple[int, int], Run] = {}
        self._keepers: dict[int, Run] = {}
        self._adopted: dict[int, Run] = {}
        self.shortage = Shortage()

    # ── from the decision to start one ─────────────────────────────────────────────────────────

    def run(self, job: Job, task: int, attempt: int) -> Run:
        """Return an attempt of *task* that may come to be in flight."""
        number = job.status.id
        return Run(
            number,
            task,
            attempt,
            self._layout.attempt(number, task, attempt),
            life=job.lives.number,
            limits=job.limits,
            launched_at=self._clock.steady(),
        )

    def occupied(self) -> tuple[Counter[str], Counter[int]]:
        """Return how many slots are taken of each queue; and of them, by job, those that its other tasks may have."""
        used: Counter[str] = Counter()
        lent: Counter[int] = Counter()
        for run in self.runs.values():
            job = self._jobs[run.job]
            used[job.status.queue] += job.slots
            lent[run.job] += job.slots if run.lends_slot else 0
        return used, lent

    def launch(self, job: Job, task: Task) -> None:
        """Start the next attempt of *task*, unless its records say that it is not to be; what cannot be is postponed.

        Raises:
            OSError: the directory of the job is gone.
        """
        run = self.run(job, task.number, task.attempt)
        try:
            pid = launch.start(self._layout, run, self._processes)
            if pid is None:
                # Somebody was faster, or asked to cancel: see what it has come to.
                self.resolve(job, task, run, recovery.examine(run))
                self._look_at(run.job, job)
                return
        except OSError as failure:
            if not presence.is_there(self._layout.job(run.job)):
                raise
            self._postpone(job, task, failure.errno)
            return
        run.keeper = pid
        self._keepers[pid] = run
        self._in_flight(job, task, run)

    def _postpone(self, job: Job, task: Task, error: int | None) -> None:
        """Try later to start a task that could not be prepared; nothing of it ran."""
        backoff = min(_BACKOFF[0] * 2**task.start_failures, _BACKOFF[1])
        task.start_failures += 1
        job.tasks.wait(task, self._clock.steady() + backoff)
        job.change(reason="resources")
        if self.shortage.met(job.status.id, error):
            why = os.strerror(error) if error and error != BROKEN else "its keeper or its child was killed"
            _log.warning("job %d: could not be started (%s); trying again", job.status.id, why)

    # ── until its verdict is known ─────────────────────────────────────────────────────────────

    def settle(self, gone: AbstractSet[tuple[int, int]], is_other: Callable[[int], bool], *, look: bool) -> None:
        """Take in what has ended, and what keepers say.

        *gone* are the runs, by job and task, of which a watched process has ended; with *look* all that nobody
        announces are looked at as well. *is_other* is told of each ended child that is no keeper, and returns whether
        it is one that it knows.
        """
        for pid, is_free in self._processes.heard():
            run = self._keepers.get(pid)
            if run is not None and is_free:
                del self._keepers[pid]
                with self._guard(run.job):
                    self._keeper_ended(run, 0)
            elif run is not None:
                run.lends_slot = True
        held: set[int] = set()
        while (child := self._processes.ended_child(held)) is not None:
            pid, ended = child
            run = self._keepers.pop(pid, None)
            if run is not None:
                self._processes.reap(pid)
                with self._guard(run.job):
                    self._keeper_ended(run, ended.exit_code)
                continue
            if is_other(pid):
                self._processes.reap(pid)
                continue
            sure = pid in self._adopted or self._is_known(pid)
            if pid in self._adopted:
                with self._guard(self._adopted[pid].job):
                    self._adopted_ended(self._adopted[pid], pid)
            elif sure:
                self._processes.reap(pid)
            if pid in self._adopted or not sure:
                # Not on record yet, so not to be reaped yet; the others need not wait for it.
                held.add(pid)
        self._settle_unseen(gone, look=look)

    def _settle_unseen(self, gone: AbstractSet[tuple[int, int]], *, look: bool) -> None:
        """Settle what has no keeper that is our child: the *gone*, and with *look* all of them."""
        unseen = set(gone)
        if look:
            unseen |= {key for key, run in self.runs.items() if not run.keeper}
        for key in sorted(unseen):
            run = self.runs.get(key)
            if run is not None and not run.adopted:
                with self._guard(run.job):
                    if run.lock >= 0:
                        self._orphan_ended(run)
                    else:
                        self._look_closer(run)

    def _look_closer(self, run: Run) -> None:
        """Find out what has become of a *run* whose keeper is not known to live."""
        job, task = self._of(run)
        self.resolve(job, task, run, recovery.examine(run))
        self._course.arrange(run.job, job)

    def _is_known(self, pid: int) -> bool:
        """Find out whether the child *pid* is some job's own process whose keeper died before anybody noted that.

        It is among the adopted then. Return whether that is sure: while a record cannot be read, or somebody holds
        the lock, the child may be anybody's.
        """
        sure = True
        for key, run in list(self.runs.items()):
            if run.adopted:
                continue
            looked = False
            with self._guard(run.job):
                start = run.start or recovery.known_start(run.directory)
                if start is not None and start.process.pid == pid and identity.is_same(start.process):
                    self._look_closer(run)
                    return pid in self._adopted or key not in self.runs
                looked = True
            sure = sure and (looked or key not in self.runs)
        return sure

    def _of(self, run: Run) -> tuple[Job, Task]:
        """Return the job and the task of a *run* in flight."""
        job = self._jobs[run.job]
        return job, job.tasks.know(run.task)

    def _keeper_ended(self, run: Run, exit_code: int | None) -> None:
        run.keeper = 0
        if run.adopted or self.runs.get(run.key) is not run:
            return
        job, task = self._of(run)
        # It exits with 0, or is free, once the verdict is on the disk, and not before: nothing is left to examine.
        found = (recovery.kept(run) if exit_code == 0 else None) or recovery.examine(run)
        if isinstance(found, recovery.NotStarted) and task.state != states.PROCESSING:
            self._over(job, task, run)
            if not presence.is_there(self._layout.spec(run.job)):
                raise UnreadableRecord(self._layout.spec(run.job), "it is missing")
            self._postpone(job, task, exit_code)
            self._look_at(run.job, job)
            return
        self.resolve(job, task, run, found)
        self._course.arrange(run.job, job)

    def resolve(
        self,
        job: Job,
        task: Task,
        run: Run,
        found: recovery.Busy | recovery.NotStarted | recovery.Over | recovery.Adopted | recovery.Orphaned,
    ) -> None:
        """Take *run* for what it was *found* to be.

        Raises:
            OSError: what follows from it could not be put on record.
        """
        match found:
            case recovery.Over():
                self._course.ended(job, task, found.start, found.verdict, run.directory)
                self._over(job, task, run)
            case recovery.NotStarted() if task.state == states.PROCESSING:
                # It was shown as started, on a durable record: whoever removed that must not have it run twice.
                verdict = launch.record_lost(run, "the record of its start is gone")
                self._course.ended(job, task, None, verdict, run.directory)
                self._over(job, task, run)
            case recovery.NotStarted():
                self._over(job, task, run)
                self._course.queue(job, task)
            case recovery.Busy():
                self._in_flight(job, task, run)
                if run.start is None:
                    self._note_start(job, task, run)
            case recovery.Adopted() | recovery.Orphaned():
                self._watches.remove(run.pidfd)
                run.release()
                self._in_flight(job, task, run)
                run.lock = found.lock
                run.start = found.start
                run.adopted = isinstance(found, recovery.Adopted)
                if found.start is not None:
                    settle.started(job, task, found.start, run.directory, self._clock.now())
                if isinstance(found, recovery.Adopted):
                    self._adopted[found.start.process.pid] = run
                elif found.start is not None:
                    run.pidfd = self._watches.add(found.start.process, run.key)
                run.kill_at = steer.begin_cancel(self._layout, run, self._clock)

    def note_starts(self, job: Job) -> None:
        """Take in which attempts of *job* have started, as far as that is on record.

        No more than have a slot: one that was lent its slot is shown when the other one is over in the status as well.

        Raises:
            OSError: it is not known to be durable.
        """
        runs = [(task, task.run) for task in job.tasks.running.values() if task.run is not None]
        room = sum(not run.lends_slot for _, run in runs) - sum(run.start is not None for _, run in runs)
        for task, run in [(task, run) for task, run in runs if run.start is None][: max(0, room)]:
            self._note_start(job, task, run)

    def _note_start(self, job: Job, task: Task, run: Run) -> None:
        # Without one that is known here it is left to whoever watches over it, who knows when it ends.
        start = recovery.start_of(run)
        if start is None:
            return
        self.shortage.over(run.job)
        records.confirm(run.directory)
        run.start = start
        settle.started(job, task, start, run.directory, self._clock.now())
        if not run.keeper and run.pidfd < 0:
            run.pidfd = self._watches.add(start.keeper, run.key)

    def _adopted_ended(self, run: Run, pid: int) -> None:
        """Record what only we can learn, and only then let the process go."""
        if self.runs.get(run.key) is not run or run.start is None:
            self._adopted.pop(pid, None)
            self._processes.reap(pid)
            return
        verdict = steer.conclude_adopted(self._layout, run, run.start)
        if verdict is None:
            return
        del self._adopted[pid]
        self._processes.reap(pid)
        self._conclude(run, verdict)

    def _orphan_ended(self, run: Run) -> None:
        verdict = steer.conclude_orphan(self._layout, run)
        if verdict is not None:
            self._conclude(run, verdict)

    def _conclude(self, run: Run, verdict: Verdict) -> None:
        job, task = self._of(run)
        self._course.ended(job, task, run.start, verdict, run.directory)
        self._over(job, task, run)
        self._course.arrange(run.job, job)

    def _in_flight(self, job: Job, task: Task, run: Run) -> None:
        job.begun = True
        job.tasks.fly(task, run)
        self.runs[run.key] = run

    def _over(self, job: Job, task: Task, run: Run) -> None:
        self._following.drop(run)
        job.tasks.land(task)
        self.runs.pop(run.key, None)
        self._let_go(run)

    def _let_go(self, run: Run) -> None:
        self._watches.remove(run.pidfd)
        run.release()

    # ── what is due ────────────────────────────────────────────────────────────────────────────

    def end_overdue(self, now: float) -> None:
        """Bring about the ends that are due at *now*, on the steady clock, of what has no keeper to do that."""
        for run in list(self.runs.values()):
            if run.lock >= 0 and not run.killed and run.look_at <= now:
                with self._guard(run.job):
                    steer.enforce(self._layout, run, self._clock)
            if run.kill_at is not None and run.kill_at <= now:
                run.kill_at = None
                run.killed = True
                with self._guard(run.job):
                    steer.kill(self._layout, run)

    def begin_to_cancel(self, job: Job) -> None:
        """End what runs of *job* without a keeper, if that is asked for."""
        for task in job.tasks.running.values():
            run = task.run
            if run is not None and run.lock >= 0 and not run.killed:
                run.kill_at = steer.begin_cancel(self._layout, run, self._clock)

    def deadlines(self) -> Iterator[float]:
        """Yield when, on the steady clock, something is due."""
        for run in self.runs.values():
            if run.kill_at is not None:
                yield run.kill_at
            if run.lock >= 0 and not run.killed:
                yield run.look_at

    def forget(self, job: Job) -> None:
        """Let go of what is in flight of *job*, which goes on without us."""
        for task in list(job.tasks.running.values()):
            if task.run is not None:
                self._following.drop(task.run)
                self.runs.pop(task.run.key, None)
                self._let_go(task.run)

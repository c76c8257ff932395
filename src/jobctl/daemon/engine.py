"""What the daemon does after each wake, always in the same order; nothing here sleeps or waits.

    take in new jobs and requests → settle what ended → progress → deadlines → start → write status files and events

The clock, the forking and the watching are handed in, so that a step can be tested without any of them.
A failure that concerns one job stays with that job: its directory is set aside or looked at again, the loop goes on.
"""

from __future__ import annotations

import logging
import os
from collections import Counter
from contextlib import contextmanager

from jobctl.daemon import identity, intake, launch, progress, recovery, settle, steer
from jobctl.daemon.history import History
from jobctl.daemon.job import Job, Run
from jobctl.daemon.publish import Publisher
from jobctl.daemon.scheduler import Waiting
from jobctl.errors import UnknownVersion, UnreadableRecord
from jobctl.model import states
from jobctl.store import presence, records

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Set as AbstractSet
    from typing import Final

    from jobctl.daemon.surroundings import Clock, Processes, Watches
    from jobctl.model.attempt import Start
    from jobctl.store.config import Config
    from jobctl.store.events import EventLog
    from jobctl.store.layout import Layout

#: Seconds between tries to start a job that could not be prepared (disk full, no processes left): first, longest.
_BACKOFF: Final = (1.0, 30.0)

_log = logging.getLogger("jobctl.daemon")


class Engine:
    """Everything the daemon of one home knows and does. There is one, because it needs the daemon's lock."""

    def __init__(
        self,
        layout: Layout,
        config: Config,
        events: EventLog,
        *,
        clock: Clock,
        processes: Processes,
        watches: Watches,
    ) -> None:
        """Begin with no job known; the first step with `look` takes in all that are active."""
        self.config = config
        self._layout = layout
        self._events = events
        self._clock = clock
        self._processes = processes
        self._watches = watches
        self._jobs: dict[int, Job] = {}
        self._waiting = Waiting()
        self._keepers: dict[int, int] = {}
        self._adopted: dict[int, int] = {}
        #: The attempts in flight: the `run` of each job that has one.
        self._runs: dict[int, Run] = {}
        self._later: set[int] = set()
        #: Jobs that could not be handled for a reason that may pass.
        self._again: set[int] = set()
        self._intake = intake.Intake(layout, clock)
        self._publisher = Publisher(layout, events, clock, self._intake)
        self._trackers = progress.Trackers()
        self._history = History(layout)

    @property
    def counts(self) -> Counter[str]:
        """How many jobs are in each state that is not terminal."""
        return Counter(job.status.state for job in self._jobs.values())

    @property
    def is_behind(self) -> bool:
        """Whether there is a marked job that no step has taken in."""
        return any(number not in self._jobs for number in self._intake.open_to_all())

    def step(self, hints: AbstractSet[int], gone: AbstractSet[int], *, look: bool) -> float | None:
        """Do all there is to do now and return after how many seconds there is more, or None.

        *hints* are the jobs that were rung, *gone* those of which a watched process has ended; with
        *look* the markers and everything that no signal announces are looked at as well.
        """
        self._take_in(hints, look=look)
        self._settle(gone, look=look)
        if look:
            self._progress()
        self._deadlines()
        self._start()
        self._publish()
        return self._next_deadline()

    # ── take in ────────────────────────────────────────────────────────────────────────────────

    def _take_in(self, hints: AbstractSet[int], *, look: bool) -> None:
        todo = set(hints)
        if look:
            todo |= self._again
            self._again = set()
            try:
                todo |= self._look_around()
            except OSError as failure:
                _log.error("cannot look for new jobs (%s); trying again", failure)
        for number in sorted(todo):
            with self._guard(number):
                job = self._jobs.get(number)
                if job is None:
                    self._load(number)
                else:
                    self._look_at(number, job)

    def _look_around(self) -> set[int]:
        """Return the jobs whose markers are new or were touched since the last look."""
        found = self._intake.unpublished()
        for number, stamp in self._intake.changed():
            known = self._jobs.get(number)
            if known is None or known.stamp != stamp:
                found.add(number)
            if known is not None:
                known.stamp = stamp
        self._intake.sweep()
        return found

    def _load(self, number: int) -> None:
        """Take in a job that is not in memory: a new one, or one of an earlier daemon."""
        job = self._intake.load(number)
        if job is None:
            return
        self._jobs[number] = job
        try:
            attempts = records.attempts(self._layout, number)
            if attempts:
                job.next_attempt = attempts[-1]
                run = self._run(number, *job.next_attempt)
                self._resolve(number, job, run, recovery.examine(run.directory))
            else:
                self._queue(number, job)
        except OSError:
            # Half taken in is not taken in: the next look begins anew.
            self._forget(number)
            raise
        try:
            self._events.append_all(job)
        except OSError as failure:
            _log.error("job %d: its events wait (%s)", number, failure.strerror)
        self._events.caught_up(number)

    def _look_at(self, number: int, job: Job) -> None:
        """See whether the attempt of a known job has started, and whether something is asked of the job."""
        run = job.run
        if run is None:
            if job.status.finished:
                return
            if self._is_cancelled(job):
                self._waiting.discard(number)
                self._later.discard(number)
            elif number not in self._waiting and number not in self._later:
                # Something went wrong while it was handled before.
                self._queue(number, job)
            return
        if run.start is None:
            self._note_start(number, job, run)
        if run.lock >= 0 and not run.killed:
            run.kill_at = steer.begin_cancel(self._layout, number, run, self._clock)

    def _queue(self, number: int, job: Job) -> None:
        """Let *job* wait for its turn, unless it was cancelled meanwhile."""
        if self._is_cancelled(job):
            return
        if job.status.state == states.PENDING:
            settle.accept(job, self._clock.now())
        self._waiting.add(number, job.status.queue, job.status.priority)

    def _is_cancelled(self, job: Job) -> bool:
        request = steer.cancellation(self._layout, job.status.id)
        if request is not None:
            settle.cancelled_unstarted(job, request)
        return request is not None

    # ── settle ─────────────────────────────────────────────────────────────────────────────────

    def _settle(self, gone: AbstractSet[int], *, look: bool) -> None:
        held: set[int] = set()
        while (child := self._processes.ended_child(held)) is not None:
            pid, ended = child
            number = self._keepers.pop(pid, None)
            if number is not None:
                self._processes.reap(pid)
                with self._guard(number):
                    self._keeper_ended(number, ended.exit_code)
                continue
            sure = pid in self._adopted or self._is_known(pid)
            if pid in self._adopted:
                with self._guard(self._adopted[pid]):
                    self._adopted_ended(self._adopted[pid], pid)
            elif sure:
                self._processes.reap(pid)
            if pid in self._adopted or not sure:
                # Not on record yet, so not to be reaped yet; the others need not wait for it.
                held.add(pid)
        unseen = set(gone)
        if look:
            unseen |= {number for number, run in self._runs.items() if not run.keeper}
        for number in sorted(unseen):
            job = self._jobs.get(number)
            if job is not None and job.run is not None and not job.run.adopted:
                with self._guard(number):
                    if job.run.lock >= 0:
                        self._orphan_ended(number, job, job.run)
                    else:
                        self._resolve(number, job, job.run, recovery.examine(job.run.directory))

    def _is_known(self, pid: int) -> bool:
        """Find out whether the child *pid* is some job's own process whose keeper died before anybody noted that.

        It is among the adopted then. Return whether that is sure: while a record cannot be read, or somebody holds
        the lock, the child may be anybody's.
        """
        sure = True
        for number, run in list(self._runs.items()):
            if run.adopted:
                continue
            looked = False
            with self._guard(number):
                start = run.start or records.start(run.directory)
                if start is not None and start.process.pid == pid and identity.is_same(start.process):
                    self._resolve(number, self._jobs[number], run, recovery.examine(run.directory))
                    return pid in self._adopted or number not in self._runs
                looked = True
            sure = sure and (looked or number not in self._runs)
        return sure

    def _keeper_ended(self, number: int, exit_code: int | None) -> None:
        job = self._jobs.get(number)
        if job is None or job.run is None:
            return
        run = job.run
        run.keeper = 0
        if run.adopted:
            return
        found = recovery.examine(run.directory)
        if isinstance(found, recovery.NotStarted) and job.status.state != states.PROCESSING:
            self._over(number, job, run)
            if not presence.is_there(self._layout.spec(number)):
                raise UnreadableRecord(self._layout.spec(number), "it is missing")
            if not self._is_cancelled(job):
                self._postpone(number, job, exit_code)
            return
        self._resolve(number, job, run, found)

    def _resolve(
        self,
        number: int,
        job: Job,
        run: Run,
        found: recovery.Busy | recovery.NotStarted | recovery.Over | recovery.Adopted | recovery.Orphaned,
    ) -> None:
        """Take *run* for what it was *found* to be."""
        match found:
            case recovery.Over():
                settle.ended(job, found.start, found.verdict, run.directory, self._clock.now())
                self._over(number, job, run)
            case recovery.NotStarted() if job.status.state == states.PROCESSING:
                # It was shown as started, on a durable record: whoever removed that must not have it run twice.
                verdict = launch.record_lost(run, "the record of its start is gone")
                settle.ended(job, None, verdict, run.directory, self._clock.now())
                self._over(number, job, run)
            case recovery.NotStarted():
                self._over(number, job, run)
                self._queue(number, job)
            case recovery.Busy():
                self._in_flight(number, job, run)
                if run.start is None:
                    self._note_start(number, job, run)
            case recovery.Adopted() | recovery.Orphaned():
                self._watches.remove(run.pidfd)
                run.release()
                self._in_flight(number, job, run)
                run.lock = found.lock
                run.start = found.start
                run.adopted = isinstance(found, recovery.Adopted)
                settle.started(job, found.start, run.directory, self._clock.now())
                if run.adopted:
                    self._adopted[found.start.process.pid] = number
                else:
                    run.pidfd = self._watches.add(found.start.process, number)
                self._look_at(number, job)

    def _note_start(self, number: int, job: Job, run: Run) -> None:
        start = records.start(run.directory)
        if start is None:
            return
        records.confirm(run.directory)
        run.start = start
        settle.started(job, start, run.directory, self._clock.now())
        if not run.keeper and run.pidfd < 0:
            run.pidfd = self._watches.add(start.keeper, number)

    def _adopted_ended(self, number: int, pid: int) -> None:
        """Record what only we can learn, and only then let the process go."""
        job = self._jobs.get(number)
        if job is None or job.run is None or job.run.start is None:
            self._adopted.pop(pid, None)
            self._processes.reap(pid)
            return
        run, start = job.run, job.run.start
        verdict = steer.conclude_adopted(self._layout, number, run, start)
        if verdict is None:
            return
        del self._adopted[pid]
        self._processes.reap(pid)
        settle.ended(job, start, verdict, run.directory, self._clock.now())
        self._over(number, job, run)

    def _orphan_ended(self, number: int, job: Job, run: Run) -> None:
        verdict = steer.conclude_orphan(self._layout, number, run)
        if verdict is not None:
            settle.ended(job, run.start, verdict, run.directory, self._clock.now())
            self._over(number, job, run)

    def _in_flight(self, number: int, job: Job, run: Run) -> None:
        job.run = run
        self._runs[number] = run

    def _over(self, number: int, job: Job, run: Run) -> None:
        self._trackers.drop(number)
        if job.status.finished:
            self._note_duration(job)
        job.run = None
        self._runs.pop(number, None)
        self._let_go(run)

    def _let_go(self, run: Run) -> None:
        self._watches.remove(run.pidfd)
        run.release()

    # ── progress ───────────────────────────────────────────────────────────────────────────────

    def _progress(self) -> None:
        """Show how far the running attempts are, a bounded number of them."""
        now = self._clock.steady()
        for number, run in self._runs.items():
            if run.start is not None and number not in self._trackers:
                with self._guard(number):
                    self._track(number, run, run.start)
        for number, shown in self._trackers.look(now):
            with self._guard(number):
                self._jobs[number].change(progress=shown)
        self._history.save(now)

    def _track(self, number: int, run: Run, start: Start) -> None:
        spec = records.spec(self._layout, number)
        tracker = progress.Tracker(
            run.directory,
            spec.progress_from,
            self._clock,
            pid=start.process.pid,
            started=start.steady,
            expected=self._history.expected(spec.name, spec.command, spec.cwd),
        )
        self._trackers.add(number, tracker)

    def _note_duration(self, job: Job) -> None:
        status = job.status
        completed = status.state == states.COMPLETED
        job.change(progress=progress.ended(status.progress, completed=completed))
        seconds = (status.usage or {}).get("wall_s")
        if completed and seconds is not None:
            self._history.note(status.name, status.command, status.cwd, seconds)

    # ── deadlines ──────────────────────────────────────────────────────────────────────────────

    def _deadlines(self) -> None:
        now = self._clock.steady()
        for number in list(self._later):
            job = self._jobs.get(number)
            if job is None or job.start_at <= now:
                self._later.discard(number)
                if job is not None and not job.status.finished:
                    self._waiting.add(number, job.status.queue, job.status.priority)
        for number, run in list(self._runs.items()):
            # Only runs without a keeper have one: the daemon itself must bring about their end.
            if run.kill_at is not None and run.kill_at <= now:
                run.kill_at = None
                run.killed = True
                with self._guard(number):
                    steer.kill(self._layout, number, run)

    def _postpone(self, number: int, job: Job, exit_code: int | None) -> None:
        """Try later to start a job that could not be prepared; nothing of it ran."""
        job.backoff = min(max(job.backoff * 2, _BACKOFF[0]), _BACKOFF[1])
        job.start_at = self._clock.steady() + job.backoff
        self._later.add(number)
        job.change(reason="resources")
        why = os.strerror(exit_code) if exit_code else "its keeper was killed"
        _log.warning("job %d: could not be started (%s); next try in %.0f s", number, why, job.backoff)

    # ── start ──────────────────────────────────────────────────────────────────────────────────

    def _start(self) -> None:
        if not len(self._waiting):
            return
        used = Counter(self._jobs[number].status.queue for number in self._runs)
        for number in self._waiting.take(lambda queue: self.config.slots(queue) - used[queue]):
            with self._guard(number):
                self._launch(number, self._jobs[number])

    def _launch(self, number: int, job: Job) -> None:
        try:
            run = self._run(number, *job.next_attempt)
            pid = launch.start(self._layout, number, run, self._processes)
            if pid is None:
                # Somebody was faster, or asked to cancel: see what it has come to.
                self._resolve(number, job, run, recovery.examine(run.directory))
                return
        except OSError as failure:
            if not presence.is_there(self._layout.job(number)):
                raise
            self._postpone(number, job, failure.errno)
            return
        run.keeper = pid
        self._keepers[pid] = number
        self._in_flight(number, job, run)

    def _run(self, number: int, task: int, attempt: int) -> Run:
        directory = self._layout.attempt(number, task, attempt)
        return Run(task, attempt, directory, self._clock.steady())

    # ── write ──────────────────────────────────────────────────────────────────────────────────

    def _publish(self) -> None:
        for number, failure in self._publisher.publish(self._jobs, self._waiting):
            if failure is None:
                del self._jobs[number]
            elif not self._has_vanished(number):
                _log.error("job %d: cannot write its status (%s); trying again", number, failure.strerror)
                self._again.add(number)

    def _next_deadline(self) -> float | None:
        times = [self._jobs[number].start_at for number in self._later if number in self._jobs]
        times += [run.kill_at for run in self._runs.values() if run.kill_at is not None]
        times += self._publisher.deadlines(self._jobs)
        return max(0.0, min(times) - self._clock.steady()) if times else None

    # ── what goes wrong ────────────────────────────────────────────────────────────────────────

    @contextmanager
    def _guard(self, number: int) -> Iterator[None]:
        """Keep what goes wrong with one job from the others, and note whether its status is to be written."""
        try:
            yield
        except UnknownVersion as unknown:
            _log.error("job %d: left alone: %s", number, unknown)
            self._intake.refuse(number)
            self._forget(number)
        except UnreadableRecord as unreadable:
            self._set_aside(number, unreadable)
        except OSError as failure:
            if not self._has_vanished(number):
                _log.error("job %d: %s; looking again soon", number, failure)
                self._again.add(number)
        except Exception:  # noqa: BLE001  # logged with its traceback
            # A bug, which must not take the other jobs with it.
            _log.exception("job %d: left alone until the daemon is restarted", number)
            self._intake.refuse(number)
            self._forget(number)
        job = self._jobs.get(number)
        if job is not None:
            self._publisher.note(number, job)

    def _set_aside(self, number: int, why: UnreadableRecord) -> None:
        _log.error("job %d: set aside in %s: %s", number, self._layout.corrupt, why)
        try:
            self._intake.set_aside(number)
        except OSError as failure:
            _log.error("job %d: cannot be set aside: %s", number, failure)
            self._intake.refuse(number)
        self._forget(number)

    def _has_vanished(self, number: int) -> bool:
        """Return whether the directory of a job is gone; then the job is forgotten."""
        try:
            if presence.is_there(self._layout.job(number)):
                return False
        except OSError:
            return False
        if number in self._jobs:
            _log.error("job %d: its directory is gone; it is forgotten", number)
            self._intake.finished(number)
        self._forget(number)
        return True

    def _forget(self, number: int) -> None:
        self._trackers.drop(number)
        self._waiting.discard(number)
        self._later.discard(number)
        self._jobs.pop(number, None)
        run = self._runs.pop(number, None)
        if run is not None:
            self._let_go(run)

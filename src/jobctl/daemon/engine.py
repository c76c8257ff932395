"""What the daemon does after each wake, always in the same order; nothing here sleeps or waits.

    take in new jobs and requests → settle what ended → progress → deadlines → start → write status files and events

The clock, the forking and the watching are handed in, so that a step can be tested without any of them.
A failure that concerns one job stays with that job: its directory is set aside or looked at again, the loop goes on.
What a job waits for, and what follows when an attempt ends, is decided in `course`; `flights` knows what runs.
"""

from __future__ import annotations

import logging
import math
from collections import Counter
from contextlib import contextmanager

from jobctl.daemon import intake, recovery, settle
from jobctl.daemon.course import Course
from jobctl.daemon.deliveries import Deliveries
from jobctl.daemon.flights import Flights
from jobctl.daemon.following import Following
from jobctl.daemon.publish import Publisher
from jobctl.errors import UnknownVersion, UnreadableRecord
from jobctl.model import states
from jobctl.store import presence, records, requests

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Set as AbstractSet

    from jobctl.daemon.job import Job
    from jobctl.daemon.surroundings import Clock, Processes, Queues, Watches
    from jobctl.daemon.tasks import Task
    from jobctl.store.events import EventLog
    from jobctl.store.layout import Layout
    from jobctl.store.markers import Stamp

_log = logging.getLogger("jobctl.daemon")


class Engine:
    """Everything the daemon of one home knows and does. There is one, because it needs the daemon's lock."""

    def __init__(
        self,
        layout: Layout,
        queues: Queues,
        events: EventLog,
        *,
        clock: Clock,
        processes: Processes,
        watches: Watches,
    ) -> None:
        """Begin with no job known; the first step with `look` takes in all that are active."""
        self._queues = queues
        self._layout = layout
        self._events = events
        self._clock = clock
        self._processes = processes
        self._jobs: dict[int, Job] = {}
        self._course = Course(layout, queues, self._jobs, clock)
        #: The markers as they were when they were looked at last.
        self._stamps: dict[int, Stamp] = {}
        #: Jobs that could not be handled for a reason that may pass: for the next look.
        self._again: set[int] = set()
        self._intake = intake.Intake(layout, clock)
        self.deliveries = Deliveries(layout, clock, processes)
        self._following = Following(layout, clock)
        self._flights = Flights(
            layout,
            self._jobs,
            self._course,
            self._following,
            clock=clock,
            processes=processes,
            watches=watches,
            guard=self._guard,
            look_at=self._look_at,
        )
        self._publisher = Publisher(
            layout, events, clock, self._intake, self.deliveries, note_starts=self._flights.note_starts
        )

    @property
    def counts(self) -> Counter[str]:
        """How many jobs are in each state that is not terminal."""
        return Counter(job.status.state for job in self._jobs.values())

    @property
    def is_behind(self) -> bool:
        """Whether there is a marked job that no step has taken in."""
        return any(number not in self._jobs for number in self._intake.open_to_all())

    def follow(self, queues: Queues) -> None:
        """Go by other *queues* from the next step on."""
        self._queues = queues
        self._course.woken |= self._course.follow(queues)

    def step(self, hints: AbstractSet[int], gone: AbstractSet[tuple[int, int]], *, look: bool) -> float | None:
        """Do all there is to do now and return after how many seconds there is more, or None.

        *hints* are the jobs that were rung, *gone* the runs, by job and task, of which a watched process has
        ended; with *look* the markers and everything that no signal announces are looked at as well.
        """
        if look:
            self._processes.wake_stopped()
        self._take_in(hints, look=look)
        self._flights.settle(gone, self.deliveries.ended, look=look)
        if look:
            self._progress()
            self._flights.shortage.look_again()
        self._deadlines()
        self._start()
        self._processes.dismiss_free(self._clock.steady())
        self._publish(look=look)
        self.deliveries.step(look=look)
        return self._next_deadline()

    # ── take in ────────────────────────────────────────────────────────────────────────────────

    def _take_in(self, hints: AbstractSet[int], *, look: bool) -> None:
        todo = hints | self._course.woken
        self._course.woken = set()
        if look:
            todo |= self._again | self._course.due_by_time_of_day()
            # Whose ring that they have started was lost.
            todo |= {run.job for run in self._flights.runs.values() if run.start is None}
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
        # All of them first: one that was noted and then lost to an error would not be looked at again.
        for number, stamp in list(self._intake.changed()):
            if self._stamps.get(number) != stamp:
                self._stamps[number] = stamp
                found.add(number)
        self._intake.sweep()
        return found

    def _load(self, number: int) -> None:
        """Take in a job that is not in memory: a new one, one of an earlier daemon, or one that was retried."""
        job = self._intake.load(number)
        if job is None:
            return
        self._jobs[number] = job
        if job.is_array:
            self._events.recall(number)
        try:
            self._take_stock(number, job)
        except OSError:
            # Half taken in is not taken in: the next look begins anew.
            self._forget(number)
            raise
        try:
            self._events.append_all(job)
        except OSError as failure:
            _log.error("job %d: its events wait (%s)", number, failure.strerror)
        self._events.caught_up(number)

    def _take_stock(self, number: int, job: Job) -> None:
        """Bring *job* to where its records say that it is."""
        # In ascending order: the last of a task stays.
        last = dict(records.attempts(self._layout, number))
        self._course.begin(number, job)
        if job.status.finished:
            return
        for task, attempt in last.items():
            before, life = job.lives.of(task)
            if attempt <= before:
                self._course.queue(job, job.tasks.know(task, before + 1))
                continue
            job.begun = job.begun or life == job.lives.number
            known = job.tasks.know(task, attempt)
            self._replay(number, job, known, attempt)
            run = self._flights.run(job, task, attempt)
            self._flights.resolve(job, known, run, recovery.examine(run))
        for task in job.lives.named_unstarted:
            if task not in last and task <= job.tasks.total:
                self._course.queue(job, job.tasks.know(task))
        self._look_for_requests(number, job)
        self._course.arrange(number, job)

    def _replay(self, number: int, job: Job, task: Task, last: int) -> None:
        """Take the steps of the attempts before the *last* one again that the status does not show."""
        before, _ = job.lives.of(task.number)
        shown = {entry.get("attempt"): entry for entry in job.status.attempts}
        for attempt in range(before + 1 if job.is_array else 1, last):
            # A plain job took the steps of those that its status goes on from; not all of them are listed there.
            is_shown = not job.is_array and (attempt <= before or self._course.is_deferred(job, attempt))
            if is_shown and attempt in shown:
                task.lost += attempt > before and shown[attempt].get("reason") == "lost"
                continue
            directory = self._layout.attempt(number, task.number, attempt)
            verdict = records.outcome(directory, task.number, attempt)
            if verdict is None:
                continue
            start = recovery.known_start(directory)
            if is_shown:
                task.lost += attempt > before and verdict.reason == "lost"
                job.change(attempts=settle.with_attempt(job.status.attempts, start, verdict, directory))
            else:
                self._course.replay(job, task, start, verdict, directory)
        task.attempt = last
        if not job.is_array and job.status.state == states.RETRYING and job.status.attempt < last:
            job.tasks.move(task, states.RETRYING)
        if task.state == states.RETRYING:
            # The last one was decided on: its time had come, and whoever saw that could not write it any more.
            settle.due(job, task, self._clock.now())

    def _look_at(self, number: int, job: Job) -> None:
        """See whether attempts of a known job have started, and whether something is asked of the job."""
        self._flights.note_starts(job)
        self._look_for_requests(number, job)
        self._course.arrange(number, job)

    def _look_for_requests(self, number: int, job: Job) -> None:
        if job.status.finished:
            return
        if requests.count(self._layout, number, "steer", known=job.steering.count) > job.steering.count:
            self._course.steer(job, requests.all_of(self._layout, number, "steer"))
        self._course.end_what_was_asked(number, job)
        self._flights.begin_to_cancel(job)

    # ── progress ───────────────────────────────────────────────────────────────────────────────

    def _progress(self) -> None:
        """Show how far the running attempts are, a bounded number of them."""
        for number, shown in self._following.look(self._jobs, self._flights.runs):
            with self._guard(number):
                self._jobs[number].change(progress=shown)

    # ── deadlines ──────────────────────────────────────────────────────────────────────────────

    def _deadlines(self) -> None:
        now = self._clock.steady()
        for number in sorted(self._course.alarms.ring(now)):
            job = self._jobs.get(number)
            if job is not None:
                with self._guard(number):
                    self._course.arrange(number, job)
        self._flights.end_overdue(now)

    # ── start ──────────────────────────────────────────────────────────────────────────────────

    def _start(self) -> None:
        waiting = self._course.waiting
        if not len(waiting):
            return
        used, lent = self._flights.occupied()
        for queue in waiting.queues():
            slots = 0 if self._queues.paused(queue) else self._queues.slots(queue)
            free = slots - used[queue]
            while slots and not self._flights.shortage.is_on and (number := waiting.first(queue)) is not None:
                job = self._jobs[number]
                # Only to tasks of the same job, and each slot once, however long the disk takes for the verdicts.
                if job.slots > free + min(lent[number], slots):
                    # Who comes after it waits as well, or one that needs much would wait for ever.
                    break
                free -= job.slots
                # Until it is arranged again, so that what goes wrong with it does not come up for ever.
                self._course.leave(number)
                with self._guard(number):
                    task = job.tasks.take()
                    if task is not None:
                        self._flights.launch(job, task)
                    self._course.arrange(number, job)

    # ── write ──────────────────────────────────────────────────────────────────────────────────

    def _publish(self, *, look: bool) -> None:
        for number, failure in self._publisher.publish(self._jobs, look=look):
            if failure is None:
                self._end_is_published(number)
            else:
                self._has_no_directory(number, failure)

    def _end_is_published(self, number: int) -> None:
        job = self._jobs.pop(number)
        self._flights.shortage.over(number)
        self._following.ended(job)
        self._stamps.pop(number, None)
        # What waited for it can be told now that its end is durable and shown.
        self._course.woken |= self._course.needs.waiting_for(number)
        try:
            if requests.count(self._layout, number, "retry", known=job.lives.number) > job.lives.number:
                # Asked for while the marker was being taken away.
                self._again.add(number)
                self._intake.mark(number)
        except OSError as failure:
            _log.error("job %d: cannot see whether it is to be retried (%s); looking again", number, failure)
            self._again.add(number)

    def _next_deadline(self) -> float | None:
        if self._course.woken:
            return 0.0
        times = [*self._flights.deadlines(), *self._publisher.deadlines(self._jobs)]
        times += [at for at in (self._course.alarms.next, self.deliveries.next) if at is not None]
        nearest = min(times, default=math.inf)
        return None if nearest == math.inf else max(0.0, nearest - self._clock.steady())

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
            if not self._has_no_directory(number, failure):
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

    def _has_no_directory(self, number: int, failure: OSError) -> bool:
        """Return whether *failure* came of a job having no directory any more; then the job is forgotten.

        What is in the place of the directory is set aside.
        """
        directory = self._layout.job(number)
        if isinstance(failure, NotADirectoryError) and presence.is_no_directory(directory):
            self._set_aside(number, UnreadableRecord(directory, "it is not a directory"))
            return True
        return self._has_vanished(number)

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
        self._course.leave(number)
        job = self._jobs.pop(number, None)
        self._flights.shortage.over(number)
        self._stamps.pop(number, None)
        if job is not None:
            self._flights.forget(job)

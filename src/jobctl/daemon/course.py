"""What a job waits for, and what follows when an attempt of it ends: its course from one attempt to the next.

Everything is decided from records and from the clocks; nothing here starts or ends a process.
"""

from __future__ import annotations

import heapq
import os
import zlib

from jobctl.daemon import moments, settle, steer
from jobctl.daemon.job import End
from jobctl.daemon.moments import Alarms
from jobctl.daemon.needs import Impossible, Needs
from jobctl.daemon.scheduler import Waiting
from jobctl.model import states
from jobctl.model.ids import parse_id
from jobctl.model.lives import Steering
from jobctl.model.retry import MOST_LOST
from jobctl.store import clock as system_clock
from jobctl.store import ends, presence, records, requests, status_reader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from jobctl.daemon.job import Job
    from jobctl.daemon.surroundings import Clock, Queues
    from jobctl.daemon.tasks import Task
    from jobctl.model.attempt import Start, Verdict
    from jobctl.model.lives import Request
    from jobctl.model.states import Reason
    from jobctl.store.layout import Layout


class Course:
    """Who waits in which line, who is to be looked at when, and what is next for a task."""

    def __init__(self, layout: Layout, queues: Queues, jobs: Mapping[int, Job], clock: Clock) -> None:
        """Begin with nobody waiting; *jobs* are those that the engine knows."""
        self._layout = layout
        self._queues = queues
        self._jobs = jobs
        self._clock = clock
        self._boot = system_clock.boot_id()
        self.waiting = Waiting()
        self.alarms = Alarms()
        self.needs = Needs(layout, jobs)
        #: Jobs that need more slots than their queue has.
        self._too_large: set[int] = set()
        #: Jobs that may go on because of what was taken in; whoever looks at them takes them out.
        self.woken: set[int] = set()
        self._by_time_of_day: list[tuple[str, int]] = []

    # ── from the records ───────────────────────────────────────────────────────────────────────

    def begin(self, number: int, job: Job) -> None:
        """Take *job* in, before its attempts are looked at."""
        lives = job.lives
        job.cancelled_to = max(
            (life for life in range(lives.number + 1) if self._is_ended_in(number, life)),
            default=-1,
        )
        if job.status.finished:
            if not lives.grants_since(job.status.retried):
                job.change(retried=lives.number)
                return
            settle.revive(job, self._clock.now())
            self._bring_back_dependents(number)
        job.change(retried=lives.number)
        if not job.is_array:
            job.change(max_attempts=lives.of(1)[0] + 1 + job.retry.retries)
        if lives.of_unstarted <= job.cancelled_to:
            job.tasks.cancel_fresh()
        self._apply(job)

    def _is_ended_in(self, number: int, life: int) -> bool:
        return presence.is_there(self._layout.cancel(number, life)) or presence.is_there(self._layout.end(number, life))

    def _bring_back_dependents(self, number: int) -> None:
        """Retry the jobs that ended because *number* did not end as they needed, now that it begins anew."""
        place = self._layout.blocked(number)
        try:
            names = os.listdir(place)
        except FileNotFoundError:
            return
        for name in names:
            dependent = parse_id(name)
            if dependent is not None:
                try:
                    shown = status_reader.read(self._layout, dependent)
                    if shown.reason == "dependency-failed":
                        after = self._unsuccessful(dependent)
                        document = {"by": "daemon", "because": number, "after": after, "unstarted": True}
                        requests.retry(self._layout, dependent, shown.retried, document)
                except (*status_reader.UNREADABLE, FileExistsError):
                    pass  # It was forgotten, or set aside, or is being retried already.
            os.unlink(f"{place}/{name}")

    def _unsuccessful(self, number: int) -> dict[str, int]:
        """Return the tasks of a job that made attempts and did not succeed, each with the number of its last one."""
        found = {}
        for task, attempt in dict(records.attempts(self._layout, number)).items():
            verdict = records.outcome(self._layout.attempt(number, task, attempt), task, attempt)
            if verdict is None or verdict.event != states.SUCCEED:
                found[str(task)] = attempt
        return found

    def steer(self, job: Job, asked: Sequence[Request]) -> None:
        """Take in all that was *asked* of how *job* waits."""
        job.steering = Steering(asked, hold=job.plan.hold)
        self._apply(job)

    def _apply(self, job: Job) -> None:
        changes, plan = job.steering.changes, job.plan
        job.change(
            held=job.steering.held,
            queue=changes.get("queue", plan.queue),
            priority=changes.get("priority", plan.priority),
        )
        most = changes.get("max_wait", plan.max_wait)
        if job.lives.number == 0:
            job.expires_at = None if most is None else moments.since_submission(plan, most, self._clock, self._boot)

    # ── ends without an attempt ────────────────────────────────────────────────────────────────

    def end_what_was_asked(self, number: int, job: Job) -> None:
        """Take in requests to cancel *job* or tasks of it, and what the daemon itself put on record about its end."""
        life = job.lives.number
        if job.ending is None:
            asked = steer.cancellation(self._layout, number, life)
            if asked is not None:
                self._take_ending(job, _cancelled(job, asked))
            else:
                recorded = ends.read(self._layout, number, life)
                if recorded is not None:
                    self._take_ending(job, _recorded(recorded))
        for task in job.steering.cancelled:
            self._cancel_task(number, job, task)

    def _cancel_task(self, number: int, job: Job, task: int) -> None:
        if task > job.tasks.total or job.tasks.state(task) in states.TERMINAL or task in job.tasks.running:
            return
        for life in range(job.lives.of(task)[1], job.lives.number + 1):
            asked = steer.cancellation(self._layout, number, life, task)
            if asked is not None:
                ending = _cancelled(job, asked)
                if not job.is_array:
                    self._take_ending(job, ending)
                else:
                    self._end_task(job, job.tasks.know(task))
                return

    def end(self, number: int, job: Job, reason: Reason, error: dict[str, str]) -> None:
        """End what is left of *job* for a *reason* that is no attempt's, on record first."""
        document = {"reason": reason, "error": error, "at": self._clock.now()}
        try:
            ends.publish(self._layout, number, job.lives.number, document)
        except FileExistsError:
            document = ends.read(self._layout, number, job.lives.number) or document
        self._take_ending(job, _recorded(document))

    def _take_ending(self, job: Job, ending: End) -> None:
        job.ending = ending
        job.cancelled_to = job.lives.number
        job.tasks.cancel_fresh()
        for task in job.tasks.waiting():
            self._end_task(job, task)

    def _end_task(self, job: Job, task: Task) -> None:
        if job.is_array:
            # Whether its time had come is not asked: another daemon would not know, and must tell the same.
            settle.due(job, task, self._clock.now())
        before = task.state
        job.tasks.move(task, states.CANCELLED)
        if job.is_array:
            job.report(task.number, before, states.CANCELLED, attempt=task.attempt, reason="cancelled")
            job.count()

    # ── after an attempt ───────────────────────────────────────────────────────────────────────

    def queue(self, job: Job, task: Task) -> None:
        """Let *task*, of whose next attempt nothing was executed, wait for its turn, unless it was cancelled."""
        if job.lives.of(task.number)[1] <= job.cancelled_to:
            self._end_task(job, task)
        else:
            job.tasks.wait(task)

    def ended(self, job: Job, task: Task, start: Start | None, verdict: Verdict, directory: str) -> None:
        """Take in that an attempt of *task* ended as *verdict*, which is durable, and decide what follows it.

        Raises:
            OSError: a request to hold the job could not be put on record; nothing was decided.
        """
        if task.state in states.TERMINAL:
            return
        if verdict.reason == "lost" and job.retry.on_crash == "hold":
            self._hold_for(job, task)
        if not job.is_array and self.is_deferred(job, verdict.attempt):
            # By an earlier daemon, and it was shown.
            self._await_next(job, task, start, verdict)
            return
        pause = self._pause(job, task, verdict)
        if job.is_array and pause is not None and job.lives.of(task.number)[1] <= job.cancelled_to:
            # It waited for another attempt when what was left of the job was cancelled.
            settle.ended(job, task, start, verdict, directory, now=self._clock.now(), again_at=verdict.finished_at)
            task.attempt += 1
            self._end_task(job, task)
            return
        if job.lives.of(task.number)[1] <= job.cancelled_to:
            pause = None
        again_at = None if pause is None else moments.later(verdict.finished_at, pause)
        settle.ended(job, task, start, verdict, directory, now=self._clock.now(), again_at=again_at)
        task.start_failures = 0
        if pause is not None:
            job.tasks.wait(task, self._due(start, verdict, pause))
            task.attempt += 1
        task.lost += verdict.reason == "lost"
        if job.is_array:
            self.woken |= self.needs.waiting_for(job.status.id)
        most = None if job.plan.array is None else job.plan.array.max_fails
        if most is not None and job.ending is None:
            # Those of an earlier life have ended that one.
            failed = sum(map(job.is_of_this_life, job.tasks.failed))
            if failed >= most:
                message = f"{failed} tasks failed and --max-fails is {most}; no other is started"
                self.end(job.status.id, job, "cancelled", {"code": "max-fails", "message": message})

    def replay(self, job: Job, task: Task, start: Start | None, verdict: Verdict, directory: str) -> None:
        """Take in again that an attempt ended which another one has followed."""
        task.attempt = verdict.attempt
        ended_at = verdict.finished_at
        settle.ended(job, task, start, verdict, directory, now=self._clock.now(), again_at=ended_at)
        task.lost += verdict.reason == "lost"

    def is_deferred(self, job: Job, attempt: int) -> bool:
        """Return whether the status of a plain *job* shows that *attempt* is over and another one follows it."""
        shown = job.status
        return attempt < shown.attempt or (attempt == shown.attempt and shown.state in {states.RETRYING, states.QUEUED})

    def _await_next(self, job: Job, task: Task, start: Start | None, verdict: Verdict) -> None:
        if job.status.state == states.RETRYING:
            job.tasks.move(task, states.RETRYING)
        pause = self._pause(job, task, verdict)
        task.attempt += 1
        task.lost += verdict.reason == "lost"
        is_open = job.lives.of(task.number)[1] > job.cancelled_to
        if job.status.state == states.RETRYING and pause is not None and is_open:
            job.tasks.wait(task, self._due(start, verdict, pause))
        else:
            self.queue(job, task)

    def _pause(self, job: Job, task: Task, verdict: Verdict) -> float | None:
        """Return the seconds from the end of an attempt to the next one; None if none follows."""
        retry = job.retry
        made = verdict.attempt - job.lives.of(task.number)[0]
        if verdict.reason == "lost":
            if retry.on_crash == "hold":
                return 0.0
            if retry.on_crash == "fail" or task.lost + 1 >= MOST_LOST:
                return None
        elif not retry.wants(verdict) or made - task.lost > retry.retries:
            return None
        # The same after a crash of the daemon: drawn from what the attempt is, not by lot.
        chance = zlib.crc32(f"{job.status.uuid} {task.number} {verdict.attempt}".encode()) / 2**32
        return retry.pause(made, chance)

    def _due(self, start: Start | None, verdict: Verdict, pause: float) -> float:
        now = self._clock.steady()
        if verdict.steady is None or start is None:
            # Unseen, or of a start that only another version can read: nobody knows how much of the pause is over.
            return now + pause
        # After a reboot nobody knows how long ago that was.
        return verdict.steady + pause if start.process.boot == self._boot else now

    def _hold_for(self, job: Job, task: Task) -> None:
        """Hold *job*, on record, until somebody has looked whether its lost attempt did its work."""
        which = f"{task.number}.{task.attempt}"
        if which in job.steering.held_for:
            return
        note = f"attempt {task.attempt} was lost: see what it did, then release or cancel it"
        number = job.status.id
        requests.steer(self._layout, number, {"by": "daemon", "hold": True, "for": which, "note": note})
        self.steer(job, requests.all_of(self._layout, number, "steer"))

    # ── waiting ────────────────────────────────────────────────────────────────────────────────

    def follow(self, queues: Queues) -> set[int]:
        """Go by other *queues* from now on; return the jobs that are to be arranged anew."""
        if queues == self._queues:
            return set()
        self._queues = queues
        return self._too_large | self.waiting.jobs()

    def due_by_time_of_day(self) -> set[int]:
        """Return the jobs whose time of day has come, each once; somebody may have set the time."""
        now, due = self._clock.now(), set()
        while self._by_time_of_day and self._by_time_of_day[0][0] <= now:
            due.add(heapq.heappop(self._by_time_of_day)[1])
        return due

    def arrange(self, number: int, job: Job) -> None:
        """Put *job* where it belongs: in line, among those that wait for something else, or to its end."""
        if job.status.finished:
            return
        if job.status.state == states.PENDING:
            settle.accept(job, self._clock.now())
        for task in job.tasks.come_due(self._clock.steady()):
            settle.due(job, task, self._clock.now())
        reason = self._gate(number, job) if job.tasks.open else None
        if not job.tasks.open:
            self._finish(number, job)
            return
        if reason is None and job.tasks.can_start:
            reason = self._line_up(number, job)
        else:
            self.leave(number)
        if job.tasks.next_due is not None:
            self.alarms.put(number, job.tasks.next_due)
        if job.status.state == states.QUEUED:
            if job.tasks.running:
                reason = None
            elif reason is None:
                reason = "resources"  # It could not be prepared, and is tried again soon.
            job.change(reason=reason)
        self._show_why_held(job)

    def _show_why_held(self, job: Job) -> None:
        """Show the note of whoever held *job* as long as that is what it waits for."""
        note = job.steering.note if job.status.reason == "held" else None
        if note is not None:
            job.change(error={"code": "held", "message": note})
        elif (job.status.error or {}).get("code") == "held":
            job.change(error=None)

    def leave(self, number: int) -> None:
        """Take a job out of the line."""
        self.waiting.discard(number)
        self._too_large.discard(number)

    def _line_up(self, number: int, job: Job) -> Reason:
        queue = job.status.queue
        if job.slots > self._queues.slots(queue):
            # It does not keep those behind it waiting: there may never be so many.
            self.waiting.discard(number)
            self._too_large.add(number)
            return "resources"
        self._too_large.discard(number)
        since = moments.waits_since(job.plan, self._clock, self._boot)
        self.waiting.add(number, queue, job.status.priority, since)
        return "queue-paused" if self._queues.paused(queue) else "slots"

    def _gate(self, number: int, job: Job) -> Reason | None:
        """Return what keeps *job* from standing in line, None if nothing does. It may be at its end after that."""
        reason = None if job.begun else self._before_the_first(number, job)
        return "held" if job.steering.held and job.tasks.open else reason

    def _before_the_first(self, number: int, job: Job) -> Reason | None:
        if job.expires_at is not None:
            if self._clock.steady() >= job.expires_at:
                message = "it waited as long as --max-wait allowed and was not started"
                self.end(number, job, "expired", {"code": "expired", "message": message})
                return None
            self.alarms.put(number, job.expires_at)
        if job.unmet:
            left = self.needs.look(number, job)
            if isinstance(left, Impossible):
                ends.block(self._layout, number, left.needed)
                error = {"code": "dependency-failed", "message": left.message, "job": left.root}
                self.end(number, job, "dependency-failed", error)
                job.change(waiting_on=())
                return None
            job.change(waiting_on=left)
            if left:
                return "dependency"
        return "not-before" if job.lives.number == 0 and self._is_early(number, job) else None

    def _is_early(self, number: int, job: Job) -> bool:
        plan = job.plan
        if plan.not_before is not None and self._clock.now() < plan.not_before:
            heapq.heappush(self._by_time_of_day, (plan.not_before, number))
            self.alarms.put(number, moments.until(plan.not_before, self._clock))
            return True
        if plan.start_in is not None:
            start_at = moments.since_submission(plan, plan.start_in, self._clock, self._boot)
            if self._clock.steady() < start_at:
                self.alarms.put(number, start_at)
                return True
        return False

    def _finish(self, number: int, job: Job) -> None:
        self.leave(number)
        if job.is_array:
            first = min(job.tasks.failed, default=None)
            verdict = None
            if first is not None:
                attempt = job.tasks.know(first).attempt
                verdict = records.outcome(self._layout.attempt(number, first, attempt), first, attempt)
            settle.array_ended(job, verdict, self._clock.now())
        elif not job.status.finished and job.ending is not None:
            settle.ended_unstarted(job, job.ending)


def _cancelled(job: Job, request: Mapping[str, Any]) -> End:
    """Return why a job ends that *request* asks to cancel."""
    note, at = request.get("note"), request.get("at")
    when = "cancelled" if job.begun or job.status.attempt else "cancelled before it started"
    message = f"{when}: {note}" if isinstance(note, str) and note else when
    return End(
        reason="cancelled",
        error={"code": "cancelled", "message": message},
        at=at if isinstance(at, str) else None,
        by_user=True,
    )


def _recorded(document: Mapping[str, Any]) -> End:
    """Return what end.json says; what is not as we write it is left out."""
    reason, error, at = document.get("reason"), document.get("error"), document.get("at")
    texts = {name: text for name, text in error.items() if isinstance(text, str)} if isinstance(error, dict) else {}
    return End(
        reason=reason if isinstance(reason, str) else "cancelled",
        error={"code": "cancelled", "message": "it is on record that it ended", **texts},
        at=at if isinstance(at, str) else None,
    )

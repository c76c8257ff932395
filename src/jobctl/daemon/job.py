"""A job as the daemon holds it in memory: its status, its tasks, and the attempts that run."""

from __future__ import annotations

import os

from jobctl.daemon.tasks import Tasks
from jobctl.model import array as _array
from jobctl.model import dependency as _dependency
from jobctl.model import inputs as _inputs
from jobctl.model import limits as _limits
from jobctl.model import retry as _retry
from jobctl.model import states
from jobctl.model import status as model
from jobctl.model.event import Step
from jobctl.model.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

    from jobctl.daemon.ending import Ending
    from jobctl.daemon.limits import Limiter
    from jobctl.model.attempt import Start
    from jobctl.model.limits import Limits
    from jobctl.model.lives import Lives, Steering
    from jobctl.model.retry import Retry
    from jobctl.model.spec import Spec
    from jobctl.model.states import Event, State
    from jobctl.model.status import Status

#: Everything a specification is made of is imported before the loop begins: an upgrade of the package
#: under a running daemon must not give it a module of another version.
PARTS: Final = (_array, _dependency, _inputs, _limits, _retry)

_NO_RETRY: Final = _retry.Retry()
_NO_LIMITS: Final = _limits.Limits()


class Run:
    """An attempt in flight, from the decision to start it until its verdict is known.

    `keeper` is the keeper's process ID while it is a child of this daemon, else 0. `pidfd` means
    whichever process is watched that is not a child of ours. `lock` is held by the daemon only when no
    keeper is left; `adopted` says that the job's process is a child of the daemon then.
    """

    __slots__ = (
        "adopted",
        "attempt",
        "directory",
        "ending",
        "is_named",
        "job",
        "keeper",
        "kill_at",
        "killed",
        "launched_at",
        "lends_slot",
        "life",
        "limiter",
        "limits",
        "lock",
        "look_at",
        "pidfd",
        "start",
        "task",
    )

    def __init__(
        self, job: int, task: int, attempt: int, directory: str, *, life: int, limits: Limits, launched_at: float
    ) -> None:
        """Note an attempt whose start is not known yet; *launched_at* is on the steady clock."""
        self.job = job
        self.task = task
        self.attempt = attempt
        self.directory = directory
        #: The life of the job that it belongs to: what is asked of another one does not concern it.
        self.life = life
        self.limits = limits
        self.launched_at = launched_at
        self.start: Start | None = None
        #: Whether it was said that its start is of a version that is not known here.
        self.is_named = False
        self.keeper = 0
        #: Whether nothing of it runs any more and its slot may be another task's, while its verdict is being recorded.
        self.lends_slot = False
        self.pidfd = -1
        self.lock = -1
        self.adopted = False
        #: When SIGKILL is due on the steady clock, and whether it was sent: for runs without a keeper.
        self.kill_at: float | None = None
        self.killed = False
        #: Why it is being ended, what holds it against its limits, and when to do that again: as above.
        self.ending: Ending | None = None
        self.limiter: Limiter | None = None
        self.look_at = 0.0

    @property
    def key(self) -> tuple[int, int]:
        """Its job and task: at most one attempt of a task is in flight."""
        return self.job, self.task

    def release(self) -> None:
        """Give up the descriptors that are held for it."""
        for fd in (self.pidfd, self.lock):
            if fd >= 0:
                os.close(fd)
        self.pidfd = self.lock = -1


class End(Value):
    """Why a job ends, or what is left of it, for a reason that is no attempt's. On record, and durable."""

    reason: str
    error: dict[str, str]
    #: Time of day, for people.
    at: str | None = None
    #: Whether somebody asked for it.
    by_user: bool = False


class Job:
    """One job that is not finished, or whose end is not yet on its status file."""

    __slots__ = (
        "begun",
        "cancelled_to",
        "dirty",
        "ending",
        "expires_at",
        "lives",
        "miscounted",
        "plan",
        "shown_at",
        "status",
        "steering",
        "steps",
        "tasks",
        "unmet",
        "usage",
    )

    def __init__(self, status: Status, plan: Spec, lives: Lives, steering: Steering) -> None:
        """Take in a job as its *status* file shows it. *plan* is its specification, without what only a child needs."""
        self.status = status
        self.plan = plan
        self.lives = lives
        self.steering = steering
        self.tasks = Tasks(plan.tasks, at_once=None if plan.array is None else plan.array.at_once)
        #: Whether an attempt was decided on in this life: then it waits for nothing but slots and time.
        self.begun = False
        #: The last life in which what was left of it was ended, -1 if there is none.
        self.cancelled_to = -1
        #: Why what is left of it is not to be started any more in this life.
        self.ending: End | None = None
        #: When it must have started, on the steady clock.
        self.expires_at: float | None = None
        #: What it needs of other jobs and has not seen met.
        self.unmet = plan.after
        #: Whether the status file is to be written, and when it was written last on the steady clock.
        self.dirty = False
        self.shown_at = 0.0
        #: Whether the counts of an array job's tasks are not those of its status any more.
        self.miscounted = False
        #: Steps that are not in the event log yet.
        self.steps: list[Step] = []
        #: What the attempts of an array job have used together.
        self.usage: dict[str, Any] | None = None

    @property
    def is_array(self) -> bool:
        """Whether it has tasks that are counted, not one that it is."""
        return self.plan.array is not None

    @property
    def retry(self) -> Retry:
        """What follows a failed attempt."""
        return self.plan.retry or _NO_RETRY

    @property
    def limits(self) -> Limits:
        """What an attempt that is started now may use."""
        limits = self.plan.limits or _NO_LIMITS
        return limits.but(**self.steering.limits) if self.steering.limits else limits

    @property
    def slots(self) -> int:
        """How many slots each of its tasks takes."""
        return int(self.steering.changes.get("slots", self.plan.slots))

    def is_of_this_life(self, task: int) -> bool:
        """Return whether *task* may make attempts in the present life; another one stays what it came to before."""
        return self.lives.of(task)[1] == self.lives.number

    def step(self, event: Event, **changes: Any) -> None:
        """Take the step that *event* asks for, with other *changes* of the status.

        Raises:
            IllegalTransition: the table has no such step from the state the job is in.
        """
        before = self.status.state
        after = states.step(str(self.status.id), before, event)
        self.status = self.status.but(state=after, **changes)
        self.report(None, before, after)
        self.dirty = True

    def report(self, task: int | None, before: State, after: State, **facts: Any) -> None:
        """Note a step for the event log: of one *task* with its *facts*, or of the job with those of its status."""
        if task is not None and not self.is_of_this_life(task):
            return  # It ended before the job was retried, and that was reported then.
        if task is None:
            shown = self.status
            facts = {
                "reason": shown.reason,
                "attempt": shown.attempt,
                "exit_code": shown.exit_code,
                "signal": shown.signal,
            }
        facts["retried"] = self.status.retried
        self.steps.append(Step(id=self.status.id, task=task, before=before, to=after, **facts))

    def change(self, **changes: Any) -> None:
        """Change facts of the status that are not its state, if they are other ones."""
        if any(getattr(self.status, name) != value for name, value in changes.items()):
            self.status = self.status.but(**changes)
            self.dirty = True

    def count(self) -> None:
        """Note that an array job's tasks are to be counted anew before anybody is shown how many there are."""
        if self.is_array:
            self.miscounted = self.dirty = True

    def recount(self) -> None:
        """Bring the counts of an array job's tasks up to date: not with each step, of which it may take thousands."""
        if self.miscounted:
            self.miscounted = False
            self.change(tasks=model.counts(self.tasks.total, **self.tasks.counts()))

"""A job as the daemon holds it in memory: its status, and the attempt that runs, if one does."""

from __future__ import annotations

import os

from jobctl.model import states

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from jobctl.daemon.ending import Ending
    from jobctl.daemon.limits import Limiter
    from jobctl.model.attempt import Start
    from jobctl.model.states import Event, State
    from jobctl.model.status import Status
    from jobctl.store.markers import Stamp


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
        "keeper",
        "kill_at",
        "killed",
        "launched_at",
        "limiter",
        "lock",
        "look_at",
        "pidfd",
        "start",
        "task",
    )

    def __init__(self, task: int, attempt: int, directory: str, launched_at: float) -> None:
        """Note an attempt whose start is not known yet; *launched_at* is on the steady clock."""
        self.task = task
        self.attempt = attempt
        self.directory = directory
        self.launched_at = launched_at
        self.start: Start | None = None
        self.keeper = 0
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

    def release(self) -> None:
        """Give up the descriptors that are held for it."""
        for fd in (self.pidfd, self.lock):
            if fd >= 0:
                os.close(fd)
        self.pidfd = self.lock = -1


class Job:
    """One job that is not finished, or whose end is not yet on its status file."""

    __slots__ = ("backoff", "dirty", "next_attempt", "run", "stamp", "start_at", "status", "steps")

    def __init__(self, status: Status, stamp: Stamp | None) -> None:
        """Take in a job as its *status* file shows it; *stamp* is that of its marker."""
        self.status = status
        self.stamp = stamp
        self.run: Run | None = None
        #: Task and number of the attempt that is made next, or is being made. Only a decision to try again counts
        #: it up: an attempt whose directory holds a verdict is never followed by another one on its own.
        self.next_attempt = (1, 1)
        #: Whether the status file is to be written.
        self.dirty = False
        #: Steps that are not in the event log yet: the status after each, and the state before.
        self.steps: list[tuple[Status, State]] = []
        #: Not started before this time on the steady clock, after a start that could not be prepared.
        self.start_at = 0.0
        self.backoff = 0.0

    def step(self, event: Event, **changes: Any) -> None:
        """Take the step that *event* asks for, with other *changes* of the status.

        Raises:
            IllegalTransition: the table has no such step from the state the job is in.
        """
        before = self.status.state
        after = states.step(str(self.status.id), before, event)
        self.status = self.status.but(state=after, **changes)
        self.steps.append((self.status, before))
        self.dirty = True

    def change(self, **changes: Any) -> None:
        """Change facts of the status that are not its state, if they are other ones."""
        changed = self.status.but(**changes)
        if changed != self.status:
            self.status = changed
            self.dirty = True

"""An engine on real files that is stepped by hand: its clock, its children and its watches are the test's."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from jobctl.daemon.engine import Engine
from jobctl.daemon.job import Run
from jobctl.daemon.kernel import Ended
from jobctl.model import attempt as model
from jobctl.model.attempt import Identity, Start
from jobctl.model.limits import Limits
from jobctl.model.spec import Spec
from jobctl.store import atomic, clock, codec, config, records, spool, status_reader
from jobctl.store.events import EventLog
from jobctl.store.layout import AttemptFiles
from store import make

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from jobctl.model.status import Status
    from jobctl.store.layout import Layout
    from jobctl.store.outbox import Label

#: A process that is none: there is no such number.
NOBODY = Identity(pid=2**31 - 1, birth=1, boot=clock.boot_id(), namespace=1)
NOON = "2026-11-23T12:00:00.000000Z"


def run_of(layout: Layout, job: int, *, task: int = 1, attempt: int = 1, limits: Limits | None = None) -> Run:
    """Return an attempt that somebody decided to start."""
    directory = layout.attempt(job, task, attempt)
    return Run(job, task, attempt, directory, life=0, limits=limits or Limits(), launched_at=0.0)


class Clock:
    """Time that passes when the test says so."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.time_of_day = NOON

    def now(self) -> str:
        return self.time_of_day

    def steady(self) -> float:
        return self.seconds

    def awake(self) -> float:
        return self.seconds


class Children:
    """Keepers that are files: each holds its lock until the test lets it end."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.keepers: dict[int, tuple[str, int, int, int]] = {}
        self.started: list[tuple[int, int]] = []
        self.ended: list[tuple[int, Ended]] = []
        self.reaped: list[int] = []
        #: The keepers of which no job runs any more and which are still recording, of which the engine was not told.
        self.over: list[int] = []
        #: The keepers that are free, those of them that the engine was told of, and those that it let end.
        self.free: list[int] = []
        self.waiting: list[int] = []
        self.dismissed: list[int] = []
        #: The senders of deliveries by process ID, and what each is to deliver.
        self.senders: dict[int, list[str]] = {}

    def start_keeper(self, layout: Layout, run: Run, lock: int) -> int:
        pid = self.waiting.pop() if self.waiting else 5_000_000 + len(self.started)
        self.started.append((run.job, run.attempt))
        self.keepers[pid] = (run.directory, run.task, run.attempt, os.dup(lock))
        return pid

    def heard(self) -> list[tuple[int, bool]]:
        over, free = self.over, self.free
        self.over, self.free = [], []
        self.waiting += free
        return [*((pid, False) for pid in over), *((pid, True) for pid in free)]

    def dismiss_free(self, now: float) -> None:
        self.dismissed += self.waiting
        self.waiting = []

    def wake_stopped(self) -> None:
        """None of them ever is."""

    def start_sender(self, layout: Layout, labels: Sequence[Label]) -> int:
        pid = 6_000_000 + len(self.senders)
        self.senders[pid] = [str(label) for label in labels]
        return pid

    def sender_ends(self, pid: int) -> None:
        self.ended.append((pid, Ended(exit_code=0, signal=None)))

    def ended_child(self, besides: AbstractSet[int]) -> tuple[int, Ended] | None:
        return next(((pid, how) for pid, how in self.ended if pid not in besides), None)

    def reap(self, pid: int) -> None:
        self.reaped.append(pid)
        self.ended = [(other, how) for other, how in self.ended if other != pid]

    def pid_of(self, directory: str) -> int:
        return next(pid for pid, (where, *_) in self.keepers.items() if where == directory)

    def record_start(self, pid: int) -> None:
        directory, task, attempt, _ = self.keepers[pid]
        make.publish_start(directory, _start(task, attempt))

    def name_start(self, pid: int) -> None:
        """Let the start have its name and its child be killed then: whether it is durable, the child has not seen."""
        directory, task, attempt, _ = self.keepers[pid]
        start = f"{directory}/{AttemptFiles.START}"
        # As `atomic.prepare_record` does, but for the last sync: under its name it is whole at every instant.
        atomic.write_new(f"{start}.tmp", codec.encode(_start(task, attempt).document()))
        os.link(f"{start}.tmp", start)
        os.unlink(f"{start}.tmp")

    def end(self, pid: int, *, exit_code: int = 0, record: bool = True, status: int = 0, **more: Any) -> None:
        """Let the keeper *pid* end with exit *status*, after it recorded that its job exited with *exit_code*."""
        self._let_go(pid, exit_code=exit_code, record=record, **more)
        self.ended.append((pid, Ended(exit_code=status, signal=None)))

    def set_free(self, pid: int, **more: Any) -> None:
        """As `end`, but the keeper can keep another attempt."""
        self._let_go(pid, **more)
        self.free.append(pid)

    def _let_go(self, pid: int, *, exit_code: int = 0, record: bool = True, **more: Any) -> None:
        directory, task, attempt, lock = self.keepers.pop(pid)
        if record:
            verdict = model.of_exit(
                task=task,
                attempt=attempt,
                exit_code=exit_code,
                signal=None,
                finished_at=NOON,
                steady=self.clock.seconds,
                by="keeper",
            ).but(**more)
            records.publish_verdict(directory, verdict)
        os.close(lock)


def _start(task: int, attempt: int) -> Start:
    return Start(task=task, attempt=attempt, process=NOBODY, keeper=NOBODY, started_at=NOON, steady=1.0)


class Watches:
    """Nothing can be watched; what ends is found by looking."""

    def add(self, process: Identity, run: tuple[int, int]) -> int:
        return -1

    def remove(self, fd: int) -> None:
        assert fd < 0


class Stepped:
    """An engine for *layout* with *slots*, and what it works with."""

    def __init__(self, layout: Layout, slots: int = 2) -> None:
        self.layout = layout
        self.clock = Clock()
        # What is found to be lost is so by the real one.
        self.clock.seconds = clock.steady()
        self.children = Children(self.clock)
        self.slots = slots
        self.events = EventLog(layout)
        self.engine = self._engine()

    def _engine(self) -> Engine:
        return Engine(
            self.layout,
            config.Config(queues=(("default", self.slots),)),
            self.events,
            clock=self.clock,
            processes=self.children,
            watches=Watches(),
        )

    def another_daemon(self) -> None:
        """Forget everything that is only in memory, as a killed daemon does."""
        self.events.close()
        self.events = EventLog(self.layout)
        self.engine = self._engine()

    def submit(self, *command: str, **more: Any) -> int:
        plain = {"uuid": "u", "cwd": "/", "umask": 0o22, "submitted_at": NOON, "env": ()}
        spec = Spec(**{**plain, "command": command or ("true",), **more})
        return spool.deposit(self.layout, spec)

    def step(self, *hints: int, look: bool = False) -> float | None:
        return self.engine.step(set(hints), set(), look=look)

    def look(self) -> float | None:
        return self.step(look=True)

    def status(self, job: int) -> Status:
        return status_reader.read(self.layout, job)

    def state(self, job: int) -> str:
        return self.status(job).state

    def run_to_the_start(self, job: int) -> int:
        """Take *job* in, start it, let its start be recorded and seen; return its keeper."""
        self.step(job)
        pid = self.children.pid_of(self.layout.attempt(job, 1, 1))
        self.children.record_start(pid)
        self.step(job)
        return pid

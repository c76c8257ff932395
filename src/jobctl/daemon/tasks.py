"""The tasks of a job as the daemon holds them in memory. One that was never tried costs nothing but its number."""

from __future__ import annotations

import heapq

from jobctl.model import states

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, Final

    from jobctl.daemon.job import Run
    from jobctl.model.states import State


class Task:
    """A task that was tried, or is to be tried in another way than for the first time."""

    __slots__ = ("attempt", "due", "lost", "number", "run", "start_failures", "state")

    def __init__(self, number: int, attempt: int = 1) -> None:
        """Note task *number*, whose next attempt, or last, is *attempt*."""
        self.number = number
        #: Number of the attempt that is made next, is being made, or was made last. Only a decision to try again
        #: counts it up: an attempt whose directory holds a verdict is never followed by another one on its own.
        self.attempt = attempt
        #: Attempts of this life that were lost.
        self.lost = 0
        self.state: State = states.QUEUED
        self.run: Run | None = None
        #: Not started before this time on the steady clock.
        self.due = 0.0
        #: Starts in a row that could not be prepared.
        self.start_failures = 0


#: What a job has of whose tasks none was tried: ten thousand may wait, and most have one task.
_NOTHING: Final[dict[Any, Any]] = {}


class Tasks:
    """All tasks of one job: which may start next, how many are in which state."""

    __slots__ = (
        "_at_once",
        "_counts",
        "_fresh_open",
        "_known",
        "_later",
        "_next_fresh",
        "_ready",
        "failed",
        "running",
        "total",
    )

    def __init__(self, total: int, *, at_once: int | None = None) -> None:
        """Begin with *total* tasks of which none was tried."""
        self.total = total
        self._at_once = at_once or total
        self._known: dict[int, Task] = _NOTHING
        self._counts: dict[str, int] = _NOTHING
        #: Whether those that were never tried are still to be.
        self._fresh_open = True
        self._next_fresh = 1
        self._ready: list[int] | None = None
        #: The tasks whose next attempt is not due yet.
        self._later: list[tuple[float, int]] | None = None
        #: The tasks with an attempt in flight.
        self.running: dict[int, Task] = _NOTHING
        #: The tasks that failed for good, in no order.
        self.failed: dict[int, None] = _NOTHING

    @property
    def open(self) -> int:
        """How many are not finished."""
        ended = 0
        for state in states.TERMINAL:
            ended += self._counts.get(state, 0)
        fresh = self.total - len(self._known)
        return len(self._known) - ended + (fresh if self._fresh_open else 0)

    def counts(self) -> dict[str, int]:
        """Return how many are in each state that has any; one that waits for its turn is in none."""
        found = {state: number for state, number in self._counts.items() if state != states.QUEUED and number}
        if not self._fresh_open:
            found[states.CANCELLED] = found.get(states.CANCELLED, 0) + self.total - len(self._known)
        return found

    def state(self, number: int) -> State:
        """Return the state of task *number*."""
        if number in self._known:
            return self._known[number].state
        return states.QUEUED if self._fresh_open else states.CANCELLED

    def know(self, number: int, attempt: int = 1) -> Task:
        """Return task *number*, which need not be fresh any more; its state is queued if it was not known."""
        task = self._known.get(number)
        if task is None:
            if self._known is _NOTHING:
                # All that follows is about tasks that are known.
                self._known, self._counts, self.running, self.failed = {}, {}, {}, {}
            task = self._known[number] = Task(number, attempt)
            self._counts[task.state] = self._counts.get(task.state, 0) + 1
        return task

    def move(self, task: Task, state: State) -> None:
        """Note that *task* is in another *state* now."""
        self._counts[task.state] -= 1
        self._counts[state] = self._counts.get(state, 0) + 1
        task.state = state
        if state == states.FAILED:
            self.failed[task.number] = None
        else:
            self.failed.pop(task.number, None)

    def fly(self, task: Task, run: Run) -> None:
        """Note that an attempt of *task* is in flight."""
        task.run = run
        self.running[task.number] = task

    def land(self, task: Task) -> None:
        """Note that no attempt of *task* is in flight."""
        task.run = None
        self.running.pop(task.number, None)

    def wait(self, task: Task, due: float = 0.0) -> None:
        """Let *task* be started when its turn comes, not before *due* on the steady clock."""
        task.due = due
        if due > 0:
            self._later = self._later or []
            heapq.heappush(self._later, (due, task.number))
        else:
            self._ready = self._ready or []
            heapq.heappush(self._ready, task.number)

    def come_due(self, now: float) -> Iterator[Task]:
        """Yield the tasks whose next attempt has come due at *now*; they are among those that may start."""
        while self._later and self._later[0][0] <= now:
            due, number = heapq.heappop(self._later)
            task = self._known[number]
            if task.due == due and task.run is None and task.state not in states.TERMINAL:
                self.wait(task)
                yield task

    @property
    def next_due(self) -> float | None:
        """When, on the steady clock, the next of those that wait for their time comes due."""
        return self._later[0][0] if self._later else None

    @property
    def can_start(self) -> bool:
        """Whether some task may start now, but for a slot."""
        return len(self.running) < self._at_once and self._first() is not None

    def take(self) -> Task | None:
        """Return the task that is to be started next and let it wait no more; None if there is none."""
        if len(self.running) >= self._at_once:
            return None
        first = self._first()
        if first is None:
            return None
        if self._ready and self._ready[0] == first:
            heapq.heappop(self._ready)
        return self.know(first)

    def cancel_fresh(self) -> None:
        """Let those that were never tried be cancelled."""
        self._fresh_open = False

    def waiting(self) -> list[Task]:
        """Return the tasks that were tried, are not finished and have no attempt in flight."""
        return [task for task in self._known.values() if task.run is None and task.state not in states.TERMINAL]

    def _first(self) -> int | None:
        while self._ready:
            task = self._known[self._ready[0]]
            if task.run is None and task.state not in states.TERMINAL and task.due <= 0:
                return task.number
            heapq.heappop(self._ready)
        if self._fresh_open:
            while self._next_fresh in self._known:
                self._next_fresh += 1
            if self._next_fresh <= self.total:
                return self._next_fresh
        return None

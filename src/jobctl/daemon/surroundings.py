"""What is handed to the engine: the clock, the processes, and the watching of processes that are not ours."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from collections.abc import Set as AbstractSet
    from typing import Protocol

    from jobctl.daemon.job import Run
    from jobctl.daemon.kernel import Ended
    from jobctl.model.attempt import Identity
    from jobctl.store.layout import Layout
    from jobctl.store.outbox import Label
else:
    Protocol = object


class Clock(Protocol):
    """`jobctl.store.clock`, or a clock that a test moves."""

    def now(self) -> str:
        """Return the time of day, for people."""

    def steady(self) -> float:
        """Return seconds on a clock that never jumps."""

    def awake(self) -> float:
        """Return seconds on a clock that stands still while the machine sleeps."""


class Queues(Protocol):
    """How many slots there are. Two that are equal say the same of every queue."""

    def slots(self, queue: str) -> int:
        """Return how many slots *queue* has."""

    def paused(self, queue: str) -> bool:
        """Return whether nothing of *queue* is to be started."""


class Processes(Protocol):
    """The children of the daemon."""

    def start_keeper(self, layout: Layout, run: Run, lock: int) -> int:
        """Give *run* a keeper, hand it *lock*, and return its process ID: one that is free or another one."""

    def heard(self) -> Iterable[tuple[int, bool]]:
        """Return the keepers that have said something since the last call, and whether it is that they are free.

        The verdict of one that is free is durable, its lock not held; of the others it is being recorded.
        """

    def dismiss_free(self, now: float) -> None:
        """Let the keepers end that are free for some seconds at *now* (steady clock), and of the rest all but a few."""

    def wake_stopped(self) -> None:
        """Let keepers go on that a signal has stopped: nobody else settles what they keep."""

    def start_sender(self, layout: Layout, labels: Sequence[Label]) -> int:
        """Start a sender of deliveries (`sender`), and return its process ID."""

    def ended_child(self, besides: AbstractSet[int]) -> tuple[int, Ended] | None:
        """Return a child that has ended and is not reaped, none of *besides*; None if there is none."""

    def reap(self, pid: int) -> None:
        """Let an ended child go."""


class Watches(Protocol):
    """Processes that are not our children and whose end is to wake the loop."""

    def add(self, process: Identity, run: tuple[int, int]) -> int:
        """Watch *process* on behalf of a *run*, by job and task; return a descriptor to remove it by.

        Or -1, if it cannot be watched.
        """

    def remove(self, fd: int) -> None:
        """Watch the process of *fd* no more; -1 is none. The descriptor stays open."""

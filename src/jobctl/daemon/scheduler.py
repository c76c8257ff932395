"""Which of the waiting jobs start now: pure, no files, no processes, no clock."""

from __future__ import annotations

import heapq

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class Waiting:
    """The jobs of one home that wait for a slot, by queue; higher priority first, then the lower ID."""

    def __init__(self) -> None:
        """Begin with nothing waiting."""
        self._queues: dict[str, list[tuple[int, int]]] = {}
        self._waiting: set[int] = set()

    def __len__(self) -> int:
        """Return how many jobs wait."""
        return len(self._waiting)

    def __contains__(self, job: int) -> bool:
        """Return whether *job* waits."""
        return job in self._waiting

    def add(self, job: int, queue: str, priority: int) -> None:
        """Let *job* wait; one that waits already keeps its place."""
        if job not in self._waiting:
            self._waiting.add(job)
            heapq.heappush(self._queues.setdefault(queue, []), (-priority, job))

    def discard(self, job: int) -> None:
        """Let *job* wait no more."""
        self._waiting.discard(job)

    def take(self, free: Callable[[str], int]) -> list[int]:
        """Return the jobs that start now and let them wait no more; *free* tells the free slots of a queue."""
        chosen = []
        for queue, line in self._queues.items():
            room = free(queue)
            while room > 0 and line:
                _, job = heapq.heappop(line)
                # Those discarded meanwhile are still in line.
                if job in self._waiting:
                    self._waiting.discard(job)
                    chosen.append(job)
                    room -= 1
        return sorted(chosen)

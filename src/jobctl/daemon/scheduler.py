"""Which of the waiting jobs start now: pure, no files, no processes, no clock."""

from __future__ import annotations

import heapq

from jobctl.model.order import rank as rank_of


class Waiting:
    """The jobs of one home that wait for a slot, by queue.

    Higher priority first, then who has waited longer. Since all age alike, who goes before whom never changes
    while they wait: the order is decided when a job joins the line.
    """

    def __init__(self) -> None:
        """Begin with nothing waiting."""
        self._queues: dict[str, list[tuple[float, int]]] = {}
        #: The queue that a waiting job is in, and its place there.
        self._places: dict[int, tuple[str, float]] = {}

    def __len__(self) -> int:
        """Return how many jobs wait."""
        return len(self._places)

    def __contains__(self, job: int) -> bool:
        """Return whether *job* waits."""
        return job in self._places

    def add(self, job: int, queue: str, priority: int, since: float) -> None:
        """Let *job* wait in *queue*; *since* is when it came, in seconds. One that waits so already keeps its place."""
        rank = rank_of(priority, since)
        if self._places.get(job) != (queue, rank):
            self._places[job] = (queue, rank)
            heapq.heappush(self._queues.setdefault(queue, []), (rank, job))

    def discard(self, job: int) -> None:
        """Let *job* wait no more."""
        self._places.pop(job, None)

    def jobs(self) -> set[int]:
        """Return the jobs that wait."""
        return set(self._places)

    def queues(self) -> list[str]:
        """Return the queues in which somebody waits, or did lately."""
        return list(self._queues)

    def first(self, queue: str) -> int | None:
        """Return the job whose turn it is in *queue*; it goes on waiting. None if none waits there."""
        line = self._queues.get(queue, [])
        while line:
            rank, job = line[0]
            if self._places.get(job) == (queue, rank):
                return job
            # It waits no more, or elsewhere.
            heapq.heappop(line)
        self._queues.pop(queue, None)
        return None

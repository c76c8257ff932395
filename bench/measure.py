"""Run competitors in turns and keep what each run took: wall time, and processor time of the process and its children.

In turns, because machines are noisy: what is to be compared is measured within the same seconds.
"""

from __future__ import annotations

import os
import statistics
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Competitor = Callable[[], "Sample"]


@dataclass(frozen=True)
class Sample:
    """What one run took, in seconds."""

    wall: float
    cpu: float = 0.0


@dataclass
class Series:
    """The samples of one competitor."""

    samples: list[Sample] = field(default_factory=list)

    @property
    def median(self) -> float:
        """Median of the wall times."""
        return statistics.median(sample.wall for sample in self.samples)

    @property
    def p95(self) -> float:
        """95th percentile of the wall times, the nearest one that was measured."""
        walls = sorted(sample.wall for sample in self.samples)
        return walls[min(len(walls) - 1, int(len(walls) * 0.95))]

    @property
    def cpu(self) -> float:
        """Median of the processor times: what another load on the machine changes least."""
        return statistics.median(sample.cpu for sample in self.samples)


def in_turns(competitors: Mapping[str, Competitor], rounds: int) -> dict[str, Series]:
    """Run every one of *competitors* in each of *rounds*, after one that does not count, and return their samples."""
    found = {name: Series() for name in competitors}
    for number in range(rounds + 1):
        for name, run in competitors.items():
            sample = run()
            if number:
                found[name].samples.append(sample)
    return found


def process(command: list[str], environ: Mapping[str, str]) -> Sample:
    """Run *command*, with its output thrown away, and return what it took from its start until it was reaped.

    Raises:
        RuntimeError: it failed.
    """
    null = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_RDWR, 0) for fd in (0, 1, 2)]
    began = time.perf_counter()
    pid = os.posix_spawn(command[0], command, environ, file_actions=null)
    _, status, used = os.wait4(pid, 0)
    wall = time.perf_counter() - began
    if status:
        raise RuntimeError(f"{' '.join(command)} ended with status {os.waitstatus_to_exitcode(status)}")
    return Sample(wall, used.ru_utime + used.ru_stime)


def timed(action: Callable[[], object]) -> Sample:
    """Return what *action*, in this process, took."""
    began, used = time.perf_counter(), time.process_time()
    action()
    return Sample(time.perf_counter() - began, time.process_time() - used)

"""Jobs that do nothing, from the first submission until the last has ended: one process each, and in bulk."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from bench import floors, peers
from bench.place import EMPTY, ENVIRON, JOBCTL, Place
from bench.report import Section
from bench.wait import until

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

#: A process that runs the same command so many times, one after the other.
_LOOP = """
import os, sys
null = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_RDWR, 0) for fd in (0, 1, 2)]
for _ in range(int(sys.argv[1])):
    pid = os.posix_spawn(sys.argv[2], sys.argv[2:], os.environ, file_actions=null)
    if os.waitpid(pid, 0)[1]:
        sys.exit(1)
"""
_PYTHONS = "four loops of `python -I -c pass`"
#: Fewer must do for who takes a tenth of a second and more for each.
_FEW = 20


def run(*, quick: bool) -> list[Section]:
    """Measure both; the daemon and the peers have two slots."""
    jobs, rounds = (100, 1) if quick else (1000, 2)
    return [_one_by_one(jobs, rounds), _in_bulk(jobs, rounds)]


def _one_by_one(jobs: int, rounds: int) -> Section:
    best = _Best()
    for _ in range(rounds):
        with Place() as place, peers.all_of(place.base) as others:
            place.start()
            best.note(_PYTHONS, _submitted(EMPTY, ENVIRON, jobs))
            submit = [JOBCTL, "submit", "--", "true"]
            best.note("**jobctl submit**", _submitted(submit, place.environ, jobs, lambda: until(place.is_idle)))
            for peer in others:
                share = jobs // _FEW if peer.is_slow else jobs
                best.note(peer.name, _submitted(peer.command, peer.environ, share, peer.drain))
    return best.section(
        f"{jobs} no-op jobs from 4 submitters, one process each, 2 slots",
        _PYTHONS,
        "To reach: 0.8 × what four loops of an empty Python do, and more than nq.",
    )


def _in_bulk(jobs: int, rounds: int) -> Section:
    best = _Best()
    for _ in range(rounds):
        with Place() as place, peers.all_of(place.base) as others:
            place.start()
            array = ["submit", "--wait", "--array", f"1-{jobs}", "--", "true"]
            best.note("**jobctl submit --array**", _rate(jobs, lambda: place.jobctl(*array)))
            for peer in others:
                if peer.bulk is not None:
                    command = peer.bulk(jobs)
                    best.note(peer.name, jobs * _submitted(command, peer.environ, 1, peer.drain, loops=1))
                elif not peer.is_slow:
                    best.note(peer.name, _submitted(peer.command, peer.environ, jobs, peer.drain, loops=1))
            lines = "\n".join(map(str, range(jobs)))
            for name in ("parallel --will-cite -j2 true", "xargs -n1 -P2 true"):
                if shutil.which(name.split()[0]):
                    best.note(f"`{name}`", _rate(jobs, lambda: _pipe(name, lines)))
            fsync = floors.floors(place.base)[floors.FSYNC]
            best.note("one fsync after the other", _rate(jobs, lambda: [fsync() for _ in range(jobs)]))
    return best.section(
        f"{jobs} no-op jobs in bulk, 2 slots",
        "task-spooler",
        "To reach: more than nq, at, GNU parallel and task-spooler; half of task-spooler is the first step. "
        "Only jobctl puts the start and the end of every job on the disk, five fsyncs a job.",
    )


class _Best:
    """The best rate of each: what disturbs a run only makes it slower."""

    def __init__(self) -> None:
        self._rates: dict[str, float] = {}

    def note(self, name: str, rate: float) -> None:
        self._rates[name] = max(rate, self._rates.get(name, 0.0))

    def section(self, title: str, floor: str, note: str) -> Section:
        made = Section(title, ("what", "jobs/s, best of the rounds", f"× {floor}"), notes=[note])
        least = self._rates.get(floor)
        for name, rate in self._rates.items():
            made.add(name, f"{rate:.0f}" if rate >= 10 else f"{rate:.1f}", f"{rate / least:.2f}" if least else "–")
        return made


def _submitted(
    command: list[str],
    environ: Mapping[str, str],
    jobs: int,
    drain: Callable[[], object] = lambda: None,
    *,
    loops: int = 4,
) -> float:
    """Run *command* that often, in so many *loops*, then *drain*; return how many a second."""

    def work() -> None:
        each = [sys.executable, "-c", _LOOP, str(jobs // loops), *command]
        started = [subprocess.Popen(each, env=environ) for _ in range(loops)]
        if any([loop.wait() for loop in started]):  # noqa: C419  # each is to be waited for
            raise RuntimeError(f"{' '.join(command)} failed")
        drain()

    return _rate(jobs // loops * loops, work)


def _rate(jobs: int, work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return jobs / (time.perf_counter() - began)


def _pipe(command: str, lines: str) -> None:
    subprocess.run(command.split(), input=lines, text=True, check=True, stdout=subprocess.DEVNULL)

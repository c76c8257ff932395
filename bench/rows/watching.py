"""`jobctl watch` on a terminal with very many active jobs."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import termios
import time

from bench import memory
from bench.place import JOBCTL, Place
from bench.report import Section
from bench.wait import until


def run(*, quick: bool) -> list[Section]:
    """Measure the part of a core that one view takes while nothing changes, by the number of active jobs."""
    section = Section(
        "watch, 200 × 50 characters",
        ("active jobs", "of them running", "part of one core"),
        notes=["To reach: 10 % of one core with 1,000 active jobs."],
    )
    running = 20
    for jobs in (100,) if quick else (10, 100, 1000):
        with Place(slots=running) as place:
            place.start()
            for _ in range(jobs):
                place.jobctl("submit", "--", "sleep", "1000")
            until(lambda: len(_of(place, "processing")) == min(jobs, running), pause=0.2)
            section.add(jobs, min(jobs, running), f"{_share(place, 3.0 if quick else 10.0):.1%}")
    return [section]


def _of(place: Place, state: str) -> list[int]:
    numbers = [int(name) for name in os.listdir(place.layout.active) if name.isdigit()]
    return [number for number in numbers if place.status(number)["state"] == state]


def _share(place: Place, seconds: float) -> float:
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(JOBCTL, [JOBCTL, "watch"], {**place.environ, "TERM": "xterm-256color"})
    try:
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 200, 0, 0))
        _read_for(terminal, 2.0)
        before = memory.processor_time(pid)
        _read_for(terminal, seconds)
        return (memory.processor_time(pid) - before) / seconds
    finally:
        os.kill(pid, 9)
        os.waitpid(pid, 0)
        os.close(terminal)


def _read_for(terminal: int, seconds: float) -> None:
    """Read what is drawn, as a terminal does: who writes to one that is full waits."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        if select.select([terminal], [], [], left)[0]:
            os.read(terminal, 65536)

"""How soon a job starts after its submission, and how soon who waits for it hears of its end."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bench import floors, memory, peers
from bench.measure import Sample, in_turns
from bench.place import JOBCTL, Place
from bench.report import Section, milliseconds
from bench.wait import until

if TYPE_CHECKING:
    from collections.abc import Mapping

_WAITERS = 100


def run(*, quick: bool) -> list[Section]:
    """Measure both, and what a hundred blocked waiters take of a processor."""
    rounds = 10 if quick else 50
    with Place() as place, peers.all_of(place.base, ("task_spooler", "nq")) as others:
        place.start()
        moment = floors.compiled("moment.c", place.base)
        if moment is None:
            return []
        section = Section("Latency, the daemon is up", ("what", "median ms", "p95 ms"))
        section.notes.append("To reach: 5 ms each. Negative: the job had begun before `submit` had ended.")
        starts = {
            "**jobctl submit** ended → first instruction of the job": lambda: _start(
                [JOBCTL, "submit", "--", moment], place.environ, place.base
            ),
            **{
                f"{peer.name}: the same": lambda peer=peer: _start([peer.command[0], moment], peer.environ, place.base)  # type: ignore[misc]  # kept as a default
                for peer in others
            },
        }
        ends = {"last instruction of the job → **jobctl wait** ended": lambda: _end(place, moment)}
        for name, series in (in_turns(starts, rounds) | in_turns(ends, rounds)).items():
            section.add(name, milliseconds(series.median), milliseconds(series.p95))
        share = _waiters(place, 2.0 if quick else 10.0)
        section.add(f"{_WAITERS} blocked `jobctl wait`, part of one core together", f"{share:.2%}", "")
    return [section]


def _start(command: list[str], environ: Mapping[str, str], base: Path) -> Sample:
    path = base / "began"
    path.unlink(missing_ok=True)
    subprocess.run([*command, str(path)], env=environ, check=True, stdout=subprocess.DEVNULL)
    ended = time.monotonic()
    until(path.exists, pause=0.001)
    return Sample(float(path.read_text()) - ended)


def _end(place: Place, moment: str) -> Sample:
    fifo, path = place.base / "fifo", place.base / "ended"
    path.unlink(missing_ok=True)
    if not fifo.exists():
        os.mkfifo(fifo)
    job = place.jobctl("submit", "--", "sh", "-c", f"read x < {fifo}; exec {moment} {path}").strip()
    waiter = subprocess.Popen([JOBCTL, "wait", job], env=place.environ)
    until(lambda: _is_blocked(waiter.pid))
    fifo.write_text("go\n", encoding="ascii")
    waiter.wait()
    return Sample(time.monotonic() - float(path.read_text()))


def _is_blocked(pid: int) -> bool:
    """Return whether the process waits in poll(2) for what the file system says, not for a page of a program."""
    return Path(f"/proc/{pid}/wchan").read_text(encoding="ascii").startswith("poll_schedule_timeout")


def _waiters(place: Place, seconds: float) -> float:
    job = place.jobctl("submit", "--", shutil.which("sleep") or "sleep", "1000").strip()
    waiters = [subprocess.Popen([JOBCTL, "wait", job], env=place.environ) for _ in range(_WAITERS)]
    try:
        for waiter in waiters:
            until(lambda: _is_blocked(waiter.pid))
        before = sum(memory.processor_time(waiter.pid) for waiter in waiters)
        time.sleep(seconds)
        return (sum(memory.processor_time(waiter.pid) for waiter in waiters) - before) / seconds
    finally:
        place.jobctl("cancel", "--now", job)
        for waiter in waiters:
            waiter.wait()

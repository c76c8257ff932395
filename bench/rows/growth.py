"""What becomes of each figure when there are ten jobs, and when there are a hundred thousand."""

from __future__ import annotations

import os
import time
import traceback
from typing import TYPE_CHECKING

from bench import filling, floors, memory
from bench.measure import in_turns, process
from bench.place import EMPTY, JOBCTL, Place
from bench.report import Section, milliseconds
from bench.wait import until

if TYPE_CHECKING:
    from bench.measure import Competitor

_COMMANDS = {
    "submit": ("submit", "--", "true"),
    "status ID": ("status", "1"),
    "wait": ("wait", "1"),
    "status, drawn": ("status", "--color", "always"),
    "status, lines": ("status",),
    "failed of a day": ("status", "--state", "failed", "--since", "1d"),
}


def run(*, quick: bool) -> list[Section]:
    """Fill one home more and more; measure the commands, and the daemon, at each size."""
    sizes = (10, 100, 1000) if quick else (10, 100, 1000, 10_000, 100_000)
    queued = 100 if quick else 10_000
    commands = Section(
        "Growth of the commands, median ms (× an empty Python)",
        ("finished jobs", "queued", *_COMMANDS),
        notes=[
            (
                "With 100,000 finished and 10,000 queued, to reach: `submit` 1.1 × and `status` as people see it "
                "1.2 × of few; a filter 1 s. `status` for scripts is a line for each unfinished job."
            )
        ],
    )
    daemon = Section(
        "Growth of the daemon",
        (
            "finished jobs",
            "queued",
            "start to served ms",
            "until idle, CPU s",
            "first of a boot, CPU s",
            "RSS MiB",
            "private MiB",
            "idle CPU",
        ),
        notes=[
            (
                "To reach: 40 MB, idle 0.1 %, start within 1 s in the same boot. What is queued is taken in before "
                "it is idle; the first of a boot looks at every job."
            )
        ],
    )
    try:
        _grow(commands, daemon, sizes, queued, quick=quick)
    except Exception as failure:  # noqa: BLE001  # what was measured is worth keeping
        traceback.print_exc()
        commands.notes.append(f"It ended early: {type(failure).__name__}: {failure}")
    return [commands, daemon]


def _grow(commands: Section, daemon: Section, sizes: tuple[int, ...], queued: int, *, quick: bool) -> None:
    with Place() as place:
        place.start()
        place.jobctl("queue", "pause", "default")
        place.stop()
        have = 0
        for size in sizes:
            filling.finished(place.layout, size - have)
            have = size
            _measure(place, commands, daemon, have, quick=quick)
        filling.pending(place.layout, queued)
        place.start()
        until(lambda: all(place.status(job)["state"] == "queued" for job in _last(place)), pause=0.5)
        place.stop()
        _measure(place, commands, daemon, have, quick=quick)


def _measure(place: Place, commands: Section, daemon: Section, finished: int, *, quick: bool) -> None:
    os.unlink(place.layout.boot)
    first = _until_idle(place.start())
    place.stop()
    began = time.perf_counter()
    pid = place.start()
    started = time.perf_counter() - began
    settled = _until_idle(pid)
    seconds = 1.0 if quick else 5.0
    before = memory.processor_time(pid)
    time.sleep(seconds)
    idle = (memory.processor_time(pid) - before) / seconds
    queued, used = len(_active(place)), memory.of(pid)
    daemon.add(
        finished,
        queued,
        milliseconds(started),
        f"{settled:.2f}",
        f"{first:.2f}",
        f"{used.resident / 1024:.1f}",
        f"{used.private / 1024:.1f}",
        f"{idle:.2%}",
    )
    competitors: dict[str, Competitor] = {floors.PYTHON: lambda: process(EMPTY, place.environ)}
    for name, words in _COMMANDS.items():
        competitors[name] = lambda words=words: process([JOBCTL, *words], place.environ)  # type: ignore[misc]  # kept as a default
    results = in_turns(competitors, 5 if quick else 10)
    least = results[floors.PYTHON].median
    cells = (f"{milliseconds(results[name].median)} ({results[name].median / least:.2f})" for name in _COMMANDS)
    commands.add(finished, queued, *cells)
    place.stop()


def _until_idle(pid: int) -> float:
    """Wait until the daemon *pid* takes no processor any more; return the seconds of one that it has had."""
    before = -1.0
    while (used := memory.processor_time(pid)) - before > 0.01:
        before = used
        time.sleep(1.0)
    return used


def _active(place: Place) -> list[int]:
    return [int(name) for name in os.listdir(place.layout.active) if name.isdigit()]


def _last(place: Place) -> list[int]:
    """Return the youngest of the unfinished jobs: when they are taken in, all are."""
    return sorted(_active(place))[-20:]

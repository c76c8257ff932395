"""What running jobs cost: the memory of their keepers, and as many at once as there may be."""

from __future__ import annotations

import statistics
import time

from bench import memory
from bench.place import Place
from bench.report import Section
from bench.wait import until


def run(*, quick: bool) -> list[Section]:
    """Measure keepers while their jobs sleep."""
    section = Section(
        "Running jobs",
        (
            "running at once",
            "keeper private KiB",
            "keeper PSS KiB",
            "daemon RSS MiB",
            "all started after s",
            "idle CPU",
        ),
        notes=["To reach: 1 MB of private memory for each running job, 500 at once."],
    )
    for jobs in (10, 50) if quick else (10, 100, 500):
        with Place(slots=jobs) as place:
            daemon = place.start()
            began = time.monotonic()
            place.jobctl("submit", "--array", f"1-{jobs}", "--", "sleep", "1000")
            until(lambda: len(_keepers(daemon)) == jobs and place.status(1)["tasks"]["processing"] == jobs, pause=0.02)
            started = time.monotonic() - began
            found = [memory.of(pid) for pid in _keepers(daemon)[:50]]
            before, seconds = memory.processor_time(daemon), 2.0 if quick else 10.0
            time.sleep(seconds)
            idle = (memory.processor_time(daemon) - before) / seconds
            section.add(
                jobs,
                f"{statistics.median(one.private for one in found):.0f}",
                f"{statistics.median(one.share for one in found):.0f}",
                f"{memory.of(daemon).resident / 1024:.1f}",
                f"{started:.2f}",
                f"{idle:.2%}",
            )
    return [section]


def _keepers(daemon: int) -> list[int]:
    return [pid for pid in memory.children(daemon) if memory.name(pid) == "jobctl-keeper"]

"""F16: days of submits, cancels, retries, cleans and restarts: nothing grows but what is kept."""

from __future__ import annotations

import gc
import os
import random
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from jobctl.model.array import Array
from jobctl.model.retry import Retry
from jobctl.store import markers, removal, requests, retention, selection, status_reader
from support.stepped import Stepped

if TYPE_CHECKING:
    from jobctl.store.layout import Layout
    from support.sample import Sample

FAULT = "F16"

#: Jobs, one a minute, in the short form and in the long one, which are two weeks.
JOBS, JOBS_OF_TWO_WEEKS = 400, 20_000
KEPT = 50


class Soak:
    """A daemon, and everybody who uses it."""

    def __init__(self, layout: Layout, seed: int) -> None:
        self.daemon = Stepped(layout)
        self.chance = random.Random(seed)

    def minute(self) -> None:
        chance, daemon = self.chance, self.daemon
        more = {}
        if chance.random() < 0.1:
            more["array"] = Array(tasks=3)
        job = daemon.submit(retry=Retry(retries=chance.randrange(2), delay=1), **more)
        daemon.step(job)
        if chance.random() < 0.1:
            requests.ask_to_cancel(daemon.layout, job, signal=None, now=False, note=None)
        for _ in range(12):
            for pid, (directory, *_) in list(daemon.children.keepers.items()):
                if not os.path.exists(f"{directory}/start.json"):
                    daemon.children.record_start(pid)
                else:
                    daemon.children.end(pid, exit_code=int(chance.random() < 0.2))
            daemon.clock.seconds += 5
            daemon.look()
        if status_reader.read(daemon.layout, job).state == "failed" and chance.random() < 0.3:
            after = {str(task): attempt for task, attempt in dict(self.attempts(job)).items()}
            requests.retry(daemon.layout, job, 0, {"after": after, "unstarted": False})
        if chance.random() < 0.02:
            daemon.another_daemon()

    def attempts(self, job: int) -> list[tuple[int, int]]:
        names = (name.split(".") for name in os.listdir(self.daemon.layout.job(job)) if name[0].isdigit())
        return sorted((int(task), int(attempt)) for task, attempt in names)

    def clean(self) -> None:
        layout = self.daemon.layout
        due = [job for job in selection.all_ids(layout)[:-KEPT] if retention.is_settled(layout, job)]
        moved, _ = retention.forget(layout, due)
        for place in moved:
            removal.remove_tree(place)

    def settle(self) -> None:
        for _ in range(20):
            for pid, (directory, *_) in list(self.daemon.children.keepers.items()):
                if not os.path.exists(f"{directory}/start.json"):
                    self.daemon.children.record_start(pid)
                self.daemon.children.end(pid)
            self.daemon.clock.seconds += 5
            self.daemon.look()
        self.clean()
        # What the test's own children remember is not the daemon's.
        self.daemon.children.started = self.daemon.children.started[-1:]
        self.daemon.children.reaped.clear()


@pytest.mark.timeout(600)
def test_after_days_of_use_nothing_has_grown_but_what_is_kept(layout: Layout, sample: Sample) -> None:
    jobs = sample.many(JOBS, JOBS_OF_TWO_WEEKS)
    soak = Soak(layout, sample.seed)
    sizes, descriptors, files = [], [], []
    tracemalloc.start()
    try:
        for part in range(4):
            for _ in range(jobs // 4):
                soak.minute()
            soak.settle()
            gc.collect()
            sizes.append(tracemalloc.get_traced_memory()[0])
            descriptors.append(len(os.listdir("/proc/self/fd")))
            files.append(sum(len(names) for _, _, names in os.walk(layout.home)))
            assert markers.names(layout) == [], part
            assert not soak.daemon.engine.counts
    finally:
        tracemalloc.stop()
    print(f"F16: {jobs} jobs in {jobs // 60} hours, {soak.daemon.events.sequence} events")
    print(f"F16: memory {[size // 1024 for size in sizes]} KiB, descriptors {descriptors}, files {files}")
    # The first part fills caches; from then on it must be level.
    assert sizes[-1] - sizes[1] < 200_000
    assert max(descriptors) - min(descriptors) <= 1
    assert files[-1] < files[0] + 10 * KEPT
    assert soak.daemon.events.sequence > jobs * 3

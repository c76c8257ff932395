"""What the daemon does while jobs cannot be started: it goes on trying, a little."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import pytest

from jobctl.model.array import Array
from jobctl.store import records
from support.stepped import Stepped

if TYPE_CHECKING:
    from collections.abc import Callable

    from jobctl.store.layout import Layout


class Trouble:
    """Makes the directories of attempts fail with an error, until it is `None`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
        self.number: int | None = number
        #: What is not concerned.
        self.spares: Callable[[str], bool] = lambda _: False
        self.tried: list[str] = []
        self._real = records.make_attempt
        monkeypatch.setattr(records, "make_attempt", self._make)

    def _make(self, directory: str) -> None:
        self.tried.append(directory)
        if self.number is not None and not self.spares(directory):
            raise OSError(self.number, os.strerror(self.number), directory)
        self._real(directory)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EMFILE, errno.EAGAIN])
def test_of_many_that_lack_what_all_lack_only_a_few_are_tried_until_the_next_look(
    layout: Layout, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """Twenty thousand tasks on a full disk, each tried again for itself, kept a processor busy."""
    daemon = Stepped(layout, slots=64)
    job = daemon.submit(array=Array(tasks=1000))
    trouble = Trouble(monkeypatch, number)
    daemon.look()
    first = len(trouble.tried)
    assert first <= 5
    for _ in range(10):
        daemon.clock.seconds += 0.05
        daemon.step(job)
    assert len(trouble.tried) == first
    for _ in range(5):
        daemon.clock.seconds += 1
        daemon.look()
    assert len(trouble.tried) <= 6 * first
    assert len(set(trouble.tried)) > first, "another one may need less"
    trouble.number = None
    daemon.clock.seconds += 20
    daemon.look()
    assert len(daemon.children.started) == 64


def test_jobs_of_which_each_lacks_something_of_its_own_hold_up_no_other(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    daemon = Stepped(layout, slots=64)
    trouble = Trouble(monkeypatch, errno.EACCES)
    bad = [daemon.submit() for _ in range(20)]
    good = daemon.submit()
    trouble.spares = lambda directory: directory == layout.attempt(good, 1, 1)
    daemon.look()
    assert len(trouble.tried) == len(bad) + 1
    assert daemon.children.started == [(good, 1)]


def test_a_keeper_that_met_a_full_disk_counts_as_well(layout: Layout) -> None:
    daemon = Stepped(layout, slots=8)
    job = daemon.submit(array=Array(tasks=1000))
    daemon.step(job)
    assert len(daemon.children.started) == 8
    for pid in list(daemon.children.keepers):
        daemon.children.end(pid, record=False, status=errno.ENOSPC)
    daemon.step()
    assert len(daemon.children.started) == 8
    daemon.look()
    assert len(daemon.children.started) == 16


def test_why_a_job_cannot_be_started_is_in_the_log_once_and_again_after_it_could(
    layout: Layout, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    daemon = Stepped(layout)
    job = daemon.submit(array=Array(tasks=2, at_once=1))
    trouble = Trouble(monkeypatch, errno.ENOSPC)

    def look_often() -> None:
        for _ in range(5):
            daemon.clock.seconds += 20
            daemon.look()

    look_often()
    trouble.number = errno.EROFS
    look_often()
    said = [record.getMessage() for record in caplog.records]
    assert said == [
        f"job {job}: could not be started ({os.strerror(number)}); trying again"
        for number in (errno.ENOSPC, errno.EROFS)
    ]
    trouble.number = None
    look_often()
    (keeper,) = daemon.children.keepers
    daemon.children.record_start(keeper)
    daemon.step(job)
    trouble.number = errno.EROFS
    daemon.children.end(keeper)
    look_often()
    assert [record.getMessage() for record in caplog.records] == [*said, said[-1]]

"""Which jobs the daemon finds: none is missed, and no file is taken for another job's."""

from __future__ import annotations

import errno
import os
import shutil
import time
from typing import TYPE_CHECKING

import pytest

from jobctl.store import markers, status_writer
from store.calls import Calls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jobctl.model.status import Status
    from jobctl.store.layout import Layout
    from support.stepped import Stepped


def test_a_marker_made_in_the_same_tick_as_one_that_was_seen_is_found_by_the_next_look(
    daemon: Stepped, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As of a file system whose clock has not ticked since; that it may yet do is all that is known of a young time.
    young = time.time_ns() + 10**12
    monkeypatch.setattr(markers, "changed_at", lambda _: young)
    for number in range(2):
        job = daemon.submit()
        daemon.look()
        assert len(daemon.children.started) == number + 1, f"job {job} was not found"


def test_markers_that_could_not_be_listed_are_found_by_the_next_look(
    daemon: Stepped, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = daemon.submit()
    os.utime(daemon.layout.active, (1, 1))  # What was long ago is looked at once.
    with monkeypatch.context() as refusing:

        def refuse(_: Layout) -> Iterator[tuple[int, int]]:
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

        refusing.setattr(markers, "active", refuse)
        daemon.look()
        assert daemon.children.started == []
    daemon.look()
    assert daemon.children.started == [(job, 1)]


def test_a_job_whose_marker_was_dropped_while_its_submitter_slept_is_found_by_the_next_daemon_too(
    daemon: Stepped,
) -> None:
    job = daemon.submit()
    markers.drop(daemon.layout, job)
    daemon.step(job)
    assert markers.names(daemon.layout) == [job]
    daemon.children.record_start(daemon.children.pid_of(daemon.layout.attempt(job, 1, 1)))
    daemon.another_daemon()
    daemon.look()
    assert daemon.state(job) == "processing"


def test_the_status_of_another_job_is_not_taken_for_that_of_this_one(daemon: Stepped) -> None:
    job, other = daemon.submit(), daemon.submit()
    shutil.copy(daemon.layout.status(other), daemon.layout.status(job))
    daemon.look()
    assert os.listdir(daemon.layout.corrupt) == [str(job)]
    assert daemon.children.started == [(other, 1)]


def test_a_job_that_is_set_aside_is_in_one_place_or_the_other_whatever_the_power_does(
    daemon: Stepped, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = daemon.submit()
    os.unlink(daemon.layout.spec(job))
    calls = Calls(monkeypatch, daemon.layout.home)
    daemon.look()
    assert [line for line in calls.story("rename", "fsync") if "spool" in line or "corrupt" in line] == [
        f"rename corrupt/{job}",
        # The new name before the end of the old one.
        "fsync corrupt",
        "fsync spool",
    ]


@pytest.mark.parametrize(("why", "tries"), [(errno.ENOSPC, 1), (errno.EDQUOT, 1), (errno.EROFS, 1), (errno.EIO, 3)])
def test_on_a_full_disk_the_status_of_one_job_is_tried_for_all(
    daemon: Stepped, monkeypatch: pytest.MonkeyPatch, why: int, tries: int
) -> None:
    """What the disk refuses one may be that one's own affair, but for what it refuses all."""
    jobs = [daemon.submit(hold=True) for _ in range(3)]
    tried: list[int] = []

    def refuse(_: Layout, status: Status) -> None:
        tried.append(status.id)
        raise OSError(why, os.strerror(why))

    with monkeypatch.context() as refusing:
        refusing.setattr(status_writer, "write", refuse)
        for _ in range(3):
            daemon.step(*jobs)
        assert len(tried) == tries
        daemon.look()
        assert len(tried) == 2 * tries
    daemon.look()
    assert [daemon.state(job) for job in jobs] == ["queued"] * 3

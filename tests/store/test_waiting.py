"""Waiting for jobs: woken by what changes, with looks beside that are rare where nothing can be missed."""

from __future__ import annotations

import errno
import fcntl
import os
import sys
from typing import TYPE_CHECKING

import pytest

from jobctl.cli import woken
from jobctl.client import waiting
from jobctl.errors import NoSuchJob
from jobctl.store import doorbell, home, notify, status_reader, status_writer
from store import make

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jobctl.model.status import Status
    from jobctl.store.layout import Layout

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="inotify and dnotify are Linux's"),
    pytest.mark.usefixtures("by"),
]


@pytest.fixture(params=[None, woken.of_jobs], ids=["inotify", "dnotify"])
def by(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait as a library does, and as a command."""
    until = waiting.until
    monkeypatch.setattr(waiting, "until", lambda *arguments, **others: until(*arguments, **others, watch=request.param))


@pytest.fixture
def bell(layout: Layout) -> Iterator[doorbell.Doorbell]:
    """The end of a daemon that listens."""
    listening = doorbell.Doorbell(layout)
    yield listening
    listening.close()


class Waits:
    """What happens in each wait of a waiter, and how long and for what each would have waited."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *happens: Callable[[], object]) -> None:
        self.seconds: list[float] = []
        self.descriptors: list[int] = []
        self._happens = iter(happens)
        self._real = notify.readable
        monkeypatch.setattr(notify, "readable", self._readable)

    def _readable(self, descriptors: list[int], seconds: float) -> list[int]:
        self.seconds.append(seconds)
        self.descriptors = descriptors
        next(self._happens)()
        # Of what has happened the kernel has told when the call that did it returned.
        return self._real(descriptors, 0)


def finish(layout: Layout, job: int) -> None:
    status_writer.write(layout, status_reader.read(layout, job).but(state="cancelled"))


def nothing() -> None:
    """Let the time go by."""


def wait(layout: Layout, job: int, tend: Callable[[], None] = nothing) -> list[Status]:
    return waiting.until(layout, [job], lambda status: status.finished, tend=tend)


def test_while_a_daemon_listens_a_waiter_looks_twice_a_minute_and_asks_for_no_other_daemon(
    layout: Layout, monkeypatch: pytest.MonkeyPatch, bell: doorbell.Doorbell
) -> None:
    job = make.job(layout)
    asked: list[int] = []
    waits = Waits(monkeypatch, nothing, nothing, lambda: finish(layout, job))
    assert [status.id for status in wait(layout, job, lambda: asked.append(job))] == [job]
    assert waits.seconds == [30.0, 30.0, 30.0]
    assert asked == [job], "only before the first wait: it may not have listened"
    assert bell.drain() == set(), "to see whether a daemon listens wakes nobody"


def test_while_none_listens_a_waiter_asks_for_one_each_second(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    job = make.job(layout)
    asked: list[int] = []
    waits = Waits(monkeypatch, nothing, nothing, lambda: finish(layout, job))
    wait(layout, job, lambda: asked.append(job))
    assert waits.seconds == [1.0, 1.0, 1.0]
    assert asked == [job, job, job]


def test_the_end_of_the_daemon_wakes_a_waiter_which_asks_for_another_one(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = make.job(layout)
    bell = doorbell.Doorbell(layout)
    woken: list[list[int]] = []
    waits = Waits(monkeypatch, bell.close, lambda: finish(layout, job))
    real = waits._readable

    def noting(descriptors: list[int], seconds: float) -> list[int]:
        woken.append(real(descriptors, seconds))
        return woken[-1]

    monkeypatch.setattr(notify, "readable", noting)
    asked: list[int] = []
    wait(layout, job, lambda: asked.append(job))
    assert len(woken[0]) == 1, "by the bell alone"
    assert asked == [job, job]
    assert waits.seconds == [30.0, 1.0]


def test_a_home_that_others_may_change_is_looked_at_each_second(
    layout: Layout, monkeypatch: pytest.MonkeyPatch, bell: doorbell.Doorbell
) -> None:
    monkeypatch.setattr(home, "remote", lambda _device: "nfs4")
    job = make.job(layout)
    waits = Waits(monkeypatch, nothing, lambda: finish(layout, job))
    wait(layout, job)
    assert waits.seconds == [1.0, 1.0]
    assert bell.fd >= 0


def test_a_status_that_is_only_being_written_wakes_nobody(
    layout: Layout, monkeypatch: pytest.MonkeyPatch, bell: doorbell.Doorbell
) -> None:
    job = make.job(layout)
    temporary = layout.status(job) + ".1.tmp"
    heard: list[bool] = []

    def write() -> None:
        with open(temporary, "wb") as file:
            file.write(b"half")
        heard.extend(bool(notify.select.select([fd], [], [], 0)[0]) for fd in waits.descriptors)

    waits = Waits(monkeypatch, write, lambda: finish(layout, job))
    wait(layout, job)
    assert heard == [False, False], "neither the change nor the end of the daemon"
    assert bell.fd >= 0


def test_a_waiter_learns_at_once_that_its_job_was_moved_away(
    layout: Layout, monkeypatch: pytest.MonkeyPatch, bell: doorbell.Doorbell
) -> None:
    job = make.job(layout)
    waits = Waits(monkeypatch, lambda: os.rename(layout.job(job), layout.staging + "/gone"))
    with pytest.raises(NoSuchJob):
        wait(layout, job)
    assert waits.seconds == [30.0]
    assert bell.fd >= 0


def test_a_waiter_gives_back_every_descriptor(layout: Layout, bell: doorbell.Doorbell) -> None:
    job = make.job(layout)
    before = os.listdir("/dev/fd")
    with pytest.raises(TimeoutError):
        waiting.until(layout, [job], lambda status: status.finished, tend=nothing, timeout=0.01)
    assert os.listdir("/dev/fd") == before
    assert bell.fd >= 0


@pytest.mark.parametrize(
    ("jobs", "descriptors", "by_inotify"), [(10, 1024, False), (11, 1024, True), (4, 16, False), (5, 16, True)]
)
def test_a_command_watches_by_inotify_only_where_there_are_many_jobs_or_few_descriptors(
    layout: Layout, monkeypatch: pytest.MonkeyPatch, jobs: int, descriptors: int, by_inotify: bool
) -> None:
    """Whoever watches by inotify ends milliseconds later: test_a_command_that_waits_for_a_job_uses_no_inotify."""
    numbers = [make.job(layout) for _ in range(jobs)]
    monkeypatch.setattr(os, "sysconf", {"SC_OPEN_MAX": descriptors}.__getitem__)
    waker = woken.of_jobs(layout, [layout.job(job) for job in numbers])
    waker.close()
    assert isinstance(waker, notify.Watcher) == by_inotify


def test_a_waiter_for_many_jobs_reads_only_the_status_that_has_changed(
    layout: Layout, monkeypatch: pytest.MonkeyPatch, bell: doorbell.Doorbell
) -> None:
    jobs = [make.job(layout) for _ in range(20)]
    read: list[int] = []
    real = status_reader.read
    monkeypatch.setattr(status_reader, "read", lambda layout, job: read.append(job) or real(layout, job))
    Waits(monkeypatch, *(lambda job=job: finish(layout, job) for job in jobs))  # type: ignore[misc]  # kept as a default
    # As a program does, or a command that waits for so many.
    waiting.until(layout, jobs, lambda status: status.finished, tend=nothing)
    # Each twice before the first wait, and by `finish`.
    assert read == jobs * 2 + [job for job in jobs for _ in range(2)]
    assert bell.fd >= 0


def test_a_command_watches_by_inotify_where_the_kernel_has_no_dnotify(
    layout: Layout, bell: doorbell.Doorbell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one that was built without CONFIG_DNOTIFY, or gVisor: it would look ten times a second otherwise."""

    def none(*_: object) -> int:
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))

    job = make.job(layout)
    monkeypatch.setattr(fcntl, "fcntl", none)
    before = os.listdir("/dev/fd")
    waits = Waits(monkeypatch, lambda: finish(layout, job))
    wait(layout, job)
    assert waits.seconds == [30.0]
    assert os.listdir("/dev/fd") == before
    assert bell.fd >= 0

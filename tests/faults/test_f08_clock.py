"""F8: the time of day is set back and forth, and the machine sleeps, while jobs are in every state: nothing changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from jobctl.model.dependency import Dependency
from jobctl.model.retry import Retry
from jobctl.store import clock as real_clock
from support.stepped import Stepped

if TYPE_CHECKING:
    from jobctl.store.layout import Layout

FAULT = "F8"

JUMPS = {
    "two hours back": "2026-11-23T10:00:00.000000Z",
    "a hundred days on": "2027-03-03T12:00:00.000000Z",
    "to the epoch": "1970-01-01T00:00:00.000000Z",
}


class Jobs:
    """One job in each state in which something is awaited."""

    def __init__(self, layout: Layout) -> None:
        self.daemon = Stepped(layout, slots=2)
        moment: dict[str, Any] = {"steady": self.daemon.clock.seconds, "boot": real_clock.boot_id()}
        self.running = self.daemon.submit(**moment)
        self.retrying = self.daemon.submit(retry=Retry(retries=1, delay=600), **moment)
        self.slow = self.daemon.submit(**moment)
        self.daemon.step(self.running, self.retrying)
        for job in (self.running, self.retrying):
            self.daemon.children.record_start(self.pid(job))
        self.daemon.step(self.running, self.retrying)
        self.daemon.children.end(self.pid(self.retrying), exit_code=1)
        self.daemon.step(self.slow)
        self.daemon.children.record_start(self.pid(self.slow))
        self.queued = self.daemon.submit(**moment)
        self.waiting = self.daemon.submit(after=(Dependency(kind="ok", job=self.running),), **moment)
        self.later = self.daemon.submit(start_in=600.0, **moment)
        self.expiring = self.daemon.submit(hold=True, max_wait=600.0, **moment)
        self.all = (
            *(self.running, self.retrying, self.slow, self.queued),
            *(self.waiting, self.later, self.expiring),
        )
        self.rest()

    def pid(self, job: int, attempt: int = 1) -> int:
        return self.daemon.children.pid_of(self.daemon.layout.attempt(job, 1, attempt))

    def rest(self) -> None:
        self.daemon.step(*self.all, look=True)
        self.daemon.clock.seconds += 0.3
        self.daemon.step(look=True)

    def shown(self) -> list[tuple[str, str | None]]:
        return [(self.daemon.state(job), self.daemon.status(job).reason) for job in self.all]


@pytest.fixture
def jobs(layout: Layout) -> Jobs:
    return Jobs(layout)


@pytest.mark.parametrize("jump", JUMPS)
def test_setting_the_time_of_day_changes_no_state(jobs: Jobs, jump: str) -> None:
    before = jobs.shown()
    assert before == [
        ("processing", None),
        ("retrying", "exit"),
        ("processing", None),
        ("queued", "slots"),
        ("queued", "dependency"),
        ("queued", "not-before"),
        ("queued", "held"),
    ]
    jobs.daemon.clock.time_of_day = JUMPS[jump]
    jobs.rest()
    assert jobs.shown() == before
    print(f"F8: {jump}: {len(before)} jobs in 6 kinds of waiting and running, 0 states changed")


@pytest.mark.parametrize("jump", JUMPS)
def test_what_is_due_is_due_after_the_same_time_whatever_the_time_of_day_is(jobs: Jobs, jump: str) -> None:
    jobs.daemon.clock.time_of_day = JUMPS[jump]
    jobs.daemon.children.end(jobs.pid(jobs.slow))
    jobs.daemon.clock.seconds += 590
    jobs.rest()
    assert [jobs.daemon.state(job) for job in (jobs.retrying, jobs.later, jobs.expiring)] == [
        "retrying",
        "queued",
        "queued",
    ]
    jobs.daemon.clock.seconds += 170
    jobs.rest()
    assert jobs.daemon.status(jobs.expiring).reason == "expired"
    assert jobs.daemon.status(jobs.later).reason == "slots"
    assert jobs.daemon.state(jobs.retrying) == "queued"


def test_after_a_long_sleep_of_the_machine_what_is_due_happens_at_once_and_nothing_else(jobs: Jobs) -> None:
    jobs.daemon.clock.seconds += 8 * 3600
    jobs.daemon.clock.time_of_day = "2026-11-23T20:00:00.000000Z"
    jobs.rest()
    assert jobs.daemon.status(jobs.expiring).reason == "expired"
    assert [jobs.daemon.state(job) for job in (jobs.running, jobs.slow)] == ["processing"] * 2
    assert jobs.daemon.status(jobs.waiting).reason == "dependency"
    print("F8: a sleep of eight hours: what was due happened at once, and nothing else")

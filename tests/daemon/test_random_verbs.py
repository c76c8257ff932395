"""Random sequences of everything that can be asked of jobs and of everything that can happen to them, with kills.

What must hold whatever comes is checked after each step; what fails is shrunk to the shortest sequence that does.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from jobctl.model import states
from jobctl.model.array import Array
from jobctl.model.dependency import Dependency
from jobctl.model.retry import Retry
from jobctl.store import home, markers, records, requests, status_reader
from support.promises import FINISHED, Promises, follow_events
from support.stepped import Stepped

#: What a daemon does to the disk: it may be killed at each of these.
EFFECTS = ("rename", "link", "unlink", "mkdir", "fsync", "write", "open", "ftruncate")


class Killed(BaseException):
    """What a SIGKILL is to the code it hits: nothing handles it."""


class Verbs(RuleBasedStateMachine):
    """A home with a daemon that is stepped, and clients that ask."""

    def __init__(self) -> None:
        super().__init__()
        self.place = tempfile.TemporaryDirectory()
        self.jobs: list[int] = []
        self.plans: dict[int, dict[str, Any]] = {}
        self.started: Counter[str] = Counter()
        self.promises = Promises()

    @initialize(slots=st.integers(1, 3))
    def begin(self, slots: int) -> None:
        self.daemon = Stepped(home.create({"JOBCTL_HOME": f"{self.place.name}/home"}), slots=slots)
        self.layout = self.daemon.layout

    def teardown(self) -> None:
        try:
            if hasattr(self, "daemon"):
                self.let_all_end()
        finally:
            if hasattr(self, "daemon"):
                self.daemon.events.close()
            self.place.cleanup()

    # ── clients ────────────────────────────────────────────────────────────────────────────────

    @rule(
        tasks=st.sampled_from([0, 0, 1, 3]),
        retry=st.builds(
            Retry,
            retries=st.integers(0, 2),
            delay=st.sampled_from([0.0, 5.0]),
            on_crash=st.sampled_from(["fail", "retry", "hold"]),
        ),
        hold=st.booleans(),
        need=st.none() | st.tuples(st.integers(0, 20), st.sampled_from(["ok", "any", "fail"])),
        at_once=st.none() | st.just(1),
        max_fails=st.none() | st.just(1),
        max_wait=st.none() | st.just(20.0),
    )
    def submit(self, tasks: int, retry: Retry, need: tuple[int, Any] | None, **more: Any) -> None:
        at_once, max_fails = more.pop("at_once"), more.pop("max_fails")
        if tasks:
            more["array"] = Array(tasks=tasks, at_once=at_once, max_fails=max_fails)
        if need and self.jobs:
            more["after"] = (Dependency(kind=need[1], job=self.jobs[need[0] % len(self.jobs)]),)
        self.jobs.append(self.daemon.submit(retry=retry, **more))
        self.plans[self.jobs[-1]] = {"retry": retry, "tasks": tasks or 1, **more}

    def some(self, which: int) -> int:
        return self.jobs[which % len(self.jobs)]

    @precondition(lambda self: self.jobs)
    @rule(which=st.integers(0, 20), held=st.booleans())
    def hold_or_release(self, which: int, held: bool) -> None:
        requests.steer(self.layout, self.some(which), {"hold": held})

    @precondition(lambda self: self.jobs)
    @rule(which=st.integers(0, 20), priority=st.integers(-2, 2))
    def edit(self, which: int, priority: int) -> None:
        requests.steer(self.layout, self.some(which), {"priority": priority})

    @precondition(lambda self: self.jobs)
    @rule(which=st.integers(0, 20), task=st.none() | st.integers(1, 3))
    def cancel(self, which: int, task: int | None) -> None:
        job = self.some(which)
        if status_reader.read(self.layout, job).state in FINISHED:
            return
        if task is not None and task > self.plans[job]["tasks"]:
            task = None
        requests.ask_to_cancel(self.layout, job, task=task, signal=None, now=False, note=None)

    @precondition(lambda self: self.jobs)
    @rule(which=st.integers(0, 20))
    def retry(self, which: int) -> None:
        job = self.some(which)
        status = status_reader.read(self.layout, job)
        if status.state not in FINISHED:
            return
        last = dict(records.attempts(self.layout, job))
        after = {}
        for task, attempt in last.items():
            verdict = records.verdict(self.layout.attempt(job, task, attempt))
            if verdict is None or verdict.event != states.SUCCEED:
                after[str(task)] = attempt if verdict is not None else max(0, attempt - 1)
        unstarted = len(last) < self.plans[job]["tasks"]
        with contextlib.suppress(FileExistsError):
            requests.retry(self.layout, job, status.retried, {"by": "user", "after": after, "unstarted": unstarted})

    # ── the daemon ─────────────────────────────────────────────────────────────────────────────

    @rule(look=st.booleans())
    def step(self, look: bool) -> None:
        self.daemon.step(*self.jobs, look=look)

    @rule(seconds=st.sampled_from([0.3, 6.0, 30.0]))
    def time_passes(self, seconds: float) -> None:
        self.daemon.clock.seconds += seconds
        self.daemon.look()

    @rule()
    def another_daemon(self) -> None:
        self.daemon.another_daemon()
        self.daemon.look()

    @rule(at=st.integers(0, 40), look=st.booleans())
    def killed_in_a_step(self, at: int, look: bool) -> None:
        left = itertools.count(at, -1)
        real = {name: getattr(os, name) for name in EFFECTS}

        def counted(name: str) -> Any:
            def call(*arguments: Any, **named: Any) -> Any:
                if next(left) <= 0:
                    raise Killed
                return real[name](*arguments, **named)

            return call

        for name in EFFECTS:
            setattr(os, name, counted(name))
        try:
            self.daemon.step(*self.jobs, look=look)
        except Killed:
            pass
        finally:
            for name, call in real.items():
                setattr(os, name, call)
        self.daemon.another_daemon()
        self.daemon.look()

    # ── the keepers ────────────────────────────────────────────────────────────────────────────

    def keepers(self, *, started: bool) -> list[int]:
        return [
            pid
            for pid, (directory, *_) in sorted(self.daemon.children.keepers.items())
            if os.path.exists(f"{directory}/start.json") == started
        ]

    @precondition(lambda self: hasattr(self, "daemon") and self.keepers(started=False))
    @rule(which=st.integers(0, 20))
    def an_attempt_starts(self, which: int) -> None:
        waiting = self.keepers(started=False)
        self.begin_attempt(waiting[which % len(waiting)])

    def begin_attempt(self, pid: int) -> None:
        directory = self.daemon.children.keepers[pid][0]
        self.started[directory] += 1
        self.daemon.children.record_start(pid)

    @precondition(lambda self: hasattr(self, "daemon") and self.keepers(started=True))
    @rule(which=st.integers(0, 20), exit_code=st.sampled_from([0, 0, 1]))
    def an_attempt_ends(self, which: int, exit_code: int) -> None:
        running = self.keepers(started=True)
        self.daemon.children.end(running[which % len(running)], exit_code=exit_code)

    @precondition(lambda self: hasattr(self, "daemon") and self.keepers(started=True))
    @rule(which=st.integers(0, 20))
    def an_attempt_is_lost(self, which: int) -> None:
        running = self.keepers(started=True)
        self.daemon.children.end(running[which % len(running)], record=False, status=-9)

    @precondition(lambda self: hasattr(self, "daemon") and self.keepers(started=False))
    @rule(which=st.integers(0, 20))
    def a_keeper_dies_before_the_start(self, which: int) -> None:
        waiting = self.keepers(started=False)
        self.daemon.children.end(waiting[which % len(waiting)], record=False, status=28)

    # ── what must hold ─────────────────────────────────────────────────────────────────────────

    @invariant()
    def no_attempt_starts_twice(self) -> None:
        assert [directory for directory, times in self.started.items() if times > 1] == []

    @invariant()
    def what_was_shown_is_not_taken_back(self) -> None:
        for job in self.jobs:
            shown = status_reader.read(self.layout, job)
            is_array = shown.tasks is not None
            self.promises.see(job, shown.state, retried=shown.retried, attempt=shown.attempt, is_array=is_array)

    @invariant()
    def every_event_goes_on_from_where_the_one_before_it_went_to(self) -> None:
        if hasattr(self, "daemon"):
            follow_events(map(json.loads, Path(self.layout.events).read_bytes().splitlines()))

    @invariant()
    def no_more_attempts_are_made_than_are_allowed(self) -> None:
        for job in self.jobs:
            most = 1 + self.plans[job]["retry"].retries
            lives = requests.count(self.layout, job, "retry") + 1
            lost_too = self.plans[job]["retry"].on_crash != "fail"
            for task, attempt in records.attempts(self.layout, job):
                assert attempt <= most * lives or lost_too, (job, task, attempt)

    def let_all_end(self) -> None:
        """Release everything and let whatever runs succeed: all jobs must come to an end."""
        for job in self.jobs:
            requests.steer(self.layout, job, {"hold": False})
        for _ in range(60):
            self.daemon.clock.seconds += 100
            self.daemon.look()
            for pid in self.keepers(started=False):
                self.begin_attempt(pid)
            self.daemon.look()
            for pid in self.keepers(started=True):
                self.daemon.children.end(pid)
            self.daemon.look()
            left = [job for job in self.jobs if status_reader.read(self.layout, job).state not in FINISHED]
            # A lost attempt may have the job held again.
            for job in left:
                if status_reader.read(self.layout, job).held:
                    requests.steer(self.layout, job, {"hold": False})
            if not left and not markers.names(self.layout):
                break
        self.no_attempt_starts_twice()
        self.every_event_goes_on_from_where_the_one_before_it_went_to()
        assert [status_reader.read(self.layout, job) for job in left] == []
        assert markers.names(self.layout) == []
        for job in self.jobs:
            self.is_true(job)

    def is_true(self, job: int) -> None:
        """The state of a finished job is what its records say."""
        status = status_reader.read(self.layout, job)
        last = dict(records.attempts(self.layout, job))
        ends = []
        for task in range(1, self.plans[job]["tasks"] + 1):
            verdict = records.verdict(self.layout.attempt(job, task, last[task])) if task in last else None
            ends.append(None if verdict is None else verdict.event)
        if status.state == "completed":
            assert ends == [states.SUCCEED] * len(ends), (status, ends)
        elif status.state == "failed":
            assert states.FAIL in ends, (status, ends)
        elif set(ends) == {states.SUCCEED}:
            raise AssertionError((status, ends))


TestVerbs = Verbs.TestCase
TestVerbs.settings = settings(
    max_examples=int(os.environ.get("JOBCTL_TEST_EXAMPLES", "60")),
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)

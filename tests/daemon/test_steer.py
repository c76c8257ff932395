"""The daemon in the place of a keeper that is gone: a real process, a clock that the test moves, no engine."""

from __future__ import annotations

import math
import os
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jobctl.daemon import identity, steer, tree
from jobctl.model.attempt import Start
from jobctl.model.limits import Limits
from jobctl.model.spec import Spec
from jobctl.store import outputs, records, requests, spool
from support.processes import alive
from support.stepped import NOBODY, NOON, Clock, run_of
from support.wait import until

if TYPE_CHECKING:
    from collections.abc import Callable

    from jobctl.daemon.others import Process
    from jobctl.model.attempt import Verdict
    from jobctl.store.layout import Layout

STUBBORN = 'trap "echo asked" TERM; echo ready; while :; do sleep 0.02; done'


class Left:
    """An attempt that its keeper has left to the daemon, whose child its process is or is not."""

    def __init__(self, layout: Layout, *command: str, adopted: bool = True, **limits: Any) -> None:
        spec = Spec(uuid="u", command=command, cwd="/", umask=0o22, submitted_at=NOON, env=(), limits=Limits(**limits))
        self.layout = layout
        self.clock = Clock()
        self.job = spool.deposit(layout, spec)
        directory = layout.attempt(self.job, 1, 1)
        records.make_attempt(directory)
        with Path(directory, "stdout").open("ab") as stdout, Path(directory, "stderr").open("ab") as stderr:
            marks = {"JOBCTL_HOME": layout.home, "JOBCTL_JOB_ID": str(self.job), "JOBCTL_TASK": "1"}
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,
                env={"PATH": os.defpath, **marks, "JOBCTL_ATTEMPT": "1"},
            )
        itself = identity.of(self.process.pid)
        assert itself is not None
        self.run = run_of(layout, self.job, limits=Limits(**limits))
        self.run.adopted = adopted
        self.run.start = Start(
            task=1, attempt=1, process=itself, keeper=NOBODY, started_at=NOON, steady=1000.0, awake=1000.0
        )
        self.stdout = Path(directory, "stdout")

    def await_stdout(self, line: str) -> None:
        until(lambda: line in self.stdout.read_text(), f"{line!r} on the standard output")

    def enforce(self) -> tuple[float | None, float]:
        """Look once; return when SIGKILL and when the next look are due."""
        steer.enforce(self.layout, self.run, self.clock)
        return self.run.kill_at, self.run.look_at

    def conclude(self) -> Verdict:
        """Let a job go on that reads its input, wait for the end, and return the verdict on record."""
        self.go_on()
        if self.run.adopted:
            os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOWAIT)
            assert self.run.start is not None
            steer.conclude_adopted(self.layout, self.run, self.run.start)
        else:
            self.process.wait()
            steer.conclude_orphan(self.layout, self.run)
        verdict = records.verdict(self.run.directory)
        assert verdict is not None
        return verdict

    def go_on(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()

    def end(self) -> None:
        self.go_on()
        self.process.kill()
        self.process.wait()


@pytest.fixture
def leave(layout: Layout, request: pytest.FixtureRequest) -> Callable[..., Left]:
    def leave(*command: str, **more: Any) -> Left:
        left = Left(layout, *command, **more)
        request.addfinalizer(left.end)
        return left

    return leave


def test_time_is_counted_from_the_start_and_not_from_the_death_of_the_keeper(leave: Callable[..., Left]) -> None:
    left = leave("sleep", "1000", timeout=50, grace=7)
    left.clock.seconds = 1049.0
    assert left.enforce() == (None, 1050.0)
    left.clock.seconds = 1050.0
    assert left.enforce() == (1057.0, math.inf)
    verdict = left.conclude()
    assert (verdict.reason, verdict.signal) == ("timeout", signal.SIGTERM)
    assert verdict.error == {
        "code": "timeout",
        "message": "still running after 50.000 s, longer than its limit of 50 s",
    }


@pytest.mark.parametrize("adopted", [True, False])
def test_a_job_that_ignores_the_signal_is_killed_when_that_is_due(leave: Callable[..., Left], *, adopted: bool) -> None:
    left = leave("sh", "-c", STUBBORN, adopted=adopted, timeout=50)
    left.await_stdout("ready")
    left.clock.seconds = 1060.0
    assert left.enforce()[0] == 1070.0
    left.await_stdout("asked")
    steer.kill(left.layout, left.run)
    verdict = left.conclude()
    assert (verdict.reason, verdict.signal) == ("timeout", signal.SIGKILL if adopted else None)


def test_a_job_without_limits_is_looked_at_once(leave: Callable[..., Left]) -> None:
    assert leave("sleep", "1000").enforce() == (None, math.inf)


def test_what_was_decided_first_stands(leave: Callable[..., Left]) -> None:
    for first in ("timeout", "cancelled"):
        left = leave("sh", "-c", STUBBORN, timeout=50, grace=5)
        left.await_stdout("ready")
        left.clock.seconds = 1060.0
        if first == "timeout":
            left.enforce()
        requests.ask_to_cancel(left.layout, left.job, signal=None, now=False, note=None)
        left.run.kill_at = steer.begin_cancel(left.layout, left.run, left.clock)
        assert left.enforce()[0] == 1065.0
        requests.ask_to_cancel(left.layout, left.job, signal=None, now=True, note=None)
        assert steer.begin_cancel(left.layout, left.run, left.clock) == 1060.0
        steer.kill(left.layout, left.run)
        assert left.conclude().reason == first


def test_a_look_for_requests_leaves_what_is_due_as_it_is(leave: Callable[..., Left]) -> None:
    left = leave("sh", "-c", STUBBORN, timeout=50, grace=5)
    left.await_stdout("ready")
    left.clock.seconds = 1060.0
    left.enforce()
    assert steer.begin_cancel(left.layout, left.run, left.clock) == 1065.0


def test_memory_over_its_limit_is_due_to_be_killed_at_once(leave: Callable[..., Left]) -> None:
    left = leave("sh", "-c", STUBBORN, memory=1000)
    left.await_stdout("ready")
    assert left.enforce()[0] == 1000.0
    steer.kill(left.layout, left.run)
    verdict = left.conclude()
    assert (verdict.reason, verdict.signal) == ("memory-limit", signal.SIGKILL)


def test_an_output_over_its_limit_ends_the_job_and_is_cut(leave: Callable[..., Left]) -> None:
    left = leave("sh", "-c", "head -c 5000 /dev/zero; echo; exec sleep 1000", max_output=1000)
    left.await_stdout("\n")
    assert left.enforce()[0] == 1010.0
    verdict = left.conclude()
    assert (verdict.reason, verdict.signal) == ("output-limit", signal.SIGTERM)
    assert verdict.error is not None
    assert "4001 of 5001 bytes of its standard output were dropped" in verdict.error["message"]
    assert left.stdout.stat().st_size < 1200


def test_an_output_that_is_too_long_at_the_end_is_cut_by_whoever_concludes(leave: Callable[..., Left]) -> None:
    left = leave("sh", "-c", "read x; head -c 5000 /dev/zero", max_output=1000)
    assert left.conclude().reason == "output-limit"


def test_an_output_that_the_keeper_had_cut_before_it_was_killed_is_not_cut_again(leave: Callable[..., Left]) -> None:
    left = leave("sh", "-c", "read x; head -c 5000 /dev/zero", max_output=1000)
    left.go_on()
    os.waitid(os.P_PID, left.process.pid, os.WEXITED | os.WNOWAIT)
    outputs.cut(str(left.stdout), 1000)
    kept = left.stdout.read_bytes()
    verdict = left.conclude()
    assert verdict.reason == "output-limit"
    assert verdict.error is not None
    assert "4000 of 5000 bytes" in verdict.error["message"]
    assert left.stdout.read_bytes() == kept


@pytest.mark.parametrize("keep", [True, False])
def test_children_are_kept_only_if_that_was_asked_for(leave: Callable[..., Left], *, keep: bool) -> None:
    left = leave("sh", "-c", "read x; setsid sleep 1000 & echo $!", keep_children=keep)
    assert left.conclude().exit_code == 0
    child = int(left.stdout.read_text())
    assert alive(child) is keep
    if keep:
        os.kill(child, signal.SIGKILL)


def test_a_child_that_one_look_has_missed_is_ended_too(
    leave: Callable[..., Left], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It began during the look, and its parent had ended before its turn came."""
    left = leave("sh", "-c", "read x; setsid sleep 1000 & echo $!")
    with_environment, looks = tree.with_environment, 0

    def nobody_at_first(marks: dict[str, str]) -> list[Process]:
        nonlocal looks
        looks += 1
        return with_environment(marks) if looks > 1 else []

    monkeypatch.setattr(tree, "with_environment", nobody_at_first)
    assert left.conclude().exit_code == 0
    assert not alive(int(left.stdout.read_text()))


def test_a_keeper_that_was_killed_just_after_its_signal_took_no_reason_away(
    leave: Callable[..., Left], monkeypatch: pytest.MonkeyPatch
) -> None:
    left = leave("sleep", "1000", timeout=50)
    monkeypatch.setattr("jobctl.store.clock.awake", lambda: 1051.0)
    left.process.terminate()
    assert left.conclude().reason == "timeout"


def test_another_attempt_of_the_same_job_is_left_alone(leave: Callable[..., Left]) -> None:
    left = leave("sleep", "1000")
    marks = {"JOBCTL_HOME": left.layout.home, "JOBCTL_JOB_ID": str(left.job), "JOBCTL_TASK": "1"}
    other = subprocess.Popen(["sleep", "1000"], env={"PATH": os.defpath, **marks, "JOBCTL_ATTEMPT": "2"})
    try:
        steer.kill(left.layout, left.run)
        left.conclude()
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


@pytest.mark.parametrize("adopted", [True, False], ids=["a child", "nobody's child"])
def test_a_job_that_was_stopped_goes_on_to_hear_that_it_is_to_end(leave: Callable[..., Left], *, adopted: bool) -> None:
    left = leave("sh", "-c", 'trap "exit 6" TERM; echo ready; while :; do sleep 0.02; done', adopted=adopted)
    left.await_stdout("ready")
    left.process.send_signal(signal.SIGSTOP)
    requests.ask_to_cancel(left.layout, left.job, signal=None, now=False, note=None)
    steer.begin_cancel(left.layout, left.run, left.clock)
    assert left.process.wait(timeout=20) == 6


def test_what_a_job_forks_while_it_is_ended_is_ended_too(
    leave: Callable[..., Left], monkeypatch: pytest.MonkeyPatch
) -> None:
    left = leave("sh", "-c", "sleep 1000 & echo ready; read _")
    left.await_stdout("ready")
    kill_all, late = tree.kill_all, []

    def fork_once_more(processes: list[Process]) -> None:
        kill_all(processes)
        if not late:
            marks = {"JOBCTL_HOME": left.layout.home, "JOBCTL_JOB_ID": str(left.job)}
            marks |= {"JOBCTL_TASK": "1", "JOBCTL_ATTEMPT": "1"}
            late.append(subprocess.Popen(["sleep", "1000"], env={"PATH": os.defpath, **marks}))

    monkeypatch.setattr(tree, "kill_all", fork_once_more)
    left.conclude()
    (process,) = late
    try:
        assert not alive(process.pid)
    finally:
        process.kill()
        process.wait()

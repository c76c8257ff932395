"""F1: daemon, keeper, child, and keeper with daemon, killed at every system call of theirs."""

from __future__ import annotations

import os
import shutil
import signal
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from jobctl.store import records
from support.inject import KILL, Point, Rig, is_gone, options, points, sweep_daemon, trace_of
from support.wait import until

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from support.sample import Sample

FAULT = "F1"
#: Points of each sweep that the short form tries.
POINTS = 25
POINTS_OF_DAEMON = 10

pytestmark = [
    pytest.mark.timeout(1200),
    pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace, to kill at a system call"),
]


def sweep(
    rig: Rig,
    role: str,
    chosen: Sequence[Point],
    *,
    before: Callable[[], None],
    after: Callable[[], None],
    is_over: Callable[[int], bool] = lambda job: False,
) -> int:
    """Let the *role* of a new job be killed at each point, or come to where *is_over*; return how many points."""
    hit = 0
    for point in chosen:
        if not rig.is_up():
            rig.start()
        # Or the keeper of one that is tried again might go on with the new one.
        rig.await_all()
        rig.arm(role)
        job = rig.submit()
        pid = rig.await_held(role)
        print(f"job {job}: the {role} is killed at {point}")
        with rig.attached(pid, *options(point, KILL)) as strace:
            before()
            rig.release(role)
            # strace ends with whom it traces.
            until(lambda: strace.poll() is not None or is_gone(pid) or is_over(job), f"the {role} to end")  # noqa: B023
        hit += 1
        after()
    if not rig.is_up():
        rig.start()
    return hit


def nothing() -> None:
    pass


@pytest.mark.parametrize("role", ["keeper", "child"])
def test_every_exit_status_is_known_whatever_call_a_keeper_or_a_child_is_killed_at(
    rig: Rig, role: str, sample: Sample
) -> None:
    rig.start()
    found = points(trace_of(rig, role))
    chosen = sample.of(found, POINTS)
    sweep(rig, role, chosen, before=nothing, after=nothing)
    rig.await_all()
    outcomes = Counter(rig.outcomes().values())
    print(f"F1: {role}: {len(found)} points, {len(chosen)} of them tried: {dict(outcomes)}; runs {rig.runs().total()}")
    assert len(found) > 20
    if role == "keeper":
        assert set(outcomes) == {"known"}
    else:
        # Between its record and execve(2) it counts as started.
        assert set(outcomes) <= {"known", "killed"}
    assert rig.is_up()
    assert rig.litter() == []


def test_nothing_is_wrong_whatever_call_a_keeper_is_killed_at_together_with_its_daemon(
    rig: Rig, sample: Sample
) -> None:
    rig.start()
    # Until it is free: what comes then is the hand-over's (test_f01_handover.py).
    found = points(trace_of(rig, "keeper").partition("sendto(")[0])
    chosen = sample.of(found, POINTS)

    def is_free(job: int) -> bool:
        """Return whether the keeper waits for an order of the daemon that does not go on."""
        directory = rig.layout.attempt(job, 1, 1)
        lock = records.try_lock(directory) if records.verdict(directory) is not None else None
        if lock is not None:
            os.close(lock)
        return lock is not None

    def freeze() -> None:
        # What it could still do between the two kills is another test's.
        assert rig.daemon is not None
        os.kill(rig.daemon.pid, signal.SIGSTOP)

    sweep(rig, "keeper", chosen, before=freeze, after=rig.kill, is_over=is_free)
    rig.await_all()
    outcomes = Counter(rig.outcomes().values())
    print(f"F1: keeper with daemon: {len(found)} points, {len(chosen)} of them tried: {dict(outcomes)}")
    assert set(outcomes) <= {"known", "lost"}
    assert outcomes["known"] > 0
    assert rig.is_up()
    assert rig.litter() == []


def test_no_job_is_wrong_whatever_call_the_nursery_is_killed_at_that_forks_keepers(rig: Rig) -> None:
    """It is begun anew after each kill, and what became of the job it was forking for is found out."""
    rig.arm("nursery")
    rig.start(wait=False)
    pid = rig.await_held("nursery")
    trace = rig.home.base / "trace.nursery"
    with rig.attached(pid, "-o", str(trace)):
        rig.release("nursery")
        until(lambda: rig.is_finished(first), f"job {(first := rig.submit())} to end")
        until(lambda: rig.is_finished(second), f"job {(second := rig.submit())} to end")
    calls = trace.read_text(errors="replace")
    found = list({point.call: point for point in points(calls, after="recvmsg")}.values())
    assert {point.call for point in found} == {"recvmsg", "clone", "close", "sendto"}
    for point in found:
        rig.stop()
        rig.arm("nursery")
        rig.start(wait=False)
        pid = rig.await_held("nursery")
        with rig.attached(pid, *options(point, KILL)) as strace:
            rig.release("nursery")
            for _ in range(3):
                rig.submit()
            until(lambda: strace.poll() is not None or is_gone(pid), f"the nursery to be killed at {point}")  # noqa: B023
            rig.await_all()
        assert rig.is_up()
    outcomes = Counter(rig.outcomes().values())
    print(f"F1: nursery: {len(found)} points: {dict(outcomes)}")
    assert set(outcomes) == {"known"}
    assert rig.litter() == []


def test_no_job_is_wrong_whatever_call_a_daemon_is_killed_at_that_takes_in_starts_settles_and_recovers(
    rig: Rig, sample: Sample
) -> None:
    ends: Counter[bool] = Counter()

    def note(_: Point, __: str) -> None:
        assert rig.daemon is not None
        ends[rig.daemon.returncode == -signal.SIGKILL] += 1

    lost = sweep_daemon(
        rig,
        lambda found: [(point, KILL) for point in sample.of(found, POINTS_OF_DAEMON)],
        note,
    )
    rig.start()
    rig.await_all()
    outcomes = rig.outcomes()
    print(f"F1: daemon: {ends[True]} of {ends.total()} points met: {dict(Counter(outcomes.values()))}")
    assert {job for job, outcome in outcomes.items() if outcome != "known"} == lost
    # Not every life comes to every point: most have no job that lost its keeper.
    assert ends[True] > (ends[False] if sample.is_long else 0)
    assert rig.litter() == []

"""F1: a keeper killed between two attempts, at every system call from the end of one to the end of the next."""

from __future__ import annotations

import shutil
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from support.inject import KILL, Point, Rig, is_gone, options, points
from support.wait import until

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.sample import Sample

FAULT = "F1"
#: Points that the short form tries.
POINTS = 12

pytestmark = [
    pytest.mark.timeout(1200),
    pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace, to kill at a system call"),
]


@pytest.fixture
def rig(rig: Rig) -> Rig:
    """One slot, so that the keeper of one job goes on with the next."""
    rig.home.config.write_text("[queues.default]\nslots = 1\n", encoding="ascii")
    return rig


def two_jobs(rig: Rig) -> int:
    """Submit two of which one waits for the other; return the keeper of the first, held."""
    rig.arm("keeper")
    first, second = rig.submit(), rig.submit()
    pid = rig.await_held("keeper")
    rig.home.await_state(second, "queued")
    assert not rig.is_finished(first)
    return pid


def points_of_the_handover(rig: Rig) -> list[Point]:
    trace = rig.home.base / "trace"
    pid = two_jobs(rig)
    with rig.attached(pid, "-o", str(trace)):
        rig.release("keeper")
        until(lambda: is_gone(pid), "the keeper to end")
    rig.await_all()
    found = points(trace.read_text(errors="replace"), after="sendto(")
    assert [point.nth for point in found if point.call == "sendto"] == [1, 2]
    assert [point.nth for point in found if point.call == "recvmsg"] == [1, 2]
    return found


def sweep(rig: Rig, sample: Sample, after: Callable[[], None]) -> Counter[str]:
    """Kill the keeper at each point that is chosen and do *after*; return what became of the jobs."""
    rig.start()
    found = points_of_the_handover(rig)
    # Every call of the hand-over itself, and some of what follows.
    itself = [point for point in found if point.call in {"sendto", "recvmsg"}]
    chosen = itself + sample.of([point for point in found if point not in itself], POINTS)
    for point in chosen:
        if not rig.is_up():
            rig.start()
        rig.await_all()
        pid = two_jobs(rig)
        print(f"jobs {rig.jobs[-2:]}: the keeper is killed at {point}")
        with rig.attached(pid, *options(point, KILL)) as strace:
            rig.release("keeper")
            until(lambda: strace.poll() is not None or is_gone(pid), "the keeper to end")  # noqa: B023
        after()
    if not rig.is_up():
        rig.start()
    rig.await_all()
    outcomes = Counter(rig.outcomes().values())
    print(f"F1: hand-over: {len(found)} points, {len(chosen)} of them tried: {dict(outcomes)}")
    assert rig.litter() == []
    return outcomes


def test_every_exit_status_is_known_whatever_call_a_keeper_is_killed_at_between_two_jobs_and_in_the_second(
    rig: Rig, sample: Sample
) -> None:
    assert set(sweep(rig, sample, after=lambda: None)) == {"known"}
    assert rig.is_up()


def test_nothing_is_wrong_where_the_daemon_is_killed_right_after_a_keeper_that_was_going_on(
    rig: Rig, sample: Sample
) -> None:
    outcomes = sweep(rig, sample, after=rig.kill)
    assert set(outcomes) <= {"known", "lost"}
    assert outcomes["known"] > outcomes["lost"]

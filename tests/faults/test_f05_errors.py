"""F5: every system call of submit, daemon, keeper and child fails once, with each error of a disk in trouble."""

from __future__ import annotations

import itertools
import os
import re
import shutil
import subprocess
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from support.inject import Case, Point, Rig, is_gone, options, points, sweep_daemon, trace_of
from support.installed import COMMAND
from support.wait import until

if TYPE_CHECKING:
    from collections.abc import Iterable

    from support.installed import Home
    from support.sample import Sample

FAULT = "F5"
ERRORS = ("EIO", "ENOSPC", "EROFS", "EDQUOT", "EMFILE", "EINTR")
#: Cases of each role that the short form tries.
CASES = 60
CASES_OF_DAEMON = 12
#: What fails for no reason but a signal.
WAITS = {"epoll_wait", "epoll_pwait", "select", "pselect6", "wait4", "waitid", "rt_sigtimedwait"}
#: What always succeeds (umask(2)).
NEVER_FAILS = {"umask"}

pytestmark = [
    pytest.mark.timeout(3600),
    pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace, to let a system call fail"),
]


def cases(found: Iterable[Point]) -> list[Case]:
    """Return which call may fail with which error."""
    return [
        (point, f"error={error}")
        for point, error in itertools.product(found, ERRORS)
        if point.call not in NEVER_FAILS and (error == "EINTR" or point.call not in WAITS)
    ]


# ── submit ─────────────────────────────────────────────────────────────────────────────────────────


def submit(home: Home, *strace: str) -> subprocess.CompletedProcess[bytes]:
    command = ["strace", "-qq", *strace, COMMAND, "submit", "--no-start", "true"]
    return subprocess.run(command, env=home.environ, cwd=home.base, capture_output=True, check=False, timeout=60)


def visible(home: Home) -> set[int]:
    return {int(name) for name in os.listdir(home.path / "spool") if name.isdigit()}


def test_a_submit_with_an_error_at_any_call_accepts_a_job_and_says_so_or_leaves_nothing(
    home: Home, sample: Sample
) -> None:
    home.ok("submit", "--no-start", "true")
    trace = home.base / "trace"
    assert submit(home, "-o", str(trace)).returncode == 0
    found = points(trace.read_text(errors="replace"), after=f'"{home.path}"')
    chosen = sample.of(cases(found), CASES)
    ends: Counter[int] = Counter()
    for point, fault in chosen:
        before = visible(home)
        done = submit(home, *options(point, fault))
        case = (str(point), fault, done)
        new = visible(home) - before
        ends[done.returncode] += 1
        assert b"Traceback" not in done.stderr, case
        if done.returncode == 0:
            assert {int(done.stdout)} == new, case
        elif done.returncode == 3:
            assert done.stdout == b"", case
            assert new <= {int(number) for number in re.findall(rb"job (\d+)", done.stderr)}, case
        else:
            assert (done.stdout, new) == (b"", set()), case
            assert done.stderr.startswith(b"jobctl: "), case
        assert os.listdir(home.path / "spool" / "tmp") == [], case
        assert {int(name) for name in os.listdir(home.path / "active") if name.isdigit()} >= new, case
    print(f"F5: submit: {len(found)} points, {len(chosen)} cases tried, by exit status: {dict(ends)}")
    home.run("wait", *map(str, sorted(visible(home))), timeout=100)
    assert {home.status(job)["state"] for job in visible(home)} == {"completed"}


# ── keeper and child ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("role", ["keeper", "child"])
def test_every_job_is_settled_truly_whatever_call_of_a_keeper_or_a_child_fails(
    rig: Rig, role: str, sample: Sample
) -> None:
    rig.start()
    found = points(trace_of(rig, role))
    chosen = sample.of(cases(found), CASES)
    for point, fault in chosen:
        job, pid = rig.submit_held(role)
        print(f"job {job}: {point} of the {role} {fault}")
        with rig.attached(pid, *options(point, fault)):
            rig.release(role)
            until(lambda: is_gone(pid) or rig.is_finished(job), f"the {role} to end")  # noqa: B023
    rig.await_all()
    outcomes = rig.outcomes()
    print(f"F5: {role}: {len(found)} points, {len(chosen)} cases tried: {dict(Counter(outcomes.values()))}")
    assert [job for job, outcome in outcomes.items() if outcome not in {"known", "not started"}] == []
    assert rig.is_up()
    assert rig.litter() == []


# ── daemon ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_daemon_with_an_error_at_any_call_stays_up_and_goes_on_by_itself(rig: Rig, sample: Sample) -> None:
    died, tried = [], 0

    def is_well(point: Point, fault: str) -> None:
        nonlocal tried
        tried += 1
        assert rig.daemon is not None
        if rig.daemon.returncode != 0:
            died.append(f"{point} {fault}: {rig.daemon.returncode}")

    def choose(found: list[Point]) -> list[Case]:
        # strace does not make a call that is to fail: a lock would stay held by the daemon itself, whereas Linux gives
        # a descriptor up whatever close(2) answers (tests/daemon/test_engine.py has that).
        return sample.of([case for case in cases(found) if case[0].call != "close"], CASES_OF_DAEMON)

    lost = sweep_daemon(rig, choose, is_well)
    assert died == []
    outcomes = rig.outcomes()
    print(f"F5: daemon: {tried} cases tried, 0 died: {dict(Counter(outcomes.values()))}")
    assert {job for job, outcome in outcomes.items() if outcome != "known"} == lost
    assert rig.litter() == []

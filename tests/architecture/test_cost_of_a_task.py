"""What one task of an array asks of the kernel: counted, because a test that measures time measures the machine."""

from __future__ import annotations

import os
import re
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.wait import until

if TYPE_CHECKING:
    from support.installed import Home

TASKS = 20


@pytest.mark.skipif(not os.path.exists("/usr/bin/strace"), reason="needs strace, to count system calls")
def test_a_task_costs_one_fork_and_five_fsyncs_and_few_other_calls(home: Home) -> None:
    home.config.write_text("[queues.default]\nslots = 2\n")
    home.ok("submit", "--wait", "true")
    daemon = home.daemon().pid
    # The nursery among them, and the keeper of the job before, which may be kept for the next one.
    traced = [daemon, *map(int, Path(f"/proc/{daemon}/task/{daemon}/children").read_text().split())]
    found = home.base / "calls"
    strace = subprocess.Popen(
        ["strace", "-f", "-c", "-qq", "-o", str(found), *(f"-p{pid}" for pid in traced)], stderr=subprocess.PIPE
    )
    try:
        until(lambda: all(is_traced(pid) for pid in traced), "strace to be attached")
        began = time.monotonic()
        home.ok("submit", "--wait", "--env", "PATH=/bin", "--array", f"1-{TASKS}", "true")
        seconds = time.monotonic() - began
    finally:
        strace.terminate()
        strace.communicate(timeout=60)
    calls = {}
    for columns in map(str.split, found.read_text().splitlines()):
        if re.match("[0-9]", columns[0]):
            # One that a signal came in between of is an error, and made again.
            calls[columns[-1]] = int(columns[3]) - (int(columns[4]) if columns[-1] == "clone" and columns[5:] else 0)
    # And keepers that go on from task to task: a slot has one at work and one that records.
    assert TASKS < calls["clone"] <= TASKS + 4
    # Five for each task; four times a second its counts are written, and the starts behind them looked at.
    assert 5 * TASKS <= calls["fsync"] <= 5 * TASKS + 16 * seconds + 10
    # Among them the start of `true` itself.
    assert calls["total"] <= 260 * TASKS + 400 * (seconds + 1), calls


def is_traced(pid: int) -> bool:
    return "TracerPid:\t0\n" not in Path(f"/proc/{pid}/status").read_text()


@pytest.mark.skipif(not os.path.exists("/proc/self/smaps_rollup"), reason="needs Linux, to measure memory")
def test_a_keeper_keeps_nothing_of_the_attempts_that_are_over(home: Home) -> None:
    home.config.write_text("[queues.default]\nslots = 1\n")
    look = "echo $PPID; exec grep Private_Dirty /proc/$PPID/smaps_rollup"
    home.ok("submit", "--wait", "--array", "1-300", "-c", look)
    sizes: dict[str, list[int]] = {}
    for task in range(1, 301):
        keeper, _, size, _ = (home.path / f"spool/1/{task}.1/stdout").read_text().split()
        sizes.setdefault(keeper, []).append(int(size))
    found = max(sizes.values(), key=len)
    assert len(found) > 100
    # What it kept of each was 4.5 KB; it writes to more and more of what it shares with the nursery, mostly at first.
    half = len(found) // 2
    assert found[-1] - found[half] < half, found

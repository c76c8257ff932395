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
def test_a_task_costs_one_fork_and_six_fsyncs_and_few_other_calls(home: Home) -> None:
    home.config.write_text("[queues.default]\nslots = 2\n")
    home.ok("submit", "--wait", "true")
    daemon = home.daemon().pid
    children = Path(f"/proc/{daemon}/task/{daemon}/children").read_text().split()
    (nursery,) = (int(pid) for pid in children if Path(f"/proc/{pid}/comm").read_text() == "jobctl-nursery\n")
    found = home.base / "calls"
    strace = subprocess.Popen(
        ["strace", "-f", "-c", "-qq", "-o", str(found), "-p", str(daemon), "-p", str(nursery)], stderr=subprocess.PIPE
    )
    try:
        until(lambda: all(is_traced(pid) for pid in (daemon, nursery)), "strace to be attached")
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
    # And two keepers, one for each slot, that go on from task to task.
    assert calls["clone"] == TASKS + 2
    # Six for each task; the counts of the array are written four times a second, and each second it is looked at.
    assert 6 * TASKS <= calls["fsync"] <= 6 * TASKS + 8 * seconds + 10
    # Among them the start of `true` itself.
    assert calls["total"] <= 260 * TASKS + 400 * (seconds + 1), calls


def is_traced(pid: int) -> bool:
    return "TracerPid:\t0\n" not in Path(f"/proc/{pid}/status").read_text()

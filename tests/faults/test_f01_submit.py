"""`jobctl submit` killed at every system call that touches the home: whole or not at all, and run once if whole."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from support.installed import COMMAND

if TYPE_CHECKING:
    from support.installed import Home

FAULT = "F1"

CALL = re.compile(r"^(?:\d+ +)?(\w+)\(")
#: What cannot be told apart by a kill, because nothing on the disk depends on it.
IDLE = {"brk", "mmap", "munmap", "mprotect", "lseek", "ioctl", "getdents64", "rt_sigaction", "newfstatat", "pread64"}

#: What leaves the disk as it was.
READS = {"openat", "open", "read", "readlink", "close", "fstat", "stat", "lstat", "getcwd", "geteuid", "fcntl", "dup"}


def traced(home: Home, *options: str, more: tuple[str, ...] = ()) -> subprocess.CompletedProcess[bytes]:
    """Submit a job with *more* options that notes that it ran, under strace with *options*."""
    command = ["strace", *options, COMMAND, "submit", "--no-start", *more, "sh", "-c", "echo $JOBCTL_JOB_ID >> ran"]
    return subprocess.run(command, env=home.environ, cwd=home.base, capture_output=True, check=False, timeout=60)


def points(home: Home, *more: str) -> list[tuple[str, int]]:
    """Return each system call of a submit from its first look at the home on: its name and which one of that name."""
    trace = home.base / "trace"
    assert traced(home, "-o", str(trace), more=more).returncode == 0
    seen: Counter[str] = Counter()
    found: list[tuple[str, int]] = []
    at_home = False
    for line in trace.read_text(errors="replace").splitlines():
        call = CALL.match(line)
        if call is None:
            continue
        seen[call[1]] += 1
        at_home = at_home or f'"{home.path}"' in line
        if at_home and call[1] not in IDLE:
            found.append((call[1], seen[call[1]]))
    return found


@pytest.mark.timeout(300)
@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace, to kill at a system call")
def test_a_submit_killed_at_any_system_call_leaves_a_whole_job_or_none(home: Home) -> None:
    home.ok("submit", "--no-start", "true")
    swept = points(home)
    acknowledged: set[int] = set()
    for name, which in swept:
        done = traced(
            home, "-qq", "-o", os.devnull, "-e", f"trace={name}", "-e", f"inject={name}:signal=KILL:when={which}"
        )
        acknowledged.update(int(line) for line in done.stdout.split())
        visible = {int(entry) for entry in os.listdir(home.path / "spool") if entry.isdigit()}
        assert acknowledged <= visible, (name, which)
        for job in visible:
            assert home.status(job)["state"] == "pending", (name, which)
    print(f"F1: submit: {len(swept)} kill points, {len(acknowledged)} acknowledged, {len(visible)} visible")
    assert len(swept) > 25
    assert home.run("wait", *map(str, sorted(visible)), timeout=100).returncode == 0
    ran = [int(line) for line in (home.base / "ran").read_text().split()]
    assert sorted(ran) == sorted(visible - {1})


@pytest.mark.timeout(300)
@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace, to kill at a system call")
def test_a_submit_with_key_and_inputs_killed_at_any_system_call_is_repeated_safely(home: Home) -> None:
    (home.base / "tree").mkdir()
    (home.base / "tree" / "file").write_text("frozen\n")
    home.ok("submit", "--no-start", "--key", "first", "true")
    frozen = ("--input", "tree", "--key")
    # What only reads is swept above.
    swept = [point for point in points(home, *frozen, "first-trace") if point[0] not in READS]
    for name, which in swept:
        key = f"{name}.{which}"
        before = jobs(home)
        done = traced(
            home,
            *("-qq", "-o", os.devnull, "-e", f"trace={name}", "-e", f"inject={name}:signal=KILL:when={which}"),
            more=(*frozen, key),
        )
        published = jobs(home) - before
        assert {int(line) for line in done.stdout.split()} <= published, key
        again = int(home.ok("submit", "--no-start", *frozen, key, "sh", "-c", "echo $JOBCTL_JOB_ID >> ran"))
        assert published <= {again}, key
        assert jobs(home) - before == {again}, key
        assert (home.path / f"spool/{again}/inputs/tree/file").read_text() == "frozen\n"
    assert len(swept) > 25
    assert len(jobs(home)) == len(swept) + 2
    print(f"F1: submit with key and inputs: {len(swept)} kill points, each repeated: one job each")


def jobs(home: Home) -> set[int]:
    """Return the IDs of the jobs that are visible."""
    return {int(entry) for entry in os.listdir(home.path / "spool") if entry.isdigit()}

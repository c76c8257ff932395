"""An array with retries while its daemon is killed: every task ends as it did, every attempt is made once."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING

import psutil
import pytest

from jobctl.model.array import Array
from jobctl.model.retry import Retry
from jobctl.model.spec import Spec
from jobctl.store import home as homes
from jobctl.store import spool
from support.wait import until

if TYPE_CHECKING:
    from support.installed import Home
    from support.sample import Sample

FAULT = "F1"

#: How many of the points to kill at the short form tries.
SAMPLE = 12
#: Every third task fails at first and then succeeds, every seventh fails always.
SCRIPT = """
echo $JOBCTL_TASK.$JOBCTL_ATTEMPT >> ledger
if [ $((JOBCTL_TASK % 7)) = 0 ]; then exit 9; fi
if [ $((JOBCTL_TASK % 3)) = 0 ] && [ $JOBCTL_ATTEMPT = 1 ]; then exit 8; fi
exit 0
"""


def submit(home: Home, tasks: int) -> int:
    layout = homes.create(home.environ)
    return spool.deposit(
        layout,
        Spec(
            uuid=f"array-of-{tasks}",
            command=("/bin/sh", "-c", SCRIPT),
            cwd=str(home.base),
            umask=0o22,
            submitted_at="2026-11-25T12:00:00.000000Z",
            env=(("PATH", os.defpath),),
            array=Array(tasks=tasks, first=1),
            retry=Retry(retries=1, delay=0.01),
        ),
    )


def expected(tasks: int) -> dict[str, int]:
    """Return each attempt that is to be made, and the exit status of each."""
    attempts = {}
    for task in range(1, tasks + 1):
        if task % 7 == 0:
            attempts |= {f"{task}.1": 9, f"{task}.2": 9}
        elif task % 3 == 0:
            attempts |= {f"{task}.1": 8, f"{task}.2": 0}
        else:
            attempts[f"{task}.1"] = 0
    return attempts


def check(home: Home, job: int, tasks: int) -> None:
    status = home.status(job)
    failed = tasks // 7
    assert status["tasks"] == {
        **dict.fromkeys(("pending", "processing", "cancelled", "retrying"), 0),
        "total": tasks,
        "completed": tasks - failed,
        "failed": failed,
    }
    assert (status["state"], status["exit_code"]) == (("failed", 9) if failed else ("completed", None))
    made = Counter((home.base / "ledger").read_text().split())
    assert made == Counter(dict.fromkeys(expected(tasks), 1))
    for attempt, exit_code in expected(tasks).items():
        verdict = json.loads((home.path / "spool" / str(job) / attempt / "final.json").read_bytes())
        assert (verdict["reason"], verdict["exit_code"]) == ("exit", exit_code), attempt
    steps = Counter(
        (event["task"], event["to"], event["attempt"])
        for event in home.events()
        if event["id"] == job and event["task"]
    )
    assert [step for step, times in steps.items() if times > 1] == []


def is_finished(home: Home, job: int) -> bool:
    return home.status(job)["state"] in {"completed", "failed", "cancelled"}


def test_an_array_of_50_whose_daemon_is_killed_again_and_again_ends_as_its_tasks_did(home: Home, seed: int) -> None:
    chance = random.Random(seed)
    job = submit(home, 50)
    kills = 0
    while not is_finished(home, job):
        home.ok("daemon", "start")
        daemon = home.daemon()
        ledger = home.base / "ledger"
        seen = ledger.stat().st_size if ledger.exists() else 0
        some = chance.randrange(5, 40)
        until(
            lambda: is_finished(home, job) or (ledger.exists() and ledger.stat().st_size >= seen + some),  # noqa: B023
            "some attempts to be made",
        )
        daemon.send_signal(signal.SIGKILL)
        until(lambda: not daemon.is_running() or daemon.status() == psutil.STATUS_ZOMBIE, "it to be gone")  # noqa: B023
        kills += 1
    print(f"F1: array: {kills} kills of the daemon of 50 tasks: each once, each end and each event as it was")
    check(home, job, 50)


def daemon_under_strace(home: Home, *options: str) -> subprocess.Popen[bytes]:
    command = ["strace", "-qq", *options, sys.executable, "-m", "jobctl.daemon"]
    return subprocess.Popen(command, env=home.environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


#: Calls after which something on the disk or among the processes is another one than before.
EFFECTS = (
    *("openat", "mkdir", "rename", "link", "unlink", "fsync", "write", "flock", "clone", "waitid", "ftruncate"),
    # Orders, and what keepers say.
    *("sendmsg", "recvfrom", "close"),
)


def traced_calls(home: Home, tasks: int) -> list[tuple[str, int]]:
    """Return every (call, which one of its name) that a daemon makes while it runs an array."""
    job = submit(home, tasks)
    trace = home.base / "trace"
    process = daemon_under_strace(home, "-o", str(trace), "-e", f"trace={','.join(EFFECTS)}")
    until(lambda: is_finished(home, job), "the array to end", within=60)
    home.ok("daemon", "stop")
    process.wait(timeout=20)
    seen: Counter[str] = Counter()
    found = []
    at_home = False
    for line in trace.read_text(errors="replace").splitlines():
        name = line.partition("(")[0]
        if name.isidentifier():
            seen[name] += 1
            at_home = at_home or "daemon.lock" in line
            if at_home:
                found.append((name, seen[name]))
    return found


@pytest.mark.timeout(3600)
@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace, to kill at a system call")
def test_an_array_whose_daemon_is_killed_at_a_system_call_ends_as_its_tasks_did(home: Home, sample: Sample) -> None:
    points = traced_calls(home, 7)
    (home.base / "ledger").unlink()
    chosen = sample.of(points, SAMPLE)
    assert len(points) > 150
    hit = 0
    for name, which in chosen:
        job = submit(home, 7)
        inject = f"inject={name}:signal=KILL:when={which}"
        process = daemon_under_strace(home, "-o", os.devnull, "-e", f"trace={name}", "-e", inject)
        until(lambda: process.poll() is not None or is_finished(home, job), "it to be killed", within=30)  # noqa: B023
        hit += process.poll() is not None
        home.ok("daemon", "start")
        until(lambda: is_finished(home, job), f"the array to end after {name} {which}", within=30)  # noqa: B023
        check(home, job, 7)
        home.ok("daemon", "stop")
        process.wait(timeout=20)
        (home.base / "ledger").unlink()
    print(f"F1: array: {hit} of {len(chosen)} kills met, of {len(points)} points: each task once, each end as it was")
    assert hit > len(chosen) / 2

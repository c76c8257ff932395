"""F9: every recorded process number is given to a foreign process: none is signalled, none is taken for running."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from support.installed import COMMAND

if TYPE_CHECKING:
    from support.installed import Home

FAULT = "F9"
pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("unshare") is None, reason="needs root and unshare, for a PID namespace"
)

#: The first process of a namespace: kills daemon, keeper and job, and lets foreign processes have their numbers.
SCENE = r"""
import json, os, signal, subprocess, sys, time
jobctl, verb = sys.argv[1:]
home = os.environ["JOBCTL_HOME"]

def run(*words):
    return subprocess.run([jobctl, *words], capture_output=True, text=True, timeout=60)

def until(look, what):
    end = time.monotonic() + 20
    while not look():
        assert time.monotonic() < end, what
        time.sleep(0.01)

def gone(pid):
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        pass
    return not os.path.exists(f"/proc/{pid}")

def status():
    return json.load(open(f"{home}/spool/1/status.json"))

def foreign(pid):
    for _ in range(2000):
        with open("/proc/sys/kernel/ns_last_pid", "w") as last:
            last.write(str(pid - 1))
        child = os.fork()
        if child == 0:
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCONT):
                signal.signal(number, lambda *_: os._exit(9))
            while True:
                time.sleep(1000)
        if child == pid:
            return
        os.kill(child, 9)
        os.waitpid(child, 0)
    raise AssertionError(f"{pid} was never given")

assert run("submit", "--on-crash", "fail", "sleep", "1000").stdout == "1\n"
until(lambda: status()["state"] == "processing", "the job to run")
start = json.load(open(f"{home}/spool/1/1.1/start.json"))
daemon = json.load(open(f"{home}/daemon.json"))["process"]["pid"]
pids = [daemon, start["keeper"]["pid"], start["process"]["pid"]]
if verb == "with a daemon":
    # The keeper alone, and what it kept: the daemon sees both end, and their numbers come back at once.
    os.kill(daemon, signal.SIGSTOP)
    pids = pids[1:]
for pid in pids:
    os.kill(pid, signal.SIGKILL)
for pid in pids:
    if verb == "with a daemon":
        os.kill(daemon, signal.SIGCONT)
    until(lambda: gone(pid), "the process to be gone")
for pid in pids:
    foreign(pid)
said = []
if verb == "stop":
    said.append(run("daemon", "stop").returncode)
if verb == "cancel":
    said.append(run("cancel", "--now", "--no-wait", "1").returncode)
run("daemon", "start")
until(lambda: status()["state"] in ("failed", "cancelled"), f"the job to be settled: {status()}")
said.append(run("cancel", "--now", "1").returncode)
run("submit", "--wait", "true")
run("daemon", "restart")
alive = []
for pid in pids:
    child, _ = os.waitpid(pid, os.WNOHANG)
    alive.append(child == 0)
print(json.dumps({"alive": alive, "state": status()["state"], "reason": status()["reason"], "said": said}))
"""
NAMESPACE = ("unshare", "--mount", "--fork", "--pid", "--mount-proc", "--kill-child")
VERBS = ("start", "stop", "cancel", "with a daemon")


@pytest.mark.parametrize("verb", VERBS)
def test_a_foreign_process_with_a_recorded_number_is_neither_signalled_nor_taken_for_running(
    home: Home, verb: str
) -> None:
    done = subprocess.run(
        [*NAMESPACE, sys.executable, "-c", SCENE, COMMAND, verb],
        env=home.environ,
        capture_output=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr.decode()
    seen = json.loads(done.stdout)
    print(f"F9: {verb}: {len(seen['alive'])} reused numbers, {seen}")
    assert all(seen["alive"]), seen
    assert (seen["state"], seen["reason"]) in {("failed", "lost"), ("failed", "signal"), ("cancelled", "cancelled")}, (
        seen
    )

"""Limits of a job, with a real daemon."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from jobctl.model.limits import Limits
from jobctl.model.spec import Spec
from jobctl.store import doorbell, spool
from jobctl.store.layout import Layout
from support.processes import alive
from support.wait import until

if TYPE_CHECKING:
    from support.installed import Home

pytestmark = pytest.mark.acceptance

#: Leaves its session and its parent behind, and does not end for SIGTERM.
STUBBORN_TREE = (
    'trap "" TERM; (setsid sh -c "sleep 1000; sleep 1000" & setsid setsid sleep 1000 &); echo ready; sleep 1000'
)


def submit(home: Home, *command: str, **limits: Any) -> int:
    """Submit *command* with *limits* and start a daemon for it."""
    home.ok("daemon", "start")
    layout = Layout(str(home.path))
    spec = Spec(
        uuid="u",
        command=command,
        cwd=str(home.base),
        umask=0o22,
        submitted_at="2026-11-23T12:00:00.000000Z",
        env=(("PATH", os.defpath),),
        limits=Limits(**limits),
    )
    job = spool.deposit(layout, spec)
    doorbell.ring(layout, job)
    return job


def stdout(home: Home, job: int) -> Path:
    return home.path / "spool" / str(job) / "1.1" / "stdout"


def await_line(home: Home, job: int, line: str) -> None:
    path = stdout(home, job)
    until(lambda: path.exists() and line in path.read_text().splitlines(), f"{line!r} of job {job}")


def kill_keeper(home: Home, job: int) -> None:
    keeper = home.start_record(job)["keeper"]["pid"]
    home.await_state(job, "processing")
    os.kill(keeper, signal.SIGKILL)
    until(lambda: not alive(keeper), "the keeper to be gone")


def shorten(home: Home, job: int, **limits: float) -> None:
    """Change the limits of *job* for whoever reads them from now on."""
    path = home.path / "spool" / str(job) / "spec.json"
    document = json.loads(path.read_bytes())
    document["limits"].update(limits)
    path.write_text(json.dumps(document) + "\n")


def jobs_left(home: Home) -> list[psutil.Process]:
    return [process for process in home.processes() if "JOBCTL_JOB_ID" in process.environ()]


def test_a_job_that_takes_too_long_ends_with_its_whole_tree_and_its_status_says_why(home: Home) -> None:
    job = submit(home, "sh", "-c", STUBBORN_TREE, timeout=1.0, grace=0.2)
    assert home.run("wait", str(job)).returncode == 128 + signal.SIGKILL
    status = home.status(job)
    assert (status["state"], status["reason"], status["signal"]) == ("failed", "timeout", signal.SIGKILL)
    assert status["error"]["code"] == "timeout"
    assert status["error"]["message"].endswith("longer than its limit of 1 s")
    assert jobs_left(home) == []


def test_a_job_that_takes_too_much_memory_is_killed_and_the_others_go_on(home: Home) -> None:
    other = submit(home, "sh", "-c", "while [ ! -e go ]; do sleep 0.02; done")
    eater = "kept = []\nwhile True: kept.append(b'x' * (4 << 20))"
    job = submit(home, sys.executable, "-c", eater, memory=64 << 20)
    assert home.run("wait", str(job)).returncode == 128 + signal.SIGKILL
    status = home.status(job)
    assert (status["state"], status["reason"]) == ("failed", "memory-limit")
    assert "(sampled), more than their limit of 64.0 MiB" in status["error"]["message"]
    (home.base / "go").touch()
    assert home.run("wait", str(other)).returncode == 0


def test_a_job_that_writes_too_much_is_ended_and_logs_show_what_is_gone(home: Home) -> None:
    job = submit(home, "sh", "-c", "echo first; exec yes", max_output=10_000)
    assert home.run("wait", str(job)).returncode in {128 + signal.SIGTERM, 128 + signal.SIGKILL}
    status = home.status(job)
    assert (status["state"], status["reason"]) == ("failed", "output-limit")
    shown = home.ok("logs", "--stdout", str(job))
    assert shown.startswith(b"first\ny\n")
    assert b" bytes dropped here: the output was over its limit of 10000 bytes]\n" in shown
    assert len(shown) < 10_200
    assert status["result"]["size"] == len(shown)


def test_children_that_are_to_be_kept_outlive_their_job_and_leave_no_zombie(home: Home) -> None:
    job = submit(home, "sh", "-c", "sleep 1000 & echo $!", keep_children=True)
    assert home.run("wait", str(job)).returncode == 0
    child = int(stdout(home, job).read_text())
    assert alive(child)
    os.kill(child, signal.SIGKILL)
    until(lambda: not psutil.pid_exists(child), "the daemon to reap it")
    assert home.status(job)["state"] == "completed"


def test_what_a_job_orphans_is_reaped_while_the_job_goes_on(home: Home) -> None:
    """Or a job that runs for weeks and starts many such would leave no process to anybody."""
    job = submit(home, "sh", "-c", "(true & echo $!); exec sleep 1000")
    until(lambda: stdout(home, job).is_file() and stdout(home, job).read_text().endswith("\n"), "the job to orphan one")
    orphan = int(stdout(home, job).read_text())
    until(lambda: not psutil.pid_exists(orphan), "its keeper to reap it")
    home.await_state(job, "processing")


def test_a_nice_value_reaches_the_job(home: Home) -> None:
    job = submit(home, "nice", nice=3)
    assert home.run("wait", str(job)).returncode == 0
    assert int(home.ok("result", str(job))) == os.nice(0) + 3


def test_limits_hold_though_the_keeper_was_killed(home: Home) -> None:
    late = submit(home, "sh", "-c", STUBBORN_TREE, timeout=5, grace=0.1)
    await_line(home, late, "ready")
    loud = submit(home, "sh", "-c", "echo ready; while [ ! -e go ]; do sleep 0.02; done; exec yes", max_output=10_000)
    await_line(home, loud, "ready")
    for job in (late, loud):
        kill_keeper(home, job)
    (home.base / "go").touch()
    home.run("wait", str(late), str(loud))
    assert [home.status(job)["reason"] for job in (late, loud)] == ["timeout", "output-limit"]
    assert stdout(home, loud).stat().st_size < 10_200
    assert jobs_left(home) == []


def test_the_next_daemon_ends_a_job_whose_time_was_up_while_nobody_watched(home: Home) -> None:
    job = submit(home, "sh", "-c", STUBBORN_TREE, timeout=1000, grace=0.1)
    await_line(home, job, "ready")
    home.await_state(job, "processing")
    home.kill_daemon()
    os.kill(home.start_record(job)["keeper"]["pid"], signal.SIGKILL)
    shorten(home, job, timeout=0.5)
    home.ok("daemon", "start")
    assert home.run("wait", str(job)).returncode == 126
    status = home.status(job)
    assert (status["state"], status["reason"], status["exit_code"]) == ("failed", "timeout", None)
    assert jobs_left(home) == []

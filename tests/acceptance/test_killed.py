"""A real daemon and real keepers, killed as nothing else can."""

from __future__ import annotations

import os
import random
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.installed import COMMAND
from support.processes import alive
from support.wait import until

if TYPE_CHECKING:
    from support.installed import Home

#: A job says that it ran, waits for a file, and exits with the status it was given.
JOB = 'echo ran >> "$1"; while [ ! -e "$2" ]; do sleep 0.02; done; exit "$3"'


def ran(base: Path, number: int) -> int:
    """Return how many times job *number* was executed."""
    path = base / f"ran.{number}"
    return len(path.read_text().splitlines()) if path.exists() else 0


def submit(home: Home, number: int, go: str) -> int:
    arguments = ["sh", "-c", JOB, "sh", str(home.base / f"ran.{number}"), str(home.base / go), str(number % 100)]
    return home.submit(*arguments)


@pytest.mark.parametrize("command", [("status",), ("daemon", "start"), ("submit", "true")], ids=" ".join)
def test_every_job_ends_with_its_true_exit_status_after_the_daemon_was_killed_with_20_running_and_50_queued(
    home: Home, command: tuple[str, ...]
) -> None:
    home.config.write_text("[queues.default]\nslots = 20\n")
    jobs = {number: submit(home, number, "go") for number in range(70)}
    until(lambda: sum(ran(home.base, number) for number in jobs) == 20, "20 running jobs")
    home.kill_daemon()
    (home.base / "go").touch()
    home.ok(*command)
    home.run("wait", *map(str, jobs.values()), timeout=100)
    for number, job in jobs.items():
        status = home.status(job)
        assert (status["exit_code"], status["reason"]) == (number % 100, "exit" if number % 100 else None)
        assert ran(home.base, number) == 1


def test_killed_again_and_again_at_random_moments_no_daemon_runs_anything_twice(home: Home) -> None:
    seed = int(os.environ.get("JOBCTL_TEST_SEED", random.randrange(10**6)))
    print(f"repeat with JOBCTL_TEST_SEED={seed}")
    chance = random.Random(seed)
    (home.base / "go").touch()
    jobs: dict[int, int] = {}
    for number in range(40):
        jobs[number] = submit(home, number, "go")
        if chance.random() < 0.4:
            home.await_daemon()
            for _ in range(chance.randrange(200)):  # a random moment, that a seed repeats as far as moments repeat
                home.status(jobs[number])
            home.kill_daemon()
    home.run("wait", *map(str, jobs.values()), timeout=100)
    for number, job in jobs.items():
        assert home.status(job)["exit_code"] == number
        assert ran(home.base, number) == 1


def test_the_exit_status_is_known_though_the_keeper_was_killed(home: Home) -> None:
    job = submit(home, 7, "go")
    start = home.start_record(job)
    home.await_state(job, "processing")
    os.kill(start["keeper"]["pid"], signal.SIGKILL)
    until(lambda: not alive(start["keeper"]["pid"]), "the keeper to be gone")
    (home.base / "go").touch()
    assert home.run("wait", str(job)).returncode == 7
    status = home.status(job)
    assert (status["state"], status["exit_code"]) == ("failed", 7)
    assert ran(home.base, 7) == 1


def test_a_job_whose_keeper_was_killed_can_still_be_cancelled_with_its_whole_tree(home: Home) -> None:
    job = home.submit("-c", f'trap "" TERM; sleep 1000 & echo $! > {home.base}/child; wait; sleep 1000')
    start = home.start_record(job)
    child = int(until(lambda: (home.base / "child").exists() and (home.base / "child").read_text(), "the child"))
    home.await_state(job, "processing")
    os.kill(start["keeper"]["pid"], signal.SIGKILL)
    until(lambda: not alive(start["keeper"]["pid"]), "the keeper to be gone")
    home.ok("cancel", "--now", str(job))
    status = home.status(job)
    assert (status["state"], status["signal"]) == ("cancelled", signal.SIGKILL)
    until(lambda: not alive(child), "the child to be gone", within=2)


def test_a_job_is_lost_and_says_so_when_daemon_and_keeper_were_killed(home: Home) -> None:
    job = submit(home, 7, "go")
    start = home.start_record(job)
    home.await_state(job, "processing")
    home.kill_daemon()
    os.kill(start["keeper"]["pid"], signal.SIGKILL)
    home.ok("daemon", "start")
    assert home.status(job)["state"] == "processing"  # it lives: it has not been lost yet
    (home.base / "go").touch()
    assert home.run("wait", str(job)).returncode == 126
    status = home.status(job)
    assert (status["state"], status["reason"], status["exit_code"]) == ("failed", "lost", None)
    assert ran(home.base, 7) == 1


@pytest.mark.parametrize("verb", ["stop", "restart"])
def test_running_jobs_survive_the_daemon_and_the_next_one_takes_them_over(home: Home, verb: str) -> None:
    running, waiting = submit(home, 3, "go"), None
    home.config.write_text("[queues.default]\nslots = 1\n")
    start = home.start_record(running)
    before = home.await_daemon().pid
    home.ok("daemon", verb)
    assert alive(start["process"]["pid"])
    if verb == "stop":
        assert not alive(before)
        home.ok("daemon", "start")
    assert home.await_daemon().pid != before
    waiting = submit(home, 4, "go")
    assert home.status(running)["state"] == "processing"
    (home.base / "go").touch()
    assert home.run("wait", str(running), str(waiting)).returncode == 3
    assert [ran(home.base, number) for number in (3, 4)] == [1, 1]


def test_a_job_that_nobody_watches_any_more_is_settled_within_two_seconds(home: Home) -> None:
    """P5: its keeper is taken over by another daemon, so no SIGCHLD tells of its end."""
    job = home.submit("sleep", "1000")
    start = home.start_record(job)
    home.kill_daemon()
    home.ok("daemon", "start")
    home.await_state(job, "processing")
    os.kill(start["process"]["pid"], signal.SIGTERM)
    status = home.await_state(job, "failed", within=2)
    assert status["signal"] == signal.SIGTERM


def test_many_daemons_started_at_once_become_one(home: Home) -> None:
    import subprocess
    import sys

    home.ok("daemon", "start")
    home.ok("daemon", "stop")
    crowd = [
        subprocess.Popen(
            # Whatever number it is told was handed over, it must not close what it opened itself.
            [sys.executable, "-m", "jobctl.daemon", "--starting", str(number)],
            env=home.environ,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for number in range(3, 15)
    ]
    until(lambda: sum(process.poll() is None for process in crowd) == 1, "all but one to leave")
    assert sorted({process.returncode for process in crowd} - {None}) == [75]
    home.ok("daemon", "stop")
    for process in crowd:
        process.wait(timeout=10)


def test_a_daemon_that_a_job_started_outlives_the_job_and_so_do_its_jobs(home: Home) -> None:
    """It is a descendant of the job's keeper, which ends what the job leaves."""
    path = f"{Path(COMMAND).parent}:/usr/bin:/bin"
    script = (
        "while [ ! -e daemon-killed ]; do sleep 0.02; done; "
        "jobctl submit --id-file inner -- sh -c 'echo ran >> ran.1; while [ ! -e go ]; do sleep 0.02; done; exit 6'; "
        "while [ ! -e ran.1 ]; do sleep 0.02; done"
    )
    outer = home.submit("--env", f"PATH={path}", "-c", script)
    home.await_state(outer, "processing")
    home.kill_daemon()
    (home.base / "daemon-killed").touch()
    assert home.run("wait", str(outer)).returncode == 0
    daemon = home.await_daemon()
    assert alive(daemon.pid)
    (home.base / "go").touch()
    inner = (home.base / "inner").read_text().strip()
    assert home.run("wait", inner).returncode == 6
    assert ran(home.base, 1) == 1


def test_a_job_may_restart_the_daemon(home: Home) -> None:
    path = f"{Path(COMMAND).parent}:/usr/bin:/bin"
    other = submit(home, 4, "go")
    home.start_record(other)
    assert home.run("submit", "-W", "--env", f"PATH={path}", "-c", "jobctl daemon restart", timeout=60).returncode == 0
    (home.base / "go").touch()
    assert home.run("wait", str(other)).returncode == 4

"""F7: many who do the same at the same moment, in a home that nobody has made yet."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from jobctl.errors import AlreadyRunning
from support.gate import Gate
from support.installed import COMMAND
from support.wait import until

if TYPE_CHECKING:
    from support.installed import Home

FAULT = "F7"
pytestmark = [
    pytest.mark.timeout(600),
    pytest.mark.skipif(shutil.which("flock") is None, reason="needs flock (util-linux), to begin at one moment"),
]
SUBMITTERS, SAME_KEY, DAEMONS = 200, 40, 20
NOTED = "echo $JOBCTL_JOB_ID >> ran"


class Crowd:
    """*size* processes of *command* that wait at a gate until `together` lets all of them go at once."""

    def __init__(self, home: Home, size: int, *command: str) -> None:
        self._gate = Gate(home.base / "crowd.gate")
        with self._gate:
            script = 'exec 3>>"$0.waiting"; echo >&3; exec 3>&-; flock --shared "$0" true; exec "$@"'
            self.members = [
                subprocess.Popen(
                    ["/bin/sh", "-c", script, str(self._gate.path), *command],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    env=home.environ,
                    cwd=home.base,
                )
                for _ in range(size)
            ]
            waiting = home.base / "crowd.gate.waiting"
            until(lambda: waiting.exists() and waiting.stat().st_size >= size, "all to be at the gate", within=60)
            waiting.unlink()

    def answers(self) -> list[tuple[int, bytes, bytes]]:
        """Return exit status, standard output and standard error of each."""
        return [(member.returncode, *said) for member in self.members for said in [member.communicate(timeout=300)]]


def visible(home: Home) -> set[int]:
    return {int(name) for name in os.listdir(home.path / "spool") if name.isdigit()}


def daemons(home: Home) -> list[int]:
    """Return the processes that serve the home, each once: a keeper has the daemon's command line as well."""
    try:
        inode = f":{(home.path / 'daemon.lock').stat().st_ino} "
    except FileNotFoundError:
        return []
    with open("/proc/locks", encoding="ascii") as locks:
        return [int(line.split()[4]) for line in locks if inode in line and "->" not in line]


def test_200_submitters_at_once_get_an_id_each_and_each_job_runs_once(home: Home) -> None:
    answers = Crowd(home, SUBMITTERS, COMMAND, "submit", "--", "sh", "-c", NOTED).answers()
    assert {(status, error) for status, _, error in answers} == {(0, b"")}
    ids = [int(output) for _, output, _ in answers]
    assert sorted(ids) == list(range(1, SUBMITTERS + 1))
    assert visible(home) == set(ids)
    assert home.run("wait", "--all", timeout=200).returncode == 0
    # Asked for only now: a submit does not wait until the daemon that it started serves.
    assert len(daemons(home)) == 1
    ran = Counter(int(line) for line in (home.base / "ran").read_text().split())
    assert ran == Counter(dict.fromkeys(ids, 1))
    assert os.listdir(home.path / "spool" / "tmp") == []
    print(f"F7: {SUBMITTERS} submitters: {len(set(ids))} IDs, {len(ran)} jobs ran once, 1 daemon")


def test_40_submitters_at_once_with_one_key_make_one_job(home: Home) -> None:
    answers = Crowd(home, SAME_KEY, COMMAND, "submit", "--key", "k", "--", "sh", "-c", NOTED).answers()
    assert set(answers) == {(0, b"1\n", b"")}
    assert home.run("wait", "--all").returncode == 0
    assert (home.base / "ran").read_text() == "1\n"
    assert visible(home) == {1}
    print(f"F7: {SAME_KEY} submitters with one key: 1 job")


def test_20_daemons_at_once_are_one_also_when_the_one_before_is_killed(home: Home) -> None:
    home.submit("--no-start", "sh", "-c", NOTED)
    for number in (1, 2):
        crowd = Crowd(home, DAEMONS, sys.executable, "-m", "jobctl.daemon", "--foreground")
        try:
            until(lambda: sum(member.poll() is None for member in crowd.members) == 1, "one to be left", within=100)  # noqa: B023
            (survivor,) = [member for member in crowd.members if member.poll() is None]
            home.await_state(number, "completed")
            # What it is asked next is heard by the same one.
            assert home.submit("sh", "-c", NOTED) == number + 1
            home.await_state(number + 1, "completed")
            assert daemons(home) == [survivor.pid] == [home.daemon().pid]
        finally:
            for member in crowd.members:
                member.send_signal(signal.SIGKILL)
        left = [(status, error) for status, _, error in crowd.answers() if status != -signal.SIGKILL]
        assert len(left) == DAEMONS - 1
        assert {status for status, _ in left} == {AlreadyRunning.exit_status}
        assert all(b"another one serves it" in error for _, error in left)
    assert (home.base / "ran").read_text() == "1\n2\n3\n"
    numbers = [event["seq"] for event in home.events()]
    assert numbers == list(range(1, len(numbers) + 1))
    print(f"F7: {DAEMONS} daemons, twice: 1 served")


def test_20_who_start_a_daemon_at_once_are_told_that_it_runs_and_there_is_one(home: Home) -> None:
    answers = Crowd(home, DAEMONS, COMMAND, "daemon", "start").answers()
    assert {status for status, _, _ in answers} == {0}
    assert daemons(home) == [home.daemon().pid]

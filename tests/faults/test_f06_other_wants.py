"""F6: a disk that takes no more files though it has room, and one that takes nothing for a while."""

from __future__ import annotations

import contextlib
import errno
import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from support.wait import until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.disk import Disk
    from support.installed import Home

FAULT = "F6"
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to mount a disk")

END = 'until [ -e "$1/go" ]; do sleep 0.05; done; touch "$1/ended.$2"; exit "$2"'


def running(home: Home) -> dict[int, int]:
    """Submit two jobs that end when they may, with the exit statuses that are returned, and wait until they run."""
    jobs = {home.submit("sh", "-c", END, "sh", str(home.base), str(status)): status for status in (3, 7)}
    for job in jobs:
        home.await_state(job, "processing")
    return jobs


def waiting(home: Home) -> dict[int, int]:
    """Submit jobs that wait for a slot, and return their exit statuses."""
    array = {home.submit("--array", "1-20", "sh", "-c", 'echo >> "$0"', str(home.base / "ran")): 0}
    jobs = {home.submit("sh", "-c", f"exit {status}"): status for status in (4, 5)} | array
    for job in jobs:
        home.await_state(job, "queued")
    return jobs


def let_them_end(home: Home, jobs: dict[int, int]) -> None:
    """Let the running *jobs* end."""
    (home.base / "go").touch()
    for status in jobs.values():
        until((home.base / f"ended.{status}").exists, f"the job to exit with {status}")


def refused(home: Home, *arguments: str, why: bytes) -> None:
    done = home.run(*arguments)
    assert (done.returncode, done.stdout) == (73, b""), (arguments, done)
    assert why in done.stderr


def all_ends_well(home: Home, jobs: dict[int, int], daemon: int) -> None:
    """Demand that each of *jobs* ends by itself as it should, once, and that nothing is left of the trouble."""
    for job, status in jobs.items():
        assert home.run("wait", str(job), timeout=90).returncode == status
    assert home.run("submit", "--wait", "sh", "-c", "exit 6", timeout=60).returncode == 6
    assert home.daemon().pid == daemon
    assert (home.base / "ran").read_text() == "\n" * 20
    assert os.listdir(home.path / "spool" / "tmp") == []
    assert os.listdir(home.path / "corrupt") == []
    assert not list(home.path.rglob("*.tmp"))


def snapshot(home: Home) -> list[str]:
    return sorted(str(path) for name in ("spool", "active", "keys") for path in (home.path / name).rglob("*"))


@pytest.mark.parametrize("disk", [("tmpfs", 500), ("ext4", 500)], indirect=True, ids=lambda disk: disk[0])
def test_a_disk_that_takes_no_more_files_costs_no_verdict_and_work_goes_on_when_it_does(home: Home, disk: Disk) -> None:
    home.ok("queue", "set", "default", "--slots", "2")
    jobs, behind = running(home), waiting(home)
    daemon = home.daemon().pid
    ballast = disk.where / "ballast"
    ballast.mkdir()
    with contextlib.suppress(OSError):
        for number in range(10_000):
            (ballast / str(number)).touch()
    with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
        (ballast / "one more").touch()
    before = snapshot(home)
    refused(home, "submit", "true", why=b"No space left on device")
    refused(home, "submit", "--key", "k", "true", why=b"No space left on device")
    refused(home, "cancel", str(next(iter(behind))), why=b"No space left on device")
    assert snapshot(home) == before
    let_them_end(home, jobs)
    for job in jobs:
        until((home.path / "spool" / str(job) / "1.1" / "final.json").exists, f"the verdict on job {job}")
    assert {job: home.status(job)["state"] for job in behind} == dict.fromkeys(behind, "queued")
    for path in ballast.iterdir():
        path.unlink()
    all_ends_well(home, jobs | behind, daemon)
    print(f"F6: {disk.kind} without a name to give: verdicts 3, 7 right, and what waited went on by itself")


@contextlib.contextmanager
def read_only(home: Path) -> Iterator[None]:
    """Let nothing below *home* be changed by its path, as after an error of the disk; what is open stays open."""
    subprocess.run(["mount", "--bind", str(home), str(home)], check=True)
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", str(home)], check=True)
        yield
    finally:
        subprocess.run(["umount", "-l", str(home)], check=True)


@pytest.mark.parametrize("disk", ["tmpfs"], indirect=True)
def test_while_the_home_is_read_only_all_can_be_read_and_afterwards_work_goes_on(home: Home, disk: Disk) -> None:
    home.ok("queue", "set", "default", "--slots", "2")
    jobs, behind = running(home), waiting(home)
    daemon = home.daemon().pid
    with read_only(home.path):
        refused(home, "submit", "true", why=b"Read-only file system")
        for verb in ("cancel", "hold"):
            refused(home, verb, str(next(iter(behind))), why=b"Read-only file system")
        let_them_end(home, jobs)
        for job in jobs:
            home.ok("status", "--json", str(job))
            home.ok("logs", str(job))
            home.ok("why", str(job))
            assert home.run("wait", "--timeout", "0.1s", str(job)).returncode == 124
        home.ok("daemon", "status")
        assert home.daemon().pid == daemon
    all_ends_well(home, jobs | behind, daemon)
    print(f"F6: {disk.kind}: a home that was read-only for a while has lost no verdict, and work went on by itself")

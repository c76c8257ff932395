"""F6: a job fills the disk that the home is on: verdicts are right, submit refuses, work goes on when there is room."""

from __future__ import annotations

import errno
import json
import os
from typing import TYPE_CHECKING

import psutil
import pytest

from support.disk import SIZES, Disk
from support.processes import alive
from support.sample import wants_all
from support.wait import until

if TYPE_CHECKING:
    from pathlib import Path

    from support.installed import Home

FAULT = "F6"
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to mount a disk")
#: Fills the disk, says so, waits until it may go, and leaves the disk full.
AWAIT = 'await() { until [ -e "$1" ]; do sleep 0.05; done; }; '
FILL = AWAIT + 'await "$1/begin"; cat /dev/zero; touch "$1/full"; await "$1/go"; exit 7'
WAIT = AWAIT + 'await "$1/full"; await "$1/go"; exit 3'


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    # Large disks in the long form only.
    kinds = list(SIZES) if wants_all(metafunc.config) else ["tmpfs", "ext4"]
    metafunc.parametrize("disk", kinds, indirect=True)


def fill(path: Path) -> None:
    """Write to *path* until not one block is left."""
    try:
        fd = os.open(path, os.O_CREAT | os.O_WRONLY, 0o600)
    except OSError as full:
        assert full.errno == errno.ENOSPC  # noqa: PT017  # not even a name
        return
    try:
        for size in (65536, 4096, 512):
            try:
                while os.write(fd, bytes(size)):
                    pass
            except OSError as full:
                assert full.errno == errno.ENOSPC  # noqa: PT017  # it ends the loop
        os.fsync(fd)
    except OSError as full:
        assert full.errno == errno.ENOSPC  # noqa: PT017  # said late
    finally:
        os.close(fd)


def test_a_disk_that_a_job_has_filled_costs_no_verdict_and_work_goes_on_when_there_is_room(
    home: Home, disk: Disk
) -> None:
    base = str(home.base)
    home.ok("queue", "set", "default", "--slots", "2")
    filler = home.submit("sh", "-c", FILL, "sh", base)
    other = home.submit("sh", "-c", WAIT, "sh", base)
    behind = [home.submit("sh", "-c", f"exit {status}") for status in (4, 5)]
    for job in (filler, other):
        home.await_state(job, "processing")
    daemon = home.daemon().pid
    (home.base / "begin").touch()
    until((home.base / "full").exists, "the disk to be full", within=60)
    fill(disk.where / "ballast")
    refused = home.run("submit", "true")
    assert (refused.returncode, refused.stdout) == (73, b""), refused
    assert b"No space left on device" in refused.stderr
    (home.base / "go").touch()
    # Where a file that is there cannot be replaced either (xfs, btrfs), the verdict is shown as soon as it can be.
    late = {124} if disk.kind in {"xfs", "btrfs"} else set()
    assert home.run("wait", "--timeout", "15s", str(other), timeout=30).returncode in {3, *late}
    assert home.run("wait", "--timeout", "15s", str(filler), timeout=30).returncode in {7, *late}
    assert home.daemon().pid == daemon
    shown = {job: home.status(job)["state"] for job in behind}
    (disk.where / "ballast").unlink(missing_ok=True)
    os.truncate(home.path / "spool" / str(filler) / "1.1" / "stdout", 0)
    for job, status in {other: 3, filler: 7, behind[0]: 4, behind[1]: 5}.items():
        assert home.run("wait", str(job), timeout=60).returncode == status
    assert home.run("submit", "--wait", "sh", "-c", "exit 6", timeout=30).returncode == 6
    assert home.daemon().pid == daemon
    assert os.listdir(home.path / "spool" / "tmp") == []
    assert os.listdir(home.path / "corrupt") == []
    assert not list(home.path.rglob("*.tmp"))
    seen = sorted(event["id"] for event in home.events() if event["to"] in {"completed", "failed"})
    print(f"F6: {disk.kind}: verdicts 3, 7, 4, 5 right; while it was full, those behind were {shown}")
    assert {filler, other, *behind} <= set(seen)


def serving(home: Home) -> int:
    """Start a daemon and return which process it is, as `daemon status` says."""
    home.ok("daemon", "start")
    pid = json.loads(home.ok("daemon", "status", "--json"))["pid"]
    assert isinstance(pid, int)
    return pid


def test_a_daemon_begun_on_a_full_disk_can_be_stopped_and_says_who_it_is_when_there_is_room(
    home: Home, disk: Disk
) -> None:
    assert home.run("submit", "--wait", "true").returncode == 0
    before = home.daemon()
    home.ok("daemon", "stop")
    job = home.submit("--no-start", "sh", "-c", "exit 4")
    fill(disk.where / "ballast")
    stopped = psutil.Process(serving(home))
    assert stopped != before
    home.ok("daemon", "stop")
    assert not alive(stopped.pid)
    goes_on = psutil.Process(serving(home))
    unsaid = not (home.path / "daemon.json").exists()
    (disk.where / "ballast").unlink(missing_ok=True)
    until((home.path / "daemon.json").exists, "the daemon to say who it is")
    assert home.daemon() == goes_on
    assert home.run("wait", str(job), timeout=30).returncode == 4
    assert not list(home.path.glob("*.tmp"))
    print(f"F6: {disk.kind}: a daemon begun on a full disk {'could not say' if unsaid else 'said'} at once who it is")

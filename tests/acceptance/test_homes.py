"""Homes that cannot be used: one clear line, status 73, nothing left behind."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.installed import Home
from support.processes import alive
from support.wait import until

if TYPE_CHECKING:
    from collections.abc import Iterator

root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to mount and to give files away")


def refused(home: Home, *words: str, **env: str) -> None:
    """Demand that nothing can be submitted, with one line on standard error that holds *words*."""
    done = home.run("submit", "true", env=env)
    assert (done.returncode, done.stdout) == (73, b"")
    lines = done.stderr.decode().splitlines()
    assert len(lines) == 1, lines
    assert lines[0].startswith("jobctl: cannot ")
    for word in words:
        assert word in lines[0], lines


def fill(path: Path) -> None:
    """Write to *path* until the disk is full."""
    ballast = os.open(path, os.O_CREAT | os.O_WRONLY, 0o600)
    try:
        while os.write(ballast, bytes(4096)):
            pass
    except OSError as full:
        assert full.errno == errno.ENOSPC  # noqa: PT017  # it ends the loop
    finally:
        os.close(ballast)


@pytest.fixture
def disk(home: Home, request: pytest.FixtureRequest) -> Iterator[Path]:
    """A file system of the size that the test is given, with the home on it."""
    where = home.base / "disk"
    where.mkdir()
    options = f"size={request.param},mode=0700"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", str(where)], check=True)
    home.path = where / "home"
    try:
        yield where
    finally:
        home.destroy()
        subprocess.run(["umount", "-l", str(where)], check=True)


def test_a_home_that_is_moved_is_left_by_its_daemon_and_served_where_it_is_now(home: Home) -> None:
    go = home.base / "go"
    running = home.submit("-c", f"until [ -e {go} ]; do sleep 0.02; done; exit 7")
    home.await_state(running, "processing")
    daemon = home.daemon()
    keeper = home.start_record(running)["keeper"]["pid"]
    before = home.path
    home.path = home.path.rename(home.base / "moved")
    # Another home in its place, with a job and an attempt of the same number.
    other = Home(home.base)
    other.path = before
    assert other.submit("-W", "sh", "-c", "exit 0") == running
    until(lambda: not alive(daemon.pid), "the daemon of the moved home to leave")
    assert "the home was moved" in (home.path / "daemon.log").read_text()
    there = (before / f"spool/{running}/1.1/final.json").read_bytes()
    go.touch()
    until(lambda: not alive(keeper), "the keeper to end")
    # It knows no other path: what it would have recorded is lost, and not recorded of somebody else's job.
    assert (before / f"spool/{running}/1.1/final.json").read_bytes() == there
    assert home.run("wait", "--timeout", "20s", str(running)).returncode == 126
    assert home.status(running)["reason"] == "lost"
    for place in (home, other):
        assert place.run("submit", "--wait", "sh", "-c", "exit 5", timeout=20).returncode == 5
        place.ok("daemon", "stop")


def test_no_home_and_no_daemon_are_no_obstacle(home: Home) -> None:
    assert home.submit("true") == 1
    assert home.run("wait", "1").returncode == 0


def test_everything_in_a_new_home_is_for_its_owner_only_whatever_the_umask(home: Home) -> None:
    before = os.umask(0)
    try:
        job = home.submit("sh", "-c", "echo out; echo err >&2; echo result > $JOBCTL_RESULT")
        home.run("wait", str(job))
    finally:
        os.umask(before)
    for path in [home.path, *home.path.rglob("*")]:
        if path.name == "result":
            continue  # the job made it, with the umask of its submitter
        # What the daemon was just writing has its name by now.
        with contextlib.suppress(FileNotFoundError):
            assert path.lstat().st_mode & 0o077 == 0, path


@root
@pytest.mark.parametrize("disk", ["32k"], indirect=True)
def test_a_home_on_a_full_disk_is_refused_and_nothing_is_left(home: Home, disk: Path) -> None:
    (disk / "ballast").write_bytes(bytes(32 * 1024 - 4096))
    refused(home, "No space left on device", "make room")
    assert os.listdir(disk) == ["ballast"]


@root
@pytest.mark.parametrize("disk", ["512k"], indirect=True)
def test_a_disk_that_is_full_by_now_refuses_the_next_job_and_keeps_the_others(home: Home, disk: Path) -> None:
    job = home.submit("echo", "kept")
    home.run("wait", str(job))
    home.ok("daemon", "stop")
    fill(disk / "ballast")
    refused(home, "No space left on device")
    assert sorted(os.listdir(home.path / "spool")) == ["1", "tmp"]
    assert os.listdir(home.path / "spool" / "tmp") == []
    assert home.run("result", str(job)).stdout == b"kept\n"
    (disk / "ballast").unlink()
    assert home.run("submit", "--wait", "true").returncode == 0


@root
@pytest.mark.parametrize("disk", ["1m"], indirect=True)
def test_a_read_only_home_is_refused(home: Home, disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    refused(home, "Read-only file system")
    assert os.listdir(disk) == []


@root
def test_a_home_of_somebody_else_is_refused(home: Home) -> None:
    home.path.mkdir(0o700)
    os.chown(home.path, 65534, 65534)
    refused(home, "belongs to user 65534")
    assert os.listdir(home.path) == []


@pytest.mark.parametrize("mode", [0o777, 0o755, 0o770, 0o1777])
def test_a_home_that_others_may_enter_is_refused(home: Home, mode: int) -> None:
    home.path.mkdir()
    home.path.chmod(mode)
    refused(home, f"{mode:04o}", "chmod 700")
    assert os.listdir(home.path) == []


def test_a_home_that_is_a_symbolic_link_is_refused(home: Home) -> None:
    real = home.base / "real"
    real.mkdir(0o700)
    home.path.symlink_to(real)
    refused(home, "symbolic link", str(real))
    assert os.listdir(real) == []


def test_a_home_below_a_directory_that_others_may_change_is_refused(home: Home) -> None:
    open_to_all = home.base / "open"
    open_to_all.mkdir()
    open_to_all.chmod(0o777)
    home.path = open_to_all / "home"
    refused(home, "0777", str(open_to_all))
    assert os.listdir(open_to_all) == []


def test_a_home_that_is_a_file_is_refused(home: Home) -> None:
    home.path.write_text("mine")
    refused(home, str(home.path))
    assert home.path.read_text() == "mine"


def test_a_home_of_an_unknown_layout_is_refused_by_name_and_left_alone(home: Home) -> None:
    home.ok("submit", "--no-start", "true")
    (home.path / "version").write_text("99\n")
    done = home.run("submit", "true")
    assert (done.returncode, done.stdout) == (65, b"")
    assert b"'99'" in done.stderr
    assert sorted(os.listdir(home.path / "spool")) == ["1", "tmp"]


def test_a_home_whose_name_holds_spaces_newlines_and_odd_bytes_works(home: Home) -> None:
    home.path = Path(os.fsdecode(bytes(home.base) + b"/a home\nwith \xff"))
    job = home.submit("sh", "-c", 'echo "$JOBCTL_HOME"')
    done = home.run("result", "--wait", str(job))
    assert done.stdout == bytes(home.path) + b"\n"


def test_reading_commands_make_no_home(home: Home) -> None:
    for arguments in (["status"], ["watch"], ["daemon", "status"], ["wait", "--all"]):
        home.run(*arguments)
    assert home.run("status", "1").returncode == 127
    assert not home.path.exists()


def test_a_submit_in_which_the_home_was_deleted_makes_a_new_one(home: Home) -> None:
    home.ok("submit", "--no-start", "true")
    shutil.rmtree(home.path)
    assert home.ok("submit", "--no-start", "true") == b"1\n"

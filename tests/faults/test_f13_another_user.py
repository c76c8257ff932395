"""F13: a second, real user of the machine tries to read, add, change and block: nothing succeeds."""

from __future__ import annotations

import importlib.util
import json
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import jobctl
from support.installed import Home
from support.processes import alive
from support.wait import until

if TYPE_CHECKING:
    from collections.abc import Iterator

FAULT = "F13"
pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("useradd") is None, reason="needs root and useradd, to have a second user"
)
USER = "jobctl-mallory"
#: What the second user does with the home $H, job $J (a running one), the processes $DAEMON, $KEEPER and $PID, and
#: a directory of its own, $MINE. Each has to fail.
ATTACKS = """
ls $H
ls $H/spool
cd $H
cat $H/spool/$J/spec.json
cat $H/spool/$J/status.json
cat $H/spool/$J/1.1/stdout
cat $H/daemon.log
cat $H/events.jsonl
cat $H/doorbell
echo $J > $H/doorbell
echo 99 > $H/sequence
touch $H/new
mkdir $H/spool/99
mkdir $H/spool/tmp/x
ln -s /etc/passwd $H/spool/tmp/x
echo {} > $H/spool/$J/cancel.json
echo {} > $H/queues.json
touch $H/active/99
rm -r $H/spool/$J
mv $H $H.away
mv $H/spool $H/spool.away
rmdir $H
chmod 0777 $H
chown $(id -u) $H
ln $H/spool/$J/spec.json $MINE/spec
ln $H/version $MINE/version
cp -r $H $MINE/copy
flock -n $H true
flock -n $H/daemon.lock true
cat /proc/$DAEMON/environ
cat /proc/$PID/environ
ls /proc/$DAEMON/fd
ls /proc/$KEEPER/fd
ls -L /proc/$PID/cwd
echo x > /proc/$PID/fd/1
cat /proc/$DAEMON/mem
kill -TERM $DAEMON
kill -STOP $DAEMON
kill -KILL $KEEPER
kill -KILL $PID
kill -CONT $PID
kill -TERM -- -$PID
renice -n 5 -p $DAEMON
prlimit --pid $PID --nofile=1
jobctl status
jobctl status $J
jobctl status --json $J
jobctl logs $J
jobctl result $J
jobctl submit true
jobctl cancel $J
jobctl hold $J
jobctl retry $J
jobctl clean $J
jobctl queue pause default
jobctl daemon start
jobctl daemon stop
jobctl daemon run
JOBCTL_HOME=$H/ jobctl submit true
JOBCTL_HOME=$H/../home jobctl cancel $J
JOBCTL_HOME=$MINE/link jobctl cancel $J
"""


#: What the commands of jobctl import.
PACKAGES = (
    "typer",
    "rich",
    "pygments",
    "markdown_it",
    "mdurl",
    "shellingham",
    "annotated_doc",
    "click",
    "filelock",
    "platformdirs",
    "psutil",
)


class Mallory:
    """The second user, and what it does."""

    def __init__(self, base: Path) -> None:
        entry = pwd.getpwnam(USER)
        self.uid, self.gid = entry.pw_uid, entry.pw_gid
        self.directory = base / "mallory"
        self.directory.mkdir()
        os.chown(self.directory, self.uid, self.gid)
        # The installation under test may lie where nobody else may look.
        shutil.copytree(Path(jobctl.__file__).parent, base / "lib" / "jobctl")
        for package in PACKAGES:
            found = importlib.util.find_spec(package)
            if found is not None and found.submodule_search_locations:
                shutil.copytree(found.submodule_search_locations[0], base / "lib" / package)
        command = base / "bin" / "jobctl"
        command.parent.mkdir()
        command.write_text(f'#!/bin/sh\nPYTHONPATH={base}/lib exec /usr/bin/python3 -m jobctl "$@"\n')
        command.chmod(0o755)
        for directory in (command.parent, base / "lib"):
            directory.chmod(0o755)
        self.environ = {"PATH": f"{command.parent}:/usr/bin:/bin:/usr/sbin", "HOME": str(self.directory)}

    def does(self, script: str, **variables: object) -> subprocess.CompletedProcess[bytes]:
        """Run *script* as that user."""
        return subprocess.run(
            ["/bin/sh", "-c", script],
            env={**self.environ, **{name: str(value) for name, value in variables.items()}},
            user=self.uid,
            group=self.gid,
            extra_groups=[],
            cwd=self.directory,
            umask=0,
            capture_output=True,
            check=False,
            timeout=20,
        )


@pytest.fixture
def reachable() -> Iterator[Home]:
    """A home whose parents anybody may enter, as below /home."""
    base = Path(tempfile.mkdtemp(prefix="jobctl-f13-", dir="/tmp"))
    base.chmod(0o755)
    home = Home(base)
    try:
        yield home
    finally:
        home.destroy()
        shutil.rmtree(base)


@pytest.fixture
def mallory(reachable: Home) -> Iterator[Mallory]:
    subprocess.run(["useradd", "--system", "--no-create-home", USER], check=False, capture_output=True)
    try:
        yield Mallory(reachable.base)
    finally:
        subprocess.run(["userdel", USER], check=False, capture_output=True)


def state(home: Home) -> dict[str, tuple[int, int, int, int]]:
    """Return what nobody may change of *home*."""
    found = {}
    for path in [home.path, *sorted(home.path.rglob("*"))]:
        here = path.lstat()
        if path.name not in {"status.json", "spool", "active", "1"}:  # the daemon writes there
            found[str(path)] = (here.st_ino, here.st_mode, here.st_uid, here.st_size)
    return found


def test_another_user_can_neither_read_nor_add_nor_change_nor_block(reachable: Home, mallory: Mallory) -> None:
    home = reachable
    job = home.submit("-e", "SECRET=hunter2", "-c", "echo out; exec sleep 1000")
    start = home.start_record(job)
    home.await_state(job, "processing")
    until(lambda: home.run("logs", str(job)).stdout == b"out\n", "the job to have written what it writes")
    daemon, keeper, pid = home.daemon().pid, start["keeper"]["pid"], start["process"]["pid"]
    (mallory.directory / "link").symlink_to(home.path)
    before = state(home)
    about = {"H": home.path, "J": job, "DAEMON": daemon, "KEEPER": keeper, "PID": pid, "MINE": mallory.directory}
    about["JOBCTL_HOME"] = home.path
    assert mallory.does("jobctl --version && test -d $MINE && test ! -r $H", **about).returncode == 0
    succeeded = []
    attacks = ATTACKS.strip().splitlines()
    for attack in attacks:
        done = mallory.does(attack, **about)
        if done.returncode == 0 or b"hunter2" in done.stdout or b"Traceback" in done.stderr:
            succeeded.append((attack, done))
        if attack.startswith("jobctl"):
            assert done.returncode == 73, (attack, done)
    print(f"F13: {len(attacks)} attacks, {len(succeeded)} succeeded")
    assert succeeded == []
    assert state(home) == before
    assert all(alive(process) for process in (daemon, keeper, pid))
    assert home.status(job)["state"] == "processing"
    assert home.run("submit", "--wait", "sh", "-c", "exit 5").returncode == 5
    # What SECURITY.md says that everybody sees.
    assert b"sleep" in mallory.does("cat /proc/$PID/cmdline", **about).stdout


@pytest.mark.parametrize(
    "prepare",
    [
        "mkdir -m 0777 $MINE/home",
        "mkdir -m 0700 $MINE/home",
        "ln -s $VICTIM $MINE/home",
        "mkdir -m 0777 $MINE/home; mkdir -m 0700 $MINE/home/spool",
        "chmod 0777 $MINE",
        "chmod 1777 $MINE; ln -s /etc $MINE/home",
        "mkfifo -m 0666 $MINE/home",
    ],
)
def test_a_home_that_another_user_prepared_is_not_used(reachable: Home, mallory: Mallory, prepare: str) -> None:
    home = reachable
    victim = home.base / "victim"
    victim.mkdir(mode=0o700)
    assert mallory.does(prepare, MINE=mallory.directory, VICTIM=victim).returncode == 0
    home.path = mallory.directory / "home"
    done = home.run("submit", "touch", str(home.base / "ran"))
    assert (done.returncode, done.stdout) == (73, b""), done
    assert os.listdir(victim) == []
    assert not list(home.path.glob("spool/*")) if home.path.is_dir() and not home.path.is_symlink() else True
    assert not (home.base / "ran").exists()
    print(f"F13: a home prepared by another user ({prepare}): refused")


PLANT = """
set -e
mkdir $H/spool/$N
cd $H/spool/$N
case $KIND in
    owned) cp $MINE/spec.json spec.json; cp $MINE/status.json status.json ;;
    linked) ln -s /etc/shadow spec.json ;;
    link-to-theirs) ln -s $MINE/spec.json spec.json ;;
    fifo) mkfifo spec.json ;;
    hard) ln $H/version spec.json ;;
    device) mkdir spec.json ;;
esac
touch $H/active/$N
echo $N > $H/doorbell
"""


def test_what_another_user_planted_in_a_home_that_was_open_to_all_is_not_run(reachable: Home, mallory: Mallory) -> None:
    """As after `chmod -R a+rwX` by mistake, with a daemon that runs already."""
    home = reachable
    home.ok("submit", "-W", "true")
    ran = home.base / "ran"
    pattern = json.loads((home.path / "spool/1/spec.json").read_bytes())
    for name, document in (
        ("spec.json", {**pattern, "command": ["touch", str(ran)]}),
        ("status.json", {**home.status(1), "id": 50, "state": "pending"}),
    ):
        (mallory.directory / name).write_text(json.dumps(document) + "\n")
        (mallory.directory / name).chmod(0o644)
    daemon = home.daemon().pid
    subprocess.run(["chmod", "-R", "a+rwX", str(home.path)], check=True)
    kinds = ("owned", "linked", "link-to-theirs", "fifo", "hard", "device")
    for number, kind in enumerate(kinds, 50):
        done = mallory.does(PLANT, H=home.path, N=number, KIND=kind, MINE=mallory.directory)
        assert done.returncode == 0 or kind == "hard", done
    done = home.run("submit", "true")
    assert (done.returncode, done.stdout) == (73, b"")
    assert b"others may use it" in done.stderr
    subprocess.run(["chmod", "-R", "go-rwx", str(home.path)], check=True)
    assert home.run("submit", "--wait", "sh", "-c", "exit 5", timeout=20).returncode == 5

    def looked_at() -> bool:
        return not any((home.path / "active" / str(number)).exists() for number in range(50, 50 + len(kinds)))

    until(looked_at, "all that was planted to be set aside")
    assert not ran.exists()
    assert home.daemon().pid == daemon
    assert "root:" not in (home.path / "daemon.log").read_text()
    print(f"F13: {len(kinds)} jobs planted by another user in a home open to all: 0 ran")

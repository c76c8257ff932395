"""F15: files and a keeper of the last released layout under a daemon of today, and back; a layout nobody knows."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from support.gate import Gate
from support.processes import alive
from support.wait import until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.installed import Home

FAULT = "F15"
V1 = Path(__file__).parent.parent / "data" / "v1"
OLD_KEEPER = Path(__file__).parent.parent / "support" / "old_keeper.py"
pytestmark = pytest.mark.skipif(
    shutil.which("flock") is None or not sys.platform.startswith("linux"), reason="needs flock (util-linux) and Linux"
)


def put(name: str, path: Path, **changed: Any) -> None:
    """Put the old file *name* to *path*, with some of its values *changed* and no key more or less."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    content = (V1 / name).read_bytes()
    if changed:
        document = json.loads(content)
        assert set(changed) <= set(document)
        content = json.dumps(document | changed, separators=(",", ":")).encode("ascii") + b"\n"
    path.write_bytes(content)
    path.chmod(0o600)


def document(path: Path) -> dict[str, Any]:
    found = json.loads(path.read_bytes())
    assert isinstance(found, dict)
    return found


def files(directory: Path) -> dict[str, bytes]:
    """Return the content of every file of a job that no reader may change."""
    return {
        str(path.relative_to(directory)): path.read_bytes()
        for path in directory.rglob("*")
        if path.is_file() and path.name != "lock"
    }


# ── a home of the last layout ──────────────────────────────────────────────────────────────────────


@pytest.fixture
def old_home(home: Home) -> Home:
    """A home that 0.1.0 left: three finished jobs, one that runs no more, one that ended unseen, one that waits."""
    spool = home.path / "spool"
    for directory in (home.path, spool, spool / "tmp", home.path / "active", home.path / "corrupt"):
        directory.mkdir(mode=0o700)
    for name in ("version", "sequence", "events.jsonl", "daemon.json"):
        put(name, home.path / name)
    os.mkfifo(home.path / "doorbell", 0o600)
    here = {"cwd": str(home.base)}
    ends = {1: ("completed", "completed"), 2: ("failed", "failed"), 3: ("cancelled", "cancelled")}
    for job in range(1, 7):
        put("spec.json" if job == 1 else "spec-shell.json", spool / f"{job}/spec.json", **here)
        if job < 6:
            put("start.json", spool / f"{job}/1.1/start.json")
            for name in ("stdout", "stderr", "lock"):
                (spool / f"{job}/1.1/{name}").touch(0o600)
    (spool / "1/stdin").write_bytes(b"frozen\n")
    for job, (status, final) in ends.items():
        put(f"status-{status}.json", spool / f"{job}/status.json", id=job)
        put(f"final-{final}.json", spool / f"{job}/1.1/final.json")
    put("cancel.json", spool / "3/cancel.json")
    for job in (4, 5):
        put("status-processing.json", spool / f"{job}/status.json", id=job)
    put("final-failed.json", spool / "5/1.1/final.json")
    put("status-pending.json", spool / "6/status.json", id=6)
    for job in (4, 5, 6):
        (home.path / f"active/{job}").touch(0o600)
    return home


def test_a_daemon_of_today_takes_a_home_of_the_last_layout_over(old_home: Home) -> None:
    home = old_home
    before = {job: files(home.path / f"spool/{job}") for job in (1, 2, 3)}
    assert home.submit("true") == 7
    ends = {job: home.run("wait", str(job)).returncode for job in range(1, 8)}
    # 4 ran when the machine went down; 5 ended when no daemon was there to see it.
    assert ends == {1: 0, 2: 3, 3: 143, 4: 126, 5: 3, 6: 3, 7: 0}
    assert {job: files(home.path / f"spool/{job}") for job in (1, 2, 3)} == before
    assert (home.status(4)["state"], home.status(4)["reason"]) == ("failed", "lost")
    assert home.run("logs", "--stderr", "6").stdout == b"problem\n"
    assert [event["seq"] for event in home.events()] == list(range(1, len(home.events()) + 1))
    assert [event["to"] for event in home.events() if event["id"] == 6] == ["queued", "processing", "failed"]
    assert list((home.path / "corrupt").iterdir()) == []
    print(f"F15: a home of the last layout: {len(ends)} jobs, exit statuses {ends}")


# ── a keeper of the last version ───────────────────────────────────────────────────────────────────


class OldKeeper:
    """A keeper of 0.1.0 that runs a job of *home* which ends with status 7 when the gate opens."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.gate = Gate(home.base / "gate").__enter__()
        self.job = home.submit("--no-start", "sh", "-c", "not run by today's keeper")
        self.directory = home.path / f"spool/{self.job}/1.1"
        self.directory.mkdir(mode=0o700)
        command = ["sh", "-c", f"flock --shared {self.gate.path} true; echo out; exit 7"]
        self.process = subprocess.Popen(
            [sys.executable, "-I", str(OLD_KEEPER), str(self.directory), *command], env=home.environ
        )
        until((self.directory / "start.json").exists, "the old keeper to start its job")


@pytest.fixture
def keeper(home: Home) -> Iterator[OldKeeper]:
    made = OldKeeper(home)
    yield made
    made.gate.open()
    made.process.wait(timeout=20)


def test_the_exit_status_of_a_job_of_an_old_keeper_is_kept_through_daemons_of_today(keeper: OldKeeper) -> None:
    home = keeper.home
    home.ok("daemon", "start")
    home.await_state(keeper.job, "processing")
    home.kill_daemon()
    home.ok("daemon", "start")
    home.await_state(keeper.job, "processing")
    keeper.gate.open()
    assert home.run("wait", str(keeper.job)).returncode == 7
    assert home.run("result", str(keeper.job)).stdout == b"out\n"
    assert document(keeper.directory / "final.json")["by"] == "keeper"
    print("F15: a keeper of the last version under two daemons of today: its exit status is kept")


def test_a_job_of_an_old_keeper_that_ends_while_no_daemon_is_there_has_its_exit_status(keeper: OldKeeper) -> None:
    keeper.gate.open()
    keeper.process.wait(timeout=20)
    keeper.home.ok("daemon", "start")
    assert keeper.home.run("wait", str(keeper.job)).returncode == 7


def test_an_old_keeper_understands_a_request_of_today_to_cancel(keeper: OldKeeper) -> None:
    home = keeper.home
    home.ok("daemon", "start")
    home.await_state(keeper.job, "processing")
    home.ok("cancel", "--reason", "enough", str(keeper.job))
    status = home.await_state(keeper.job, "cancelled")
    assert (status["signal"], status["error"]["message"]) == (15, "cancelled: enough")
    assert set(document(V1 / "cancel.json")) <= set(document(home.path / f"spool/{keeper.job}/cancel.json"))


# ── and back ───────────────────────────────────────────────────────────────────────────────────────


def kinds(found: Any) -> Any:
    """Return the kinds of the values of a document, those of documents within it too."""
    if isinstance(found, dict):
        return {key: kinds(value) for key, value in found.items()}
    return "number" if isinstance(found, (int, float)) and not isinstance(found, bool) else type(found).__name__


def is_read(old: Any, new: Any) -> bool:
    """Return whether whoever reads *old* finds all of it in *new*; what may be absent is null."""
    if isinstance(old, dict) and isinstance(new, dict):
        return set(old) <= set(new) and all(is_read(old[key], new[key]) for key in old)
    return "NoneType" in {old, new} or old == new


def test_all_that_the_last_version_reads_is_in_the_files_of_today(home: Home) -> None:
    failed = home.submit("-n", "nightly", "-t", "backup", "--stdin", "/dev/null", "sh", "-c", "exit 3")
    shell = home.submit("-c", "echo problem >&2; exit 3")
    done, absent = home.submit("true"), home.submit("-c", "sleep 1000")
    for job, state in ((failed, "failed"), (shell, "failed"), (done, "completed"), (absent, "processing")):
        home.await_state(job, state)
    spool = home.path / "spool"
    shutil.copyfile(spool / f"{absent}/status.json", home.base / "processing")
    home.ok("cancel", "--now", str(absent))
    waiting = home.submit("--no-start", "--hold", "true")
    pairs = {
        "spec.json": spool / f"{failed}/spec.json",
        "spec-shell.json": spool / f"{shell}/spec.json",
        "start.json": spool / f"{failed}/1.1/start.json",
        "final-failed.json": spool / f"{failed}/1.1/final.json",
        "final-completed.json": spool / f"{done}/1.1/final.json",
        "final-cancelled.json": spool / f"{absent}/1.1/final.json",
        "status-failed.json": spool / f"{failed}/status.json",
        "status-completed.json": spool / f"{done}/status.json",
        "status-cancelled.json": spool / f"{absent}/status.json",
        "status-processing.json": home.base / "processing",
        "status-pending.json": spool / f"{waiting}/status.json",
        "cancel.json": spool / f"{absent}/cancel.json",
        "cancel-now.json": spool / f"{absent}/cancel-now.json",
        "daemon.json": home.path / "daemon.json",
    }
    for name, path in pairs.items():
        old, new = document(V1 / name), document(path)
        if name.startswith("spec"):
            # The environment is the submitter's: its names are nobody's promise.
            old["env"], new["env"] = {}, {}
        assert new["v"] == 1, name
        assert is_read(kinds(old), kinds(new)), (name, kinds(old), kinds(new))
    assert is_read(kinds(json.loads((V1 / "events.jsonl").read_bytes().splitlines()[0])), kinds(home.events()[0]))
    assert (home.path / "version").read_bytes() == (V1 / "version").read_bytes()
    assert len((home.path / "sequence").read_bytes()) == len((V1 / "sequence").read_bytes())
    print(f"F15: {len(pairs)} kinds of files of today: all that the last version reads is in them")


# ── what nobody knows ──────────────────────────────────────────────────────────────────────────────


def test_a_home_of_a_layout_nobody_knows_is_refused_by_name_and_not_touched(home: Home) -> None:
    home.ok("submit", "--no-start", "true")
    (home.path / "version").write_text("2\n")
    before = files(home.path)
    daemon = [sys.executable, "-m", "jobctl.daemon", "--foreground"]
    refusals = [home.run(*words) for words in (("submit", "true"), ("status", "1"), ("wait", "1"), ("cancel", "1"))]
    refusals.append(subprocess.run(daemon, env=home.environ, capture_output=True, check=False, timeout=60))
    for refusal in refusals:
        assert (refusal.returncode, refusal.stdout) == (65, b""), refusal
        assert f"{home.path}/version: it has version '2' and this jobctl knows 1".encode() in refusal.stderr
    assert files(home.path) == before
    print(f"F15: a home of an unknown layout: {len(refusals)} of {len(refusals)} refused by name")


def renew(path: Path, **changed: Any) -> dict[str, Any]:
    """Let the record at *path* be one of a version that nobody knows; return it."""
    newer = document(path) | {"v": 2} | changed
    path.write_text(json.dumps(newer) + "\n")
    return newer


def is_named(home: Home, path: Path) -> bool:
    return f"{path}: it has version 2" in (home.path / "daemon.log").read_text()


@pytest.mark.parametrize("name", ["spec.json", "status.json"])
def test_a_job_of_a_newer_version_is_named_and_left_alone_and_its_exit_status_is_kept(
    keeper: OldKeeper, name: str
) -> None:
    home, path = keeper.home, keeper.home.path / f"spool/{keeper.job}/{name}"
    known = path.read_bytes()
    newer = renew(path)
    home.ok("daemon", "start")
    # Others run meanwhile.
    other = home.submit("true")
    home.await_state(other, "completed")
    until(lambda: is_named(home, path), "the file to be named")
    keeper.gate.open()
    keeper.process.wait(timeout=20)
    assert document(path) == newer
    assert list((home.path / "corrupt").iterdir()) == []
    assert home.run("daemon", "status").returncode == 0
    # The jobctl that knows it comes back.
    home.ok("daemon", "stop")
    path.write_bytes(known)
    home.ok("daemon", "start")
    assert home.run("wait", str(keeper.job)).returncode == 7
    print(f"F15: {name} of an unknown version: named, left alone, exit status kept")


def test_a_job_whose_start_is_of_a_newer_version_is_named_and_ends_as_its_keeper_records(keeper: OldKeeper) -> None:
    home, path = keeper.home, keeper.directory / "start.json"
    home.ok("daemon", "start")
    home.await_state(keeper.job, "processing")
    home.kill_daemon()
    newer = renew(path)
    home.ok("daemon", "start")
    until(lambda: is_named(home, path), "the file to be named")
    assert home.status(keeper.job)["state"] == "processing"
    keeper.gate.open()
    assert home.run("wait", "--timeout", "20s", str(keeper.job)).returncode == 7
    assert (document(path), list((home.path / "corrupt").iterdir())) == (newer, [])
    assert (home.path / "daemon.log").read_text().count(f"{path}: it has version 2") == 1


def test_a_job_whose_start_is_of_a_newer_version_and_whose_keeper_was_killed_is_lost_when_its_processes_are_gone(
    home: Home,
) -> None:
    job = home.submit("sh", "-c", "sleep 1000 & wait")
    home.await_state(job, "processing")
    start = home.start_record(job)
    home.kill_daemon()
    os.kill(start["keeper"]["pid"], signal.SIGKILL)
    path = home.path / f"spool/{job}/1.1/start.json"
    renew(path, process="of another kind")
    home.ok("daemon", "start")
    # Whether it runs is seen in its processes: it is not called lost as long as there is one.
    other = home.submit("-W", "true")
    assert (home.status(other)["state"], home.status(job)["state"]) == ("completed", "processing")
    home.ok("cancel", "--now", str(job))
    status = home.status(job)
    assert (status["state"], status["reason"]) == ("cancelled", "cancelled")
    assert not alive(start["process"]["pid"])

    again = home.submit("sh", "-c", "exec sleep 1000")
    home.await_state(again, "processing")
    start = home.start_record(again)
    home.kill_daemon()
    os.kill(start["keeper"]["pid"], signal.SIGKILL)
    renew(home.path / f"spool/{again}/1.1/start.json")
    home.ok("daemon", "start")
    os.kill(start["process"]["pid"], signal.SIGKILL)
    assert home.run("wait", "--timeout", "20s", str(again)).returncode == 126
    status = home.status(again)
    assert (status["state"], status["reason"]) == ("failed", "lost")
    assert "its start is of a version that this jobctl does not know" in status["error"]["message"]


@pytest.mark.parametrize("is_seen", [True, False], ids=["ended-before-the-daemon", "ended-under-the-daemon"])
def test_a_job_whose_verdict_is_of_a_newer_version_has_ended_and_the_record_is_named_and_kept(
    keeper: OldKeeper, *, is_seen: bool
) -> None:
    home, path = keeper.home, keeper.directory / "final.json"
    if not is_seen:
        home.ok("daemon", "start")
        home.await_state(keeper.job, "processing")
        home.kill_daemon()
    keeper.gate.open()
    keeper.process.wait(timeout=20)
    newer = renew(path)
    home.ok("daemon", "start")
    # Nobody waits for ever for what will not come.
    assert home.run("wait", "--timeout", "20s", str(keeper.job)).returncode == 126
    status = home.status(keeper.job)
    assert (status["state"], status["reason"], status["exit_code"]) == ("failed", "lost", None)
    assert status["error"]["code"] == "unknown-version"
    assert f"{path}: it has version 2" in status["error"]["message"]
    # What was shown as finished stays so, and what the other jobctl wrote stays for it.
    home.ok("daemon", "stop")
    home.ok("daemon", "start")
    assert home.status(keeper.job) == status
    assert (document(path), list((home.path / "corrupt").iterdir())) == (newer, [])
    # Whether it succeeded nobody here can tell, so neither can what is left to do.
    refused = home.run("retry", str(keeper.job))
    assert (refused.returncode, refused.stdout) == (65, b"")
    assert f"{path}: it has version 2".encode() in refused.stderr
    print("F15: a verdict of an unknown version: over, named and kept")


def test_a_job_that_leaves_records_of_a_newer_version_does_not_stay_processing_when_its_keeper_is_killed(
    home: Home,
) -> None:
    forge = "d=$JOBCTL_HOME/spool/$JOBCTL_JOB_ID/1.1; echo '{\"v\":99}' > $d/new; mv $d/new $d/"
    for name in ("start.json", "final.json"):
        job = home.submit("sh", "-c", f"{forge}{name}; exec sleep 1000")
        path = home.path / f"spool/{job}/1.1/{name}"
        until(lambda: path.exists() and b"99" in path.read_bytes(), "the forged record")  # noqa: B023
        home.await_state(job, "processing")
        (keeper,) = [process for process in home.daemon().children() if process.children()]
        keeper.kill()
        for process in home.processes():
            if process.name() == "sleep":
                process.kill()
        assert home.run("wait", "--timeout", "20s", str(job)).returncode in {126, 137}, name
        assert home.status(job)["state"] == "failed", name


@pytest.mark.parametrize("is_shown", [True, False], ids=["shown-before", "found-by-the-daemon"])
def test_a_task_whose_verdict_is_of_a_newer_version_is_refused_by_name_and_nobody_waits_for_it(
    home: Home, *, is_shown: bool
) -> None:
    go = home.base / "go"
    home.config.write_text("[queues.default]\nslots = 3\n", encoding="ascii")
    job = home.submit("--array", "1-3", "-c", f"until [ -e {go} ]; do sleep 0.02; done; exit $((JOBCTL_TASK - 1))")
    start = home.start_record(job, 3) if not is_shown else {}
    if not is_shown:
        home.kill_daemon()
    go.touch()
    if is_shown:
        assert home.run("wait", str(job)).returncode == 1
    else:
        until(lambda: not alive(start["keeper"]["pid"]), "the keeper to end")
    path = home.path / f"spool/{job}/3.1/final.json"
    newer = renew(path)
    if not is_shown:
        home.ok("daemon", "start")
    # Of the job as a whole nothing hangs on it: another task failed first.
    assert home.run("wait", "--timeout", "20s", str(job)).returncode == 1
    shown = home.status(job)
    assert (shown["state"], shown["tasks"]["completed"], shown["tasks"]["failed"]) == ("failed", 1, 2)
    assert home.run("why", str(job)).returncode == 0
    for words in (("status",), ("status", "--json"), ("why",), ("result",), ("logs",), ("logs", "-f"), ("retry",)):
        refused = home.run(*words, f"{job}.3", timeout=20)
        assert refused.returncode == 65, (words, refused)
        assert f"{path}: it has version 2".encode() in refused.stderr + refused.stdout, (words, refused)
    refused = home.run("wait", "--timeout", "20s", f"{job}.3")
    assert (refused.returncode, str(path).encode() in refused.stderr) == (65, True), refused
    # A result of all is one of which a part is not known to be one.
    assert home.run("result", str(job)).returncode == 65
    assert (document(path), list((home.path / "corrupt").iterdir())) == (newer, [])
    assert is_named(home, path) != is_shown
    print("F15: a verdict of an unknown version, of a task: refused by name by 8 commands, nobody waits")

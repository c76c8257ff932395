"""`jobctl daemon install` and what the daemon tells a service manager; `jobctl doctor`, which sees what is missing."""

from __future__ import annotations

import json
import os
import plistlib
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import jobctl
from jobctl.cli import service
from jobctl.store.layout import Layout
from support.debian import need_tools
from support.installed import COMMAND
from support.processes import alive
from support.wait import until

if TYPE_CHECKING:
    from support.installed import Home

pytestmark = pytest.mark.acceptance


@pytest.fixture
def user(home: Home) -> dict[str, str]:
    """The environment of a user with a directory of their own, and without a service manager that could be asked."""
    directory = home.base / "a user's 100% own $HOME"
    directory.mkdir()
    return {"HOME": str(directory), "XDG_CONFIG_HOME": "", "XDG_RUNTIME_DIR": str(directory)}


def unit(user: dict[str, str]) -> Path:
    return Path(user["HOME"]) / ".config/systemd/user/jobctl.service"


# ── the unit ───────────────────────────────────────────────────────────────────────────────────────


def test_systemd_finds_nothing_wrong_with_the_unit(home: Home, user: dict[str, str]) -> None:
    need_tools("systemd-analyze")
    odd = {**user, "JOBCTL_HOME": f'{user["HOME"]}/a "home"', "JOBCTL_CONFIG": f"{user['HOME']}/c.toml"}
    assert home.ok("daemon", "install", "--no-enable", env=odd).decode() == f"{unit(user)}\n"
    verified = subprocess.run(
        ["systemd-analyze", "--user", "verify", str(unit(user))],
        env={**os.environ, **user},
        capture_output=True,
        text=True,
        check=False,
    )
    complaints = [line for line in verified.stderr.splitlines() if "jobctl.service" in line]
    assert (verified.returncode, complaints) == (0, []), verified.stderr
    written = unit(user).read_text()
    # What systemd takes for a specifier or a quote is written so that it is neither.
    assert 'Environment="JOBCTL_HOME=' in written
    assert '100%% own $HOME/a \\"home\\"' in written
    assert os.path.dirname(service.program_in(str(unit(user))) or "") == os.path.dirname(sys.executable)


@pytest.mark.parametrize("line", ["Type=notify", "KillMode=process", "Restart=on-failure", "OOMPolicy=continue"])
def test_the_unit_has_what_keeps_the_jobs_and_the_daemon_alive(home: Home, user: dict[str, str], line: str) -> None:
    home.ok("daemon", "install", "--no-enable", env=user)
    assert line in unit(user).read_text().splitlines()


def test_where_no_service_manager_answers_the_unit_is_written_and_the_error_says_so(
    home: Home, user: dict[str, str]
) -> None:
    done = home.run("daemon", "install", env={**user, "PATH": str(home.base)})
    assert done.returncode == 125
    assert b"the unit is written, but cannot be enabled: systemctl" in done.stderr
    assert unit(user).exists()
    assert home.run("daemon", "uninstall", env={**user, "PATH": str(home.base)}).returncode == 0
    assert not unit(user).exists()
    assert home.run("daemon", "uninstall", env=user).returncode == 0, "it is no error that there is none"


def test_installing_asks_systemd_for_what_its_manual_says(home: Home, user: dict[str, str]) -> None:
    asked = home.base / "asked"
    fake = home.base / "bin" / "systemctl"
    fake.parent.mkdir()
    fake.write_text(f'#!/bin/sh\necho "$*" >>{asked}\n')
    fake.chmod(0o755)
    env = {**user, "PATH": f"{fake.parent}:/usr/bin:/bin"}
    home.ok("daemon", "install", env=env)
    home.ok("daemon", "uninstall", env=env)
    assert asked.read_text().splitlines() == [
        "--user daemon-reload",
        "--user enable jobctl.service",
        "--user restart jobctl.service",
        "--user disable --now jobctl.service",
        "--user daemon-reload",
    ]


def test_a_daemon_that_runs_by_itself_makes_room_for_that_of_the_service_manager(
    home: Home, user: dict[str, str]
) -> None:
    home.ok("daemon", "start")
    home.run("daemon", "install", env={**user, "PATH": str(home.base)})
    assert json.loads(home.ok("daemon", "status", "--json"))["running"] is False


def test_the_agent_for_launchd_keeps_the_jobs_and_the_daemon_alive(tmp_path: Path) -> None:
    agent = plistlib.loads(service._plist(Layout(str(tmp_path / "home"))))
    assert agent["ProgramArguments"][:4] == [sys.executable, "-I", "-m", "jobctl.daemon"]
    assert agent["EnvironmentVariables"]["JOBCTL_HOME"] == str(tmp_path / "home")
    assert agent["AbandonProcessGroup"] is True
    assert agent["KeepAlive"] == {"SuccessfulExit": False}
    file = tmp_path / "agent.plist"
    file.write_bytes(plistlib.dumps(agent))
    assert service.program_in(str(file)) == sys.executable


@pytest.mark.parametrize("abstract", [False, True], ids=["path", "abstract"])
def test_the_daemon_says_when_it_is_ready_and_when_it_stops(home: Home, abstract: bool) -> None:
    name = f"{home.base}/notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(f"\0{name}" if abstract else name)
        manager.settimeout(60)
        env = {**home.environ, "NOTIFY_SOCKET": f"@{name}" if abstract else name}
        with subprocess.Popen([COMMAND, "daemon", "run"], env=env, stderr=subprocess.DEVNULL) as daemon:
            assert manager.recv(100) == b"READY=1"
            assert json.loads(home.ok("daemon", "status", "--json"))["pid"] == daemon.pid
            job = home.submit("-W", "env")
            assert b"NOTIFY_SOCKET" not in home.ok("result", str(job)), "jobs do not speak for the daemon"
            daemon.terminate()
            assert manager.recv(100) == b"STOPPING=1"
        assert daemon.returncode == 0


def test_a_service_manager_that_does_not_listen_does_not_keep_the_daemon_from_its_work(home: Home) -> None:
    env = {**home.environ, "NOTIFY_SOCKET": f"{home.base}/nobody"}
    with subprocess.Popen([COMMAND, "daemon", "run"], env=env, stderr=subprocess.DEVNULL) as daemon:
        home.await_daemon()
        assert home.run("submit", "-W", "true").returncode == 0
        daemon.terminate()
    assert daemon.returncode == 0


# ── doctor ─────────────────────────────────────────────────────────────────────────────────────────


def examine(home: Home, **env: str) -> tuple[int, dict[str, list[dict[str, Any]]]]:
    """Return the exit status of `doctor` and what it found, by check."""
    done = home.run("doctor", "--json", env=env)
    assert done.stderr == b""
    document = json.loads(done.stdout)
    assert document["ok"] == (done.returncode == 0)
    found: dict[str, list[dict[str, Any]]] = {}
    for each in document["checks"]:
        found.setdefault(each["check"], []).append(each)
    return done.returncode, found


def test_where_all_is_well_no_check_complains_and_each_says_what_it_found(home: Home) -> None:
    home.run("submit", "-W", "true")
    status, found = examine(home)
    assert status == 0
    assert list(found) == ["home", "disk", "configuration", "daemon", "log", "spool", "queues", "cron", "unit"]
    levels = {check: {each["level"] for each in found[check]} for check in found}
    assert all(levels[check] == {"ok"} for check in list(found)[:-2]), found
    lines = home.ok("doctor").decode().splitlines()
    assert [line.split("\t")[0] for line in lines] == [each["check"] for check in found.values() for each in check]


def test_before_the_first_job_there_is_nothing_wrong_and_nothing_is_made(home: Home) -> None:
    status, found = examine(home)
    assert (status, found["home"][0]["level"]) == (0, "note")
    assert not home.path.exists()


def wrong_mode(home: Home) -> None:
    home.path.chmod(0o755)


def wrong_configuration(home: Home) -> None:
    home.config.write_text("[queues.gpu]\nslot = 1\n")


def too_many(home: Home) -> None:
    home.submit("--hold", "true")
    home.ok("config", "set", "max_pending", "1")


def no_daemon(home: Home) -> None:
    home.ok("daemon", "stop")
    home.submit("--no-start", "true")


@pytest.mark.parametrize(
    ("spoil", "check", "status", "words"),
    [
        (wrong_mode, "home", 73, ("others may use it (mode 0755)", "chmod 700")),
        (wrong_configuration, "configuration", 65, ("line 2: queues.gpu has no setting 'slot'", "config edit")),
        (no_daemon, "daemon", 75, ("none runs, and 1 job is not finished", "daemon start")),
        (too_many, "queues", 75, ("no job can be submitted: 1 are unfinished, and max_pending is 1", "max_pending N")),
    ],
)
def test_a_problem_is_found_with_its_remedy_and_exit_status(
    home: Home, spoil: Any, check: str, status: int, words: tuple[str, str]
) -> None:
    home.run("submit", "-W", "true")
    spoil(home)
    code, checks = examine(home)
    (problem,) = [each for each in checks[check] if each["level"] == "problem"]
    assert code == status
    assert words[0] in problem["found"]
    assert words[1] in problem["remedy"]
    home.path.chmod(0o700)


def test_following_the_advice_mends_it(home: Home) -> None:
    job = home.submit("-W", "true")
    home.submit("--hold", "true")
    (home.path / "spool" / str(job) / "spec.json").write_text("nonsense")
    assert home.run("retry", str(job)).returncode == 65
    home.config.write_text("max_pending = 1\n")
    home.ok("queue", "pause", "default")
    told = [each for findings in examine(home)[1].values() for each in findings if each["remedy"]]
    assert [each["check"] for each in told] == ["log", "spool", "queues", "queues"]
    shutil.rmtree(home.path / "corrupt" / str(job))
    home.ok("daemon", "restart")
    home.ok("queue", "resume", "default")
    home.ok("config", "set", "max_pending", "9")
    status, found = examine(home)
    assert status == 0
    assert [each["remedy"] for findings in found.values() for each in findings if each["level"] != "note"] == [None] * 7


def test_where_there_is_no_systemd_it_is_not_recommended(home: Home) -> None:
    (unit,) = examine(home)[1]["unit"]
    if not Path("/run/systemd/system").is_dir():
        assert "daemon install" not in unit["found"]
        assert f"@reboot {COMMAND} daemon start" in unit["found"]


def test_what_will_go_wrong_one_day_is_a_warning_and_no_problem(home: Home, user: dict[str, str]) -> None:
    home.run("submit", "-W", "true")
    home.submit("--no-start", "sleep", "600")
    home.await_state(2, "processing")
    document = json.loads((home.path / "daemon.json").read_bytes())
    document.update(version="0.0.1", program="/gone/python", config="/elsewhere")
    (home.path / "daemon.json").write_text(json.dumps(document, separators=(",", ":")) + "\n")
    (home.path / "corrupt" / "99").mkdir()
    with (home.path / "daemon.log").open("a") as log:
        log.write("2026-11-25T00:00:00Z ERROR the sky fell\n")
    home.kill_daemon()
    (home.path / "active" / "2").unlink()
    stray = home.path / "active" / "98"
    stray.touch()
    os.utime(stray, (0, 0))
    crontab = home.base / "bin" / "crontab"
    crontab.parent.mkdir()
    crontab.write_text("#!/bin/sh\necho '0 3 * * * jobctl submit make'\n")
    crontab.chmod(0o755)
    status, found = examine(home, **{**user, "PATH": f"{crontab.parent}:/usr/bin:/bin"})
    every = [each for findings in found.values() for each in findings]
    told = {each["found"].split(":")[0]: each for each in every if each["level"] == "warning"}
    assert "unfinished and without a mark, so that no daemon looks at them" in told
    assert "marks without a job" in told
    assert "cron will not find `jobctl` in this line" in told
    assert any("set aside" in each for each in told)
    assert any("1 error since the daemon started" in each for each in told)
    assert all(each["remedy"] for each in told.values())
    assert status == 75, "no daemon runs and a job, the stray one, seems to wait"


def test_a_daemon_of_another_version_is_a_warning(home: Home) -> None:
    home.run("submit", "-W", "true")
    file = home.path / "daemon.json"
    file.write_text(file.read_text().replace(f'"version":"{jobctl.__version__}"', '"version":"0.0.1"'))
    _, found = examine(home)
    (warning,) = [each for each in found["daemon"] if each["level"] == "warning"]
    assert warning["found"] == f"it is jobctl 0.0.1 and this is {jobctl.__version__}"
    assert "daemon restart" in warning["remedy"]


def test_a_daemon_that_a_signal_has_stopped_is_a_problem_and_whoever_waits_for_it_is_told(home: Home) -> None:
    home.run("submit", "-W", "true")
    daemon = home.daemon()
    daemon.suspend()
    try:
        job = home.submit("true")
        status, found = examine(home)
        assert (status, found["daemon"][0]["level"]) == (75, "problem")
        assert found["daemon"][0]["remedy"] == f"`kill -CONT {daemon.pid}`"
        assert f"kill -CONT {daemon.pid}" in home.ok("why", str(job)).decode()
        done = home.run("daemon", "stop")
        assert (done.returncode, done.stdout) == (75, b"")
        assert done.stderr.decode() == (
            "jobctl: the daemon did not stop within 10 s; a signal has stopped it, "
            f"and `kill -CONT {daemon.pid}` lets it go on\n"
        )
    finally:
        daemon.resume()
    until(lambda: not alive(daemon.pid), "the daemon to do what it was told")
    assert home.run("wait", str(job)).returncode == 0


def test_a_unit_whose_program_is_gone_is_a_problem(home: Home, user: dict[str, str]) -> None:
    home.ok("daemon", "install", "--no-enable", env=user)
    unit(user).write_text(unit(user).read_text().replace(sys.executable, "/gone/python"))
    status, found = examine(home, **user)
    assert (status, found["unit"][0]["level"]) == (75, "problem")
    assert shutil.which("/gone/python") is None


# ── versions ───────────────────────────────────────────────────────────────────────────────────────


def test_a_daemon_of_another_version_is_named_once_and_only_on_standard_error(home: Home) -> None:
    assert home.run("wait", str(home.submit("true"))).returncode == 0
    path = home.path / "daemon.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "version": "0.0.1"}) + "\n")
    first, second = (home.run("submit", "true") for _ in range(2))
    assert f"the daemon is jobctl 0.0.1 and this is {jobctl.__version__}".encode() in first.stderr
    assert first.stdout.strip().isdigit()
    assert second.stderr == b""


def test_another_daemon_of_another_version_is_named_again_and_one_of_this_version_never(home: Home) -> None:
    assert home.run("wait", str(home.submit("true"))).returncode == 0
    assert home.run("submit", "true").stderr == b""
    path = home.path / "daemon.json"
    known = json.loads(path.read_text())
    for started_at in ("2026-01-01T00:00:00.000000Z", "2026-01-02T00:00:00.000000Z"):
        path.write_text(json.dumps({**known, "version": "0.0.1", "started_at": started_at}) + "\n")
        assert b"jobctl daemon restart" in home.run("submit", "true").stderr

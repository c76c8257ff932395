"""The units of service managers, and doctor, which looks whether all is well."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from support.wait import until

if TYPE_CHECKING:
    from support.installed import Home


def found(home: Home, **env: str) -> dict[str, str]:
    """Return how bad each check of doctor is."""
    document = json.loads(home.run("doctor", "--json", env=env).stdout)
    levels = ["ok", "note", "warning", "problem"]
    worst: dict[str, str] = {}
    for each in document["checks"]:
        known = worst.get(each["check"], "ok")
        worst[each["check"]] = max(known, each["level"], key=levels.index)
    return worst


def test_doctor_finds_nothing_wrong_where_nothing_is(home: Home) -> None:
    assert home.run("wait", str(home.submit("true"))).returncode == 0
    done = home.run("doctor")
    assert (done.returncode, done.stderr) == (0, b"")
    assert {found(home)[check] for check in ("home", "disk", "configuration", "daemon", "log", "spool")} == {"ok"}


def test_doctor_names_a_dead_daemon_with_jobs_a_wrong_mode_and_a_wrong_setting_and_exits_so(home: Home) -> None:
    home.ok("submit", "--no-start", "true")
    assert found(home)["daemon"] == "problem"
    assert home.run("doctor").returncode == 75
    home.config.write_text("colour = 1\n")
    assert found(home)["configuration"] == "problem"
    home.path.chmod(0o755)
    done = home.run("doctor")
    assert done.returncode == 73
    assert f"chmod 700 {home.path}".encode() in done.stdout


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_the_unit_for_systemd_is_one_and_leaves_jobs_alone(home: Home) -> None:
    user = home.base / "user"
    unit = home.ok("daemon", "install", "--no-enable", env={"HOME": str(user), "XDG_CONFIG_HOME": ""}).decode().strip()
    content = (user / ".config/systemd/user/jobctl.service").read_text()
    assert unit == str(user / ".config/systemd/user/jobctl.service")
    assert "KillMode=process\n" in content
    assert str(home.path) in content
    done = subprocess.run(
        ["systemd-analyze", "verify", "--user", "--man=no", unit],
        capture_output=True,
        check=False,
        env={**os.environ, "XDG_RUNTIME_DIR": str(home.base)},
    )
    assert (done.returncode, [line for line in done.stderr.splitlines() if b"jobctl" in line]) == (0, [])


def test_the_daemon_says_when_it_is_ready(home: Home) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(home.base / "notify"))
        manager.settimeout(20)
        environ = {**home.environ, "NOTIFY_SOCKET": str(home.base / "notify")}
        process = subprocess.Popen(
            [sys.executable, "-m", "jobctl.daemon", "--foreground"],
            env=environ,
            stderr=subprocess.DEVNULL,
        )
        assert manager.recv(64) == b"READY=1"
    assert home.run("daemon", "status").returncode == 0
    job = home.submit("-c", 'echo "${NOTIFY_SOCKET-none}"', env={"NOTIFY_SOCKET": ""})
    assert home.run("wait", str(job)).returncode == 0
    process.terminate()
    until(lambda: process.poll() is not None, "the daemon to end")
    assert process.returncode == 0
    assert os.path.exists(home.path / "daemon.json")

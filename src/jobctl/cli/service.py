"""`jobctl daemon install|uninstall`: have the user's service manager (systemd, launchd) start the daemon."""

from __future__ import annotations

import os
import plistlib
import shutil
import subprocess
import sys

from jobctl.cli import output
from jobctl.client import summon
from jobctl.errors import JobctlError, SpoolUnusable
from jobctl.store import atomic, doorbell, home
from jobctl.store.layout import default_home

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Final

    from jobctl.store.layout import Layout

_LABEL: Final = "jobctl.daemon"
_UNIT: Final = "jobctl.service"

#: Stopping or restarting it must leave the jobs alone (KillMode), and a job without memory the daemon (OOMPolicy).
#: The groups that Delegate lets it make are what holds the memory limits of jobs.
_SYSTEMD: Final = """\
# Written by `jobctl daemon install`; see jobctl-daemon(1).
[Unit]
Description=jobctl, which runs the jobs of this user

[Service]
Type=notify
NotifyAccess=main
ExecStart={start}
{environment}KillMode=process
OOMPolicy=continue
Delegate=memory
Restart=on-failure
RestartSec=1s

[Install]
WantedBy=default.target
"""


def install(*, no_enable: bool = False) -> int:
    """`daemon install`: write the unit of the user's service manager, and start it unless *no_enable*."""
    layout = home.create(os.environ)
    where = path(os.environ)
    content = _plist(layout) if sys.platform == "darwin" else _unit(layout)
    try:
        os.makedirs(os.path.dirname(where), exist_ok=True)
        atomic.replace(where, content)
    except OSError as failure:
        raise SpoolUnusable(
            f"cannot write {where}: {failure.strerror}; `jobctl daemon start` starts a daemon without a service manager"
        ) from None
    output.write(os.fsencode(where) + b"\n")
    if no_enable:
        return 0
    if doorbell.is_heard(layout):
        # There is one daemon for each home: that of the service manager is to be it.
        from jobctl.cli import daemon  # noqa: PLC0415  # only then

        daemon.stop()
    if sys.platform == "darwin":
        _tell("launchctl", "unload", where)
        _ask("launchctl", "load", "-w", where)
        return 0
    _ask("systemctl", "--user", "daemon-reload")
    _ask("systemctl", "--user", "enable", _UNIT)
    # Not `start`: the unit may have changed.
    _ask("systemctl", "--user", "restart", _UNIT)
    if not lingers():
        output.hint(
            "it ends when you log out and starts when you log in; `loginctl enable-linger` keeps it all the time"
        )
    return 0


def uninstall() -> int:
    """`daemon uninstall`: stop the service manager from starting the daemon; running jobs go on."""
    where = path(os.environ)
    if not os.path.lexists(where):
        output.hint(f"there is no {where}")
        return 0
    if sys.platform == "darwin":
        _tell("launchctl", "unload", "-w", where)
    else:
        _tell("systemctl", "--user", "disable", "--now", _UNIT)
    os.unlink(where)
    if sys.platform != "darwin":
        _tell("systemctl", "--user", "daemon-reload")
    return 0


def path(environ: Mapping[str, str]) -> str:
    """Return where the unit of the user's service manager is, or would be."""
    user = os.path.expanduser("~")
    if sys.platform == "darwin":
        return f"{user}/Library/LaunchAgents/{_LABEL}.plist"
    base = environ.get("XDG_CONFIG_HOME", "")
    return f"{base if os.path.isabs(base) else user + '/.config'}/systemd/user/{_UNIT}"


def program_in(unit: str) -> str | None:
    """Return the program that the file *unit* starts, or None if it does not say."""
    try:
        with open(unit, "rb") as file:
            content = file.read()
        if content.startswith(b"<?xml"):
            return str(plistlib.loads(content)["ProgramArguments"][0])
        (line,) = [line for line in content.decode().splitlines() if line.startswith("ExecStart=")]
        return line.removeprefix("ExecStart=").split('"')[1].replace("%%", "%")
    except (OSError, ValueError, LookupError, plistlib.InvalidFileException):
        return None


def lingers() -> bool:
    """Return whether the services of this user go on without a login (loginctl(1), enable-linger)."""
    import pwd  # noqa: PLC0415  # dear

    try:
        return os.path.exists(f"/var/lib/systemd/linger/{pwd.getpwuid(os.getuid()).pw_name}")
    except KeyError:
        return False


def command() -> str:
    """Return the absolute path of the command `jobctl` that this is: where it was linked to, if it was."""
    beside = os.path.join(os.path.dirname(sys.executable), "jobctl")
    found = shutil.which("jobctl")
    if found is None or (os.access(beside, os.X_OK) and os.path.realpath(found) != os.path.realpath(beside)):
        return beside
    return os.path.abspath(found)


def output_of(*words: str) -> str:
    """Return what a program of the system prints, nothing if it is not there or fails."""
    try:
        done = subprocess.run(words, capture_output=True, check=False, stdin=subprocess.DEVNULL, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""


def _unit(layout: Layout) -> bytes:
    start = [*summon.program(), "--foreground"]
    environment = ""
    if layout.home != default_home({**os.environ, "JOBCTL_HOME": ""}):
        environment += f"Environment={_quoted('JOBCTL_HOME=' + layout.home)}\n"
    if os.environ.get("JOBCTL_CONFIG"):
        environment += f"Environment={_quoted('JOBCTL_CONFIG=' + os.path.abspath(os.environ['JOBCTL_CONFIG']))}\n"
    # In a command, and only there, a dollar stands for a variable.
    words = " ".join(_quoted(word).replace("$", "$$") for word in start)
    return os.fsencode(_SYSTEMD.format(start=words, environment=environment))


def _plist(layout: Layout) -> bytes:
    variables = {"JOBCTL_HOME": layout.home}
    if os.environ.get("JOBCTL_CONFIG"):
        variables["JOBCTL_CONFIG"] = os.path.abspath(os.environ["JOBCTL_CONFIG"])
    return plistlib.dumps(
        {
            "Label": _LABEL,
            "ProgramArguments": [*summon.program(), "--foreground"],
            "EnvironmentVariables": variables,
            "RunAtLoad": True,
            # As Restart=on-failure: it may be stopped, and is started again when it crashes.
            "KeepAlive": {"SuccessfulExit": False},
            # As KillMode=process: the jobs are not the daemon's to take along.
            "AbandonProcessGroup": True,
            "ProcessType": "Standard",
        }
    )


def _quoted(word: str) -> str:
    """Return *word* as systemd takes it literally (systemd.syntax(7), QUOTING; systemd.unit(5), SPECIFIERS)."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"'


def _ask(*words: str) -> None:
    """Run a command of the service manager.

    Raises:
        JobctlError: it is not there, or refuses.
    """
    try:
        done = subprocess.run(words, capture_output=True, check=False, stdin=subprocess.DEVNULL)
    except OSError as failure:
        raise JobctlError(
            f"the unit is written, but cannot be enabled: {words[0]}: {failure.strerror}; "
            "--no-enable only writes it, and `jobctl daemon start` starts a daemon without a service manager"
        ) from None
    if done.returncode != 0:
        why = done.stderr.decode("utf-8", "replace").strip().replace("\n", "; ")
        raise JobctlError(f"the unit is written, but `{' '.join(words)}` says: {why or done.returncode}")


def _tell(*words: str) -> None:
    """Run a command of the service manager; that it cannot is no matter where nothing is to be left of it."""
    try:
        _ask(*words)
    except JobctlError as failure:
        output.hint(str(failure))

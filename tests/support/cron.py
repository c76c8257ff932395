"""A real cron daemon that runs one crontab, and sees nothing else of this machine's."""

from __future__ import annotations

import contextlib
import email
import os
import pwd
import shlex
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from support.debian import need_root, need_tools
from support.installed import Home

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_CRONTABS = Path("/var/spool/cron/crontabs")
_SENDMAIL = Path("/usr/sbin/sendmail")


class UserHome(Home):
    """The home of jobctl where it is for somebody who chose none: below the directory of the user."""

    def __init__(self, base: Path) -> None:
        super().__init__(base)
        self.directory = base / "user"
        self.directory.mkdir(mode=0o700)
        self.path = self.directory / ".local" / "state" / "jobctl"

    @property
    def environ(self) -> dict[str, str]:
        """As little as cron gives."""
        return {"HOME": str(self.directory), "PATH": "/usr/bin:/bin"}


class Cron:
    """The running daemon."""

    def __init__(self, process: subprocess.Popen[bytes], mailbox: Path) -> None:
        self._process = psutil.Process(process.pid)
        self._mailbox = mailbox

    def waits_for(self) -> list[str]:
        """Return the names of the processes that cron waits for; one that only holds its pipe counts too."""
        names = []
        for process in self._process.children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):  # it has ended meanwhile
                names.append(process.name())
        return names

    def mail(self) -> dict[str, str]:
        """Return what cron wanted to mail: what each command printed, by the command."""
        found = {}
        for path in self._mailbox.iterdir():
            message = email.message_from_bytes(path.read_bytes())
            command = message["Subject"].partition("> ")[2]
            assert command not in found, "two mails for one command"
            found[command] = message.get_payload()
        return found


def line(command: str) -> str:
    """Return the line of a crontab that has /bin/sh run *command* in every minute (crontab(5))."""
    return "* * * * * " + command.replace("%", r"\%")


@contextlib.contextmanager
def running(base: Path, home: UserHome, lines: Sequence[str]) -> Iterator[Cron]:
    """Run cron with a crontab of *lines* for the user who runs the tests, whose directory it takes to be *home*.

    It lives in a mount namespace of its own, in which nothing but this crontab is to be seen (mount_namespaces(7)):
    the machine's crontabs, its cron, its mail and its users are neither used nor changed.
    """
    need_root()
    need_tools("cron", "mount", "setpriv", "unshare")
    if subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("no mount namespace can be made here")
    user = pwd.getpwuid(os.geteuid()).pw_name
    made = base / "cron"
    (made / "crontabs").mkdir(parents=True, mode=0o700)
    (made / "cron.d").mkdir()
    crontab = made / "crontabs" / user
    crontab.write_text("".join(f"{each}\n" for each in lines), encoding="utf-8")
    crontab.chmod(0o600)
    mailbox = made / "mailbox"
    mailbox.mkdir()
    sendmail = made / "sendmail"
    sendmail.write_text(f'#!/bin/sh\ncat >"$(mktemp {shlex.quote(str(mailbox))}/XXXXXX)"\n', encoding="utf-8")
    sendmail.chmod(0o755)
    passwd = made / "passwd"
    passwd.write_text(_passwd_with(user, home.directory), encoding="utf-8")
    (made / "crontab").touch()
    hidden = {
        _CRONTABS: made / "crontabs",
        Path("/etc/cron.d"): made / "cron.d",
        Path("/etc/crontab"): made / "crontab",
        Path("/etc/passwd"): passwd,
        _SENDMAIL: sendmail,
    }
    mounts = [["mount", "--bind", str(ours), str(real.resolve())] for real, ours in hidden.items() if real.exists()]
    mounts.append(["mount", "-t", "tmpfs", "none", "/run"])  # where the machine's own cron has its lock
    # Should the tests be killed, cron goes with them (prctl(2), PR_SET_PDEATHSIG).
    script = " && ".join(shlex.join(mount) for mount in mounts) + " && exec setpriv --pdeathsig KILL cron -f"
    process = subprocess.Popen(
        ["unshare", "--mount", "--propagation", "private", "sh", "-c", script], stdin=subprocess.DEVNULL
    )
    try:
        yield Cron(process, mailbox)
        assert process.poll() is None, f"cron ended with {process.returncode}"
    finally:
        _end(process)


def _passwd_with(user: str, directory: Path) -> str:
    """Return the user database in which *directory* is that of *user* (passwd(5))."""
    changed = []
    for entry in Path("/etc/passwd").read_text(encoding="utf-8").splitlines():
        fields = entry.split(":")
        if fields[0] == user:
            fields[5] = str(directory)
        changed.append(":".join(fields))
    return "\n".join(changed) + "\n"


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill cron and whatever it still waits for."""
    family: list[psutil.Process] = []
    with contextlib.suppress(psutil.Error):
        family = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.wait()
    for child in family:
        with contextlib.suppress(psutil.Error):
            child.kill()

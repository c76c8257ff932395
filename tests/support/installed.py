"""The installed command and a real daemon in a home of their own, as a user has them."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from support.wait import until

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

#: The command that the installation put beside this interpreter.
COMMAND = str(Path(sys.executable).with_name("jobctl"))


class Home:
    """A home of jobctl below *base*, and the command that works in it."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self.path = base / "home"
        self.config = base / "config.toml"
        self.command = COMMAND

    @property
    def environ(self) -> dict[str, str]:
        """The environment of the test, with this home in it."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith("JOBCTL_")}
        return {**kept, "JOBCTL_HOME": str(self.path), "JOBCTL_CONFIG": str(self.config)}

    def run(
        self,
        *arguments: str | bytes,
        stdin: bytes | None = None,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        timeout: float = 60,
    ) -> subprocess.CompletedProcess[bytes]:
        """Run `jobctl` with *arguments* and return what came of it."""
        streams: dict[str, Any] = {"stdin": subprocess.DEVNULL} if stdin is None else {"input": stdin}
        return subprocess.run(
            [self.command, *arguments],
            capture_output=True,
            check=False,
            env={**self.environ, **(env or {})},
            cwd=cwd or self.base,
            timeout=timeout,
            **streams,
        )

    def ok(self, *arguments: str | bytes, **more: Any) -> bytes:
        """Run `jobctl` with *arguments*, demand that it succeeds in silence, and return its standard output."""
        done = self.run(*arguments, **more)
        assert (done.returncode, done.stderr) == (0, b""), (arguments, done)
        return done.stdout

    def submit(self, *arguments: str | bytes, **more: Any) -> int:
        """Submit a job and return its ID."""
        return int(self.ok("submit", *arguments, **more))

    def status(self, job: int) -> dict[str, Any]:
        """Read the status file of *job*, without the command."""
        document = json.loads((self.path / "spool" / str(job) / "status.json").read_bytes())
        assert isinstance(document, dict)
        return document

    def await_state(self, job: int, *states: str, within: float = 20.0) -> dict[str, Any]:
        """Wait until *job* is in one of *states*; fail early if it ended otherwise."""

        def look() -> dict[str, Any] | None:
            status = self.status(job)
            if status["state"] in states:
                return status
            ended = status["state"] in {"completed", "failed", "cancelled"}
            assert not ended, f"job {job} ended as {status['state']}: {status}"
            return None

        return until(look, f"job {job} to be {' or '.join(states)}", within=within) or {}

    def daemon(self) -> psutil.Process:
        """Return the daemon of this home."""
        document = json.loads((self.path / "daemon.json").read_bytes())
        return psutil.Process(document["process"]["pid"])

    def await_daemon(self) -> psutil.Process:
        """Wait until a daemon listens, and return it."""
        until(lambda: self.run("daemon", "status", "--json").stdout.startswith(b'{"v":1,"running":true'), "a daemon")
        return self.daemon()

    def kill_daemon(self) -> None:
        """Kill the daemon as nothing else can, and wait until it is gone."""
        process = self.daemon()
        process.send_signal(signal.SIGKILL)
        until(lambda: not process.is_running() or process.status() == psutil.STATUS_ZOMBIE, "the daemon to be gone")

    def start_record(self, job: int, task: int = 1, attempt: int = 1) -> dict[str, Any]:
        """Wait for the start record of an attempt and return it."""
        path = self.path / "spool" / str(job) / f"{task}.{attempt}" / "start.json"
        document = json.loads(until(lambda: path.exists() and path.read_bytes(), f"{path}") or b"")
        assert isinstance(document, dict)
        return document

    def events(self) -> list[dict[str, Any]]:
        """Return all events; what a daemon that was killed left of a line the next one takes away."""
        *whole, _ = (self.path / "events.jsonl").read_bytes().split(b"\n")
        return [json.loads(line) for line in whole]

    def processes(self) -> list[psutil.Process]:
        """Return every living process that works in this home: daemon, keepers and jobs, but not the nursery."""
        return [process for process in _with_home(str(self.path)) if _name(process) != "jobctl-nursery"]

    def destroy(self) -> None:
        """Kill whatever works in this home, the nursery too: a keeper that it has just forked still bears its name."""
        for _ in range(50):
            living = list(_with_home(str(self.path)))
            if not living:
                return
            for process in living:
                with contextlib.suppress(psutil.Error):
                    process.kill()
            psutil.wait_procs(living, timeout=0.2)


def _name(process: psutil.Process) -> str:
    with contextlib.suppress(psutil.Error, OSError):
        return Path(f"/proc/{process.pid}/comm").read_text(errors="replace").strip()
    return ""


def _with_home(home: str) -> Iterator[psutil.Process]:
    for pid in psutil.pids():
        with contextlib.suppress(psutil.Error, OSError):
            if _may_have(pid, home):
                process = psutil.Process(pid)
                if process.status() != psutil.STATUS_ZOMBIE and process.environ().get("JOBCTL_HOME") == home:
                    yield process


def _may_have(pid: int, home: str) -> bool:
    """Return False only if process *pid* has no *home* in its environment: psutil takes five times as long for that."""
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            return os.fsencode(home) in file.read()
    except FileNotFoundError:
        return not os.path.exists("/proc/self")


def shell(home: Home, script: str, *arguments: str, **more: Any) -> subprocess.CompletedProcess[bytes]:
    """Run *script* by /bin/sh -eu with `jobctl` on the PATH."""
    path = f"{Path(COMMAND).parent}:{os.environ.get('PATH', '/usr/bin:/bin')}"
    command: Sequence[str] = ["/bin/sh", "-euc", script, "sh", *arguments]
    return subprocess.run(
        command,
        capture_output=True,
        check=False,
        env={**home.environ, "PATH": path},
        cwd=home.base,
        stdin=subprocess.DEVNULL,
        timeout=more.pop("timeout", 100),
        **more,
    )

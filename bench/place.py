"""A home of jobctl to measure in, with its daemon, and with as many finished jobs as are asked for."""

from __future__ import annotations

import atexit
import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from jobctl.store.layout import Layout

if TYPE_CHECKING:
    from types import TracebackType

#: The command that the installation put beside this interpreter.
JOBCTL = str(Path(sys.executable).with_name("jobctl"))
#: What the floor of everything is: Python itself, of the same virtual environment.
EMPTY = [sys.executable, "-I", "-c", "pass"]

#: What everybody is given: without what would send jobctl elsewhere, or keep Python from keeping what it compiled.
ENVIRON = {name: value for name, value in os.environ.items() if not name.startswith(("JOBCTL_", "PYTHON"))}


class Place:
    """A home of its own below the directory *JOBCTL_BENCH_DIR*, or that for temporary files; gone at the end of all.

    Not before: without a journal, ext4 passes over inodes that were freed in the last 5 s, and looks at each. Who is
    measured after the removal of thousands of files would pay for it: a quarter of the time of an array.
    """

    def __init__(self, *, slots: int = 2) -> None:
        self._directory = tempfile.TemporaryDirectory(dir=os.environ.get("JOBCTL_BENCH_DIR"))
        self.base = Path(self._directory.name)
        self.layout = Layout(str(self.base / "home"))
        config = self.base / "config.toml"
        config.write_text(f"[queues.default]\nslots = {slots}\n", encoding="utf-8")
        self.environ = {**ENVIRON, "JOBCTL_HOME": self.layout.home, "JOBCTL_CONFIG": str(config)}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()
        atexit.register(self._directory.cleanup)

    def jobctl(self, *arguments: str) -> str:
        """Run `jobctl` with *arguments* and return what it says.

        Raises:
            CalledProcessError: it failed.
        """
        done = subprocess.run([JOBCTL, *arguments], env=self.environ, check=True, capture_output=True, text=True)
        return done.stdout

    def start(self) -> int:
        """Start the daemon and return its process ID when it serves."""
        self.jobctl("daemon", "start")
        document: dict[str, Any] = json.loads(Path(self.layout.daemon_json).read_text(encoding="ascii"))
        return int(document["process"]["pid"])

    def status(self, job: int) -> dict[str, Any]:
        """Return what the status file of *job* says."""
        document: dict[str, Any] = json.loads(Path(self.layout.status(job)).read_text(encoding="ascii"))
        return document

    def is_idle(self) -> bool:
        """Return whether no job is left that has not finished."""
        return not any(name.isdigit() for name in os.listdir(self.layout.active))

    def stop(self) -> None:
        """End the daemon, and whatever jobs are left."""
        if Path(self.layout.home).is_dir():
            subprocess.run([JOBCTL, "daemon", "stop"], env=self.environ, check=False, capture_output=True)
        for process in _those_in(self.layout.home):
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                continue


def _those_in(home: str) -> list[int]:
    """Return the processes that were started for a job of *home*."""
    mark, found = f"JOBCTL_HOME={home}".encode(), []
    for name in os.listdir("/proc"):
        if name.isdigit() and int(name) != os.getpid():
            try:
                variables = Path("/proc", name, "environ").read_bytes().split(b"\0")
            except OSError:
                continue
            if mark in variables:
                found.append(int(name))
    return found

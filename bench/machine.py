"""Where it was measured, and with which versions."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

import jobctl

_PACKAGES = ("task-spooler", "nq", "at", "parallel", "redis-server")
_LIBRARIES = ("huey", "rq", "hyperqueue")


def description(base: Path) -> list[str]:
    """Return lines that say which machine this is, and what was compared; *base* is on the disk that was measured."""
    return [
        f"- {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, load {os.getloadavg()[0]:.1f} before it began",
        f"- {os.cpu_count()} × {_processor()}, {_memory()} GiB, {_file_system(base)}",
        f"- {_system()}, Linux {platform.release()}, CPython {platform.python_version()} in a virtual environment",
        f"- jobctl {jobctl.__version__}; " + ", ".join(_versions()),
    ]


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(": ")[2]
    return platform.machine()


def _memory() -> int:
    return round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30)


def _file_system(base: Path) -> str:
    done = subprocess.run(["stat", "-f", "-c", "%T", str(base)], capture_output=True, text=True, check=False)
    return done.stdout.strip() or "?"


def _system() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        return sys.platform


def _versions() -> list[str]:
    found = []
    if shutil.which("dpkg-query") is not None:
        form = "-f=${Package} ${Version}\n"
        done = subprocess.run(["dpkg-query", "-W", form, *_PACKAGES], capture_output=True, text=True, check=False)
        found = done.stdout.splitlines()
    for name in _LIBRARIES:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            continue
    return found

"""What the hot commands load: counted, because a test that measures time measures the machine."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from support.installed import COMMAND

if TYPE_CHECKING:
    from support.installed import Home

#: docs/internals.md, "The quick way in".
FORBIDDEN = {
    "asyncio",
    "dataclasses",
    "filelock",
    "importlib.metadata",
    "logging",
    "pathlib",
    "platformdirs",
    "psutil",
    "rich",
    "subprocess",
    "tempfile",
    "typer",
}
#: Dear, and needed by none of the hot commands.
TOO_DEAR = {"argparse", "collections", "datetime", "enum", "functools", "json", "re", "typing"}

#: What signals and inotify need, while a job runs.
OF_WAITING = {"collections", "enum", "functools"}

PROBE = """
import os, sys
real = os._exit
def report(status):
    new = sorted(set(sys.modules) - before)
    with open(os.environ["PROBE"], "w") as file:
        file.write("\\n".join(new))
    real(status)
os._exit = report
before = set(sys.modules)
from jobctl.__main__ import main
main()
"""


def loaded(home: Home, *arguments: str) -> set[str]:
    """Return the modules that `jobctl` with *arguments* loads beyond those of an empty Python."""
    report = home.base / "modules.json"
    # What is kept for the next command (`keeping`) is not this one's.
    environ = {**home.environ, "PROBE": str(report), "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run([sys.executable, "-c", PROBE, *arguments], env=environ, check=False, capture_output=True, timeout=60)
    return set(report.read_text().split())


@pytest.fixture
def finished(home: Home) -> Home:
    job = home.submit("echo", "hello")
    home.run("wait", str(job))
    return home


@pytest.mark.parametrize(
    "arguments",
    [
        ("submit", "--", "true"),
        ("status", "1"),
        ("status", "1", "--json"),
        ("wait", "1"),
        ("result", "1"),
        ("logs", "1"),
        ("progress", "3/10", "-m", "on it"),
        ("run", "--", "true"),
    ],
    ids=" ".join,
)
def test_a_hot_command_loads_nothing_heavy(finished: Home, arguments: tuple[str, ...]) -> None:
    modules = loaded(finished, *arguments)
    assert "jobctl.cli.quick" in modules
    assert not modules & FORBIDDEN
    assert not any(name.split(".")[0] in FORBIDDEN for name in modules)
    allowed = {"result": {"collections"}, "run": OF_WAITING}.get(arguments[0], set())
    assert not (modules & TOO_DEAR) - allowed


def test_submit_loads_only_its_own_modules_and_five_of_the_standard_library(finished: Home) -> None:
    modules = loaded(finished, "submit", "--", "true")
    foreign = {name for name in modules if not name.startswith("jobctl")}
    assert foreign <= {"__future__", "_json", "errno", "fcntl", "time"}
    assert len(modules) <= 36, sorted(modules)


def test_keepers_are_forked_from_an_image_without_what_only_the_daemon_needs() -> None:
    code = "import sys; from jobctl.daemon import beginning; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    modules = set(done.stdout.split())
    assert not modules & (FORBIDDEN | {"random", "selectors", "socket", "threading"})
    assert len([name for name in modules if name.startswith("jobctl.")]) <= 51, sorted(modules)


def test_importing_the_package_loads_nothing_else() -> None:
    code = "import sys; before = set(sys.modules); import jobctl; print(sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "['jobctl']"


@pytest.mark.skipif(not os.path.exists("/usr/bin/strace"), reason="needs strace, to count system calls")
def test_what_submit_prints_was_on_the_disk_before(home: Home) -> None:
    """Specification, status, their directory and the spool are fsynced before the ID is written."""
    home.ok("submit", "true")
    trace = home.base / "trace"
    subprocess.run(
        ["strace", "-y", "-e", "trace=fsync,rename,write", "-o", str(trace), COMMAND, "submit", "--", "true"],
        env=home.environ,
        check=True,
        capture_output=True,
        timeout=60,
    )
    calls = trace.read_text().splitlines()
    told = next(index for index, call in enumerate(calls) if call.startswith("write(1<"))
    before = [call for call in calls[:told] if call.startswith(("fsync", "rename"))]
    assert [_what(call) for call in before] == ["spec.json", "status.json", "staged", "publication", "spool"]


def _what(call: str) -> str:
    for name in ("spec.json", "status.json"):
        if name in call:
            return name
    if call.startswith("rename"):
        return "publication"
    return "staged" if "/spool/tmp/" in call else "spool"

"""The import contracts hold, and each of them catches what it is there for."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def lint(root: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=root,
        env={"PYTHONPATH": str(root / "src"), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("cli/status.py", "from jobctl.daemon import tree", "side by side"),
        ("daemon/settle.py", "from jobctl.cli import output", "side by side"),
        ("store/codec.py", "from jobctl.cli import output", "side by side"),
        ("model/ids.py", "from jobctl.store import clock", "side by side"),
        ("helpers.py", "", "side by side"),
        ("cli/cancel.py", "from jobctl.store import status_writer", "changes a status"),
        ("daemon/intake.py", "from jobctl.store import spool", "hand jobs in"),
        ("daemon/program.py", "from jobctl.client import summon", "is no client"),
        ("client/job.py", "from jobctl.cli import output", "side by side"),
        ("model/spec.py", "import os", "no input or output"),
        ("store/notify.py", "import rich", "only render draws"),
    ],
)
def test_an_import_that_the_design_forbids_is_caught(tmp_path: Path, module: str, line: str, contract: str) -> None:
    shutil.copytree(ROOT / "src", tmp_path / "src")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    broken = tmp_path / "src" / "jobctl" / module
    text = broken.read_text() if broken.exists() else '"""A stray module."""\n'
    broken.write_text(f"{text}\n\ndef probe() -> None:\n    {line or 'pass'}\n")
    done = lint(tmp_path)
    assert done.returncode != 0
    (kept_or_broken,) = [found for found in done.stdout.splitlines() if contract in found and found.endswith("BROKEN")]
    assert kept_or_broken


def test_the_contracts_hold() -> None:
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout

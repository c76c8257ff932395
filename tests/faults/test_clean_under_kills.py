"""`jobctl clean` killed at every system call that changes the home: a job is whole or gone, and no ID is used again."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jobctl.model.spec import Spec
from jobctl.store import home as homes
from jobctl.store import removal, spool, status_reader, status_writer
from support.installed import COMMAND

if TYPE_CHECKING:
    from jobctl.store.layout import Layout
    from support.installed import Home

FAULT = "F1"

CHANGES = "rename,fsync,unlink,unlinkat,rmdir,fchmod,mkdir,link"


def finished(layout: Layout) -> int:
    """A job that has ended, with a frozen input that is closed even to its owner."""
    noon = "2026-11-23T12:00:00.000000Z"
    job = spool.deposit(layout, Spec(uuid="u", command=("true",), cwd="/", umask=0o22, submitted_at=noon, env=()))
    frozen = Path(layout.job(job), "inputs")
    frozen.mkdir()
    (frozen / "file").touch(0o400)
    frozen.chmod(0o500)
    status_writer.write(layout, status_reader.read(layout, job).but(state="completed"))
    os.unlink(layout.marker(job))
    return job


def whole(layout: Layout, job: int) -> bool:
    files = {str(path.relative_to(layout.job(job))) for path in Path(layout.job(job)).rglob("*")}
    return status_reader.read(layout, job).finished and files == {"spec.json", "status.json", "inputs", "inputs/file"}


def clean(home: Home, *options: str) -> subprocess.CompletedProcess[bytes]:
    command = ["strace", "-qq", *options, COMMAND, "clean"]
    environ = {**home.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, env=environ, cwd=home.base, capture_output=True, check=False, timeout=60)


@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace, to kill at a system call")
def test_a_clean_killed_at_any_change_leaves_a_job_whole_or_gone(home: Home) -> None:
    layout = homes.create({"JOBCTL_HOME": str(home.path)})
    finished(layout)
    trace = home.base / "trace"
    assert clean(home, "-e", f"trace={CHANGES}", "-o", str(trace)).returncode == 0
    calls = re.findall(r"^(\w+)\(", trace.read_text(errors="replace"), re.MULTILINE)
    seen: Counter[str] = Counter()
    last = 1
    for name in calls:
        seen[name] += 1
        job = finished(layout)
        assert job > last, name
        last = job
        done = clean(
            home, "-o", os.devnull, "-e", f"trace={name}", "-e", f"inject={name}:signal=KILL:when={seen[name]}"
        )
        assert done.returncode != 0, (name, seen[name], done)
        assert not status_reader.exists(layout, job) or whole(layout, job), (name, seen[name])
        # As after a power cut.
        Path(layout.sequence).write_bytes(b"")
    assert len(calls) >= 12, calls
    left = [f"{layout.staging}/{name}" for name in os.listdir(layout.staging)]
    assert left, "no kill came between the move and the end of the removal"
    for path in left:
        removal.remove_tree(path)
    assert os.listdir(layout.staging) == []
    print(f"F1: clean: {len(calls)} kill points: each job whole or gone, no ID given away again")

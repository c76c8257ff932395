"""Make specifications and jobs in few words."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from jobctl.model.spec import Spec
from jobctl.store import spool, status_reader, status_writer

if TYPE_CHECKING:
    from jobctl.store.layout import Layout

NOON = "2026-11-23T12:00:00.000000Z"


def spec(**changes: Any) -> Spec:
    """A specification that can be run."""
    made = Spec(
        uuid="2f9b1c52-8a17-4a35-9a54-6f1d7d0e9b11",
        command=("make", "-j4"),
        cwd="/home/user",
        umask=0o22,
        submitted_at=NOON,
        env=(("PATH", "/bin"), ("WORD", b"caf\xe9".decode("utf-8", "surrogateescape"))),
    )
    return made.but(**changes)


def job(layout: Layout, state: str = "pending", **changes: Any) -> int:
    """Submit a job and let its status say that it is in *state*; a finished one loses its marker."""
    number = spool.deposit(layout, spec(**changes))
    if state != "pending":
        status_writer.write(layout, status_reader.read(layout, number).but(state=state))
        if state in {"completed", "failed", "cancelled"}:
            os.unlink(layout.marker(number))
    return number


def tree(directory: str) -> dict[str, int]:
    """Every path below *directory* with its mode and type."""
    found = {}
    for parent, directories, files in os.walk(directory):
        for name in (*directories, *files):
            path = os.path.join(parent, name)
            found[os.path.relpath(path, directory)] = os.lstat(path).st_mode
    return found

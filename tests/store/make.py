"""Make specifications and jobs in few words."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from jobctl.model.attempt import Identity, Start, Verdict, of_exit
from jobctl.model.spec import Spec
from jobctl.store import records, spool, status_reader, status_writer

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


def attempt(layout: Layout, number: int, task: int, which: int, **ended: Any) -> str:
    """Put the start of an attempt on record and, if *ended* says how, its end; return its directory."""
    directory = layout.attempt(number, task, which)
    records.make_attempt(directory)
    nobody = Identity(pid=4_000_000, birth=1, boot="an-earlier-boot", namespace=1)
    start = Start(task=task, attempt=which, process=nobody, keeper=nobody, started_at=NOON, steady=1.0)
    publish_start(directory, start)
    if ended:
        how = {"exit_code": None, "signal": None, **ended}
        if "reason" in how:
            verdict = Verdict(task=task, attempt=which, finished_at=NOON, by="keeper", **how)
        else:
            verdict = of_exit(task=task, attempt=which, finished_at=NOON, by="keeper", **how)
        records.publish_verdict(directory, verdict)
    return directory


def publish_start(directory: str, start: Start) -> None:
    """Put *start* on record as the process does that becomes the job."""
    records.prepare_start(directory, start)(start.process.pid, start.process.birth)

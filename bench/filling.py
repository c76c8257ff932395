"""Fill a home with jobs that have ended, as the daemon leaves them, without running any or waiting for the disk."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from jobctl.model.attempt import of_exit
from jobctl.model.spec import Spec
from jobctl.store import atomic, clock, codec, records, spool, status_reader, status_writer
from jobctl.store.layout import AttemptFiles

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jobctl.store.layout import Layout

#: One in so many has failed.
_FAILED = 50


def finished(layout: Layout, count: int) -> None:
    """Store *count* jobs that have ended."""
    with _careless():
        for _ in range(count):
            job = spool.deposit(layout, _spec())
            _end(layout, job, 1 if job % _FAILED == 0 else 0)


def pending(layout: Layout, count: int) -> None:
    """Store *count* jobs that nobody has taken in yet."""
    with _careless():
        for _ in range(count):
            spool.deposit(layout, _spec())


@contextlib.contextmanager
def _careless() -> Iterator[None]:
    """Wait for no disk: what is thrown away need not be durable."""
    sync, atomic._sync = atomic._sync, lambda fd: None  # noqa: ARG005, SLF001  # there is no other way past it, and must be none
    try:
        yield
    finally:
        atomic._sync = sync  # noqa: SLF001  # as above


def _spec() -> Spec:
    return Spec(
        uuid=spool.new_uuid(),
        command=("convert", "frame.png", "frame.jpg"),
        cwd="/home/somebody/work",
        umask=0o22,
        submitted_at=clock.now(),
        steady=clock.steady(),
        boot=clock.boot_id(),
        env=tuple((name, os.environ[name]) for name in ("HOME", "PATH") if name in os.environ),
    )


def _end(layout: Layout, job: int, exit_code: int) -> None:
    now, directory = clock.now(), layout.attempt(job, 1, 1)
    records.make_attempt(directory)
    verdict = of_exit(task=1, attempt=1, exit_code=exit_code, signal=None, finished_at=now, by="keeper")
    atomic.write_new(f"{directory}/{AttemptFiles.FINAL}", codec.encode(verdict.document()))
    status = status_reader.read(layout, job).but(
        state="failed" if exit_code else "completed",
        reason="exit" if exit_code else None,
        exit_code=exit_code,
        error=verdict.error,
        attempt=1,
        queued_at=now,
        started_at=now,
        finished_at=now,
    )
    status_writer.write(layout, status)
    os.unlink(layout.marker(job))

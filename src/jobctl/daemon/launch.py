"""Decide to start an attempt: make its directory, take its lock, hand both to a keeper (steps D4 to D6)."""

from __future__ import annotations

import errno
import logging
import os
import sys

from jobctl.daemon import keeper, kernel, processes, recovery
from jobctl.daemon.nursery import Nursery
from jobctl.store import presence, records, requests
from jobctl.store.layout import AttemptFiles

_log = logging.getLogger("jobctl.daemon")

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from jobctl.daemon.job import Run
    from jobctl.daemon.surroundings import Processes
    from jobctl.model.attempt import Verdict
    from jobctl.store.layout import Layout
    from jobctl.store.outbox import Label


def start(layout: Layout, run: Run, children: Processes) -> int | None:
    """Start the keeper of *run* and return its process ID, or None if this attempt is not to be started (again).

    Raises:
        OSError: it could not be prepared; nothing was executed.
    """
    records.make_attempt(run.directory)
    lock = records.try_lock(run.directory)
    if lock is None:
        return None
    try:
        # Again under the lock: now nobody else can start it.
        if (
            presence.is_there(f"{run.directory}/{AttemptFiles.START}")
            or presence.is_there(f"{run.directory}/{AttemptFiles.FINAL}")
            or requests.of_task(layout, run.job, run.life, run.task) is not None
        ):
            return None
        return children.start_keeper(layout, run, lock)
    finally:
        # The keeper has its own copy; there is no moment in which nobody holds it.
        try:
            os.close(lock)
        except OSError as failure:
            # No reason to say that nothing was started: close(2) gives the descriptor up whatever it answers.
            _log.error("job %d: its lock: %s", run.job, failure)


def record_lost(run: Run, why: str) -> Verdict:
    """Put on record that nobody can know how *run* ended, and return that verdict.

    Raises:
        OSError: it could not be written.
    """
    records.make_attempt(run.directory)
    lock = records.try_lock(run.directory)
    if lock is None:
        raise BlockingIOError(errno.EAGAIN, "somebody holds the lock", run.directory)
    try:
        return recovery.conclude(run.directory, recovery.lost(run.task, run.attempt, why))
    finally:
        os.close(lock)


class Children:
    """The real children of this daemon."""

    def __init__(self, nursery: Nursery | None) -> None:
        """Let keepers come from *nursery*; without one the daemon forks them itself."""
        self._nursery = nursery

    def start_keeper(self, layout: Layout, run: Run, lock: int) -> int:
        """Have a keeper forked."""
        if self._nursery is None:
            return processes.fork_into(lambda: keeper.keep(layout, run, lock))
        try:
            return self._nursery.start_keeper(layout, run, lock)
        except ConnectionError:
            # It was killed. Another one is as large as the daemon by now, but grows no more.
            self._nursery.close()
            self._nursery = Nursery()
            return self._nursery.start_keeper(layout, run, lock)

    def start_sender(self, layout: Layout, labels: Sequence[Label]) -> int:
        """Fork, and execute a sender: HTTP and TLS stay out of the daemon and its keepers."""
        return processes.execute(
            [sys.executable, "-I", "-m", "jobctl.daemon.sender", layout.home, *map(str, labels)],
            {**os.environ, "JOBCTL_HOME": layout.home},
        )

    def ended_child(self, besides: AbstractSet[int]) -> tuple[int, kernel.Ended] | None:
        """Return a child that has ended and is not reaped, none of *besides*; None if there is none."""
        return processes.ended_child(besides)

    def reap(self, pid: int) -> None:
        """Let an ended child go."""
        kernel.reap(pid)

"""Decide to start an attempt: make its directory, take its lock, hand both to a keeper (steps D4 to D6)."""

from __future__ import annotations

import errno
import logging
import os
import select
import sys

from jobctl.daemon import keeper, kernel, orders, processes, recovery
from jobctl.daemon.nursery import Nursery
from jobctl.store import presence, records, requests
from jobctl.store.layout import AttemptFiles

_log = logging.getLogger("jobctl.daemon")

TYPE_CHECKING = False
if TYPE_CHECKING:
    import _socket
    from collections.abc import Iterator, Sequence
    from collections.abc import Set as AbstractSet
    from typing import Final

    from jobctl.daemon.job import Run
    from jobctl.daemon.surroundings import Processes
    from jobctl.model.attempt import Verdict
    from jobctl.store.layout import Layout
    from jobctl.store.outbox import Label

#: Seconds for which a keeper is kept that has nothing to keep: who submits one job after the other is spared its fork.
_SPARE_FOR: Final = 10.0
#: As many are kept at most.
_MOST_SPARE: Final = 8


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
        """Let keepers come from *nursery*; without one the daemon forks them itself, each for one attempt."""
        self._nursery = nursery
        #: Our ends of the ways for orders, by the process ID of the keeper.
        self._ways: dict[int, _socket.socket] = {}
        #: Which keepers have said something, or are gone: by the descriptor of their way.
        self._heard = select.epoll() if nursery is not None else None
        self._keeper_at: dict[int, int] = {}
        #: The keepers that wait for an attempt, and since when there has been none for them, on the steady clock; and
        #: those that were told to end and are not reaped.
        self._free: dict[int, float | None] = {}
        self._dismissed: set[int] = set()

    @property
    def fd(self) -> int:
        """What can be read while `heard` has something to say; -1 if it never has."""
        return -1 if self._heard is None else self._heard.fileno()

    def start_keeper(self, layout: Layout, run: Run, lock: int) -> int:
        """Order a keeper that is free to keep *run*, or have one forked."""
        while self._free:
            pid, _ = self._free.popitem()
            # A signal may have stopped it while it waited, and would stop the next job with it.
            kernel.let_go_on(pid)
            try:
                orders.send(self._ways[pid], layout, run, lock)
            except OSError:
                # It was killed, say; nothing was handed over.
                self._dismiss(pid)
            else:
                return pid
        if self._nursery is None or self._heard is None:
            return processes.fork_into(lambda: keeper.keep(layout, run, lock))
        ours, its = orders.pair()
        try:
            ours.setblocking(False)
            # Before there is a keeper: one that nobody hears would wait for an order for ever.
            self._heard.register(ours.fileno(), select.EPOLLIN)
            pid = self._fork(layout, run, lock, its.fileno())
        except BaseException:
            self._hear_no_more(ours)
            raise
        finally:
            its.close()
        self._ways[pid] = ours
        self._keeper_at[ours.fileno()] = pid
        return pid

    def _fork(self, layout: Layout, run: Run, lock: int, way: int) -> int:
        assert self._nursery is not None  # noqa: S101  # seen by whoever calls
        try:
            return self._nursery.start_keeper(layout, run, lock, way)
        except ConnectionError:
            # It was killed. Another one is as large as the daemon by now, but grows no more.
            self._nursery.close()
            self._nursery = Nursery()
            return self._nursery.start_keeper(layout, run, lock, way)

    def heard(self) -> Iterator[tuple[int, bool]]:
        """Yield the keepers that have said something since the last call, and whether it is that they are free.

        The verdict of one that is free is durable and its lock not held. It can keep another attempt: `start_keeper`
        orders it to, until `dismiss_free` lets it end. The others say that nothing of their job runs any more.
        """
        for fd, _ in self._heard.poll(0) if self._heard is not None else ():
            pid = self._keeper_at[fd]
            try:
                said = self._ways[pid].recv(16)
            except OSError:
                said = b""
            if said == keeper.OVER:
                yield pid, False
            elif said == keeper.FREE:
                self._free[pid] = None
                yield pid, True
            else:
                self._hang_up(pid)

    def dismiss_free(self, now: float) -> None:
        """Let the keepers end for which there has been no attempt for some seconds; *now* is of the steady clock.

        The last that became free are ordered first. So of those that a burst of jobs needed, or an array that lets its
        next task have a slot while it still records how one ended, as many stay as are needed again and again.
        """
        for pid, before in list(self._free.items()):
            since = self._free[pid] = now if before is None else before
            if now >= since + _SPARE_FOR or len(self._free) > _MOST_SPARE:
                self._dismiss(pid)

    def wake_stopped(self) -> None:
        """Let keepers go on that a signal has stopped: nobody else settles what they keep."""
        if kernel.has_stopped_children():
            # Those that are to end as well, or they would never.
            for pid in (*self._ways, *self._dismissed):
                kernel.let_go_on(pid)

    def _dismiss(self, pid: int) -> None:
        self._hang_up(pid)
        self._dismissed.add(pid)

    def _hang_up(self, pid: int) -> None:
        self._free.pop(pid, None)
        way = self._ways.pop(pid, None)
        if way is not None:
            del self._keeper_at[way.fileno()]
            self._hear_no_more(way)

    def _hear_no_more(self, way: _socket.socket) -> None:
        try:
            if self._heard is not None:
                # Closed is not enough while a process that is just being forked has a copy (epoll(7)).
                self._heard.unregister(way.fileno())
        except OSError:
            pass
        way.close()

    def start_sender(self, layout: Layout, labels: Sequence[Label]) -> int:
        """Fork, and execute a sender: HTTP and TLS stay out of the daemon and its keepers."""
        return processes.execute(
            [sys.executable, "-I", "-m", "jobctl.daemon.sender", layout.home, *map(str, labels)],
            {**os.environ, "JOBCTL_HOME": layout.home},
        )

    def ended_child(self, besides: AbstractSet[int]) -> tuple[int, kernel.Ended] | None:
        """Return a child that has ended and is not reaped, none of *besides*; None if there is none."""
        while (child := processes.ended_child(besides)) is not None and child[0] in self._dismissed:
            self.reap(child[0])
        return child

    def reap(self, pid: int) -> None:
        """Let an ended child go."""
        self._hang_up(pid)
        self._dismissed.discard(pid)
        kernel.reap(pid)

"""The nursery: a small process that forks the keepers, so that a keeper costs the same however large the daemon is.

A fork copies the page tables of who forks, and each page that either of the two writes to afterwards is copied
as well. The nursery is the daemon before it has imported anything large and before it knows any job; its keepers
are so much smaller that one costs a quarter (docs/internals.md, "What costs what").

Its keepers are not its children but the daemon's, so the daemon learns of their ends, and is given what they leave,
as if it had forked them itself. It ends when the daemon does.
"""

from __future__ import annotations

import _socket
import os

from jobctl.daemon import keeper, kernel, orders, processes
from jobctl.errors import JobctlError
from jobctl.store import records

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final, NoReturn

    from jobctl.daemon.job import Run
    from jobctl.model.spec import Spec
    from jobctl.store.layout import Layout

#: Seconds after which a nursery that does not answer is told to go on, should a signal have stopped it: the daemon does
#: nothing else meanwhile. And seconds after which it is given up.
_SOON: Final = 0.5
_PATIENCE: Final = 10.0


class Nursery:
    """The daemon's end: whoever asks for a keeper here gets its process ID."""

    def __init__(self) -> None:
        """Fork the nursery from what this process is now.

        Raises:
            OSError: it cannot be forked.
        """
        ours, its = orders.pair()
        ours.settimeout(_SOON)
        try:
            self._pid = processes.fork_into(lambda: _serve(its))
        except BaseException:
            ours.close()
            raise
        finally:
            its.close()
        self._socket = ours

    def start_keeper(self, layout: Layout, run: Run, lock: int, way: int) -> int:
        """Fork a keeper of *run* that has a copy of the held *lock*, and of *way* to get more orders by.

        Return its process ID.

        Raises:
            ConnectionError: there is no nursery any more and nothing was forked.
            OSError: it could not be forked; or nobody knows whether it was, and then it holds the lock.
        """
        orders.send(self._socket, layout, run, lock, way)
        answer = self._answer()
        if not answer:
            # Or what it answers later would be taken for the answer to another order.
            self._socket.shutdown(_socket.SHUT_RDWR)
            raise OSError(0, "the nursery of keepers was killed while it forked one")
        pid = int(answer)
        if pid < 0:
            raise OSError(-pid, os.strerror(-pid))
        return pid

    def _answer(self) -> bytes:
        """Return what it says, nothing if it is gone or has said nothing for too long."""
        try:
            return self._socket.recv(64)
        except TimeoutError:
            kernel.let_go_on(self._pid)
        self._socket.settimeout(_PATIENCE)
        try:
            return self._socket.recv(64)
        except TimeoutError:
            return b""
        finally:
            self._socket.settimeout(_SOON)

    def close(self) -> None:
        """Let it end; keepers go on."""
        self._socket.close()


def _serve(way: _socket.socket) -> NoReturn:
    """Be the nursery: fork a keeper for each order that comes by *way*, until nobody is left to give one."""
    os.setsid()
    os.chdir("/")
    kernel.call_myself("jobctl-nursery")
    kernel.ignore_signals()
    processes.close_all_but(way.fileno())
    processes.keep_shared()
    specs = _Specs()
    while True:
        order = orders.receive(way)
        if order is None:
            os._exit(0)
        layout, run, descriptors = order
        lock, more = descriptors
        spec = specs.of(layout, run.job)
        try:
            answer = processes.fork_bare(lambda: keeper.keep(layout, run, lock, spec, more), for_parent=True)  # noqa: B023  # at once
        except OSError as failure:
            answer = -(failure.errno or 1)
        for descriptor in descriptors:
            os.close(descriptor)
        way.send(b"%d" % answer)


class _Specs:
    """The specification of the job that keepers were forked for last, so that an array's is read once."""

    def __init__(self) -> None:
        self._path = ""
        self._spec: Spec | None = None

    def of(self, layout: Layout, job: int) -> Spec | None:
        """Return what is known of *job*: nothing at first, because most have one keeper, and that reads by itself."""
        path = layout.spec(job)
        if path != self._path:
            self._path, self._spec = path, None
        elif self._spec is None:
            try:
                self._spec = records.spec(layout, job)
            except (OSError, JobctlError):
                pass  # For the keeper to find, who can say so.
        return self._spec

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
import sys

from jobctl.daemon import keeper, kernel, processes
from jobctl.daemon.job import Run
from jobctl.errors import JobctlError
from jobctl.model.limits import Limits
from jobctl.store import codec, records
from jobctl.store.layout import Layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final, NoReturn

    from jobctl.model.spec import Spec

#: Bytes of the longest order: a home and a directory below it, and numbers.
_LARGEST: Final = 65536
#: Seconds within which a keeper is forked, or the nursery is given up.
_PATIENCE: Final = 10.0
_DESCRIPTOR: Final = 4


class Nursery:
    """The daemon's end: whoever asks for a keeper here gets its process ID."""

    def __init__(self) -> None:
        """Fork the nursery from what this process is now.

        Raises:
            OSError: it cannot be forked.
        """
        ours, its = _socket.socketpair(_socket.AF_UNIX, _socket.SOCK_SEQPACKET)
        ours.settimeout(_PATIENCE)
        try:
            self._pid = processes.fork_into(lambda: _serve(its.fileno()))
        except BaseException:
            ours.close()
            raise
        finally:
            its.close()
        self._socket = ours

    def start_keeper(self, layout: Layout, run: Run, lock: int) -> int:
        """Fork a keeper of *run* that has a copy of the held *lock*; return its process ID.

        Raises:
            ConnectionError: there is no nursery any more and nothing was forked.
            OSError: it could not be forked; or nobody knows whether it was, and then it holds the lock.
        """
        order = {
            "home": layout.home,
            "job": run.job,
            "task": run.task,
            "attempt": run.attempt,
            "life": run.life,
            "limits": run.limits.asdict(),
        }
        rights = [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, lock.to_bytes(_DESCRIPTOR, sys.byteorder))]
        self._socket.sendmsg([codec.encode(order)], rights)
        try:
            answer = self._socket.recv(64)
        except TimeoutError:
            answer = b""
        if not answer:
            raise OSError(0, "the nursery of keepers was killed while it forked one")
        pid = int(answer)
        if pid < 0:
            raise OSError(-pid, os.strerror(-pid))
        return pid

    def close(self) -> None:
        """Let it end; keepers go on."""
        self._socket.close()


def _serve(fd: int) -> NoReturn:
    """Be the nursery: fork a keeper for each order that comes in at *fd*, until nobody is left to give one."""
    os.setsid()
    os.chdir("/")
    kernel.call_myself("jobctl-nursery")
    kernel.ignore_signals()
    os.closerange(3, fd)
    os.closerange(fd + 1, os.sysconf("SC_OPEN_MAX"))
    orders = _socket.socket(fileno=fd)
    processes.keep_shared()
    specs = _Specs()
    while True:
        # The lock must not get into the job, which would hold it for as long as it has descendants.
        data, rights, _, _ = orders.recvmsg(_LARGEST, _socket.CMSG_SPACE(_DESCRIPTOR), _socket.MSG_CMSG_CLOEXEC)
        if not data:
            os._exit(0)
        lock = int.from_bytes(rights[0][2], sys.byteorder)
        try:
            answer = _fork(codec.decode(data, "an order"), lock, specs)
        except OSError as failure:
            answer = -(failure.errno or 1)
        os.close(lock)
        orders.send(b"%d" % answer)


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


def _fork(order: dict[str, Any], lock: int, specs: _Specs) -> int:
    layout = Layout(order["home"])
    job, task, attempt = order["job"], order["task"], order["attempt"]
    run = Run(
        job,
        task,
        attempt,
        layout.attempt(job, task, attempt),
        life=order["life"],
        limits=Limits(**order["limits"]),
        launched_at=0.0,
    )
    spec = specs.of(layout, job)
    return processes.fork_for_parent(lambda: keeper.keep(layout, run, lock, spec))

"""An order to keep an attempt, as it goes from the daemon to the nursery and to a keeper that is free.

It is one message: a line of JSON, and beside it the descriptor of the attempt's held lock, of which whoever gets the
message has a copy. A message that nobody takes in is gone with its copies when the last end of the socket is closed.
"""

from __future__ import annotations

import _socket
import sys

from jobctl.daemon.job import Run
from jobctl.model.limits import Limits
from jobctl.store import codec
from jobctl.store.layout import Layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

#: Bytes of the longest order: a home and a directory below it, and numbers.
_LARGEST: Final = 65536
_DESCRIPTOR: Final = 4
_MOST_DESCRIPTORS: Final = 2


def pair() -> tuple[_socket.socket, _socket.socket]:
    """Return the two ends of a way for orders, both close-on-exec."""
    return _socket.socketpair(_socket.AF_UNIX, _socket.SOCK_SEQPACKET)


def send(way: _socket.socket, layout: Layout, run: Run, *descriptors: int) -> None:
    """Order by *way* that *run* be kept, and hand copies of *descriptors* over, the held lock first.

    Raises:
        ConnectionError: nobody is there to get it.
        OSError: it could not be sent.
    """
    order = {
        "home": layout.home,
        "job": run.job,
        "task": run.task,
        "attempt": run.attempt,
        "life": run.life,
        "limits": run.limits.asdict(),
    }
    numbers = b"".join(number.to_bytes(_DESCRIPTOR, sys.byteorder) for number in descriptors)
    way.sendmsg([codec.encode(order)], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, numbers)])


def receive(way: _socket.socket, known: Layout | None = None) -> tuple[Layout, Run, list[int]] | None:
    """Wait for an order by *way* and return it with the descriptors handed over; None if no more will come.

    *known* is the layout of a home that it may be about.

    Raises:
        OSError: it could not be received.
        UnreadableRecord: it is not an order.
    """
    # Close-on-exec: the lock must not get into the job, which would hold it for as long as it has descendants.
    space = _socket.CMSG_SPACE(_MOST_DESCRIPTORS * _DESCRIPTOR)
    data, rights, _, _ = way.recvmsg(_LARGEST, space, _socket.MSG_CMSG_CLOEXEC)
    if not data:
        return None
    numbers = rights[0][2]
    descriptors = [
        int.from_bytes(numbers[at : at + _DESCRIPTOR], sys.byteorder) for at in range(0, len(numbers), _DESCRIPTOR)
    ]
    order = codec.decode(data, "an order")
    layout = known if known is not None and known.home == order["home"] else Layout(order["home"])
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
    return layout, run, descriptors

"""How the daemon begins, before it imports what only it needs: cut loose, and with a nursery for keepers."""

from __future__ import annotations

import os
import signal
import stat

from jobctl.daemon import cgroup, kernel, processes
from jobctl.daemon.nursery import Nursery

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def cut_loose(arguments: Sequence[str]) -> int:
    """Keep nothing of whoever started us: no descriptor (a lock, the end of a pipe), no blocked signal.

    `--starting FD` of the *arguments* names a descriptor to close as soon as the doorbell is heard: while it is
    open, nobody else starts a daemon. Return it, or -1.
    """
    starting = _handed(arguments)
    _fill_the_first_three()
    processes.close_all_but(starting)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    kernel.raise_limits()
    cgroup.move_aside()
    return starting


def _fill_the_first_three() -> None:
    """Or what is opened next takes the number of one that we were started without, and is closed by nobody after it."""
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(number, True)
    os.close(number)


def nursery() -> Nursery | None:
    """Return the nursery of this daemon; None where there can be none, so that the daemon forks keepers itself."""
    if not kernel.can_clone():
        return None
    try:
        return Nursery()
    except OSError:
        return None


def _handed(arguments: Sequence[str]) -> int:
    """Return the descriptor that `--starting` names, -1 for none: only a directory that was really handed over.

    To close one that is something else by now could give the daemon's own lock away.
    """
    try:
        fd = int(arguments[arguments.index("--starting") + 1])
        return fd if stat.S_ISDIR(os.fstat(fd).st_mode) else -1
    except (ValueError, IndexError, OSError):
        return -1

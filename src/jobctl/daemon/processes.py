"""The one place that forks, and how the loop sees its children.

Forked keepers are small only while the daemon is small and its pages stay shared: what is alive before
the fork is taken out of the garbage collector's sight (docs/internals.md, "The keeper, forked or executed").
"""

from __future__ import annotations

import gc
import os

from jobctl.daemon import kernel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn


def fork_into(become: Callable[[], NoReturn]) -> int:
    """Fork; run *become* in the child, which never returns from it; return the child's process ID."""
    gc.collect(0)
    gc.freeze()
    pid = os.fork()
    if pid == 0:
        gc.disable()
        try:
            become()
        finally:
            # Only a bug comes here; falling back into the caller's code would be a second daemon.
            os._exit(254)
    gc.unfreeze()
    return pid


def ended_child() -> tuple[int, kernel.Ended] | None:
    """Return the number of a child that has ended, and how; it is not reaped. None if none has."""
    pid = kernel.peek_any()
    if pid is None:
        return None
    ended = kernel.peek(pid)
    return None if ended is None else (pid, ended)

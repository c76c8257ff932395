"""The one place that forks, and how the loop sees its children.

Forked keepers are small only while their image is small and its pages stay shared (docs/internals.md, "The
nursery"), so what is imported is kept out of the garbage collector's sight.
"""

from __future__ import annotations

import gc
import os

from jobctl.daemon import kernel, tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Set as AbstractSet
    from typing import Final, NoReturn

#: Descriptors up to this one are closed whatever the limit is: those opened before it was lowered lie above it.
_CLOSED_TO: Final = 65536


def keep_shared() -> None:
    """Take all objects there are now from the garbage collector, which would write to every page they are on.

    To be called once, when everything is imported.
    """
    gc.collect()
    gc.freeze()


def fork_into(become: Callable[[], NoReturn]) -> int:
    """Fork; run *become* in the child, which never returns from it; return the child's process ID."""
    pid = os.fork()
    if pid == 0:
        gc.disable()
        try:
            become()
        finally:
            # Only a bug comes here; falling back into the caller's code would be a second daemon.
            os._exit(254)
    return pid


def fork_bare(become: Callable[[], NoReturn], *, for_parent: bool = False) -> int:
    """As `fork_into`, but nothing of Python's runs before *become*, only for one thread: that spares copies of pages.

    *for_parent* makes it a child of this process's parent.

    Raises:
        OSError: it cannot be forked.
        NotImplementedError: this system cannot fork for a parent.
    """
    if not for_parent and not kernel.can_clone():
        return fork_into(become)
    pid = kernel.clone(for_parent=for_parent)
    if pid == 0:
        try:
            become()
        finally:
            os._exit(254)  # As above.
    return pid


def close_all_but(*kept: int) -> None:
    """Close every descriptor of this process but the first three and those *kept*."""
    first = 3
    for descriptor in sorted(kept):
        if descriptor >= first:
            os.closerange(first, descriptor)
            first = descriptor + 1
    os.closerange(first, max(os.sysconf("SC_OPEN_MAX"), _CLOSED_TO))


def execute(command: list[str], environ: dict[str, str]) -> int:
    """Fork and execute *command* in a session of its own, with nothing of ours; return its process ID.

    When it cannot be executed it ends with status 127.
    """

    def become() -> NoReturn:
        os.setsid()
        kernel.reset_signals()
        kernel.restore_limits()
        close_all_but()
        try:
            os.execve(command[0], command, environ)
        except OSError:
            os._exit(127)

    return fork_into(become)


def ended_child(besides: AbstractSet[int]) -> tuple[int, kernel.Ended] | None:
    """Return the number of a child that has ended and how, none of *besides*; it is not reaped. None if none has."""
    pid = kernel.peek_any()
    if pid is None:
        return None
    # The kernel names the same one again and again; the others are to be asked for one by one.
    for candidate in [pid] if pid not in besides else tree.children():
        if candidate not in besides:
            ended = kernel.peek(candidate)
            if ended is not None:
                return candidate, ended
    return None

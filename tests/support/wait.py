"""Wait for a condition instead of sleeping; a wait that fails says what it last saw."""

from __future__ import annotations

import contextlib
import os
import re
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    T = TypeVar("T")


def until(look: Callable[[], T], what: str, *, within: float = 20.0, every: float = 0.01) -> T:
    """Return the first true value of *look*; fail if there is none within some seconds.

    *every* so many seconds, for a look that is dear and would slow down what it waits for.
    """
    deadline = time.monotonic() + within
    while True:
        seen = look()
        if seen:
            return seen
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {within} s for {what}; last seen: {seen!r}")
        time.sleep(every)


def is_watching(pid: int) -> bool:
    """Return whether the process *pid* is told of what changes in a job's directory, by inotify or by dnotify."""
    for name in os.listdir(f"/proc/{pid}/fd"):
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile
            if re.search(r"inotify|/spool/[0-9]+$", os.readlink(f"/proc/{pid}/fd/{name}")):
                return True
    return False

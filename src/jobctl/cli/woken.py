"""What wakes a command that waits for jobs: dnotify, because a process that has watched by inotify ends late.

It is older and tells less than inotify(7), takes a signal, and needs a descriptor for each directory, but to be rid of
it costs nothing. Who is rid of inotify waits some 8 ms for the kernel (SRCU), and so does whoever waits for the end of
the command: more than all that lies between the end of a job and the answer.
"""

from __future__ import annotations

import fcntl
import os
import signal

from jobctl.store import heard, notify

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from typing import Final

    from jobctl.store.layout import Layout

#: As many jobs are watched so at most, because each signal means any of them; and no more than a part of the
#: descriptors that this process may have is used for it.
_MOST: Final = 10
_PART: Final = 1 / 4


def of_jobs(layout: Layout, directories: Collection[str]) -> notify.Waker:
    """Return what is woken by each status in *directories* that takes the place of another one, and when one is gone.

    Only for the main thread of a program that is wholly ours: SIGIO is taken. Where there are too many of them, or
    nothing of the kind, it is inotify that wakes.
    """
    few = len(directories) <= min(_MOST, os.sysconf("SC_OPEN_MAX") * _PART)
    if heard.TELLS_OF_CHANGES and few:
        try:
            return _Jobs(layout, directories)
        except OSError:
            pass  # This kernel was built without it, say.
    return notify.Watcher(directories, replaced_only=True)


class _Jobs:
    def __init__(self, layout: Layout, directories: Collection[str]) -> None:
        self._heard = heard.Heard((signal.SIGIO,))
        self._watched: list[int] = []
        try:
            # What leaves it was forgotten or set aside.
            self._watched.append(heard.watch(layout.spool, fcntl.DN_DELETE))
            for directory in directories:
                self._watched.append(heard.watch(directory, fcntl.DN_RENAME))
        except OSError:
            self.close()
            raise

    def wait(self, timeout: float | None = None, *, also: Iterable[int] = (), beside: float) -> None:
        """Return as `notify.Watcher.wait`; what has changed is never known."""
        longest = beside if timeout is None else min(beside, max(timeout, 0))
        notify.readable([self._heard.fd, *also], longest)
        self._heard.drain()

    def close(self) -> None:
        """Stop to watch."""
        for fd in self._watched:
            os.close(fd)
        self._heard.close()

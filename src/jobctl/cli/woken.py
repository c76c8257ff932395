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
    from collections.abc import Iterable, Sequence
    from typing import Final

    from jobctl.store.layout import Layout

#: As many jobs are watched so at most, and so much of the descriptors that this process may have is used for it.
_MOST: Final = 100
_PART: Final = 1 / 4


def of_jobs(layout: Layout, jobs: Sequence[int]) -> notify.Waker:
    """Return what is woken by each status that takes the place of another one, and when a job leaves the spool.

    Only for the main thread of a program that is wholly ours: SIGIO is taken. Where there are too many *jobs*, or
    nothing of the kind, it is inotify that wakes.
    """
    few = len(jobs) <= min(_MOST, os.sysconf("SC_OPEN_MAX") * _PART)
    return _Jobs(layout, jobs) if heard.TELLS_OF_CHANGES and few else notify.of_jobs(layout, jobs)


class _Jobs:
    def __init__(self, layout: Layout, jobs: Sequence[int]) -> None:
        self._heard = heard.Heard((signal.SIGIO,))
        self._watched: list[int] = []
        self._complete = True
        self._watch(layout.spool, fcntl.DN_DELETE)
        for job in jobs:
            self._watch(layout.job(job), fcntl.DN_RENAME)

    def _watch(self, directory: str, changes: int) -> None:
        try:
            self._watched.append(heard.watch(directory, changes))
        except OSError:
            self._complete = False

    def wait(self, timeout: float | None = None, *, also: Iterable[int] = (), beside: float) -> None:
        longest = beside if self._complete else notify.ALONE
        if timeout is not None:
            longest = min(longest, max(timeout, 0))
        notify.readable([self._heard.fd, *also], longest)
        self._heard.drain()

    def close(self) -> None:
        for fd in self._watched:
            os.close(fd)
        self._heard.close()

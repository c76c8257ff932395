"""The jobs that somebody watches: read once, and again only when the file system says that they changed.

A thousand jobs cost a look at those that changed, not at all of them (docs/internals.md, "Watching").
"""

from __future__ import annotations

import os

from jobctl.store import markers, selection, status_reader
from jobctl.store.notify import Watcher

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jobctl.model.status import Status
    from jobctl.store.layout import Layout

    #: Inode and time of a status file: another one after every change.
    Stamp = tuple[int, int]


class Watched:
    """The jobs that were named, or with *everything* all that are or become unfinished."""

    def __init__(self, layout: Layout, jobs: list[int], *, everything: bool) -> None:
        """Begin with nothing read; the first `read` reads all of them."""
        self.layout = layout
        self.known: dict[int, Status] = {}
        self._everything = everything
        self._stamps: dict[int, Stamp] = {}
        self._stale: set[int] = set()
        self._directories: dict[str, int] = {}
        self._watcher = Watcher()
        if everything:
            self._watcher.add(layout.active, names_only=True)
            self._watcher.add(layout.spool, names_only=True)
            self._find_more()
        for job in jobs:
            self._begin(job)

    @property
    def over(self) -> bool:
        """Whether there is nothing left to wait for: all that were named are finished."""
        return not self._everything and not self._stale and all(status.finished for status in self.known.values())

    @property
    def unfinished(self) -> list[int]:
        """The jobs that were not finished when they were last read."""
        return sorted(job for job, status in self.known.items() if not status.finished)

    def statuses(self) -> list[Status]:
        """Return what is known of each job, in order."""
        return [self.known[job] for job in sorted(self.known)]

    def wait(self, timeout: float | None = None, also: Iterable[int] = ()) -> None:
        """Return when something changed, when it is time to draw, or when something can be read on one of *also*."""
        changed = self._watcher.wait(timeout, also=also)
        if changed is None:
            self._look_at_all()
            return
        for directory in changed:
            job = self._directories.get(directory)
            if job is not None:
                self._stale.add(job)
        if self._everything and not changed.isdisjoint((self.layout.active, self.layout.spool)):
            self._find_more()

    def follow_output(self, directories: Iterable[str]) -> None:
        """Let what is written in *directories* end a wait as well."""
        for directory in directories:
            self._watcher.add(directory)

    def read(self, first: Iterable[int] = (), most: int | None = None) -> Iterator[tuple[Status | None, Status]]:
        """Read what has changed, those of *first* in any case, of the others *most* at once; yield before and after.

        Raises:
            NoSuchJob, UnreadableRecord, UnknownVersion: a job that was named cannot be read any more.
        """
        urgent = [job for job in first if job in self._stale]
        others = sorted(self._stale.difference(urgent))
        for job in (*urgent, *others[:most]):
            self._stale.discard(job)
            self._stamps[job] = _stamp(self.layout, job)
            found = selection.read_quietly(self.layout, job) if self._everything else None
            if found is None:
                if self._everything:
                    self._forget(job)
                    continue
                found = status_reader.read(self.layout, job)
            before = self.known.get(job)
            self.known[job] = found
            if before != found:
                yield before, found

    def close(self) -> None:
        """Watch no more."""
        self._watcher.close()

    def _begin(self, job: int) -> None:
        directory = self.layout.job(job)
        self._directories[directory] = job
        # Before it is read: what changes after that is announced.
        self._watcher.add(directory, names_only=True)
        self._stale.add(job)

    def _forget(self, job: int) -> None:
        directory = self.layout.job(job)
        self._directories.pop(directory, None)
        self._watcher.remove(directory)
        self.known.pop(job, None)

    def _find_more(self) -> None:
        """Take in the jobs that have become unfinished, those that were retried included."""
        for job in markers.names(self.layout):
            known = self.known.get(job)
            if self.layout.job(job) in self._directories:
                if known is not None and known.finished:
                    self._stale.add(job)
            elif status_reader.exists(self.layout, job):
                self._begin(job)

    def _look_at_all(self) -> None:
        """See for every job whether its file is another one: for what nobody announced."""
        if self._everything:
            self._find_more()
        for job in self._directories.values():
            known = self.known.get(job)
            if (known is None or not known.finished) and _stamp(self.layout, job) != self._stamps.get(job):
                self._stale.add(job)


def _stamp(layout: Layout, job: int) -> Stamp:
    try:
        found = os.stat(layout.status(job))
    except OSError:
        return (0, 0)
    return found.st_ino, found.st_mtime_ns

"""The jobs and tasks that somebody watches: read once, and again only when the file system says that they changed.

A thousand jobs cost a look at those that changed, not at all of them (docs/internals.md, "Watching").
"""

from __future__ import annotations

import os

from jobctl.client import waiting
from jobctl.store import markers, selection, status_reader
from jobctl.store.notify import Watcher
from jobctl.store.selection import Target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jobctl.model.status import Status
    from jobctl.store.layout import Layout

    #: Inode and time of a status file: another one after every change.
    Stamp = tuple[int, int]
    #: A job and a task of it, 0 for the job itself: as cheap as a thousand of them a frame must be.
    Key = tuple[int, int]


def key_of(status: Status) -> Key:
    """Return what *status* is known by."""
    return status.id, status.task or 0


class Watched:
    """The *targets* that were named, or with *everything* all jobs that are or become unfinished."""

    def __init__(self, layout: Layout, targets: Iterable[Target], *, everything: bool) -> None:
        """Begin with nothing read; the first `read` reads all of them."""
        self.layout = layout
        self.known: dict[Key, Status] = {}
        self._everything = everything
        self._stamps: dict[int, Stamp] = {}
        self._stale: set[Key] = set()
        #: What is watched of the job in each directory.
        self._directories: dict[str, list[Key]] = {}
        self._watcher = Watcher()
        if everything:
            self._watcher.add(layout.active, names_only=True)
            self._watcher.add(layout.spool, names_only=True)
            self._find_more()
        for target in targets:
            self._begin(target.job, target.task or 0)

    @property
    def over(self) -> bool:
        """Whether there is nothing left to wait for: all that were named are finished."""
        return not self._everything and not self._stale and all(status.finished for status in self.known.values())

    @property
    def unfinished(self) -> list[Target]:
        """The jobs and tasks that were not finished when they were last read."""
        return [Target(job=status.id, task=status.task) for status in self.statuses() if not status.finished]

    def statuses(self) -> list[Status]:
        """Return what is known of each, in order."""
        return [self.known[key] for key in sorted(self.known)]

    def wait(self, timeout: float | None = None, also: Iterable[int] = ()) -> None:
        """Return when something changed, when it is time to draw, or when something can be read on one of *also*."""
        changed = self._watcher.wait(timeout, also=also)
        if changed is None:
            self._look_at_all()
            return
        for directory in changed:
            self._stale.update(self._directories.get(directory, ()))
        if self._everything and not changed.isdisjoint((self.layout.active, self.layout.spool)):
            self._find_more()

    def follow_output(self, directories: Iterable[str]) -> None:
        """Let what is written in *directories* end a wait as well."""
        for directory in directories:
            self._watcher.add(directory)

    def read(self, first: Iterable[Key] = (), most: int | None = None) -> Iterator[tuple[Status | None, Status]]:
        """Read what has changed, those of *first* in any case, of the others *most* at once; yield before and after.

        Raises:
            NoSuchJob, UnreadableRecord, UnknownVersion: a job that was named cannot be read any more.
        """
        urgent = [key for key in first if key in self._stale]
        others = sorted(self._stale.difference(urgent))
        for key in (*urgent, *others[:most]):
            job, task = key
            self._stale.discard(key)
            self._stamps[job] = _stamp(self.layout, job)
            found = selection.read_quietly(self.layout, job) if self._everything else None
            if found is None:
                if self._everything:
                    self._forget(job)
                    continue
                found = waiting.read(self.layout, Target(job=job, task=task or None))
            before = self.known.get(key)
            self.known[key] = found
            if before != found:
                yield before, found

    def close(self) -> None:
        """Watch no more."""
        self._watcher.close()

    def _begin(self, job: int, task: int = 0) -> None:
        directory = self.layout.job(job)
        self._directories.setdefault(directory, []).append((job, task))
        # Before it is read: what changes after that is announced.
        self._watcher.add(directory, names_only=True)
        self._stale.add((job, task))

    def _forget(self, job: int) -> None:
        directory = self.layout.job(job)
        self._directories.pop(directory, None)
        self._watcher.remove(directory)
        self.known.pop((job, 0), None)

    def _find_more(self) -> None:
        """Take in the jobs that have become unfinished, those that were retried included."""
        for job in markers.names(self.layout):
            known = self.known.get((job, 0))
            if self.layout.job(job) in self._directories:
                if known is not None and known.finished:
                    self._stale.add((job, 0))
            elif status_reader.exists(self.layout, job):
                self._begin(job)

    def _look_at_all(self) -> None:
        """See for every job whether its file is another one: for what nobody announced."""
        if self._everything:
            self._find_more()
        for keys in self._directories.values():
            unfinished = [key for key in keys if key not in self.known or not self.known[key].finished]
            if unfinished and _stamp(self.layout, keys[0][0]) != self._stamps.get(keys[0][0]):
                self._stale.update(unfinished)


def _stamp(layout: Layout, job: int) -> Stamp:
    try:
        found = os.stat(layout.status(job))
    except OSError:
        return (0, 0)
    return found.st_ino, found.st_mtime_ns

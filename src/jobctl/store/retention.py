"""Forget finished jobs: out of sight by one rename, and only then removed, so that no half of a job is ever seen.

A process that is killed in between leaves what it moved in `spool/tmp`, where the daemon removes it.
"""

from __future__ import annotations

import errno
import os

from jobctl.errors import NotNow
from jobctl.model import states
from jobctl.model import status as model
from jobctl.model.ids import parse_id
from jobctl.store import atomic, clock, codec, markers, outbox, presence, records, sequence, status_reader
from jobctl.store.removal import freed_with, removing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Final

    from jobctl.model.status import Status
    from jobctl.store.layout import Layout

#: Jobs that `Retention` looks at, and files it removes, in one go; seconds between two rounds through the spool.
_LOOKED_AT: Final = 200
_REMOVED: Final = 500
_ROUND_EVERY: Final = 600.0

#: What the disk says when there is no room.
_FULL: Final = frozenset((errno.ENOSPC, errno.EDQUOT))

#: States of a job that has still to find out whether what it waits for has ended well.
_WAITING: Final = frozenset((states.PENDING, states.QUEUED))


def forget(layout: Layout, jobs: Sequence[int]) -> tuple[list[str], dict[int, NotNow]]:
    """Let nobody see the finished *jobs* any more, and see to it that their IDs are never given away again.

    Return where what is left of them lies, to be removed (`removal.removing`), and why some could not be forgotten now.
    One that is gone already is passed over.

    Raises:
        OSError, UnreadableRecord: it cannot be done; jobs that were not dealt with are as they were.
    """
    moved: list[str] = []
    refused: dict[int, NotNow] = {}
    try:
        sequence.raise_floor(layout)
    except OSError as failure:
        if failure.errno not in _FULL:
            raise
        # As long as the newest job is there, the spool says where IDs end; to make room is what this is for.
        newest = sequence.highest_in_spool(layout)
        asked, jobs = jobs, [job for job in jobs if job != newest]
        if newest in asked:
            refused[newest] = NotNow(f"job {newest} is kept until there is room to note its ID ({failure.strerror})")
    for job in jobs:
        place = f"{layout.staging}/{os.getpid()}.{os.urandom(8).hex()}"
        try:
            atomic.move_directory(layout.job(job), place)
        except FileNotFoundError:
            continue
        try:
            wanted = _is_wanted(layout, job, place)
        except OSError:
            atomic.move_directory(place, layout.job(job))
            raise
        if wanted:
            # Somebody asked for something after we had looked, and was told that it is on record.
            atomic.move_directory(place, layout.job(job))
            refused[job] = NotNow(f"job {job} was not forgotten: something is asked of it")
        else:
            moved.append(place)
    if moved:
        # Before anything in them is removed: a power cut must not bring a job back in part.
        atomic.sync_directory(layout.spool)
        atomic.sync_directory(layout.staging)
    return moved, refused


def size(path: str) -> int:
    """Return the bytes that removing *path* would free, as far as they can be told."""
    total = 0
    for directory, _, names in os.walk(path):
        for name in names:
            try:
                total += freed_with(os.lstat(f"{directory}/{name}"))
            except OSError:
                continue
    return total


def needed(layout: Layout) -> dict[int, int]:
    """Return the jobs that a job waits for which has not started, and which one that is.

    From the specifications: also what has ended well by now is looked at again by the next daemon.
    """
    found = {}
    for job in markers.names(layout):
        try:
            status = status_reader.read(layout, job)
            after = records.spec(layout, job).after if status.state in _WAITING else ()
        except (*status_reader.UNREADABLE, FileNotFoundError):
            continue
        found.update({dependency.job: job for dependency in after})
    return found


class Retention:
    """Forgets, a little at a time, the jobs that have been finished for long: for the daemon, which must not stay away.

    Ages are by the time of day: how long ago something ended before the last boot no other clock knows.
    """

    def __init__(self, layout: Layout, steady: Callable[[], float]) -> None:
        """Begin a round through the spool with the first `work`; *steady* is a clock that never jumps."""
        self._layout = layout
        self._steady = steady
        self._round: Iterator[os.DirEntry[str]] | None = None
        self._next_round = -1.0
        self._removing: list[Iterator[int]] = []

    def work(self, retain: float | None) -> list[int]:
        """Go on with it for a moment and return the jobs that were forgotten; *retain* is `Config.retain`.

        Raises:
            OSError, UnreadableRecord: it cannot go on now.
        """
        forgotten = [] if retain is None else self._find(clock.ago(retain))
        for _ in range(_REMOVED):
            if not self._removing:
                break
            try:
                if next(self._removing[-1], None) is None:
                    self._removing.pop()
            except OSError:
                # It stays in spool/tmp, to be tried again with all that is left there.
                self._removing.pop()
                raise
        return forgotten

    def _find(self, before: str) -> list[int]:
        if self._round is None:
            if self._steady() < self._next_round:
                return []
            self._round = os.scandir(self._layout.spool)
        due = []
        for _ in range(_LOOKED_AT):
            entry = next(self._round, None)
            if entry is None:
                self._round = None
                self._next_round = self._steady() + _ROUND_EVERY
                break
            job = parse_id(entry.name)
            if job is not None and _is_due(self._layout, job, before):
                due.append(job)
        if due:
            spared = needed(self._layout)
            due = [job for job in due if job not in spared]
        if due:
            moved, _ = forget(self._layout, due)
            self._removing += map(removing, moved)
        return [job for job in due if not status_reader.exists(self._layout, job)]


def is_settled(layout: Layout, job: int) -> bool:
    """Return whether the daemon is done with the finished *job*, and nothing is asked of it.

    Raises:
        OSError: it cannot be told now.
    """
    return not presence.is_there(layout.marker(job))


def _is_due(layout: Layout, job: int, before: str) -> bool:
    try:
        status = status_reader.read(layout, job)
    except status_reader.UNREADABLE:
        return False
    return status.finished and ended_at(status) < before and is_settled(layout, job)


def ended_at(status: Status) -> str:
    """Return when a finished job ended, as status files write times."""
    return status.finished_at or status.submitted_at


def _is_wanted(layout: Layout, job: int, place: str) -> bool:
    """Return whether the job that was moved to *place* is not finished after all, or something is still to be done.

    That is another life, or telling others of its end.
    """
    path = f"{place}/status.json"
    try:
        status = model.from_document(codec.read(path), path)
    except (*status_reader.UNREADABLE, FileNotFoundError):
        return True
    asked = f"{place}/{os.path.basename(layout.request(job, 'retry', status.retried + 1))}"
    return not status.finished or os.path.lexists(asked) or outbox.is_waiting(layout, job)

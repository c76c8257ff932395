"""Tell what changed: events first, then the status file, and last of all the end of a job's marker.

In that order, because whatever a crash leaves undone another daemon finds again as long as the marker is there.
"""

from __future__ import annotations

import errno
import logging

from jobctl.store import status_writer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Final

    from jobctl.daemon.deliveries import Deliveries
    from jobctl.daemon.intake import Intake
    from jobctl.daemon.job import Job
    from jobctl.daemon.surroundings import Clock
    from jobctl.store.events import EventLog
    from jobctl.store.layout import Layout

#: Seconds for which `queued` is not written after a start was decided: the start record follows within
#: milliseconds, and one write of the status file serves for both.
_START_SHOWS_WITHIN: Final = 0.25
#: Seconds between two writes of the status file of an array job, whose counts may change a thousand times a second.
_COUNTS_SHOW_WITHIN: Final = 0.25
#: What the disk says that lets no status file be written; anything else may be a matter of one job.
_FULL: Final = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EROFS))

_log = logging.getLogger("jobctl.daemon")


class Publisher:
    """Keeps note of the jobs whose status files are to be written, and writes them."""

    def __init__(
        self,
        layout: Layout,
        events: EventLog,
        clock: Clock,
        intake: Intake,
        deliveries: Deliveries,
        *,
        note_starts: Callable[[Job], None],
    ) -> None:
        """Begin with nothing to write; *note_starts* takes in which tasks of an array run, before that is told."""
        self._layout = layout
        self._events = events
        self._clock = clock
        self._intake = intake
        self._deliveries = deliveries
        self._note_starts = note_starts
        self._dirty: set[int] = set()
        # What the disk said of those that could not be written at last; they rest until the next look, and all do
        # while it is full: without a rest, a full disk would keep a core busy.
        self._refused: dict[int, int | None] = {}
        self._resting: set[int] = set()
        self._is_full = False

    def note(self, number: int, job: Job) -> None:
        """Note *job* if its status is another one than its file says."""
        if job.dirty:
            self._dirty.add(number)

    def publish(self, jobs: dict[int, Job], *, look: bool) -> Iterator[tuple[int, OSError | None]]:
        """Write what is noted; yield each finished job whose end is published, and each that could not be written.

        What could not be written is tried again with the next *look*, unless it is not among *jobs* any more then.
        """
        if look:
            self._resting.clear()
            self._is_full = False
        now = self._clock.steady()
        for number in sorted(self._dirty):
            job = jobs.get(number)
            if job is None:
                self._dirty.discard(number)
                self._refused.pop(number, None)
                continue
            if self._rests(number) or now < _shown_from(job):
                continue
            try:
                self._write(number, job)
            except OSError as failure:
                yield number, failure
                if number in jobs:
                    self._put_off(number, failure)
                continue
            self._dirty.discard(number)
            self._refused.pop(number, None)
            if job.status.finished:
                yield number, None

    def deadlines(self, jobs: dict[int, Job]) -> Iterator[float]:
        """Yield when, on the steady clock, a status that is held back is to be written."""
        for number in self._dirty:
            if number in jobs and not self._rests(number):
                yield _shown_from(jobs[number])

    def _rests(self, number: int) -> bool:
        return self._is_full or number in self._resting

    def _put_off(self, number: int, failure: OSError) -> None:
        if self._refused.get(number) != failure.errno:
            _log.error("job %d: cannot write its status (%s); trying again", number, failure.strerror)
        self._refused[number] = failure.errno
        self._resting.add(number)
        self._is_full = self._is_full or failure.errno in _FULL

    def _write(self, number: int, job: Job) -> None:
        if job.is_array and not job.status.finished:
            self._note_starts(job)
        job.recount()
        self._events.append_all(job)
        # Said in the file, and not worth the memory of all that wait.
        shown = job.status.but(daemon_seen_at=self._clock.now())
        if job.status.finished:
            # Before anybody is shown it: whoever is to be told is told, whatever is killed now, and the same.
            job.change(daemon_seen_at=shown.daemon_seen_at)
            self._deliveries.note(job)
        try:
            status_writer.write(self._layout, shown)
        except IsADirectoryError:
            # The job has put a directory in the place of its status file.
            self._intake.set_status_aside(number)
            status_writer.write(self._layout, shown)
        job.dirty = False
        job.shown_at = self._clock.steady()
        if job.status.finished:
            # Last: until here another daemon would do all of this again.
            self._intake.finished(number)


def _shown_from(job: Job) -> float:
    """Return when, on the steady clock, the status of *job* may be written."""
    if job.status.finished:
        return 0.0
    if job.is_array:
        return job.shown_at + _COUNTS_SHOW_WITHIN
    runs = [task.run for task in job.tasks.running.values() if task.run is not None and task.run.start is None]
    return runs[0].launched_at + _START_SHOWS_WITHIN if runs else 0.0

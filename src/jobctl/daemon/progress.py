"""How far running attempts are: the place that asks every source and makes of the answers what status.json shows.

What is read is a bounded tail of the attempt's files, by a daemon that never waits: while nothing is written, a look
costs one stat(2) for each file. The files are the job's to replace: only regular ones are read, never through a link.
"""

from __future__ import annotations

import errno
import logging
import os
import stat

from jobctl.daemon.offsets import Offsets
from jobctl.daemon.patience import Patience
from jobctl.errors import UsageError
from jobctl.model.progress import fact as model
from jobctl.model.progress import forced, reports, source
from jobctl.model.progress.detector import STREAMS
from jobctl.model.progress.fact import Fact
from jobctl.model.progress.rate import Pace
from jobctl.store.layout import AttemptFiles

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, Final

    from jobctl.daemon.surroundings import Clock

#: Bytes of output that are read in one look, and of reports. Of a file that grows faster only the end is read.
_MOST_OUTPUT: Final = 32 * 1024
_MOST_REPORTS: Final = 16 * 1024
_END_OUTPUT: Final = 8 * 1024
#: Seconds between looks at one attempt, and between changes that only the time left makes.
_LOOK_EVERY: Final = 1.0
_TELL_EVERY: Final = 5.0
#: Attempts looked at, bytes read (four microseconds each) and changes told (an fsync each) in one step, so that a
#: thousand jobs hold nobody up.
_MOST_LOOKS: Final = 500
_MOST_BYTES: Final = 128 * 1024
_MOST_TOLD: Final = 10
#: A bar that has been full for so many seconds, and for such a share of the time that it took, was of a part.
_FULL_FOR: Final = 20.0
_FULL_SHARE: Final = 0.5
#: Jobs that usually take less than so many seconds are over before anybody looks.
_SHORTEST: Final = 1.0

_log = logging.getLogger("jobctl.daemon")


class _Tail:
    """The end of a file that somebody else writes, and may truncate, replace or remove."""

    __slots__ = ("_at", "_end", "_most", "_path", "_seen")

    def __init__(self, path: str, most: int, end: int) -> None:
        self._path = path
        #: Bytes that are read at once; of more than that, so many at the end.
        self._most = most
        self._end = end
        #: Device, inode, size and time of change when it was last read; where the reading stopped.
        self._seen: tuple[int, int, int, int] | None = None
        self._at = 0

    def changed(self) -> bool:
        """Return whether it is another file, or has another content, than when it was read."""
        try:
            found = os.lstat(self._path)
        except OSError:
            return False
        return stat.S_ISREG(found.st_mode) and _mark(found) != self._seen

    def read(self, *, anew: bool = False) -> bytes:
        """Return what has come since the last read, its end if it is much; with *anew* the end of the whole file.

        Raises:
            OSError: it cannot be read now, or is no regular file.
        """
        fd = os.open(self._path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
        try:
            found = os.fstat(fd)
            if not stat.S_ISREG(found.st_mode):
                raise OSError(errno.EINVAL, "it is no regular file", self._path)
            same = self._seen is not None and self._seen[:2] == (found.st_dev, found.st_ino)
            begin = self._at if same and not anew and self._at <= found.st_size else 0
            cut = False
            if found.st_size - begin > self._most:
                begin = found.st_size - self._end
                cut = True
            data = os.pread(fd, self._most, begin)
        finally:
            os.close(fd)
        self._at = begin + len(data)
        self._seen = _mark(found)
        if cut:
            # The first line is cut; what it says is not what was written.
            ends = [at for at in (data.find(b"\n"), data.find(b"\r")) if at >= 0]
            data = data[min(ends) :] if ends else b""
        return data


def _mark(found: os.stat_result) -> tuple[int, int, int, int]:
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


class _Face:
    """The `progress` of status.json: another object whenever people would see that it is another one."""

    __slots__ = ("_clock", "_pace", "_told_at", "shown")

    def __init__(self, clock: Clock) -> None:
        self.shown: dict[str, Any] | None = None
        self._clock = clock
        self._told_at = 0.0
        self._pace: tuple[str, Pace] | None = None

    def show(
        self, found: Fact, where: str, now: float, *, message: str | None = None, left: float | None = None
    ) -> None:
        """Show *found* from the source *where*; *left* are the seconds it takes, where the source knows them itself."""
        rate = None
        if where != model.EARLIER_RUNS:
            rate, left = self._foretell(found, where, now)
        facts = {
            "percent": model.shown_percent(found),
            "done": None if found.done is None else model.tidy(round(found.done, 3)),
            "total": None if found.total is None else model.tidy(round(found.total, 3)),
            "unit": found.unit,
            "message": message,
            "source": where,
        }
        shown = self.shown
        passed = now - self._told_at
        if (
            shown is not None
            and all(shown[name] == value for name, value in facts.items())
            and (passed < _TELL_EVERY or not _is_other_time(shown["eta_s"], left, passed))
        ):
            return
        self._told_at = now
        self.shown = {
            "percent": facts["percent"],
            "done": facts["done"],
            "total": facts["total"],
            "unit": facts["unit"],
            "message": facts["message"],
            "rate": None if rate is None else float(f"{rate:.3g}"),
            "eta_s": None if left is None else round(left),
            "source": where,
            "updated_at": self._clock.now(),
        }

    def _foretell(self, found: Fact, where: str, now: float) -> tuple[float | None, float | None]:
        """Return what is done a second and the seconds that are left, as far as anybody can tell."""
        counted = found.done is not None
        value = found.done if counted else found.percent
        if value is None:
            self._pace = None
            return None, None
        kind = f"{where} {'done' if counted else 'percent'} {found.total}"
        if self._pace is None or self._pace[0] != kind:
            self._pace = (kind, Pace(value, now))
        pace = self._pace[1]
        pace.note(value, now)
        whole = found.total if counted else 100.0
        left = None if whole is None else pace.left(whole, now)
        return pace.rate(now) if counted else None, left


class Tracker:
    """How far one running attempt is.

    *directory* is the attempt's, *wanted* the specification's `progress_from`, *pid* the job's own process (0: the
    files it reads are not looked at), *started* when it began on the steady clock, *expected* how many seconds such
    jobs take.
    """

    def __init__(
        self,
        directory: str,
        wanted: str,
        clock: Clock,
        *,
        pid: int = 0,
        started: float | None = None,
        expected: float | None = None,
    ) -> None:
        """Begin with nothing known; nothing is read yet."""
        self._face = _Face(clock)
        self._directory = directory
        self._started = clock.steady() if started is None else started
        self._expected = expected
        self._patience = Patience()
        try:
            self._reader = forced.reader(wanted, self._patience.search)
        except UsageError as wrong:
            _log.warning("%s: its progress is not read: %s", directory, wrong)
            self._reader = None
        self._wanted = wanted
        self._outputs = {name: _Tail(f"{directory}/{name}", _MOST_OUTPUT, _END_OUTPUT) for name in STREAMS}
        self._reports = _Tail(f"{directory}/{AttemptFiles.PROGRESS}", _MOST_REPORTS, _MOST_REPORTS)
        self._reported: Fact | None = None
        self._offsets = Offsets(pid, directory) if pid and wanted == source.AUTO else None
        self._look_at = 0.0
        self._from_output: Fact | None = None
        #: Since when the output has said that all is done, on the steady clock.
        self._full_since: float | None = None
        #: Bytes read in the last look.
        self.cost = 0
        #: How many reports could not be understood.
        self.malformed = 0

    def look(self, now: float) -> dict[str, Any] | None:
        """Return the `progress` of status.json as of *now* on the steady clock, None while nothing is known.

        The same object is returned until something changed that people would see. To be called as often as one
        likes: more than once a second it does nothing.
        """
        if now < self._look_at:
            self.cost = 0
            return self._face.shown
        self._look_at = now + _LOOK_EVERY
        self.cost = 0
        self._hear()
        self._read()
        found, where, message = self._known(now)
        if found is None and message is None:
            self._face.shown = None
        else:
            left = None if self._expected is None else max(0.0, self._expected - (now - self._started))
            self._face.show(found or Fact(), where, now, message=message, left=left)
        return self._face.shown

    # ── sources ────────────────────────────────────────────────────────────────────────────────

    def _hear(self) -> None:
        """What the job reports. The file may be appended to or written anew with each report."""
        if not self._reports.changed():
            return
        try:
            # Small and read whole, so that it does not matter how it is written.
            found, malformed = reports.fold(self._reports.read(anew=True))
        except OSError:
            return
        if malformed and not self.malformed:
            _log.warning("%s: progress reports that nobody understands are ignored", self._directory)
        self.malformed = max(self.malformed, malformed)
        if found is not None:
            self._reported = found

    def _read(self) -> None:
        if self._reader is None:
            return
        for name, tail in self._outputs.items():
            if not tail.changed():
                continue
            try:
                data = tail.read()
            except OSError:
                continue
            self.cost += len(data)
            self._reader.feed(name, data)
            self._from_output = self._reader.fact
        if self._patience.is_gone:
            _log.warning("%s: --progress-from %.80r takes too long and is given up", self._directory, self._wanted)
            self._reader = self._from_output = None

    def _known(self, now: float) -> tuple[Fact | None, str, str | None]:
        """Return the best fact with a number, where it is from, and the best message."""
        from_output = self._of_the_whole(now)
        on_purpose = None if self._reader is None else self._reader.reported
        by_source = [(model.REPORTED, self._reported), (model.REPORTED, on_purpose), (model.OUTPUT, from_output)]
        message, spoken = None, model.OUTPUT
        for where, found in by_source:
            if found is not None and found.message is not None and message is None:
                message, spoken = found.message, where
        for where, found in by_source:
            if _has_number(found):
                return found, where, message
        if from_output is None and self._offsets is not None:
            # While the output tells of parts, one file of it is no measure of the whole.
            found = self._offsets.look(now)
            if found is not None:
                return found, model.FILE_OFFSET, message
        found = self._usual(now)
        if found is not None:
            return found, model.EARLIER_RUNS, message
        return None, spoken, message

    def _of_the_whole(self, now: float) -> Fact | None:
        """Return what the output says, but of a bar that stays full while the job goes on only what it was of."""
        found = self._from_output
        if found is None or found.percent is None or found.percent < 100 or self._wanted != source.AUTO:
            self._full_since = None
            return found
        if self._full_since is None:
            self._full_since = now
        if now - self._full_since <= max(_FULL_FOR, _FULL_SHARE * (self._full_since - self._started)):
            return found
        return Fact(message="a part is done" if found.message is None else f"{found.message}: done")

    def _usual(self, now: float) -> Fact | None:
        """What the durations of earlier runs foretell; nothing once it takes longer than they did."""
        elapsed = now - self._started
        if self._expected is None or self._expected < _SHORTEST or not 0 <= elapsed < self._expected:
            return None
        return Fact(percent=float(int(100 * elapsed / self._expected)))


class Tasks:
    """How far a job of many tasks is: by how many of them have ended."""

    def __init__(self, clock: Clock) -> None:
        """Begin with nothing known."""
        self._face = _Face(clock)

    def look(self, now: float, tasks: dict[str, int]) -> dict[str, Any] | None:
        """Return the `progress` of status.json for *tasks*, the counts by state that stand there too.

        As with `Tracker.look`, the same object is returned until something changed that people would see.
        """
        done = tasks["completed"] + tasks["failed"] + tasks["cancelled"]
        fact = Fact(percent=100 * done / tasks["total"], done=float(done), total=float(tasks["total"]), unit="tasks")
        self._face.show(fact, model.TASKS, now)
        return self._face.shown


class Trackers:
    """The trackers of all running attempts, looked at in turn."""

    def __init__(self) -> None:
        """Begin with none."""
        self._trackers: dict[object, Tracker] = {}
        self._told: dict[object, dict[str, Any] | None] = {}

    def __contains__(self, key: object) -> bool:
        """Whether the attempt *key* has a tracker."""
        return key in self._trackers

    def add(self, key: object, tracker: Tracker) -> None:
        """Follow the attempt *key* from now on."""
        self._trackers[key] = tracker

    def drop(self, key: object) -> None:
        """Follow the attempt *key* no more; nothing happens if nobody does."""
        self._trackers.pop(key, None)
        self._told.pop(key, None)

    def look(self, now: float) -> Iterator[tuple[Any, dict[str, Any] | None]]:
        """Yield the attempts whose progress has changed, and what it is; a bounded number at each call."""
        told = read = 0
        for key in list(self._trackers)[:_MOST_LOOKS]:
            tracker = self._trackers.pop(key)
            # To the end of the line, so that each has its turn.
            self._trackers[key] = tracker
            progress = tracker.look(now)
            read += tracker.cost
            if progress is not self._told.get(key):
                self._told[key] = progress
                yield key, progress
                told += 1
            if told >= _MOST_TOLD or read >= _MOST_BYTES:
                return


def ended(progress: dict[str, Any] | None, *, completed: bool) -> dict[str, Any] | None:
    """Return what is left of *progress* when the attempt has ended: an estimate is over; what is done is done."""
    if progress is None or progress["source"] == model.EARLIER_RUNS:
        return None
    whole = {}
    if completed and progress["percent"] is not None:
        whole = {"percent": 100, "done": progress["total"] or progress["done"]}
    return {**progress, **whole, "rate": None, "eta_s": None}


def _has_number(found: Fact | None) -> bool:
    return found is not None and (found.percent is not None or found.done is not None)


def _is_other_time(shown: float | None, left: float | None, passed: float) -> bool:
    """Whether the time left is plainly another one than was shown *passed* seconds ago."""
    if shown is None or left is None:
        return shown is not left
    return abs(shown - passed - left) > max(_TELL_EVERY, 0.25 * left)

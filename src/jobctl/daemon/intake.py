"""Find the jobs there are: new markers, markers that were touched, and after a reboot the whole spool."""

from __future__ import annotations

import fcntl
import logging
import os
import stat
import sys

from jobctl.daemon.job import Job
from jobctl.errors import UnreadableRecord
from jobctl.model import states, status
from jobctl.model.ids import parse_id
from jobctl.model.lives import Lives, Steering
from jobctl.store import aside, atomic, codec, markers, presence, records, removal, requests, status_writer
from jobctl.store import clock as system_clock
from jobctl.store.layout import AttemptFiles

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Final

    from jobctl.daemon.surroundings import Clock
    from jobctl.model.spec import Spec
    from jobctl.model.states import State
    from jobctl.model.status import Status
    from jobctl.store.layout import Layout
    from jobctl.store.markers import Stamp

#: Seconds after which what a killed submitter left is taken away. Submitters that live hold a lock on it.
_ABANDONED: Final = 600.0
#: Seconds between looks for what killed submitters left.
_SWEEP_EVERY: Final = 60.0

#: What a status file repeats of the specification.
_FROZEN: Final = ("uuid", "name", "tags", "command", "shell", "cwd", "submitted_at", "status_path")

#: Each state as the one object that it is in this process.
_STATES: Final[dict[str, State]] = {state: state for state in states.STATES}

#: Shared by all jobs about which nothing was asked: neither changes once it is made, and ten thousand may wait.
_FIRST_LIFE: Final = Lives(())
_UNSTEERED: Final = {hold: Steering((), hold=hold) for hold in (False, True)}

_log = logging.getLogger("jobctl.daemon")


class Intake:
    """What the daemon knows about markers and about directories it will not touch."""

    def __init__(self, layout: Layout, clock: Clock) -> None:
        """Make sure that every unfinished job has a marker."""
        self._layout = layout
        self._clock = clock
        self._seen_at = -1
        self._refused: set[int] = set()
        self._abandoned: dict[str, float] = {}
        self._unpublished: dict[int, float] = {}
        self._swept_at = clock.steady()
        _mark_unfinished(layout)

    def changed(self) -> Iterator[tuple[int, Stamp]]:
        """Yield every marked job with its stamp, if any marker was made, touched or dropped since the last call."""
        changed_at = markers.changed_at(self._layout)
        if changed_at == self._seen_at:
            return
        # As of before the look: what changes during it is seen by the next one. And not noted at all while the
        # time is so young that another change could get the same one: file systems stamp by the tick.
        seen_at = changed_at if system_clock.is_settled(changed_at) else -1
        found = list(markers.active(self._layout))
        # Only now: what could not be listed was not seen.
        self._seen_at = seen_at
        for number, stamp in found:
            if number not in self._refused:
                yield number, stamp

    def load(self, number: int) -> Job | None:
        """Return job *number* as its files show it, or None if there is nothing to do for it.

        Raises:
            UnreadableRecord, UnknownVersion: its files cannot be understood.
        """
        if number in self._refused:
            return None
        try:
            spec = records.spec(self._layout, number)
        except FileNotFoundError:
            if os.path.isdir(self._layout.job(number)):
                raise UnreadableRecord(self._layout.spec(number), "it is missing") from None
            # A submitter marks before it publishes; or it was killed in between: see `sweep`.
            self._unpublished.setdefault(number, self._clock.steady())
            return None
        self._unpublished.pop(number, None)
        spec = _shared(spec)
        if not presence.is_there(self._layout.marker(number)):
            # Taken away while its submitter slept for long between marking and publishing.
            markers.make(self._layout, number)
        shown = self._status(number)
        if shown is not None and shown.finished and _is_over(self._layout, shown):
            markers.drop(self._layout, number)
            return None
        # Whoever asks for something after this look rings, or is found by the next one.
        names = os.listdir(self._layout.job(number))
        try:
            status_writer.clear_unfinished(self._layout, number, names)
        except OSError:
            pass  # It is litter: neither a disk in trouble nor what a job put there holds the job up.
        first = status.first(number, spec, self._layout.status(number))
        lives, steering = _FIRST_LIFE, _UNSTEERED[spec.hold]
        if requests.is_any_among(names):
            lives = Lives(requests.all_of(self._layout, number, "retry"))
            steering = Steering(requests.all_of(self._layout, number, "steer"), hold=spec.hold)
            for damaged in requests.damaged(self._layout, number, names):
                _log.error("job %d: %s; what is left of it counts, and the file stays", number, damaged)
        if shown is None:
            job = Job(first.but(retried=lives.number), spec, lives, steering)
            job.dirty = True
        else:
            # What was frozen at submission is taken from where it was frozen.
            job = Job(_lean(shown).but(**{name: getattr(first, name) for name in _FROZEN}), spec, lives, steering)
        return job

    def unpublished(self) -> set[int]:
        """Return the marked jobs that were not there when they were looked for; they may be by now."""
        return set(self._unpublished)

    def open_to_all(self) -> list[int]:
        """Return the marked jobs but those that are left alone or are not there."""
        return [
            number
            for number in markers.names(self._layout)
            if number not in self._refused and number not in self._unpublished
        ]

    def finished(self, number: int) -> None:
        """Take the marker of a finished job away; one that cannot be taken costs a look after the next start."""
        try:
            markers.drop(self._layout, number)
        except OSError as failure:
            _log.error("job %d: its marker stays: %s", number, failure)

    def mark(self, number: int) -> None:
        """Mark job *number* as one that is to be looked at."""
        markers.touch(self._layout, number)

    def refuse(self, number: int) -> None:
        """Leave job *number* alone until the next daemon."""
        self._refused.add(number)

    def set_aside(self, number: int) -> None:
        """Move job *number* to corrupt/, for people to look at; it is never deleted automatically.

        Raises:
            OSError: it could not be moved.
        """
        target = aside.free(self._layout, str(number))
        atomic.move_directory(self._layout.job(number), target)
        atomic.sync_directory(self._layout.corrupt)
        atomic.sync_directory(self._layout.spool)
        markers.drop(self._layout, number)

    def sweep(self) -> None:
        """Take away what commands and daemons left that were killed before they published."""
        now = self._clock.steady()
        if now < self._swept_at + _SWEEP_EVERY:
            return
        self._swept_at = now
        for number, since in list(self._unpublished.items()):
            if now >= since + _ABANDONED:
                del self._unpublished[number]
                self.finished(number)
                _log.info("dropped the marker of job %d, which a killed submit had left", number)
        for path in _half_written(self._layout):
            self._abandoned.setdefault(path, now)
        for path, since in list(self._abandoned.items()):
            if not os.path.lexists(path):
                del self._abandoned[path]
            elif now >= since + _ABANDONED and _take_away(path):
                _log.info("removed %s, which a killed command had left", path)
                del self._abandoned[path]

    def _status(self, number: int) -> Status | None:
        """The status file's content; a damaged one is set aside and None is returned: it can be derived again."""
        path = self._layout.status(number)
        try:
            shown = status.from_document(codec.read(path), path)
        except FileNotFoundError:
            return None
        except UnreadableRecord as damaged:
            _log.error("job %d: its status file is made anew: %s", number, damaged)
            self.set_status_aside(number)
            return None
        if shown.id != number:
            raise UnreadableRecord(path, f"it is the status of job {shown.id}")
        if shown.finished and not _has_ended(self._layout, number, os.listdir(self._layout.job(number))):
            # No record bears it out, so it was not written by us.
            _log.error("job %d: its status file says %s, and no record does", number, shown.state)
            self.set_status_aside(number)
            return None
        return shown

    def set_status_aside(self, number: int) -> None:
        """Move what lies in the place of the status file of job *number* to corrupt/."""
        target = aside.put(self._layout, self._layout.status(number), f"{number}.status.json")
        _log.error("job %d: what was its status file is now %s", number, target)


def _shared(spec: Spec) -> Spec:
    """Return *spec* as it is kept while the job waits: what many jobs say alike is there once.

    The environment, which is large, is the child's business.
    """
    return spec.but(
        env=(),
        inputs=(),
        command=tuple(map(sys.intern, spec.command)),
        cwd=sys.intern(spec.cwd),
        queue=sys.intern(spec.queue),
        boot=None if spec.boot is None else sys.intern(spec.boot),
        progress_from=sys.intern(spec.progress_from),
    )


def _lean(shown: Status) -> Status:
    """Return *shown* as it is kept while the job waits: see `_shared`, and publish.py for what is left out."""
    return shown.but(
        queue=sys.intern(shown.queue),
        state=_STATES[shown.state],
        reason=None if shown.reason is None else sys.intern(shown.reason),
        daemon_seen_at=None,
    )


def _mark_unfinished(layout: Layout) -> None:
    """Make the markers anew if this is another boot than the one they were last made sure of in."""
    boot = system_clock.boot_id()
    try:
        if codec.read_bytes(layout.boot, 256) == f"{boot}\n".encode("ascii"):
            return
    except (OSError, UnreadableRecord):
        pass
    for name in os.listdir(layout.spool):
        number = parse_id(name)
        if number is not None and not _is_finished(layout, number):
            try:
                markers.make(layout, number)
            except OSError as failure:
                _log.error("job %d: cannot be marked as unfinished: %s", number, failure)
    try:
        atomic.replace(layout.boot, f"{boot}\n".encode("ascii"), durable=False)
    except OSError as failure:
        _log.error("the next start will look at the whole spool again: %s", failure)


def _is_finished(layout: Layout, number: int) -> bool:
    """Return whether it is sure that job *number* is finished; there may be a hundred thousand to look at."""
    path = layout.status(number)
    try:
        document = codec.read(path)
        if document.get("v") != status.VERSION or document.get("state") not in states.TERMINAL:
            return False
        names = os.listdir(layout.job(number))
        if requests.is_any_among(names):
            # Of most nothing was asked, and to hold a status against the kinds of its values takes longer than this.
            return _is_over(layout, status.from_document(document, path)) and _has_ended(layout, number, names)
        return _has_ended(layout, number, names)
    except Exception:  # noqa: BLE001  # whatever is wrong with it, it is looked at again as one that is not finished
        return False


def _is_over(layout: Layout, shown: Status) -> bool:
    """Return whether a job whose status is *shown* as finished was not retried since."""
    return not presence.is_there(layout.request(shown.id, "retry", shown.retried + 1))


def _has_ended(layout: Layout, number: int, names: Sequence[str]) -> bool:
    """Return whether some record says that the job, or a task of it, ended or was cancelled.

    *names* are those in the job's directory.
    """
    return any(name.startswith(("cancel.", "cancel-now.", "end.")) for name in names) or any(
        presence.is_there(f"{layout.attempt(number, task, attempt)}/{AttemptFiles.FINAL}")
        for task, attempt in records.attempts_among(names)
    )


def _half_written(layout: Layout) -> Iterator[str]:
    """Yield what somebody is writing that is published by a rename, or was when he was killed."""
    for name in os.listdir(layout.staging):
        yield f"{layout.staging}/{name}"
    for directory in (layout.home, layout.active):
        for name in os.listdir(directory):
            if name.endswith(".tmp"):
                yield f"{directory}/{name}"


def _take_away(path: str) -> bool:
    """Remove an unpublished file, or a staging directory that nobody holds; return whether it is gone."""
    try:
        if stat.S_ISREG(os.lstat(path).st_mode):
            # A file is written within moments: whoever began it long ago is dead.
            os.unlink(path)
            return True
        fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        removal.remove_tree(path)
    except OSError:
        return False
    finally:
        os.close(fd)
    return True

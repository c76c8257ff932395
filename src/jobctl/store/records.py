"""The records of the attempts of a job: which there are, what they say, and whether somebody holds the lock.

The truth about a job is which of these exist. No start: not run. Start, no verdict: running while the
lock is held, else to be recovered. Verdict: over (docs/internals.md, "Files").
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat

from jobctl.errors import UnknownVersion, UnreadableRecord
from jobctl.model.attempt import Start, Verdict
from jobctl.model.ids import parse_id
from jobctl.model.spec import Spec, from_document
from jobctl.store import atomic, clock, codec
from jobctl.store.layout import AttemptFiles, Layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def spec(layout: Layout, job: int) -> Spec:
    """Return the specification of *job*.

    Raises:
        FileNotFoundError: there is no such job.
        UnreadableRecord, UnknownVersion: it cannot be understood.
    """
    path = layout.spec(job)
    return from_document(codec.read(path), path)


def attempts(layout: Layout, job: int) -> list[tuple[int, int]]:
    """Return task and number of each attempt of *job* that has a directory, in ascending order.

    Raises:
        FileNotFoundError: there is no such job.
    """
    return attempts_among(os.listdir(layout.job(job)))


def attempts_among(names: Iterable[str]) -> list[tuple[int, int]]:
    """Return task and number of each attempt whose directory is among the *names* in a job's, in ascending order."""
    found = []
    for name in names:
        task, _, attempt = name.partition(".")
        if (first := parse_id(task)) and (second := parse_id(attempt)):
            found.append((first, second))
    return sorted(found)


def start(directory: str) -> Start | None:
    """Return the start of the attempt in *directory*, or None if it has not started.

    Raises:
        UnreadableRecord, UnknownVersion: there is one that cannot be understood.
    """
    path = f"{directory}/{AttemptFiles.START}"
    try:
        return Start.from_document(codec.read(path), path)
    except FileNotFoundError:
        return None


def verdict(directory: str) -> Verdict | None:
    """Return how the attempt in *directory* ended, or None if it has not.

    Raises:
        UnreadableRecord, UnknownVersion: there is one that cannot be understood.
    """
    path = f"{directory}/{AttemptFiles.FINAL}"
    try:
        return Verdict.from_document(codec.read(path), path)
    except FileNotFoundError:
        return None


def outcome(directory: str, task: int, attempt: int) -> Verdict | None:
    """As `verdict`, where one that a jobctl of another version wrote is no reason to wait for ever for the end.

    It says that the attempt is over; how, nobody can know who knows this version only, and the file stays as it is.

    Raises:
        UnreadableRecord: there is one that cannot be understood.
    """
    try:
        return verdict(directory)
    except UnknownVersion as unknown:
        return Verdict(
            task=task,
            attempt=attempt,
            reason="lost",
            error={"code": unknown.code, "message": f"it has ended, and how is not known here: {unknown}"},
            finished_at=clock.at(os.lstat(unknown.path).st_mtime_ns),
            by="daemon",
        )


def prepare_start(directory: str, start: Start) -> Callable[[int, int], None]:
    """Return what puts *start* on record, given number and birth of its process, for that process to call.

    When it returns the start survives a power cut. It raises FileExistsError if the attempt was started before, and
    must not be started again, and OSError if the start could not be written.
    """
    document = start.document()
    process = document.pop("process")
    known = {name: process[name] for name in ("boot", "namespace")}
    draft = codec.encode({**document, "process": known}).removesuffix(b"}}\n")
    publish = atomic.prepare_record(f"{directory}/{AttemptFiles.START}")

    def record(pid: int, birth: int) -> None:
        publish(b'%b,"pid":%d,"birth":%d}}\n' % (draft, pid, birth))

    return record


def withdraw_start(directory: str) -> None:
    """Take the start back that was being recorded when its writer failed and executed nothing.

    Only for the keeper, which holds the lock and has seen its child end.

    Raises:
        OSError: it may still be there.
    """
    atomic.withdraw(f"{directory}/{AttemptFiles.START}")


def publish_verdict(directory: str, record: Verdict) -> None:
    """Put *record* on the disk; on return it survives a power cut. The caller holds the attempt's lock.

    Raises:
        FileExistsError: there is a verdict; it stands.
        OSError: it could not be written.
    """
    atomic.publish_record(f"{directory}/{AttemptFiles.FINAL}", codec.encode(record.document()))


def replace_verdict(directory: str, record: Verdict) -> None:
    """Put *record* on the disk in the place of whatever lies there. Only for the keeper, which knows how it ended.

    Raises:
        OSError: it could not be written.
    """
    atomic.replace_record(f"{directory}/{AttemptFiles.FINAL}", codec.encode(record.document()))


def fulfil_verdict(directory: str, record: Verdict) -> None:
    """As `publish_verdict`, but in the room that a keeper reserved and left, where there is any."""
    reserved = f"{directory}/{AttemptFiles.RESERVE}"
    final = f"{directory}/{AttemptFiles.FINAL}"
    if os.path.lexists(final):
        raise FileExistsError(errno.EEXIST, "there is a verdict", final)
    try:
        fd = os.open(reserved, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        publish_verdict(directory, record)
        return
    room = os.fstat(fd)
    if stat.S_ISREG(room.st_mode) and room.st_nlink == 1:
        atomic.fulfil(fd, reserved, final, codec.encode(record.document()))
    else:
        # Not a keeper's: to write there might change a file that has nothing to do with us.
        os.close(fd)
        publish_verdict(directory, record)


def confirm(directory: str) -> None:
    """Make sure that the records in *directory* are on the disk before anybody is shown what they say."""
    atomic.sync_directory(directory)


def make_attempt(directory: str) -> None:
    """Make the *directory* of an attempt, if it is not there. The keeper makes it durable."""
    try:
        os.mkdir(directory, 0o700)
    except FileExistsError:
        pass


def clear_unfinished(directory: str) -> list[str]:
    """Remove what killed writers of records and outputs left in *directory*. Only for the holder of the attempt's lock.

    What the job itself put there stays, and what cannot be removed does no harm. Return the names that were there.
    """
    files = (AttemptFiles.START, AttemptFiles.FINAL, AttemptFiles.STDOUT, AttemptFiles.STDERR)
    ours = tuple(f"{name}." for name in files)
    names = os.listdir(directory)
    for name in names:
        if name == AttemptFiles.RESERVE or (name.startswith(ours) and name.endswith(".tmp")):
            try:
                os.unlink(f"{directory}/{name}")
            except OSError:
                continue
    return names


def try_lock(directory: str) -> int | None:
    """Take the lock of the attempt in *directory*; None if somebody holds it.

    The descriptor is close-on-exec. It holds the lock until its last copy is closed, in whichever
    process that is; nobody ever unlocks it by call, because that would free all copies (flock(2)).

    Raises:
        UnreadableRecord: somebody put something else in its place.
        OSError: it cannot be told now.
    """
    path = f"{directory}/{AttemptFiles.LOCK}"
    try:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK, 0o600)
    except OSError as failure:
        if failure.errno in {errno.ELOOP, errno.EISDIR, errno.ENOTDIR, errno.ENXIO, errno.EACCES}:
            raise UnreadableRecord(path, f"it is not a lock of ours ({failure.strerror})") from None
        raise
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        return None
    except OSError:
        os.close(fd)
        raise
    return fd


def confirm_file(path: str) -> None:
    """Make sure that what was written to the file *path*, by whomever, is on the disk."""
    atomic.sync_path(path)

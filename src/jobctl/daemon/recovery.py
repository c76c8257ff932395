"""What an attempt without a keeper has come to: the recovery table (docs/internals.md, "Recovering").

Whoever holds the attempt's lock here knows that no keeper and no other daemon does, so what the records
and the kernel say cannot change meanwhile, but for a process that ends.
"""

from __future__ import annotations

import logging
import os

from jobctl.daemon import identity, kernel
from jobctl.errors import UnknownVersion
from jobctl.model import attempt as model
from jobctl.model.attempt import Verdict
from jobctl.model.value import Value
from jobctl.store import clock, presence, records
from jobctl.store.layout import AttemptFiles

TYPE_CHECKING = False
if TYPE_CHECKING:
    from jobctl.daemon.job import Run
    from jobctl.model.attempt import Start

_log = logging.getLogger("jobctl.daemon")


class Busy(Value):
    """Somebody holds the lock: a keeper watches over it, or a child is about to become the job."""


class NotStarted(Value):
    """Nothing was executed; the same attempt may be made."""


class Over(Value):
    """It has ended, and the verdict is on record and durable."""

    start: Start | None
    verdict: Verdict


class Adopted(Value):
    """Its keeper is gone and its process, alive or not, is a child of this one; *lock* is held."""

    start: Start
    lock: int


class Orphaned(Value):
    """Its keeper and the daemon of that time are gone, and its process lives: nobody will learn how it ends.

    Without a *start* that this version knows, its processes are found by their environment, as long as there are any.
    """

    start: Start | None
    lock: int


def kept(run: Run) -> Over | None:
    """Return how *run* ended, whose keeper said that its verdict is durable; None if it is gone.

    Raises:
        UnreadableRecord: a record cannot be understood.
    """
    verdict = _outcome(run)
    return None if verdict is None else Over(start=start_of(run), verdict=verdict)


def known_start(directory: str) -> Start | None:
    """Return the start of the attempt in *directory*, None also where its version is not known here.

    Raises:
        UnreadableRecord: there is one that cannot be understood.
    """
    try:
        return records.start(directory)
    except UnknownVersion:
        return None


def start_of(run: Run) -> Start | None:
    """Return the start of *run*; where its version is not known here, what was known before.

    The log names such a record, once: it stays where it is, only how the run ends is needed, and nobody would learn of
    it otherwise.

    Raises:
        UnreadableRecord: there is one that cannot be understood.
    """
    try:
        return records.start(run.directory)
    except UnknownVersion as unknown:
        if not run.is_named:
            _log.error("job %d: only its end counts: %s", run.job, unknown)
            run.is_named = True
        return run.start


def _outcome(run: Run) -> Verdict | None:
    """Return how *run* ended; the log names a verdict of another version, which of an array no status shows."""
    verdict = records.outcome(run.directory, run.task, run.attempt)
    if verdict is not None and verdict.error is not None and verdict.error.get("code") == UnknownVersion.code:
        _log.error("job %d: attempt %d.%d: %s", run.job, run.task, run.attempt, verdict.error.get("message"))
    return verdict


def examine(run: Run) -> Busy | NotStarted | Over | Adopted | Orphaned:
    """Return what *run* has come to. A process that is gone for good gets the verdict `lost`.

    Raises:
        UnreadableRecord: a record cannot be understood.
        OSError: the disk does not let us look or record.
    """
    directory = run.directory
    if not presence.is_there(directory):
        return NotStarted()
    # The lock first: a verdict beside a held lock is not the keeper's, or the keeper is about to end.
    lock = records.try_lock(directory)
    if lock is None:
        return Busy()
    keep_lock = False
    try:
        found = _examine_locked(run, lock)
        keep_lock = isinstance(found, (Adopted, Orphaned))
        return found
    finally:
        if not keep_lock:
            os.close(lock)


def _examine_locked(run: Run, lock: int) -> NotStarted | Over | Adopted | Orphaned:
    directory = run.directory
    start = start_of(run)
    verdict = _outcome(run)
    if verdict is not None:
        records.confirm(directory)
        return Over(start=start, verdict=verdict)
    if start is None and not presence.is_there(f"{directory}/{AttemptFiles.START}"):
        return NotStarted()
    # It may be visible and not yet durable, if it was killed between the two.
    records.confirm(directory)
    return Orphaned(start=None, lock=lock) if start is None else _examine_process(directory, start, lock)


def _examine_process(directory: str, start: Start, lock: int) -> Over | Adopted | Orphaned:
    if start.process.boot != clock.boot_id():
        # Without a time: nobody knows how long that took, and a job that may be what took the machine down rests first.
        why = "the machine was restarted while it ran"
        return _lost(directory, start, lost(start.task, start.attempt, why).but(steady=None))
    try:
        kernel.peek(start.process.pid)
    except ChildProcessError:
        pass
    else:
        # The number may mean another child of ours by now.
        if identity.is_same(start.process):
            return Adopted(start=start, lock=lock)
    if identity.is_alive(start.process):
        return Orphaned(start=start, lock=lock)
    why = "its keeper and the daemon were killed, and it ended unseen"
    return _lost(directory, start, lost(start.task, start.attempt, why))


def lost(task: int, attempt: int, why: str) -> Verdict:
    """Return the verdict on an attempt of which nobody can know how it ended."""
    return Verdict(
        task=task,
        attempt=attempt,
        reason="lost",
        error={"code": "lost", "message": f"nobody can know how it ended: {why}"},
        finished_at=clock.now(),
        # Or each daemon would have the next attempt wait anew, also one whose time had come.
        steady=clock.steady(),
        by="daemon",
    )


def conclude(directory: str, verdict: Verdict) -> Verdict:
    """Put *verdict* on record and return the one that stands; the lock of the attempt must be held.

    The room that its keeper reserved is used where it is left, so that a full disk does not matter.

    Raises:
        OSError: it could not be written.
    """
    try:
        records.fulfil_verdict(directory, verdict)
    except FileExistsError:
        verdict = records.verdict(directory) or verdict
    records.clear_unfinished(directory)
    return verdict


def of_adopted(directory: str, start: Start, ended: kernel.Ended) -> Verdict:
    """Return the verdict on an attempt whose process was given to the daemon and has ended."""
    for output in (AttemptFiles.STDOUT, AttemptFiles.STDERR):
        try:
            records.confirm_file(f"{directory}/{output}")
        except OSError:
            continue  # The verdict is worth more than the output's last bytes on a failing disk.
    return model.of_exit(
        task=start.task,
        attempt=start.attempt,
        exit_code=ended.exit_code,
        signal=ended.signal,
        finished_at=clock.now(),
        steady=clock.steady(),
        usage=ended.usage(clock.steady() - start.steady),
        by="daemon",
    )


def _lost(directory: str, start: Start, verdict: Verdict) -> Over:
    return Over(start=start, verdict=conclude(directory, verdict))

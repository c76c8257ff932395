"""The submitter's side of the spool: hand a job over, whole and durably, or not at all.

A job belongs to its submitter until the one rename that publishes it, and to the daemon after it. The steps S1 to
S5 and what a crash after each of them leaves are in docs/internals.md, "Submitting".
"""

from __future__ import annotations

import fcntl
import os

from jobctl.errors import OutcomeUnknown
from jobctl.model import status
from jobctl.store import atomic, codec, markers, sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from jobctl.model.spec import Spec
    from jobctl.store.layout import Layout


def deposit(layout: Layout, spec: Spec, stdin: int | None = None) -> int:
    """Store the job that *spec* describes and return its ID.

    *stdin* is a descriptor whose rest becomes the frozen standard input. On return the job is
    visible, complete and on the disk, whether or not a daemon runs; nobody has been told yet.

    Raises:
        OSError: it could not be stored; nothing of it is visible and nothing is left behind.
        OutcomeUnknown: it is visible, but the disk did not confirm that it is durable, or nobody waited for that.
    """
    staged = f"{layout.staging}/{os.getpid()}.{os.urandom(8).hex()}"
    # S1. Not synced: only what is published must survive.
    os.mkdir(staged, 0o700)
    job, held = 0, -1
    try:
        # Held until publication: the daemon takes away what lies here unheld for long.
        held = os.open(staged, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # S2
        atomic.write_new(staged + "/spec.json", codec.encode(spec.document()))
        if stdin is not None:
            atomic.copy_new(stdin, staged + "/stdin")
        job = sequence.next_id(layout)
        first = status.first(job, spec, layout.status(job))
        atomic.write_new(staged + "/status.json", codec.encode(first.document()))
        # S3
        atomic.sync_directory(staged)
        markers.make(layout, job)
        # S4: publication.
        atomic.move_directory(staged, layout.job(job))
    except BaseException as failure:
        if job and not os.path.lexists(staged):
            # Interrupted with the publication behind it.
            raise OutcomeUnknown(job, "interrupted before the disk confirmed it") from failure
        _discard(layout, staged, job)
        raise
    finally:
        if held >= 0:
            os.close(held)
    try:
        # S5: durability.
        atomic.sync_directory(layout.spool)
    except OSError as failure:
        raise OutcomeUnknown(job, f"the disk did not confirm it ({failure.strerror})") from failure
    except KeyboardInterrupt as failure:
        raise OutcomeUnknown(job, "interrupted before the disk confirmed it") from failure
    return job


# MERGE: keep the other branch's `deposit_again`; this one knows no inputs and no items.
def deposit_again(layout: Layout, job: int, spec: Spec) -> int:
    """Store *spec*, which was made from that of *job*, with its frozen standard input; return the new ID."""
    if not spec.stdin:
        return deposit(layout, spec)
    frozen = os.open(layout.stdin(job), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        return deposit(layout, spec, frozen)
    finally:
        os.close(frozen)


def _discard(layout: Layout, staged: str, job: int) -> None:
    """Take back what was not published. Best effort: what stays is removed by the daemon later."""
    try:
        for name in os.listdir(staged):
            os.unlink(f"{staged}/{name}")
        os.rmdir(staged)
        if job and not os.path.lexists(layout.job(job)):
            markers.drop(layout, job)
    except OSError:
        pass

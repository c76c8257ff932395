"""How readers find a job's status: by reading one file, without a lock, whether or not a daemon runs."""

from __future__ import annotations

import os

from jobctl.errors import NoSuchJob, UnknownVersion, UnreadableRecord
from jobctl.model import status
from jobctl.store import codec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jobctl.model.spec import Spec
    from jobctl.model.status import Status
    from jobctl.store.layout import Layout

#: What `read` raises for a job that cannot be shown, for lists that go on without it.
UNREADABLE = (NoSuchJob, UnreadableRecord, UnknownVersion)
#: Bytes of a glance: more than comes before the state where a name is not very long.
_GLANCE = 1024


def read(layout: Layout, job: int) -> Status:
    """Return the status of *job*.

    Raises:
        NoSuchJob, UnreadableRecord, UnknownVersion: as `read_raw`, or the document is not a status.
    """
    path = layout.status(job)
    return status.from_document(codec.decode(read_raw(layout, job), path), path)


def read_raw(layout: Layout, job: int) -> bytes:
    """Return the bytes of the status file of *job*: one JSON document and a newline.

    Raises:
        NoSuchJob: there is no such job, or it was forgotten.
        UnreadableRecord: the file cannot be read, or the job was set aside because it could not be.
    """
    try:
        return codec.read_bytes(layout.status(job))
    except FileNotFoundError:
        aside = layout.set_aside(str(job))
        if os.path.lexists(aside):
            raise UnreadableRecord(
                f"job {job}", f"it was set aside in {aside}", "`jobctl daemon logs` says why"
            ) from None
        if os.path.lexists(layout.job(job)):
            raise UnreadableRecord(layout.status(job), "the file is missing from the job") from None
        raise NoSuchJob(f"there is no job {job}; `jobctl status` lists them") from None


def glances(layout: Layout, jobs: Iterable[int]) -> Iterator[tuple[int, bytes]]:
    """Yield for each of *jobs* how its status file begins, whatever that is: only to pass over what is not to be read.

    All in one loop, because there may be a hundred thousand of them.
    """
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
    for job in jobs:
        head = b""
        try:
            fd = os.open(layout.status(job), flags)
            try:
                head = os.read(fd, _GLANCE)
            finally:
                os.close(fd)
        except OSError:
            pass  # Whoever reads it as it should be will say what is wrong.
        yield job, head


def spec(layout: Layout, job: int) -> Spec:
    """Return the specification of *job*.

    Raises:
        NoSuchJob, UnreadableRecord: as `read_raw`.
        UnknownVersion: it was written by a jobctl that this one does not know.
    """
    from jobctl.store import records  # noqa: PLC0415  # most readers need no more than the status

    try:
        return records.spec(layout, job)
    except FileNotFoundError:
        read_raw(layout, job)
        raise UnreadableRecord(layout.spec(job), "the file is missing from the job") from None


def exists(layout: Layout, job: int) -> bool:
    """Return whether there is a job with this ID."""
    return os.path.lexists(layout.job(job))

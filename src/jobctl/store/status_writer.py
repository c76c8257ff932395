"""The daemon's side of the status files: it alone replaces them, whole, after `submit` wrote the first."""

from __future__ import annotations

import os

from jobctl.store import atomic, codec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from jobctl.model.status import Status
    from jobctl.store.layout import Layout


def write(layout: Layout, status: Status) -> None:
    """Replace the status file of a job by *status*.

    The content is durable before it gets its name: a power cut leaves the old status or the new one,
    and both are true, because each follows from records that are durable.

    Raises:
        OSError: it could not be written; the old one stands.
    """
    atomic.replace(layout.status(status.id), codec.encode(status.document()))


def clear_unfinished(layout: Layout, job: int, names: Iterable[str]) -> None:
    """Remove, of the *names* in the directory of *job*, what daemons left that were killed while they wrote its status.

    Raises:
        OSError: it cannot be removed.
    """
    directory, ours = layout.job(job), os.path.basename(layout.status(job)) + "."
    for name in names:
        if name.startswith(ours) and name.endswith(".tmp"):
            os.unlink(f"{directory}/{name}")

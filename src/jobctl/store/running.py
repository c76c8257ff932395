"""`running.json`: which jobs run, for who draws a few of very many jobs and cannot read the status of each.

Derived, at most a second old, and only kept while there are many: each status file says for itself how its job is.
"""

from __future__ import annotations

from jobctl.errors import UnknownVersion, UnreadableRecord
from jobctl.store import atomic, codec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Final

    from jobctl.store.layout import Layout

#: So many unfinished jobs are few: everybody reads them all.
FEW: Final = 100
#: Version of running.json.
VERSION: Final = 1


def write(layout: Layout, jobs: Iterable[int]) -> None:
    """Say that *jobs* run.

    Raises:
        OSError: it could not be written; what was said before stands.
    """
    atomic.replace(layout.running, codec.encode({"v": VERSION, "running": sorted(jobs)}), durable=False)


def read(layout: Layout) -> frozenset[int]:
    """Return the jobs that ran a moment ago; none where that cannot be learnt."""
    try:
        document = codec.read(layout.running)
    except (OSError, UnreadableRecord, UnknownVersion):
        return frozenset()
    found = document.get("running")
    return frozenset(job for job in found if type(job) is int) if isinstance(found, list) else frozenset()

"""Where what a job made lies: its result, and the attempt whose output is meant."""

from __future__ import annotations

import os
import stat

from jobctl.errors import NeverRan, NoResultYet, NoSuchJob, UnreadableRecord
from jobctl.model import status as model
from jobctl.store.layout import results

TYPE_CHECKING = False
if TYPE_CHECKING:
    from jobctl.model.status import Status
    from jobctl.store.layout import Layout


def attempt(status: Status, wanted: int | None) -> int:
    """Return the number of the attempt that is *wanted*, None: the last; 0 if there is none yet.

    Raises:
        NoSuchJob: there is no attempt of the number asked for.
    """
    if wanted is None:
        return status.attempt
    if not 1 <= wanted <= status.attempt:
        raise NoSuchJob(f"job {status.label} has no attempt {wanted}")
    return wanted


def result(layout: Layout, status: Status, attempt: int | None) -> str:
    """Return the path of the result: what the job left in $JOBCTL_RESULT, else its standard output.

    Raises:
        NoResultYet: the attempt has not ended.
        NeverRan: there was none.
        NoSuchJob: there is no such attempt.
        UnreadableRecord: the file is gone, or is not the job's own.
    """
    if attempt is not None:
        known = [entry for entry in status.attempts if entry.get("attempt") == attempt]
        if not known:
            if attempt == status.attempt and not status.finished:
                raise NoResultYet(status.label, status.state)
            raise NoSuchJob(f"job {status.label} has no attempt {attempt}")
    elif not status.finished:
        raise NoResultYet(status.label, status.state)
    elif not status.attempts:
        raise _never_ran(status)
    number = status.attempt if attempt is None else attempt
    if any(entry.get("attempt") == number and entry.get("reason") == "not-started" for entry in status.attempts):
        raise _never_ran(status)
    directory = layout.attempt(status.id, status.task or 1, number)
    for place in results(directory):
        try:
            found = os.lstat(place)
        except FileNotFoundError:
            continue
        if stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode):
            return place
        raise UnreadableRecord(place, "the job left neither a file nor a directory there", "look at it with `ls -ld`")
    raise UnreadableRecord(place, "it is gone", f"`jobctl retry {status.label}` makes it again")


def _never_ran(status: Status) -> NeverRan:
    why = (status.error or {}).get("message", model.summary(status))
    return NeverRan(f"job {status.label} has no result, it never ran: {why}")

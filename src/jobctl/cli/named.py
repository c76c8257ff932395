"""A word that names no job may be the name of one: say which job that is."""

from __future__ import annotations

import os
from itertools import islice

from jobctl.errors import JobctlError, UsageError
from jobctl.store import home, selection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

#: As many of the last jobs are looked at.
_LOOKED_AT: Final = 2000


def explained(failure: UsageError, *, by_name: bool) -> UsageError:
    """Return *failure*, or if its selector is the name of a job, an error that says so; *by_name*: there is --name."""
    try:
        layout = home.existing(os.environ)
    except JobctlError:
        return failure
    for job in islice(selection.newest(layout), _LOOKED_AT) if layout is not None else ():
        status = selection.read_quietly(layout, job) if layout is not None else None
        if status is not None and status.name == failure.selector:
            instead = f", or --name {failure.selector}" if by_name else ""
            return UsageError(
                f"{failure.selector!r} does not name a job, but job {job} is called so: write {job}{instead}"
            )
    return failure

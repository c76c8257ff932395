"""The last ID that was given away, and the boot it was given away in.

`sequence` is one line, read and bumped under flock(2) and never unlinked. It is not fsynced: within one
boot the page cache keeps it, and in another boot nobody trusts it before it was compared with the spool.
"""

from __future__ import annotations

import fcntl
import os

from jobctl.model.ids import parse_id
from jobctl.store.clock import boot_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from jobctl.store.layout import Layout


def next_id(layout: Layout) -> int:
    """Give away the next ID. It is not used again, whether or not its job comes to be.

    Raises:
        OSError: `sequence` cannot be read or written.
    """
    held = hold(layout)
    try:
        return bump(layout, held)
    finally:
        os.close(held)


def hold(layout: Layout) -> int:
    """Return a descriptor on `sequence` that holds its lock until it is closed: nobody else gets an ID meanwhile.

    Raises:
        OSError: it cannot be opened.
    """
    fd = os.open(layout.sequence, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
    except BaseException:
        os.close(fd)
        raise
    return fd


def bump(layout: Layout, held: int) -> int:
    """Give away the next ID, as `next_id`, to the caller who has got *held* from `hold`."""
    boot = boot_id()
    last, written_in = _parse(os.pread(held, 128, 0))
    if written_in != boot:
        last = max(last, highest_in_spool(layout))
    # Fixed width and one write: a reader never sees half a line.
    os.pwrite(held, f"{last + 1:020d} {boot}\n".encode("ascii"), 0)
    return last + 1


def last_id(layout: Layout) -> int:
    """Return the last ID that was given away in this boot or is in the spool; 0 if none was."""
    try:
        fd = os.open(layout.sequence, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return highest_in_spool(layout)
    try:
        last, written_in = _parse(os.pread(fd, 128, 0))
    finally:
        os.close(fd)
    return last if written_in == boot_id() else max(last, highest_in_spool(layout))


def highest_in_spool(layout: Layout) -> int:
    """Return the highest ID in the spool or among what was set aside: a look at every name."""
    highest = 0
    for directory in (layout.spool, layout.corrupt):
        for name in os.listdir(directory):
            highest = max(highest, parse_id(name.partition(".")[0]) or 0)
    return highest


def _parse(line: bytes) -> tuple[int, str]:
    """Return the ID and the boot in *line*; what is not such a line counts as never written."""
    first, newline, _ = line.decode("ascii", "replace").partition("\n")
    number, _, boot = first.partition(" ")
    return (int(number), boot) if newline and number.isdigit() else (0, "")

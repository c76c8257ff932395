"""The last ID that was given away, and the boot it was given away in.

`sequence` is one line, read and bumped under flock(2) and never unlinked. It is not fsynced: within one
boot the page cache keeps it, and in another boot nobody trusts it before it was compared with the spool, and with
the floor below which jobs were forgotten.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat

from jobctl.errors import NotNow, UnreadableRecord
from jobctl.model.ids import parse_id
from jobctl.store import atomic
from jobctl.store.clock import awake, boot_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from jobctl.store.layout import Layout

#: Seconds for which somebody may hold the lock: he has some milliseconds' work to do.
_PATIENCE: Final = 15.0
#: Seconds between looks whether they are done: first, longest.
_LOOK_AGAIN: Final = (0.001, 0.02)


def next_id(layout: Layout) -> int:
    """Give away the next ID. It is not used again, whether or not its job comes to be.

    Raises:
        OSError: `sequence` cannot be read or written.
        NotNow: as `hold`.
        UnreadableRecord: where the IDs of forgotten jobs end cannot be told.
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
        NotNow: somebody has held it for so long that he must have been stopped.
    """
    fd = _open(layout.sequence, os.O_RDWR | os.O_CREAT)
    try:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _await_turn(layout, fd)
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
        fd = _open(layout.sequence, os.O_RDONLY)
    except FileNotFoundError:
        return highest_in_spool(layout)
    try:
        last, written_in = _parse(os.pread(fd, 128, 0))
    finally:
        os.close(fd)
    return last if written_in == boot_id() else max(last, highest_in_spool(layout))


def raise_floor(layout: Layout) -> None:
    """Make the last ID that was given away durable. To be called before the spool ceases to show it.

    `sequence` itself would not do: it is written in place, so that a power cut may leave any of its later lines.

    Raises:
        OSError: it could not be done; no job may be forgotten.
        UnreadableRecord: as `floor`.
    """
    last = last_id(layout)
    if last > floor(layout):
        atomic.replace(layout.sequence_floor, f"{last}\n".encode("ascii"))
        atomic.sync_directory(layout.home)


def floor(layout: Layout) -> int:
    """Return the last ID that had been given away when jobs were last forgotten; 0 if none ever was.

    Raises:
        UnreadableRecord: it is not known, so that no ID can be given away.
    """
    try:
        fd = _open(layout.sequence_floor, os.O_RDONLY)
    except FileNotFoundError:
        return 0
    try:
        line = os.read(fd, 128).decode("ascii", "replace")
    finally:
        os.close(fd)
    last = parse_id(line.removesuffix("\n"))
    if last is None:
        raise UnreadableRecord(layout.sequence_floor, "it holds no ID", "write the highest ID that was ever used there")
    return last


def highest_in_spool(layout: Layout) -> int:
    """Return the highest ID in the spool, or of what was set aside or forgotten: a look at every name.

    Raises:
        UnreadableRecord: as `floor`.
    """
    highest = floor(layout)
    for directory in (layout.spool, layout.corrupt):
        for name in os.listdir(directory):
            highest = max(highest, parse_id(name.partition(".")[0]) or 0)
    return highest


def _await_turn(layout: Layout, fd: int) -> None:
    """Take the lock when who has it has done; not for ever, for whoever stops a submitter would stop them all."""
    from jobctl.store import locks  # noqa: PLC0415  # only who must wait pays for it

    seen = None
    while not _gets_turn(fd):
        # However many there are before us, and however slow the disk is: what counts is that they go on.
        found = (locks.holder(layout.sequence), os.pread(fd, 128, 0))
        if found == seen:
            who = "another process" if found[0] is None else f"process {found[0]}"
            raise NotNow(
                f"cannot take a number for the job: {who} has held {layout.sequence} for {_PATIENCE:.0f} s, which "
                f"takes milliseconds; if it was stopped, let it go on (`kill -CONT {found[0] or 'PID'}`) or end it"
            )
        seen = found


def _gets_turn(fd: int) -> bool:
    """Try for a while to take the lock, and return whether it is taken."""
    from select import select  # noqa: PLC0415  # as above

    pause, most = _LOOK_AGAIN
    deadline = awake() + _PATIENCE
    while awake() < deadline:
        select([], [], [], pause)
        pause = min(2 * pause, most)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue
        return True
    return False


def _open(path: str, flags: int) -> int:
    try:
        fd = os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK, 0o600)
    except OSError as failure:
        if failure.errno not in {errno.ELOOP, errno.EISDIR, errno.ENXIO}:
            raise
    else:
        if stat.S_ISREG(os.fstat(fd).st_mode):
            return fd
        os.close(fd)
    raise UnreadableRecord(path, "it is not a regular file", "move it away, the numbers are found again in the spool")


def _parse(line: bytes) -> tuple[int, str]:
    """Return the ID and the boot in *line*; what is not such a line counts as never written."""
    first, newline, _ = line.decode("ascii", "replace").partition("\n")
    number, _, boot = first.partition(" ")
    return (int(number), boot) if newline and number.isdigit() else (0, "")

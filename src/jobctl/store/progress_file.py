"""The file in which a job reports how far it is: `$JOBCTL_PROGRESS`, a report on each line, the last one counts."""

from __future__ import annotations

import os

from jobctl.store import codec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Final

#: Bytes after which the file is begun anew: the daemon reads only its end.
_LONGEST: Final = 256 * 1024


def place(environ: Mapping[str, str]) -> str | None:
    """Return the path of the file, None outside of a job."""
    return environ.get("JOBCTL_PROGRESS") or None


def append(path: str, report: dict[str, Any]) -> None:
    """Add *report* to the file at *path*, in one write, so that reports of several processes do not mix.

    Raises:
        OSError: it cannot be written.
        ValueError, TypeError: *report* has no form in JSON.
    """
    line = codec.encode(report)
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    fd = os.open(path, flags, 0o600)
    try:
        size = os.fstat(fd).st_size
        if size > _LONGEST:
            os.ftruncate(fd, 0)
        elif size and not _ends_a_line(path, size):
            # `printf 45 > "$JOBCTL_PROGRESS"` leaves a line without its end.
            line = b"\n" + line
        os.write(fd, line)
    finally:
        os.close(fd)


def _ends_a_line(path: str, size: int) -> bool:
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        return os.pread(fd, 1, size - 1) == b"\n"
    finally:
        os.close(fd)

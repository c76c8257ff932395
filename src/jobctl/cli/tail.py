"""The last lines of what a job wrote, for a glance: bounded, whatever it wrote, and harmless."""

from __future__ import annotations

import os
import stat

from jobctl.cli import output

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

#: Bytes that are looked at, and characters of a line that are shown.
_LOOK_AT: Final = 16 * 1024
_LONGEST: Final = 400


def last_lines(path: str, lines: int) -> list[str]:
    """Return the last *lines* lines of the file *path* that are not empty, with control characters visible.

    Of a line that was written over (carriage return) the last version counts. What cannot be read has none.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return []
    try:
        found = os.fstat(fd)
        if not stat.S_ISREG(found.st_mode):
            return []
        start = max(0, found.st_size - _LOOK_AT)
        data = os.pread(fd, _LOOK_AT, start)
    except OSError:
        return []
    finally:
        os.close(fd)
    parts = data.split(b"\n")
    if start > 0 and len(parts) > 1:
        del parts[0]  # It began before.
    shown: list[str] = []
    for part in reversed(parts):
        if len(shown) == lines:
            break
        text = _last_version(part).decode("utf-8", "backslashreplace").expandtabs()
        if text.strip():
            shown.append(output.visible(text[-_LONGEST:] if len(text) > _LONGEST else text))
    return shown[::-1]


def _last_version(line: bytes) -> bytes:
    """Return what is left to see of a *line* that was written over."""
    versions = [version for version in line.split(b"\r") if version.strip()]
    return versions[-1] if versions else b""

"""The last lines of what a job wrote, for a glance: bounded, whatever it wrote, and harmless."""

from __future__ import annotations

import os
import re
import stat

from jobctl.cli import output
from jobctl.model.quantities import show_size
from jobctl.model.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

#: Bytes that are looked at, and characters of a line that are shown.
_LOOK_AT: Final = 16 * 1024
_LONGEST: Final = 400
#: The share of characters that show nothing from which on it is no text, and how many there must be.
_NO_TEXT: Final = 0.1
_FEW: Final = 4
#: Colours and what clears the rest of a line: harmless, and in the way of who reads.
_COLOURS: Final = re.compile(r"\x1b\[[0-9;:]*m|\x1b\[[0-2]?K")
#: Control characters that text is written with: tab, newline, backspace, carriage return, escape …
_OF_TEXT: Final = dict.fromkeys(b"\a\b\t\n\v\f\r\x1b")


class Tail(Value):
    """The end of what was written: lines of text, or that it is none and how many bytes it has."""

    lines: tuple[str, ...] = ()
    binary: int | None = None

    def __bool__(self) -> bool:
        """Whether anything was written."""
        return bool(self.lines) or self.binary is not None


def note(binary: int) -> str:
    """Return what stands in place of *binary* bytes that are no text."""
    return f"(binary, {show_size(binary)}: not shown)"


def last_lines(path: str, lines: int) -> Tail:
    """Return the last *lines* lines of the file *path* that are not empty, with control characters visible.

    Colours are left out. Of a line that was written over (carriage return) the last version counts. What cannot be
    read has none.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return Tail()
    try:
        found = os.fstat(fd)
        if not stat.S_ISREG(found.st_mode):
            return Tail()
        start = max(0, found.st_size - _LOOK_AT)
        data = os.pread(fd, _LOOK_AT, start)
    except OSError:
        return Tail()
    finally:
        os.close(fd)
    if is_binary(data):
        return Tail(binary=found.st_size)
    parts = data.split(b"\n")
    if start > 0 and len(parts) > 1:
        del parts[0]  # It began before.
    shown: list[str] = []
    for part in reversed(parts):
        if len(shown) == lines:
            break
        text = _COLOURS.sub("", _last_version(part).decode("utf-8", "backslashreplace")).expandtabs()
        if text.strip():
            shown.append(output.visible(text[-_LONGEST:] if len(text) > _LONGEST else text))
    return Tail(lines=tuple(reversed(shown)))


def is_binary(data: bytes) -> bool:
    """Return whether *data* is no text: a share of it are bytes that stand for no character, or for none to see."""
    text = data.decode("utf-8", "replace").translate(_OF_TEXT)
    if text.isprintable() and "\ufffd" not in text:
        return False
    strange = sum(char == "\ufffd" or not char.isprintable() for char in text)
    return strange >= _FEW and strange > _NO_TEXT * len(text)


def _last_version(line: bytes) -> bytes:
    """Return what is left to see of a *line* that was written over."""
    versions = [version for version in line.split(b"\r") if version.strip()]
    return versions[-1] if versions else b""

"""Lines that programs of one family write, and that no general shape would find in them."""

from __future__ import annotations

import re

from jobctl.model.progress.candidate import Candidate
from jobctl.model.progress.fact import message_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_DURATION: Final = re.compile(r"\bDuration: (\d+):(\d\d):(\d\d(?:\.\d+)?)")
_TIME: Final = re.compile(r"\b(?:out_)?time=\s*(\d+):(\d\d):(\d\d(?:\.\d+)?)")
#: The row below curl's header: percentages have no sign there.
_COLUMNS_HEAD: Final = re.compile(r"^\s*% Total\s+% Received|^\s*DL%\s+UL%")
_COLUMNS: Final = re.compile(r"^\s*(\d{1,3})\s+(\S+)\s+(\d{1,3})\s+(\S+)\s+(\d{1,3})\s+(\S+)\s+(?:\S+\s+){5}\S+\s*$")
_COLUMNS_PARALLEL: Final = re.compile(r"^\s*(\d{1,3})\s+(?:--|\d{1,3})\s+\S+\s+\S+\s+\d+\s+\d+\s+\S+\s+\S+\s+\S+\s+\S+")
#: Of what apt and dpkg tell on a status descriptor.
_STATUS_LINE: Final = re.compile(r"^(?:pm|dl)status:[^:]*:(\d{1,3}(?:\.\d+)?):(.*)$")


def seconds(found: re.Match[str]) -> float:
    """Return the seconds of a time written as hours, minutes, seconds."""
    return 3600 * int(found[1]) + 60 * int(found[2]) + float(found[3])


def duration(line: str) -> float | None:
    """Return how long the media is that *line* announces (`Duration: 00:00:40.00`)."""
    found = _DURATION.search(line)
    return None if found is None else seconds(found)


def media_time(line: str) -> float | None:
    """Return how far a conversion is that says so by `time=00:00:05.12`."""
    found = None
    for found in _TIME.finditer(line):  # noqa: B007  # the last one counts
        pass
    return None if found is None else seconds(found)


def is_columns_head(line: str) -> bool:
    """Return whether percentages without a sign stand in the lines below."""
    return bool(_COLUMNS_HEAD.search(line))


def columns(line: str) -> Candidate | None:
    """Return the fraction in a line below such a head."""
    found = _COLUMNS.match(line)
    if found is not None:
        value = int(found[1])
        # Without a length of the whole, the first column says 100 from the beginning.
        if value > 100 or value not in {int(found[3]), int(found[5])}:
            return None
        return Candidate(percent=value, key=("columns",), style=("columns",), weight=4)
    found = _COLUMNS_PARALLEL.match(line)
    if found is not None and int(found[1]) <= 100:
        return Candidate(percent=int(found[1]), key=("columns",), style=("columns",), weight=4)
    return None


def status_line(line: str) -> Candidate | None:
    """Return the fraction in a line that a package manager writes for programs."""
    found = _STATUS_LINE.match(line)
    if found is None or float(found[1]) > 100:
        return None
    return Candidate(
        percent=float(found[1]), label=message_of(found[2]), key=("status", line[:2]), style=("status",), weight=4
    )

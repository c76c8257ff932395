"""Lines that programs of one family write, and that no general shape would find in them."""

from __future__ import annotations

import re

from jobctl.model.progress import objects
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
STATUS_LINES: Final = ("pmstatus:", "dlstatus:")
#: The plan that a test program announces (TAP), and how one test of it went.
_PLAN: Final = re.compile(r"^1\.\.(\d{1,7})\s*(?:#|$)")
_TEST: Final = re.compile(r"^(?:not )?ok (\d{1,7})\b")
#: One field of a line for programs: `done=5 total=200 stage="load"`.
_FIELD: Final = re.compile(r'(?<!\S)([A-Za-z_]{1,40})=("[^"]{0,200}"|[^\s",]{1,40})(?=,?(?:\s|$))')

#: Names that in such a line are mostly those of what is in use: `percent=45 host=a`, `current=12 total=100`.
_NO_WORK: Final = frozenset(("current", "position", "n", "percent", "percentage", "pct", "size"))


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


def plan(line: str) -> int | None:
    """Return how many tests *line* announces (`1..12`)."""
    found = _PLAN.match(line)
    return None if found is None else int(found[1])


def planned(line: str, of: int) -> Candidate | None:
    """Return the fraction of the tests *of* that there are that were made when *line* told of one."""
    found = _TEST.match(line)
    if found is None or not 0 < int(found[1]) <= of:
        return None
    done = float(found[1])
    return Candidate(
        percent=100 * done / of, done=done, total=of, unit="tests", key=("tests",), style=("tests",), weight=3
    )


def fields(line: str) -> Candidate | None:
    """Return the fraction in a line of `name=value`, where its names say that it is one."""
    found: dict[str, object] = {}
    for name, value in _FIELD.findall(line):
        if name.lower() in _NO_WORK:
            continue
        number = value.strip('"')
        try:
            found[name] = float(number) if number[:1].isdigit() else number
        except ValueError:
            found[name] = number
    candidate = objects.candidate(found) if len(found) > 1 else None
    # Of less weight than an object: in a line for people it may be anything.
    return None if candidate is None else candidate.but(key=("fields", *candidate.key[1:]), weight=2)

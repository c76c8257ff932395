"""What a job reports on purpose: the lines of the file at $JOBCTL_PROGRESS."""

from __future__ import annotations

from jobctl.model.progress import amount, objects
from jobctl.model.progress.fact import Fact

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

#: Bytes of a line; a longer one is malformed.
LONGEST_REPORT: Final = 4096


def parse(line: bytes) -> Fact | None:
    """Return what *line* reports: `45`, `45%`, `3/10` or a JSON object; None if it is malformed."""
    if len(line) > LONGEST_REPORT:
        return None
    try:
        text = line.decode("utf-8").strip()
    except UnicodeDecodeError:
        return None
    if text.startswith("{"):
        document = objects.parse(text)
        return None if document is None else objects.report(document)
    found = amount.parse(text)
    return None if found is None else objects.report(found)


def fold(data: bytes, before: Fact | None = None) -> tuple[Fact | None, int]:
    """Return what the reports in *data* come to after *before*, and how many of them were malformed.

    A later report replaces the numbers of an earlier one; what it leaves out (a unit, a message) stays. A last line
    without its end counts only if it can be read: it may be half written.
    """
    malformed = 0
    *whole, rest = data.split(b"\n")
    for line in (*whole, rest):
        if not line.strip():
            continue
        found = parse(line)
        if found is None:
            malformed += line is not rest
        else:
            before = _after(before, found)
    return before, malformed


def _after(before: Fact | None, found: Fact) -> Fact:
    if before is None:
        return found
    unit = before.unit if found.unit is None else found.unit
    message = before.message if found.message is None else found.message
    if found.percent is None and found.done is None and found.total is None:
        return before.but(unit=unit, message=message)
    total = before.total if found.total is None and found.percent is None else found.total
    percent = found.percent
    if percent is None and found.done is not None and total is not None and found.done <= total:
        percent = 100 * found.done / total
    return found.but(percent=percent, total=total, unit=unit, message=message)

"""A fact about progress, whoever found it out, and which source goes before which."""

from __future__ import annotations

from jobctl.model.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

#: Where progress is known from, the best first: a lower one never overrides a higher one.
REPORTED: Final = "reported"
OUTPUT: Final = "output"
FILE_OFFSET: Final = "file-offset"
TASKS: Final = "tasks"
EARLIER_RUNS: Final = "earlier-runs"

#: What is shown at most of a job that has not ended: 100 % is for those that have.
MOST: Final = 99.9
#: Characters of a message that are kept.
LONGEST_MESSAGE: Final = 200


class Fact(Value):
    """How far something is. Absent is None; a fact of a part of the work alone has only a message."""

    #: 0 to 100, without the cap that is for showing.
    percent: float | None = None
    done: float | None = None
    total: float | None = None
    unit: str | None = None
    message: str | None = None


def shown_percent(fact: Fact) -> float | None:
    """Return the percentage of *fact* as it is shown while the job runs: to a tenth, never 100."""
    if fact.percent is None:
        return None
    return max(0.0, min(MOST, round(fact.percent, 1)))


def tidy(number: float) -> float | int:
    """Return *number* as an integer where it is one, so that JSON says 3 and not 3.0."""
    return int(number) if number == int(number) else number


def message_of(text: str) -> str | None:
    """Return *text* as a message: one line of printable characters without colours, cut; None if nothing is left."""
    if "\x1b[" in text:
        import re  # noqa: PLC0415  # who reports on the quick way seldom reports in colours

        text = re.sub(r"\x1b\[[0-9;:]*m", "", text[: 8 * LONGEST_MESSAGE])
    kept = "".join(char if char.isprintable() else " " for char in text[: 4 * LONGEST_MESSAGE])
    return " ".join(kept.split())[:LONGEST_MESSAGE] or None

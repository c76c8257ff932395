"""Where in its line a fraction stands: what is before and behind it, in which bracket, beside which bar and pace."""

from __future__ import annotations

import re

from jobctl.model.progress.bars import BAR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

#: With bounds: what begins at every digit of a long number would cost the square of its length.
CLOCK: Final = r"\d{1,4}:\d\d(?::\d\d)?|\d{1,4}h\d{1,4}m(?:\d{1,4}s)?|\d{1,4}m\d{1,4}s|\d{1,4}d\d{1,4}h"
#: What only stands beside work that goes on: a rate, a time left.
_PACE: Final = re.compile(
    r"\b(?:eta|etc)\b"
    r"|\b(?:remaining|left|elapsed|finish)\b[\s:=a-z]{0,16}\d|\d ?[a-z:]{0,8} (?:remaining|left|elapsed)\b"
    rf"|(?:{CLOCK})<|\d ?[a-z]{{0,8}}/s(?:ec)?\b|\d ?s/[a-z]{{2,6}}\b|\d ?(?:fps|bps)\b|\d ?[kmg]i?b?ps\b",
    re.IGNORECASE,
)
_NO_PACE: Final = re.compile(r"\bbit ?rate\b", re.IGNORECASE)
#: What stands before the text of a line in a log.
_PREFIX: Final = re.compile(
    r"^(?:\s*(?:\[?(?:\w{3},? )?"
    r"(?:\d{4}[-/]\d\d[-/]\d\d|\w{3} \w{3} +\d{1,2}|\d\d[-/]\d\d(?:[-/]\d\d)?(?=[ |T]\d\d:))[T |]?"
    r"|\[?\d{1,2}:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?(?: \d{4})?\]?"
    r"|[\[<(]?(?:debug|info|note(?=\W*:)|notice|trace|root|stdout|log)[\])>]?(?=[\s:|\-]|$)|[\w.]+ - |[-|:>*=#\s]+))+",
    re.IGNORECASE,
)
#: `[00:12]`, `[12.345]`, `[12s]`, but not the `[1]` of `Epoch [1][50/1000]`.
_BRACKETED_TIME: Final = re.compile(r"\[[\d,\s]*[:.s][\d:.,\s]*s?\]")
FIELD: Final = re.compile(r"[;|]|,(?!\d)| - ")
#: What a bar is replaced by, so that text around it can be read.
DRAWN: Final = "¦"


class Place:
    """The place of one fraction; *start* and *end* are those of all that belongs to it in *line*."""

    __slots__ = (
        "after",
        "before",
        "edge",
        "has_bar",
        "label",
        "leading",
        "line",
        "paced",
        "plain_after",
        "plain_before",
    )

    def __init__(self, line: str, start: int, end: int) -> None:
        """Look around it."""
        self.line = line
        self.before = line[:start]
        self.after = line[end:]
        #: The same with each bar as one sign.
        self.plain_before = BAR.sub(DRAWN, self.before)
        self.plain_after = BAR.sub(DRAWN, self.after)
        self.has_bar = DRAWN in self.plain_before or DRAWN in self.plain_after
        #: The kind of bracket around it, if that stands at the beginning or the end of the line.
        self.edge = edge(line, start, end)
        #: Whether a rate or a time left stands in the line.
        self.paced = bool(_PACE.search(line)) and not _NO_PACE.search(line)
        #: What before it belongs to it: no bar, no time, no prefix of a log.
        self.label = _PREFIX.sub("", _BRACKETED_TIME.sub(" ", self.plain_before).replace(DRAWN, " "))
        self.leading = not any(map(str.isalnum, self.label))

    @property
    def field(self) -> str:
        """Of the label only what is not another field."""
        return FIELD.split(self.label)[-1]


def edge(line: str, start: int, end: int) -> str:
    """Return the kind of bracket around the place if it stands in one at the beginning or the end of the line."""
    before, after = line[:start].rstrip(), line[end:].lstrip()
    opening = before[-1:]
    if opening not in {"[", "("}:
        return ""
    closing = after.find({"[": "]", "(": ")"}[opening])
    if closing < 0 or closing > 24:
        return ""
    if not before[:-1].strip() or not after[closing + 1 :].strip(" .,|/\\-"):
        return opening
    return ""

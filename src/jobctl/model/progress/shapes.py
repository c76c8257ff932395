"""Find in one line what may be a fraction of work done: shapes, not programs.

A line yields candidates with what speaks for each. Whether one is progress is decided by how it moves
(`detector`); here only what can never be is passed over: dates, versions, addresses, ratios, shares of memory.
"""

from __future__ import annotations

import re
from itertools import islice

from jobctl.model.progress.fact import message_of
from jobctl.model.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

#: Characters of a line that are looked at: no terminal is wider.
WIDEST: Final = 600
#: More percentages or pairs than this on a line make it a row of a table.
_MOST_IN_LINE: Final = 2
_MOST_PAIRS: Final = 6

#: Points by which a percentage and the pair beside it may differ: counts are exact, sizes are rounded.
_ROUNDED: Final = {False: 1.01, True: 2.5}

#: What a bar is drawn with, as a run; and what encloses one that is still empty.
_BAR: Final = re.compile(
    r"[█▉▊▋▌▍▎▏▓▒░━╸╺─■□▰▱▮▯▪▫●○◼◻⬛⬜⣿⣀⣷⣄=#*]{3,}[>\-╸╺ ]*"
    r"|[█▉▊▋▌▍▎▏▓▒░━╸╺⣿]+"
    r"|\.{8,}|-{4,}[>#]?"
    r"|[\[|(<][=#*.█\->~o+ ]{5,}[\])|>]"
)
_NUMBER: Final = r"\d+(?:,\d{3})+|\d+(?:[.,]\d+)?"
_SIZE: Final = r"[kKMGTP]i?[Bb]?(?:ytes)?|[Bb]ytes|B"
_PERCENT: Final = re.compile(r"(?<![\w.,/+=~-])(?<!\d:)(?<!\d: )(\d{1,3}(?:[.,]\d+)?) ?%(?![\w%])")
_OF_HUNDRED: Final = re.compile(r"(?<![\w.,/:+=-])(\d{1,3}(?:\.\d+)?) ?/ ?100 ?%")
_PAIR: Final = re.compile(
    rf"(?<![\w.,/:=+<>#@-])(?<!\w[\[(])({_NUMBER}) ?((?:{_SIZE})(?![a-z]))?"
    rf"(?: ?/ ?| out of | of )({_NUMBER}) ?((?:{_SIZE})(?![A-Za-z]))?"
    r"(?![\d/%]|[.,:-]\d|[A-Za-z_]\w| ?= ?\d)(?: {1,2}([a-z]{3,12}s)\b(?!:))?"
)
#: `11/23 09:37:57` is a time of day.
_TIME_AFTER: Final = re.compile(r" {1,2}\d{1,2}:\d\d")
_CLOCK: Final = r"\d+:\d\d(?::\d\d)?|\d+h\d+m(?:\d+s)?|\d+m\d+s|\d+h\d+m"
#: What only stands beside work that goes on: a rate, a time left.
_PACE: Final = re.compile(
    r"\b(?:eta|etc|remaining|left|elapsed)\b|/s(?:ec)?\b|\bps\b|\b\d+(?:\.\d+)?(?:it|fps|kb)/s|\bfps\b"
    rf"|\b(?:{_CLOCK})\b|\s\d+s(?:\s|$)",
    re.IGNORECASE,
)
_DURATION: Final = re.compile(r"\bDuration: (\d+):(\d\d):(\d\d(?:\.\d+)?)")
_TIME: Final = re.compile(r"\b(?:out_)?time=\s*(\d+):(\d\d):(\d\d(?:\.\d+)?)")
#: The row below curl's header: percentages have no sign there.
_COLUMNS_HEAD: Final = re.compile(r"^\s*% Total\s+% Received|^\s*DL%\s+UL%")
_COLUMNS: Final = re.compile(r"^\s*(\d{1,3})\s+(\S+)\s+(\d{1,3})\s+(\S+)\s+(\d{1,3})\s+(\S+)\s+(?:\S+\s+){5}\S+\s*$")
_COLUMNS_PARALLEL: Final = re.compile(r"^\s*(\d{1,3})\s+(?:--|\d{1,3})\s+\S+\s+\S+\s+\d+\s+\d+\s+\S+\s+\S+\s+\S+\s+\S+")
#: Of what apt and dpkg tell on a status descriptor.
_STATUS_LINE: Final = re.compile(r"^(?:pm|dl)status:[^:]*:(\d{1,3}(?:\.\d+)?):(.*)$")

#: Words beside a number that say it measures something else than work done.
_OTHER_QUANTITY: Final = re.compile(
    r"\b(?:accuracy|acc|cpus?|gpus?|mem|memory|disk|swap|load|usage|used|util(?:i[sz]ation)?|ratio|compress(?:ed|ion)"
    r"|coverage|covered|cover|free|idle|loss|lost|losses|hits?|miss(?:es)?|rate|success|pass(?:ed)|confidence"
    r"|prob(?:ability)?|score|similarity|battery|volume|humidity|deflated|saved|savings|reduc(?:ed|tion)|smaller|larger"
    r"|faster|slower|renamed?|precision|recall|f1|auc|change|threshold|quality|level|brightness|packet|threads?|growth"
    r"|stored|uncompressed|original|tests? passed|error|errors|full|capacity|avail(?:able)?|of cpu|cached?|threshold"
    r"|per|discount|tax|interest|chance|signal|temp(?:erature)?|std|stdev|variance|utilized)\b"
    r"|=>\s*$|[<>≤≥±]\s*$|\bat least\s*$|\bmore than\s*$|\bless than\s*$|\bup to\s*$",
    re.IGNORECASE,
)
_OTHER_COUNT: Final = re.compile(
    r"\b(?:retry|retries|retrying|attempts?|tr(?:y|ies)|workers?|threads?|nodes?|cpus?|cores?|version|v|date|port|chk"
    r"|remaining|left|replicas?|rank|ranks|hosts?|ready|available|healthy|score|rating|page size|priority|level|slots?"
    r"|exit|code|failed|failures?|errors?|skipped|http|python|kernel|channels?|gpus?|devices?|players?|lives|rev"
    r"|revision|release|build|connections?|clients?|peers?|seeds?|backoff|warnings?)\b\W*$",
    re.IGNORECASE,
)
_OTHER_COUNT_AFTER: Final = re.compile(
    r"^\W*(?:workers?|threads?|nodes?|cpus?|cores?|retries|attempts?|replicas?|hosts?|ready|remaining|left|healthy"
    r"|failed|errors?|available|online|connected|stars|points|channels?|tests? failed|connections?|peers?|free|used"
    r"|running|idle|pending|fps)\b",
    re.IGNORECASE,
)
#: What a size is a share of that is no work.
_MEMORY: Final = re.compile(r"\b(?:mem|memory|gpu|ram|heap|swap|disk|quota|used|free|rss|vram)\b", re.IGNORECASE)
#: Words for what a program does several of, each with a bar of its own.
_PART: Final = re.compile(
    r"\b(?:epoch|pass|stage|phase|step|round|part|file|item|task|iteration|iter|fold|run|batch|chunk|segment|disc|track"
    r"|volume|layer|frag|fragment|level|attempt|loop|cycle|job|test|set|package|image|video|url|link|page)s?\s*[#:=]?\s*\W?$",
    re.IGNORECASE,
)
#: Words that say that work is what is measured.
_WORK: Final = re.compile(
    r"\b(?:progress|done|complete[d]?|finished|processed|total|overall|\w{3,}ing|uploaded|downloaded|copied|written"
    r"|converted|rendered|encoded|transferred|received|sent)\b",
    re.IGNORECASE,
)
_DIGITS: Final = re.compile(rf"(?:{_CLOCK})|(?:{_NUMBER})\s?(?:(?:{_SIZE})(?:/s|ps)?\b)?|--:--:--|-:--:--|--:--|\?")
_DECORATION: Final = re.compile(r"[^\w#¦%:\[\](){}|/]+")
_BRACKETED_TIME: Final = re.compile(
    r"\[[\d:.\s]+\]|\b(?:19|20)\d\d[-/]\d\d[-/]\d\d[T ]?|\b\d\d:\d\d:\d\d(?:[.,]\d+)?Z?"
)
_PACE_IN_LABEL: Final = re.compile(rf"(?<!\w)(?:{_CLOCK}|(?:{_NUMBER}) ?(?:{_SIZE})(?:/s)?)(?!\w)")
_FRAME: Final = re.compile(r"[¦|/\[\](){}]+")
_SCALE: Final = {"": 1.0, "k": 1e3, "m": 1e6, "g": 1e9, "t": 1e12, "p": 1e15, "b": 1.0}


class Candidate(Value):
    """What may be a fraction, and what speaks for it."""

    #: 0 to 100.
    percent: float
    done: float | None = None
    total: float | None = None
    unit: str | None = None
    #: What stands before it, as people read it.
    label: str | None = None
    #: What is the same in each line of one and the same bar; what is the same in bars of one kind.
    key: tuple[str, ...]
    style: tuple[str, ...]
    #: How much speaks for it: the more, the fewer lines are needed.
    weight: int
    #: Whether it counts parts, each of which may have a bar of its own.
    parts: bool = False
    #: Whether its label names one activity of perhaps several, with nothing that speaks of the whole.
    activity: bool = False


def candidates(line: str, *, rewritten: bool) -> list[Candidate]:
    """Return what in *line* may be a fraction of work done; *rewritten* if it took another one's place or lost it."""
    if "%" not in line and "/" not in line and " of " not in line:
        return []
    line = line[:WIDEST]
    ratio = _OF_HUNDRED.search(line)
    if ratio is not None:
        line = f"{line[: ratio.start()]}{ratio[1]}%{line[ratio.end() :]}"
    percents = [found for found in _PERCENT.finditer(line) if float(found[1].replace(",", ".")) <= 100]
    if len(percents) > _MOST_IN_LINE:
        return []
    numbers = list(islice(_PAIR.finditer(line), _MOST_PAIRS + 1))
    if len(numbers) > _MOST_PAIRS:
        return []
    pairs = [pair for pair in map(_pair, numbers) if pair is not None and not _is_other_count(line, pair)]
    found = []
    left = list(pairs)
    for percent in percents:
        if _is_other_quantity(line, percent):
            continue
        value = float(percent[1].replace(",", "."))
        # Sizes first: `[1/3 files][15.2 MiB/45.6 MiB] 33%`.
        near = [pair for pair in left if abs(pair.percent - value) <= _ROUNDED[pair.sizes]]
        same = min(near, key=lambda pair: not pair.sizes, default=None)
        if same is not None:
            left.remove(same)
            # A count is exact, a size is rounded for people.
            value = value if same.sizes else same.percent
        found.append(_weigh(line, percent.span(), value, same, rewritten=rewritten))
    if found:
        # A pair that says something else than the percentage beside it counts the parts, or nothing of the kind.
        left = [pair for pair in left if _is_part(line, pair)]
    found.extend(_weigh(line, pair.span, pair.percent, pair, rewritten=rewritten) for pair in left[:2])
    return found


class _Pair:
    """`N/M` or `N of M` in a line."""

    __slots__ = ("done", "percent", "sizes", "span", "total", "unit")

    def __init__(self, span: tuple[int, int], done: float, total: float, unit: str | None, *, sizes: bool) -> None:
        self.span = span
        self.done = done
        self.total = total
        self.unit = unit
        self.sizes = sizes
        self.percent = 100 * done / total


def _pair(found: re.Match[str]) -> _Pair | None:
    first, first_size, second, second_size, unit = found.groups()
    sizes = second_size is not None
    if first_size is not None and not sizes:
        return None
    if ("." in first or "." in second) and not sizes:
        return None
    done, total = _number(first), _number(second)
    if sizes:
        done, total = done * _factor(first_size or second_size), total * _factor(second_size)
        unit = "bytes"
    if total < (1 if sizes else 2) or done > total:
        return None
    if total <= 31 and done <= 31 and not sizes and _TIME_AFTER.match(found.string, found.end()):
        return None
    return _Pair(found.span(), done, total, unit, sizes=sizes)


def _number(text: str) -> float:
    return float(text.replace(",", "") if re.fullmatch(r"\d+(?:,\d{3})+", text) else text.replace(",", "."))


def _factor(size: str) -> float:
    scale = _SCALE[size[0].lower()]
    power = {1e3: 1, 1e6: 2, 1e9: 3, 1e12: 4, 1e15: 5}.get(scale, 0)
    return 1024.0**power if "i" in size else scale


def _is_other_quantity(line: str, found: re.Match[str]) -> bool:
    before = line[max(0, found.start() - 24) : found.start()]
    # Of what stands before only what belongs to it: not the field before a comma or a bracket.
    before = re.split(r"[,;|\])]", before)[-1]
    after = re.split(r"[,;|\[(]|\s{2,}", line[found.end() : found.end() + 24].lstrip())[0]
    after = " ".join(after.split()[:3])
    return bool(_OTHER_QUANTITY.search(before) or _OTHER_QUANTITY.search(after))


def _is_other_count(line: str, pair: _Pair) -> bool:
    if pair.sizes and _MEMORY.search(line):
        return True
    before = line[max(0, pair.span[0] - 24) : pair.span[0]]
    after = line[pair.span[1] - len(pair.unit or "") : pair.span[1] + 24] if not pair.sizes else ""
    return bool(_OTHER_COUNT.search(before) or _OTHER_COUNT_AFTER.match(after))


def _is_part(line: str, pair: _Pair) -> bool:
    return bool(_PART.search(line[max(0, pair.span[0] - 16) : pair.span[0]]))


def _weigh(line: str, span: tuple[int, int], percent: float, pair: _Pair | None, *, rewritten: bool) -> Candidate:
    start, end = span
    if pair is not None:
        start, end = min(start, pair.span[0]), max(end, pair.span[1])
    before, after = line[:start], line[end:]
    has_bar = bool(_BAR.search(before) or _BAR.search(after))
    edge = _edge(line, start, end)
    pace = bool(_PACE.search(after) or _PACE.search(before))
    plain = _plain(before)
    weight = 0
    weight += 2 * rewritten
    weight += 2 * has_bar
    weight += 4 if edge == "[" else 1 if edge else 0
    weight += 2 if pair is not None and pair.span != span else 0
    weight += 2 if pair is not None and pair.sizes else 0
    weight += pace
    weight += bool(_WORK.search(before[-40:]) or _WORK.search(after[:24]))
    weight += pair is not None
    label = _label(before)
    words = sum(any(char.isalpha() for char in word) for word in (label or "").split())
    return Candidate(
        percent=percent,
        done=None if pair is None else pair.done,
        total=None if pair is None else pair.total,
        unit=None if pair is None else pair.unit,
        label=None if edge == "[" else label,
        key=("edge", edge, "%" if pair is None else "/") if edge == "[" else ("label", _name(plain)),
        style=("%" if pair is None or pair.span != span else "/", "bar" if has_bar else "", _plain(after)[:16]),
        weight=weight,
        parts=pair is not None and _is_part(line, pair),
        activity=rewritten and words >= 2 and not has_bar and not pace and not edge,
    )


def _edge(line: str, start: int, end: int) -> str:
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


def _plain(text: str) -> str:
    """Return what stays the same in *text* while a bar moves."""
    text = _DIGITS.sub("#", _BAR.sub("¦", text))
    return _DECORATION.sub(" ", text).strip().lower()


def _name(plain: str) -> str:
    """Return what of *plain* is no bar and no frame."""
    return " ".join(_FRAME.sub(" ", plain).split())[-40:]


def _label(before: str) -> str | None:
    """Return what stands before a fraction as people read it."""
    text = _PACE_IN_LABEL.sub(" ", _BRACKETED_TIME.sub(" ", _BAR.sub(" ", before)))
    text = re.sub(r"^[^\w(\[]+", "", text).strip(" \t:|[](){}-.,=>#*~…\"'")
    return message_of(text[-60:]) if any(char.isalpha() for char in text) else None


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

"""Find in one line what may be a fraction of work done: shapes, not programs.

A line yields candidates with what speaks for each. Whether one is progress is decided by how it moves
(`detector`); here only what can never be is passed over: dates, versions, addresses, ratios, shares of memory, and
whatever has nothing beside it that speaks of work (`witness`).
"""

from __future__ import annotations

import re
from itertools import islice

from jobctl.model.progress import announce, witness, words
from jobctl.model.progress import pairs as counts
from jobctl.model.progress.bars import BAR
from jobctl.model.progress.candidate import Candidate
from jobctl.model.progress.fact import message_of
from jobctl.model.progress.pairs import NUMBER, OF, PAIR, SIZE, Pair
from jobctl.model.progress.place import CLOCK, DRAWN, FIELD, Place, edge

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

#: Characters of a line that are looked at: no terminal is wider.
WIDEST: Final = 600
#: More percentages or pairs than this on a line make it a row of a table.
_MOST_IN_LINE: Final = 2
_MOSTPAIRS: Final = 6

#: Without one of these a line has no fraction.
_SIGNS: Final = ("%", "/", " percent", *(f" {word} " for word in OF.split("|")))
#: Points by which a percentage and the pair beside it may differ: counts are exact, sizes are rounded.
_ROUNDED: Final = {False: 1.01, True: 2.5}

_PERCENT: Final = re.compile(
    r"(?<![\w,/+=~-])(?<![\w\s]\.)(?<!\d:)(?<!\d: )(\d{1,3}(?:[.,]\d+)?)(?: ?%(?![\w%])| percent\b)"
)
_OF_HUNDRED: Final = re.compile(r"(?<![\w.,/:+=-])(\d{1,3}(?:\.\d+)?) ?/ ?100 ?%")
#: `progress=45%`, `epoch=3/10`, as logs for programs have it.
_KEYED: Final = re.compile(
    r"\b(progress|percent|pct|completed?|done|synced|(?:epoch|step|iter(?:ation)?|batch|chunk|round)(?=\S\d+/\d))=(?=\d)",
    re.IGNORECASE,
)
#: `1120223232/4480892928 (25.0%)`: a pair and its percentage.
_HEAD: Final = re.compile(
    rf"\s*(?:{NUMBER})(?: ?(?:{SIZE}))? ?/ ?(?:{NUMBER})(?: ?(?:{SIZE}))? \( ?\d{{1,3}}(?:\.\d+)?%\)"
)
#: `45% of tests` is no work, `45% of 28 MiB` is.
_OF_WHAT: Final = re.compile(r"\s*of\s+(?![\s~\d])")
#: `Disk progress: 45%`, `Loaded 45% of it`.
_IS_PROGRESS: Final = re.compile(rf"\b(?:progress|{words.DID}):? {{1,20}}$", re.IGNORECASE)
#: Characters in front of a percentage in which a word that belongs to it ends.
_BEFORE: Final = 40
#: Characters in front of a percentage, with a bar between, in which a word may belong to it.
_NEAR: Final = 160
#: A frame with nothing to read in it.
_EMPTY_FRAME: Final = re.compile(r"[\[(|<]\W{0,80}[\])|>]")

#: What a bar that is of the whole says so itself by.
_OVERALL: Final = re.compile(r"\b(?:total|overall|progress)\b", re.IGNORECASE)
_DIGITS: Final = re.compile(
    rf"(?:{CLOCK})|\b[0-9a-f]{{7,64}}\b|\b[0-9a-f]{{2}}/[0-9a-f]{{6}}\b"
    rf"|(?:{NUMBER})\s?(?:(?:{SIZE})(?:/s|ps)?\b)?|--:--:--|-:--:--|--:--|\?"
)
_DECORATION: Final = re.compile(r"[^\w#¦%:\[\](){}|/]+")
_BRACKETED_TIME: Final = re.compile(
    r"\[[\d:.\s]+\]|\b(?:19|20)\d\d[-/]\d\d[-/]\d\d[T ]?|\b\d\d:\d\d:\d\d(?:[.,]\d+)?Z?"
)
_PACE_IN_LABEL: Final = re.compile(rf"(?<!\w)(?:{CLOCK}|(?:{NUMBER}) ?(?:{SIZE})(?:/s)?)(?!\w)")
_FRAME: Final = re.compile(r"[¦|/\[\](){}]+")


def candidates(line: str, *, rewritten: bool) -> list[Candidate]:
    """Return what in *line* may be a fraction of work done; *rewritten* if it took another one's place or lost it."""
    if not any(map(line.__contains__, _SIGNS)):
        return []
    line = _KEYED.sub(r"\1 ", line[:WIDEST])
    ratio = _OF_HUNDRED.search(line)
    if ratio is not None:
        line = f"{line[: ratio.start()]}{ratio[1]}%{line[ratio.end() :]}"
    percents = _without_repeats(line, [found for found in _PERCENT.finditer(line) if _value(found) <= 100])
    head = _HEAD.match(line)
    if head is not None:
        # What a line begins with goes before whatever shares stand behind it.
        percents = [found for found in percents if found.start() < head.end()]
    if len(percents) > _MOST_IN_LINE:
        return []
    numbers = list(islice(PAIR.finditer(line), _MOSTPAIRS + 1))
    if len(numbers) > _MOSTPAIRS:
        return []
    pairs = [pair for pair in map(counts.read, numbers) if pair is not None and not _is_other_count(line, pair)]
    told = [percent for percent in percents if not _is_other_quantity(line, percent)]
    percents = _of_the_whole(line, told, pairs, rewritten=rewritten)
    if len(told) > 1 and not percents:
        pairs = [pair for pair in pairs if not pair.sizes]
    found = []
    left = list(pairs)
    for percent in percents:
        value = _value(percent)
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
    return [one for one in found if one is not None]


def _without_repeats(line: str, percents: list[re.Match[str]]) -> list[re.Match[str]]:
    """Return the first of *percents* if it is said to be of work, and the others say the same again."""
    if len(percents) < 2 or len({_value(found) for found in percents}) > 1:
        return percents
    start = percents[0].start()
    return percents[:1] if _IS_PROGRESS.search(line[max(0, start - _BEFORE) : start]) else percents


def _value(percent: re.Match[str]) -> float:
    return float(percent[1].replace(",", "."))


def _of_the_whole(
    line: str, percents: list[re.Match[str]], pairs: list[Pair], *, rewritten: bool
) -> list[re.Match[str]]:
    """Return those of *percents* that may be of work, none if several are and nothing says which is of all of it."""
    if any(edge(line, *pair.span) == "[" and pair.percent < 100 for pair in pairs):
        # `[3/120] Installing x 100%`: the part is ready.
        percents = [percent for percent in percents if _value(percent) < 100]
    if len(percents) < 2:
        return percents
    if rewritten and not any(map(str.isalnum, line[: percents[0].start()])):
        return percents[:1]
    edges = [one for one in percents if edge(line, *one.span()) == "["]
    return edges if len(edges) == 1 else []


def _is_other_quantity(line: str, found: re.Match[str]) -> bool:
    before = line[: found.start()]
    if _IS_PROGRESS.search(before[-_BEFORE:]) or _stands_apart(before):
        return False
    if _OF_WHAT.match(line, found.end()):
        return True
    # Of what stands before only what belongs to it: not the field before a comma or a bracket.
    before = re.split(r"[;|\])]|,(?!\d)", _EMPTY_FRAME.sub(" ", BAR.sub(" ", before[-_NEAR:]))[-32:])[-1]
    after = re.split(r"[,;|\[(]|\s{2,}|\d", line[found.end() : found.end() + 24].lstrip(" )]"))[0]
    after = " ".join(after.split()[:3])
    return bool(words.OTHER_QUANTITY.search(before) or words.OTHER_QUANTITY.search(after))


def _stands_apart(before: str) -> bool:
    """Return whether *before* ends in a bracket that what stands in front of it has nothing to do with."""
    return bool(re.search(r"\S {2,}\[\s*$", before))


def _is_other_count(line: str, pair: Pair) -> bool:
    if pair.sizes and words.MEMORY.search(line):
        return True
    before = line[max(0, pair.span[0] - 24) : pair.span[0]]
    if _stands_apart(before):
        return False
    after = line[pair.span[1] - len(pair.unit or "") : pair.span[1] + 24] if not pair.sizes else ""
    return bool(words.OTHER_COUNT.search(before) or words.OTHER_COUNT_AFTER.match(after))


def _is_part(line: str, pair: Pair) -> bool:
    return bool(words.PART.search(line[max(0, pair.span[0] - 16) : pair.span[0]]))


def _weigh(line: str, span: tuple[int, int], percent: float, pair: Pair | None, *, rewritten: bool) -> Candidate | None:
    start, end = span
    both = pair is not None and pair.span != span
    if pair is not None:
        start, end = min(start, pair.span[0]), max(end, pair.span[1])
    place = Place(line, start, end)
    said = witness.of_work(place, percent, pair, both=both, rewritten=rewritten)
    parts = pair is not None and _is_part(line, pair)
    if not said and not parts:
        return None
    sizes = pair is not None and pair.sizes
    weight = 1 + 2 * rewritten + 2 * place.has_bar + 2 * both + place.paced + (pair is not None) + 2 * sizes
    weight += 4 if place.edge == "[" else 1 if place.edge else 0
    if said != witness.STRONG:
        weight = min(weight, 2) * said
    of_field = _label(FIELD.split(place.plain_before)[-1])
    label = of_field or _label(place.plain_before)
    named = sum(any(char.isalpha() for char in word) for word in (of_field or "").split())
    bare = rewritten and named >= 2 and not (place.has_bar or place.paced or place.edge or sizes)
    edged = place.edge == "["
    return Candidate(
        percent=percent,
        done=None if pair is None else pair.done,
        total=None if pair is None else pair.total,
        unit=None if pair is None else pair.unit,
        label=None if edged else label,
        key=("edge", "[", "%" if pair is None else "/") if edged else ("label", _name(_plain(place.plain_before))),
        style=("%" if pair is None or both else "/", "bar" if place.has_bar else "", _plain(place.plain_after)[:16]),
        weight=weight,
        parts=parts,
        begins=pair is not None and not both and announce.begins(place, pair),
        activity=(bare and not _OVERALL.search(place.before))
        or (pair is None and not edged and counts_parts(place.before))
        or words.is_of_part(place.label),
    )


def counts_parts(before: str) -> bool:
    """Return whether *before* counts what the fraction behind it is one of: `Installing 2/4: 45%`."""
    return any(
        found is not None and not found.sizes and found.done for found in map(counts.read, PAIR.finditer(before))
    )


def _plain(text: str) -> str:
    """Return what stays the same in *text* while a bar moves."""
    return _DECORATION.sub(" ", _DIGITS.sub("#", text)).strip().lower()


def _name(plain: str) -> str:
    """Return what of *plain* is no bar and no frame."""
    return " ".join(_FRAME.sub(" ", plain).split())[-40:]


def _label(before: str) -> str | None:
    """Return what stands before a fraction as people read it."""
    text = _PACE_IN_LABEL.sub(" ", _BRACKETED_TIME.sub(" ", before.replace(DRAWN, " ")))
    text = re.sub(r"^[^\w(\[]+", "", text).strip(" \t:|[](){}-.,=>#*~…\"'")
    return message_of(text[-60:]) if any(char.isalpha() for char in text) else None

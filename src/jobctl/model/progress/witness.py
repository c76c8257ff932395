"""Whether anything in a line says that a fraction in it is of work done: without such a witness it is none.

How a number moves does not tell a fan that speeds up from a download, nor a table from a log. So what moves like
progress also has to stand where programs write progress: alone, in a bracket at an edge, beside a bar, a rate or a
time left, or beside a word for work.
"""

from __future__ import annotations

import re

from jobctl.model.progress import bars, words
from jobctl.model.progress.place import CLOCK, DRAWN, FIELD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from jobctl.model.progress.pairs import Pair
    from jobctl.model.progress.place import Place

#: Enough by itself; only if nothing in how it moves speaks against it.
STRONG: Final = 2
WEAK: Final = 1

#: A time that may be one that is left, if other things say so too.
_TIME: Final = re.compile(rf"(?:^|[\s\[(<])(?:{CLOCK}|\d+(?:\.\d+)?s)(?:[\s\])<,/]|$)")
#: The word before the first colon: `COPY progress: 1000 rows of`.
_TITLE: Final = re.compile(r"([^\W\d_]{1,30}): ")
_WORD: Final = re.compile(r"[^\W\d_]+")


def of_work(place: Place, percent: float, pair: Pair | None, *, both: bool, rewritten: bool) -> int:
    """Return how strongly the line says that the fraction at *place* is of work; 0 for not at all.

    *pair* is what it is as N/M, *both* whether a percentage beside that agrees, *rewritten* whether the line took
    the place of another one.
    """
    named, edge = place.field, place.edge
    work = _is_named_work(named, place.plain_after.replace(DRAWN, " "), counted=pair is not None)
    judged = edge and pair is not None and pair.total > _MONTH and _JUDGED.match(place.label)
    if edge == "[" or (edge and (work or judged or place.leading)) or work == STRONG or (work and both) or place.paced:
        return STRONG
    if place.has_bar and (rewritten or (not any(map(str.isdigit, named)) and bars.agrees(place.line, percent))):
        return STRONG
    sizes = pair is not None and pair.sizes
    weak = (
        work
        or ((rewritten or place.leading) and both and sizes)
        or (rewritten and (both or sizes))
        or place.before.rstrip().endswith("...")
        or (pair is not None and words.counts_things(named))
        or (place.leading and (rewritten or not place.after.strip(" .") or _is_counter(pair, place.after)))
        or ((place.has_bar or sizes) and _TIME.search(place.after))
    )
    return WEAK if weak else 0


#: `3/10` at the beginning of a line may be a day; not if what happened to the third of ten stands behind it.
_MONTH: Final = 31
#: How one of them went: `PASS: a.ll (3 of 200)`.
_JUDGED: Final = re.compile(r"\W*(?:PASS(?:ED)?|FAIL(?:ED)?|OK|ok|not ok)\s?:")
_VERDICT: Final = re.compile(
    r"\b(?:OK|PASS(?:ED)?|FAIL(?:ED)?|SKIP(?:PED)?|DONE)\b|\.\.[ *]{0,80}(?i:ok|done|passed|failed)\b"
)


def _is_counter(pair: Pair | None, after: str) -> bool:
    return pair is not None and not pair.sizes and (pair.total > _MONTH or bool(_VERDICT.search(after)))


def _is_named_work(named: str, follows: str, *, counted: bool) -> int:
    """Return whether a word that belongs to the fraction is one for work: in front of it or behind it."""
    near = _WORD.findall(named)
    title = _TITLE.search(named)
    text = " ".join((*near[:1], *near[-2:], "" if title is None else title[1]))
    if words.WORK.search(text):
        return STRONG if len(near) <= 2 and not counted else WEAK
    if words.DOING.search(text):
        return WEAK
    behind = FIELD.split(re.sub(r"^[\s)\]:.>\-]+", "", follows))[0]
    behind = " ".join(behind.split()[: 6 if counted else 2])
    if words.WORK.search(behind) or words.DOING.match(behind):
        return WEAK
    return 0

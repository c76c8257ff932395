"""Whether a line that counts says that the n-th of N begins, so that n-1 are done.

`[3/8] Converting page3.png` comes before the work, `[3/8] page3.png ... ok` and `Processed 3 of 8` after it; the two
differ by one, which is most of what there is to know where there are few. Without the difference the last of
eight is shown as all of it for as long as it takes.
"""

from __future__ import annotations

import re

from jobctl.model.progress import words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from jobctl.model.progress.pairs import Pair
    from jobctl.model.progress.place import Place

#: With more than these one more or less is not seen, and ninja, whose `[3/62] Building x` means three done, is right.
_FEW: Final = 32
#: What is told only when it is over: how it went, how long it took, what it came to.
_OVER: Final = re.compile(
    r"\b(?i:ok|pass(?:ed)?|fail(?:ed|ure)?|skip(?:ped)?|errors?|cached|success(?:ful(?:ly)?)?|succeeded|took)\b"
    r"|[✓✔✗✘✅❌√]|\d ?(?:m?s|secs?|seconds|min)\b|\w ?[=:] ?-?\d|%"
)
_WORD: Final = re.compile(r"[^\W\d_]+")
#: What the thing is that begins: `Step 3/8: resize images`, `Step 3/8 : RUN make`.
_NAMED: Final = re.compile(r"^\s*:\s+[^\W\d_]")


def begins(place: Place, pair: Pair) -> bool:
    """Return whether the line says that number `pair.done` of `pair.total` begins."""
    if pair.sizes or not 1 <= pair.done <= pair.total <= _FEW:
        return False
    label, after = place.field, place.plain_after
    if _OVER.search(after) or words.WORK.search(label) or words.WORK.search(after):
        return False
    before, follows = _WORD.findall(label), _WORD.findall(after)
    if any(words.DOING.fullmatch(word) for word in (*before[:1], *before[-2:], *follows[:1])):
        return True
    if not words.counts_things(label):
        return False
    return bool(_NAMED.match(after)) or not any(map(str.isalnum, after))

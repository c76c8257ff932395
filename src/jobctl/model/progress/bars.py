"""Bars drawn in characters: where one stands in a line, and how full it is."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

#: What the part that is done is drawn with, and what the rest.
_FULL: Final = "█▉▊▋▌▍▎▏▓━╸■▰▮▪●◉▣◼⬛⣿⣷=#*"
_REST: Final = "▒░╺─□▱▯▫○◯▢◻⬜⣀⣄"
#: A run of them; in a frame also a bar of which nothing is drawn yet.
BAR: Final = re.compile(
    rf"[\[|(<▕├│][{_FULL}{_REST}.>\-~_o+ ]{{5,}}[\])|>▏┤│]"
    r"|\[[| ]{5,}\]"
    rf"|[{_FULL}]+[.\-_·]{{3,}}>?"
    rf"|[{_FULL}{_REST}]{{3,}}[>\-╸╺ ]*"
    r"|[█▉▊▋▌▍▎▏▓▒░━╸╺⣿]+"
    r"|\.{8,}|-{4,}[>#]?"
)
_FRAME: Final = "[]|()▕▏├┤│<"


def fill(found: str) -> tuple[float, int] | None:
    """Return how full the bar *found* is, from 0 to 1, and its width; None if it does not show what is left."""
    framed = found[0] in _FRAME and len(found) > 2
    inner = found[1:-1] if framed else found.rstrip(" ")
    full = sum(char in _FULL or char in ">~o+|" for char in inner)
    rest = sum(char in _REST or char in ".-_· " for char in inner)
    if not inner or full + rest < len(inner) or (not framed and not rest):
        return None
    return full / len(inner), len(inner)


def agrees(line: str, percent: float) -> bool:
    """Return whether a bar in *line* is drawn as full as *percent* says."""
    for found in BAR.finditer(line):
        drawn = fill(found.group())
        if drawn is not None and abs(100 * drawn[0] - percent) <= 6 + 100 / drawn[1]:
            return True
    return False

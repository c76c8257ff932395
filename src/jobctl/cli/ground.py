"""Colours that can be read on a light ground, too.

Cyan, yellow and green as most terminals draw them are hardly to be seen on white. Terminals that say on which ground
they draw (COLORFGBG) get darker ones; the others may have a theme that suits, and keep theirs.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Final

#: In place of what is named for a dark ground, of the 256 colours; each has a contrast to white of at least 4.5.
ON_LIGHT: Final = {
    "cyan": "color(24)",
    "bold cyan": "bold color(24)",
    "yellow": "color(94)",
    "green": "color(22)",
    "magenta": "color(90)",
    "bold red": "bold color(124)",
    "dim red": "color(131)",
    "dim": "color(240)",
}
#: Numbers of the sixteen colours that are light: white, and light grey.
_LIGHT: Final = {"7", "15"}


def is_light(environ: Mapping[str, str]) -> bool:
    """Return whether the terminal says that its ground is light: the last number of COLORFGBG is of such a colour."""
    return environ.get("COLORFGBG", "").rpartition(";")[2] in _LIGHT

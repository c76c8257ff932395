"""Progress in the tab or the task bar (OSC 9;4) and in the title, of terminals that are known to take it.

Others would print the text, or show a notification for each. Only numbers of ours are in it.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Final

_ESC: Final = "\x1b"
#: Ends a sequence; the other way to end one rings the bell of a terminal that does not know it.
_END: Final = "\x1b\\"

#: Values of TERM_PROGRAM of terminals that show OSC 9;4. iTerm2 before 3.6.6 makes notifications of it.
_SHOW_PROGRESS: Final = frozenset(("ghostty", "mintty"))


class Beside:
    """What is written beside the view; nothing where the terminal is not known to take it."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        """Find out what the terminal takes; one inside another (tmux, screen) takes nothing."""
        inside = bool(environ.get("TMUX") or environ.get("STY")) or environ.get("TERM", "").startswith("screen")
        program = environ.get("TERM_PROGRAM", "")
        known = program in _SHOW_PROGRESS or bool(environ.get("WT_SESSION")) or environ.get("ConEmuANSI") == "ON"
        self._bar = known and not inside
        # Those that keep titles on a stack, so that the one before comes back.
        stacks = any(environ.get(name) for name in ("VTE_VERSION", "KITTY_WINDOW_ID")) or program == "ghostty"
        self._title = stacks and not inside
        self._last = ""

    def __bool__(self) -> bool:
        """Return whether the terminal takes anything."""
        return self._bar or self._title

    def begin(self) -> str:
        """Return what is written before anything else."""
        return f"{_ESC}[22;2t" if self._title else ""

    def show(self, percent: float | None, *, failed: bool, running: bool, what: str) -> str:
        """Return what is written when there is something new to show: *what* is ours, such as `jobctl 17`."""
        parts = ""
        if self._bar:
            state = 2 if failed else 1
            shown = f"{state};{int(percent)}" if percent is not None else "2;100" if failed else "3;0"
            parts += f"{_ESC}]9;4;{shown if running else '0;0'}{_END}"
        if self._title:
            text = what if percent is None else f"{int(percent)} % {what}"
            parts += f"{_ESC}]2;{text}{_END}"
        if parts == self._last:
            return ""
        self._last = parts
        return parts

    def end(self) -> str:
        """Return what brings back how it was."""
        bar = f"{_ESC}]9;4;0;0{_END}" if self._bar else ""
        return bar + (f"{_ESC}[23;2t" if self._title else "")

"""Take a stream of bytes apart into the lines a terminal would have shown, each rewriting of one a line of its own.

Programs rewrite with a carriage return, runs of backspaces or cursor movements. Memory is bounded, whatever is
fed, and how the bytes are cut into chunks makes no difference.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

#: Bytes of a line that are kept; a longer one is not shown to anybody.
LONGEST_LINE: Final = 4096
#: Bytes of a control string (window title, colour query …) that are read over; what is longer is text.
_LONGEST_STRING: Final = 2000

_STRING: Final = rb"[^\x07\x1b\n]{0,%d}" % _LONGEST_STRING
_TOKEN: Final = re.compile(
    rb"[^\x00-\x1f\x7f]+"
    rb"|\x1b(?:\[[0-?]{0,64}[ -/]{0,4}[@-~]"  # CSI
    rb"|\]" + _STRING + rb"(?:\x07|\x1b\\)"  # OSC
    rb"|[PX^_]" + _STRING + rb"\x1b\\"  # DCS, SOS, PM, APC
    rb"|[ -/]{1,4}[0-~]|[0-OQ-WYZ\\`-~])"
    rb"|[\x00-\x1f\x7f]"
)
#: What may still become a sequence when more bytes come.
_BEGUN: Final = re.compile(
    rb"\x1b(?:\[[0-?]{0,64}[ -/]{0,4}|\]" + _STRING + rb"\x1b?|[PX^_]" + _STRING + rb"\x1b?|[ -/]{0,4})\Z"
)
#: Final bytes of the sequences that move the cursor elsewhere, and escapes that do.
_MOVES: Final = frozenset(b"ABEFHSTdfsu")
_TO_THE_LEFT: Final = frozenset((b"\x1b[G", b"\x1b[0G", b"\x1b[1G"))
_MOVES_SHORT: Final = frozenset(b"78DEMc")
_OSC_PROGRESS: Final = re.compile(rb"\x1b\]9;4;([0-4])(?:;(\d{0,3}))?(?:;[^\x07\x1b]*)?(?:\x07|\x1b\\)\Z")


class Screen:
    """The lines of one stream. `line(text, rewritten)` is called for each, `osc(state, percent)` for each OSC 9;4."""

    __slots__ = ("_after_return", "_begun", "_fresh", "_held", "_line", "_osc", "_rewritten", "_text", "_too_long")

    def __init__(self, line: Callable[[bytes, bool], None], osc: Callable[[int, int | None], None]) -> None:
        """Begin with an empty line."""
        self._line = line
        self._osc = osc
        self._text = bytearray()
        #: The beginning of an escape sequence, the rest of which has not come yet.
        self._held = b""
        #: Whether a carriage return has come and what follows it has not.
        self._after_return = False
        #: Whether the current line has taken the place of another one, and whether anything was written on it since.
        self._rewritten = False
        self._fresh = False
        self._too_long = False

    def feed(self, data: bytes) -> None:
        """Take in the next bytes of the stream."""
        if self._held:
            data = self._held + data
            self._held = b""
        position, end = 0, len(data)
        match = _TOKEN.match
        while position < end:
            token = match(data, position)
            assert token is not None  # noqa: S101  # every byte begins some token
            text = token.group()
            first = text[0]
            if first == 0x1B and len(text) == 1 and _BEGUN.match(data, position):
                self._held = data[position:]
                return
            position = token.end()
            if first >= 0x20 and first != 0x7F:
                self._write(text)
            else:
                self._control(text)

    @property
    def pending(self) -> tuple[bytes, bool] | None:
        """The line that is being written, and whether it rewrites another one: nobody knows whether it is whole."""
        if not self._fresh or self._too_long:
            return None
        return bytes(self._text), self._rewritten or self._after_return

    def _write(self, text: bytes) -> None:
        if self._after_return:
            self._rewrite()
        room = LONGEST_LINE - len(self._text)
        if len(text) > room:
            self._too_long = True
            text = text[:room]
        self._text += text
        self._fresh = True

    def _end_line(self) -> None:
        # A carriage return just before it is how a terminal ends lines, and rewrites nothing.
        self._emit(self._rewritten)
        self._text.clear()
        self._after_return = self._rewritten = self._too_long = False

    def _rewrite(self) -> None:
        self._emit(rewritten=True)
        self._text.clear()
        self._after_return = self._too_long = False
        self._rewritten = True

    def _back(self) -> None:
        """One column back: what is written there takes the place of what stands there."""
        if self._after_return:
            return
        self._emit(rewritten=True)
        self._rewritten = True
        # A character may have several bytes.
        while self._text:
            if self._text.pop() & 0xC0 != 0x80:
                break

    def _control(self, token: bytes) -> None:
        first = token[0]
        if first == 0x0A:
            self._end_line()
        elif first == 0x0D:
            self._after_return = True
        elif first == 0x08:
            self._back()
        elif first == 0x09:
            self._write(b" ")
        elif len(token) > 1:
            self._escape(token)

    def _escape(self, sequence: bytes) -> None:
        kind = sequence[1]
        if kind == 0x5B:
            final = sequence[-1]
            if final in _MOVES or sequence in _TO_THE_LEFT:
                self._rewrite()
            elif final in {0x43, 0x47}:
                self._write(b" ")  # to the right
        elif kind == 0x5D:
            progress = _OSC_PROGRESS.match(sequence)
            if progress is not None:
                value = progress[2]
                self._osc(int(progress[1]), int(value) if value else None)
        elif len(sequence) == 2 and kind in _MOVES_SHORT:
            self._rewrite()

    def _emit(self, rewritten: bool) -> None:  # noqa: FBT001  # said by name where it is a constant
        if self._fresh and not self._too_long:
            self._line(bytes(self._text), rewritten)
        self._fresh = False

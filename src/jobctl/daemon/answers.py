"""What a terminal answers when a program asks it something.

Some programs ask and wait: without an answer one library took 72 seconds where it needs one. The answers are those of a
plain terminal that can do nothing special, so that nobody uses what no log can show.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

    Answer = Callable[[re.Match[bytes], int, int], bytes]

#: Bytes of a question that may have begun; the longest is shorter.
_LONGEST: Final = 256

_ASKED: Final = re.compile(
    rb"\x1b\[(?P<status>\??)(?P<about>[56])n"
    rb"|\x1b\[(?P<attributes>[>=]?)0?c"
    rb"|\x1b\[>0?(?P<version>q)"
    rb"|\x1b\](?P<color>1[0-9]|4;\d{1,3});\?(?P<end>\x07|\x1b\\)"
    rb"|\x1bP\+q(?P<capability>[0-9A-Fa-f;]*)\x1b\\"
    rb"|\x1bP\$(?P<setting>q)[^\x1b]{0,8}\x1b\\"
    rb"|\x1b\[(?P<mode>\??\d+)\$p"
    rb"|\x1b\[(?P<size>1[4689])t"
)
#: An escape sequence that is not complete.
_BEGUN: Final = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*|[\]P][^\x07\x1b]*\x1b?)?\Z")
#: The pixels of a character, which nobody sees.
_CELL: Final = (16, 8)


class Answers:
    """Answers what is asked in a stream of output, of a terminal with *rows* and *columns*."""

    def __init__(self, rows: int, columns: int) -> None:
        """Begin with nothing asked."""
        self._rows = rows
        self._columns = columns
        self._held = b""

    def to(self, output: bytes) -> bytes:
        """Return what is to be typed in answer to the questions in *output*, which follows on what came before."""
        if b"\x1b" not in output and not self._held:
            return b""
        data = self._held + output
        begun = _BEGUN.search(data, max(0, len(data) - _LONGEST))
        self._held = b"" if begun is None else data[begun.start() :]
        return b"".join(self._answer(asked) for asked in _ASKED.finditer(data, 0, len(data) - len(self._held)))

    def _answer(self, asked: re.Match[bytes]) -> bytes:
        # Each alternative of the pattern has its last group to itself.
        kind = asked.lastgroup or ""
        said = asked[kind]
        match kind:
            case "about":
                # The cursor is always at home: nobody draws here.
                answer = b"[0n" if said == b"5" else b"[%b1;1R" % asked["status"]
            case "attributes":
                answer = {b"": b"[?62;22c", b">": b"[>0;0;0c", b"=": b"P!|00000000\x1b\\"}[said]
            case "version":
                answer = b"P>|jobctl\x1b\\"
            case "end":
                shade = b"ffff" if asked["color"] in {b"10", b"12"} else b"0000"
                answer = b"]%b;rgb:%b/%b/%b%b" % (asked["color"], shade, shade, shade, said)
            case "capability":
                answer = b"P0+r%b\x1b\\" % said
            case "setting":
                answer = b"P0$r\x1b\\"
            case "mode":
                answer = b"[%b;0$y" % said
            case _:
                answer = b"[%d;%d;%dt" % self._size(said)
        return b"\x1b" + answer

    def _size(self, asked: bytes) -> tuple[int, int, int]:
        height, width = _CELL
        return {
            b"14": (4, self._rows * height, self._columns * width),
            b"16": (6, height, width),
            b"18": (8, self._rows, self._columns),
            b"19": (9, self._rows, self._columns),
        }[asked]

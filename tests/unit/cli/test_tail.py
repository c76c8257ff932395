"""The end of what a job wrote, for a glance."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobctl.cli.tail import Tail, last_lines, note


def tail(directory: Path, data: bytes, lines: int = 3) -> Tail:
    place = directory / "stderr"
    place.write_bytes(data)
    return last_lines(str(place), lines)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"one\ntwo\n\nthree\nfour\n", ("two", "three", "four")),
        (b" 1%\r 50%\r 99%\n", (" 99%",)),
        ("caf\u00e9 \u65e5\u672c\n".encode(), ("caf\u00e9 \u65e5\u672c",)),
        (b"\x1b[1;31mred\x1b[0m \x1b[38;5;9mtoo\x1b[m\x1b[K\n", ("red too",)),
        (b"\x1b[2Jgone \x1b]0;title\x07 \x1b[3", ("\\x1b[2Jgone \\x1b]0;title\\x07 \\x1b[3",)),
        (b"f\xfcr die Katz, wie man sagt\n", ("f\\xfcr die Katz, wie man sagt",)),
        (b"", ()),
    ],
)
def test_text_is_its_last_lines_with_control_characters_visible(
    tmp_path: Path, data: bytes, expected: tuple[str, ...]
) -> None:
    assert tail(tmp_path, data) == Tail(lines=expected)


@pytest.mark.parametrize(
    "data",
    [
        bytes(range(256)) * 8,
        b"\x7fELF\x02\x01\x01\x00\x00\x00\x00",
        b"\0" * 50_000,
        "\u0430\u0431".encode("utf-16") * 9,
    ],
)
def test_what_is_no_text_is_counted_and_not_shown(tmp_path: Path, data: bytes) -> None:
    assert tail(tmp_path, data) == Tail(binary=len(data))
    assert note(2048) == "(binary, 2.0 KiB: not shown)"

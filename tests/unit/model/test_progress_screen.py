from __future__ import annotations

import pytest

from jobctl.model.progress.screen import LONGEST_LINE, Screen


def lines(data: bytes) -> list[tuple[bytes, bool]]:
    found: list[tuple[bytes, bool]] = []
    Screen(lambda text, rewritten: found.append((text, rewritten)), lambda *_: None).feed(data)
    return found


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"a\nb\n", [(b"a", False), (b"b", False)]),
        (b"a\r\nb\r\n", [(b"a", False), (b"b", False)]),
        (b"1%\r2%\r3%\n", [(b"1%", True), (b"2%", True), (b"3%", True)]),
        (b"\r1%\r2%", [(b"1%", True)]),
        (b"tables: 0/9\b\b\b1/9\b\b\b", [(b"tables: 0/9", True), (b"tables: 1/9", True)]),
        (b"one\x1b[1Atwo\x1b[1A", [(b"one", True), (b"two", True)]),
        (b"\x1b[31m4\x1b[0m5\x1b[K%\n", [(b"45%", False)]),
        (b"a\x1b[5Cb\tc\n", [(b"a b c", False)]),
        (b"x\x1b]0;a title\x07y\x1bP+q1\x1b\\z\x1b(B\n", [(b"xyz", False)]),
        ("é\b\bé\n".encode(), [("é".encode(), True), ("é".encode(), True)]),
        (b"x" * (LONGEST_LINE + 1) + b"\nshort\n", [(b"short", False)]),
        (b"\n\n\r\r\n", []),
    ],
)
def test_a_stream_is_taken_apart_as_a_terminal_would_show_it(data: bytes, expected: list[tuple[bytes, bool]]) -> None:
    assert lines(data) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"\x1b]9;4;1;45\x07", (1, 45)),
        (b"\x1b]9;4;1;45\x1b\\", (1, 45)),
        (b"\x1b]9;4;3\x07", (3, None)),
        (b"\x1b]9;4;0;\x07", (0, None)),
        (b"\x1b]9;4;1;45;more\x07", (1, 45)),
        (b"\x1b]9;Hello 4;1;45\x07", None),
        (b"\x1b]9;4;1;4\n5\x07", None),
        (b"\x1b]9;4;7;45\x07", None),
    ],
)
def test_progress_sequences_are_recognised_and_no_others(data: bytes, expected: tuple[int, int | None] | None) -> None:
    found: list[tuple[int, int | None]] = []
    Screen(lambda *_: None, lambda state, percent: found.append((state, percent))).feed(data)
    assert found == ([] if expected is None else [expected])

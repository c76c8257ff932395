"""What one line may cost: a job writes it, and the daemon of all jobs reads it."""

from __future__ import annotations

import time
from itertools import product

import pytest

from jobctl.model.progress import shapes
from jobctl.model.progress.detector import Detector

#: Pieces of which a line could be made to last: each is the beginning of something that is looked for.
PIECES = (
    "1", "12", "1 ", "12:34 ", "12:", "[", "(", "<", "|", "[#", ".", "..", "=", "#", "█", " ", "x", "a ", "a-",
    "training ", "remaining ", "build test ", "epoch ", "epoch 3 ", "left ", "eta ", "a: ", "9h", "[ ", "1,000", "1/2 ",
    "1 of 2 ", "done ",
)  # fmt: skip


def cost(line: str) -> float:
    """Return the least processor seconds that *line* took, over a few times."""
    best = float("inf")
    for _ in range(3):
        begun = time.process_time()
        shapes.candidates(line, rewritten=True)
        best = min(best, time.process_time() - begun)
    return best


def growth(piece: str) -> float:
    """Return how many times as much twice as long a line of *piece* again and again costs."""
    half, whole = ((piece * length)[: length - 12] + " 45% 3/77 zz" for length in (shapes.WIDEST // 2, shapes.WIDEST))
    return cost(whole) / cost(half)


def test_twice_as_long_a_line_costs_about_twice_as_much(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four times would be the square. Seen best where a line is read to a greater width than it is."""
    monkeypatch.setattr(shapes, "WIDEST", 4 * shapes.WIDEST)
    lines = [piece + other for piece, other in product(PIECES, ("", "x "))]
    # What only the load of the machine made dear is not so each time.
    for _ in range(4):
        lines = [line for line in lines if growth(line) > 3]
    assert lines == []


@pytest.mark.parametrize("words", [10, 60])
def test_words_that_fit_two_rules_are_not_tried_in_every_way(words: int) -> None:
    """Each more word doubled the time: thirty held the daemon up for an hour."""
    begun = time.process_time()
    Detector().feed("stdout", f"x: {'training ' * words}zz yy 3/77 q\n".encode())
    assert time.process_time() - begun < 1

"""Of a line that says that the n-th of a few begins, one less is done."""

from __future__ import annotations

import pytest

from jobctl.model.progress.detector import Detector


def done(*lines: str) -> tuple[float | None, float | None] | None:
    """Return how many of how many are claimed to be done after *lines*."""
    detector = Detector()
    detector.feed("stdout", "".join(lines).encode())
    fact = detector.fact
    return None if fact is None else (fact.done, fact.total)


def counted(form: str, last: int, of: int = 8) -> tuple[float | None, float | None] | None:
    return done(*(form.format(n=n, of=of) + "\n" for n in range(1, last + 1)))


@pytest.mark.parametrize(
    "form",
    [
        "[{n}/{of}] Converting page{n}.png",
        "Processing {n} of {of}: a{n}.csv",
        "Processing file {n} of {of}",
        "Step {n}/{of} : RUN make",
        "Step {n}/{of}: resize images",
        "({n}/{of}) Installing libgcc (13.2.1)",
        "[ {n}/ {of}] Compiling a{n}.c",
        "Epoch {n}/{of}",
        "Migrating: 2026_11_0{n}_create_users ({n}/{of})",
    ],
)
def test_what_begins_is_not_done(form: str) -> None:
    assert counted(form, 5) == (4, 8)
    assert counted(form, 8) == (7, 8)


@pytest.mark.parametrize(
    "form",
    [
        "[{n}/{of}] Converting page{n}.png ... ok",
        "[{n}/{of}] Compiling a{n}.c in 0.{n}s",
        "[{n}/{of}] page{n}.png done",
        "Processed {n} of {of}: a{n}.csv",
        "Step {n}/{of}: loss=0.{n}",
        "Epoch {n}/{of} - loss: 0.{n}",
        "{n}/{of} Test #{n}: t_x ..........   Passed    0.02 sec",
        "[{n}/{of}] a{n}.png",
    ],
)
def test_what_is_told_afterwards_is_done(form: str) -> None:
    assert counted(form, 5) == (5, 8)


def test_what_counts_from_nought_says_what_is_done() -> None:
    assert done(*(f"[{n}/8] Converting page{n}.png\n" for n in range(6))) == (5, 8)


def test_of_many_one_more_or_less_is_left_as_it_is_said() -> None:
    assert counted("[{n}/{of}] Building a{n}.o", 5, of=62) == (5, 62)


def test_the_verdict_at_the_end_of_its_line_counts_when_it_comes() -> None:
    before = [f"[{n}/8] Converting page{n}.png ... ok\n" for n in range(1, 4)]
    assert done(*before, "[4/8] Converting page4.png ...") == (3, 8)
    assert done(*before, "[4/8] Converting page4.png ... ok") == (4, 8)
    assert done(*before, "[4/8]") == (4, 8)


def test_a_line_whose_first_part_has_come_does_not_say_more_than_the_whole_line() -> None:
    before = [f"[{n}/8] Converting page{n}.png\n" for n in range(1, 4)]
    assert done(*before, "[4/8]") == done(*before, "[4/8] Converting page4.png") == (3, 8)


def test_what_is_done_to_each_in_turn_is_the_whole_by_what_is_least_far() -> None:
    lines = [f">>> Emerging ({n} of 9) a-{n}\n>>> Installing ({n} of 9) a-{n}\n" for n in range(1, 6)]
    assert done(*lines) == (4, 9)
    assert done(*lines, ">>> Emerging (6 of 9) a-6\n") == (4, 9)


def test_one_after_the_other_they_are_parts() -> None:
    lines = [f"Loading ({n} of 9)\n" for n in range(1, 10)] + [f"Training ({n} of 9)\n" for n in range(1, 6)]
    assert done(*lines) == (None, None)

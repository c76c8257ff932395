"""What is written bit by bit on one line, and numbers that stand alone."""

from __future__ import annotations

import pytest

from jobctl.model.progress.detector import Detector

FULL = "0...10...20...30...40...50...60...70...80...90...100"
RULER = "0%   10   20   30   40   50   60   70   80   90   100%\n|----|----|----|----|----|----|----|----|----|----|\n"


def after(text: str, stream: str = "stdout") -> float | None:
    detector = Detector()
    detector.feed(stream, text.encode())
    return None if detector.fact is None else detector.fact.percent


def test_a_line_of_marks_is_read_while_it_grows() -> None:
    """Digit by digit: it never goes back, and half a number is none."""
    found = [after(FULL[:length]) for length in range(len(FULL) + 1)]
    first = next(place for place, value in enumerate(found) if value is not None)
    known = [value for value in found[first:] if value is not None]
    assert FULL[:first] == "0...10...20"
    assert len(known) == len(found) - first
    assert known == sorted(known)
    assert (known[0], known[-1]) == (20, 100)
    assert after("Creating it\nProcessing a.tif [1/1] : 0...10...20...30..") == 35


@pytest.mark.parametrize("text", ["0%...10%...20%...30%...", " 0% ... 10% ... 20% ... 30% ..."])
def test_marks_with_a_sign_are_read(text: str) -> None:
    assert after(text) == 30


@pytest.mark.parametrize(
    "text", ["0...10", "0...10...30", "10...20...30", "1.0...2.0...3.0", "0..10..5", "0...0...0", "0...60...120"]
)
def test_what_is_no_scale_is_none(text: str) -> None:
    assert after(text) is None


def test_of_several_scales_none_is_the_whole() -> None:
    assert after(f"{FULL} - done.\n{FULL[:20]}") is None
    assert after(f"a.tif [2/3] : {FULL[:20]}") is None


def test_signs_below_a_ruler_are_counted() -> None:
    assert after(RULER + "*" * 17) == pytest.approx(33.3, abs=0.1)
    assert after(RULER + "a   ****") is None
    assert after(RULER) is None


NUMBERS = "1\n5\n10\n14\n19\n23\n28\n32\n37\n41\n"


def test_a_stream_of_nothing_but_rising_numbers_is_of_the_whole() -> None:
    assert after(NUMBERS) == 41
    assert after("10\n20\n30\n40\n50\n", "stderr") == 50
    assert after("".join(f"{n}\n# message {n}\n" for n in (2, 7, 11, 17, 22, 26, 31, 37, 40))) == 40


@pytest.mark.parametrize(
    "numbers",
    [
        range(1, 60),  # counted
        range(0, 90, 10),  # a list
        (40, 45, 51, 58, 66, 72, 79, 83, 90),  # begins in the middle
        (1, 5, 10, 14, 12, 19, 23, 28, 32, 37),  # steps back
        (1, 2, 3, 5, 8, 13, 21, 34, 55, 89),  # doubles
        (5, 9, 14, 20, 26, 31, 37, 60, 80, 101),  # of more than a hundred
    ],
)
def test_other_numbers_alone_are_none(numbers: list[int]) -> None:
    assert after("".join(f"{n}\n" for n in numbers)) is None


def test_numbers_among_words_are_none() -> None:
    assert after("start\n" + NUMBERS) is None


def test_a_last_word_takes_nothing_back_and_a_step_back_does() -> None:
    assert after(NUMBERS + "all is well\n") == 41
    assert after(NUMBERS + "3\n") is None


def test_planned_tests_are_counted() -> None:
    assert after("TAP version 13\n1..8\nok 1 - a\nnot ok 2 - b\nok 3\nok 4 - d\n") == 50
    assert after("ok 1 - a\nok 2 - b\nok 3\nok 4 - d\n") is None
    assert after("1..3\nok 1\nok 2\nok 3\n1..8\nok 1\nok 2\nok 3\nok 4\n") is None


def test_fields_with_the_names_of_a_fraction_are_read() -> None:
    lines = "".join(f'level=info msg="import" done={n} total=200\n' for n in (5, 10, 15, 20))
    assert after(lines) == 10
    assert after("".join(f"pool current={n} total=200\n" for n in (5, 10, 15, 20))) is None
    assert after("".join(f"host=a percent={n}\n" for n in (5, 10, 15, 20))) is None

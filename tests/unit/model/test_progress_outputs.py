"""What is claimed of output written down from how programs print, and of text that is no output at all.

`-s` shows precision and recall as figures.
"""

from __future__ import annotations

import email
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jobctl.model.progress.detector import Detector
from support.outputs import nothing, nothing_of_trades, parts, parts_of_trades, whole, whole_of_trades

if TYPE_CHECKING:
    from jobctl.model.progress.fact import Fact

WHOLE = whole.WHOLE | whole_of_trades.WHOLE
PARTS = parts.PARTS | parts_of_trades.PARTS
NOTHING = nothing.NOTHING | nothing_of_trades.NOTHING
ROOT = Path(__file__).parents[3]
#: Points by which a claim may differ from what a person reads.
CLOSE = 2.1


@cache
def claims(text: str) -> tuple[list[float], Fact | None]:
    """Return the percentages claimed while *text* came in small pieces, and what is claimed at its end."""
    detector = Detector()
    data = text.encode()
    found: list[float] = []
    for position in range(0, len(data), 128):
        detector.feed("stdout", data[position : position + 128])
        fact = detector.fact
        if fact is not None and fact.percent is not None and (not found or fact.percent != found[-1]):
            found.append(fact.percent)
    return found, detector.fact


@pytest.mark.parametrize("name", WHOLE)
def test_the_whole_is_read_as_a_person_reads_it_and_only_grows(name: str) -> None:
    text, last = WHOLE[name]
    found, _ = claims(text)
    assert found
    assert found == sorted(found)
    assert found[-1] == pytest.approx(last, abs=CLOSE)


@pytest.mark.parametrize("name", NOTHING)
def test_where_nobody_reads_progress_there_is_none(name: str) -> None:
    found, fact = claims(NOTHING[name])
    assert found == []
    assert fact is None


@pytest.mark.parametrize("name", PARTS)
def test_of_work_in_parts_no_whole_is_claimed_at_the_end(name: str) -> None:
    _, fact = claims(PARTS[name])
    assert fact is None or fact.percent is None


def test_precision_and_recall_over_all_of_them() -> None:
    read = [(claims(text)[0], last) for text, last in WHOLE.values()]
    right = sum(bool(found) and abs(found[-1] - last) <= CLOSE for found, last in read)
    wrong = sum(bool(claims(text)[0]) for text in NOTHING.values())
    wrong += sum(fact is not None and fact.percent is not None for _, fact in map(claims, PARTS.values()))
    recall, precision = right / len(WHOLE), right / (right + wrong)
    print(f"{len(WHOLE)} wholes, {len(PARTS)} of parts, {len(NOTHING)} of nothing: {recall=:.3f}, {precision=:.3f}")
    assert (recall, precision) == (1, 1)


def texts() -> list[Path]:
    """Return this project's own pages and programs, and a few of Python's: they are full of numbers."""
    own = [*ROOT.glob("*.md"), *ROOT.glob("docs/*"), *ROOT.glob("man/*.[1-7]"), *ROOT.glob("src/jobctl/**/*.py")]
    return [*own, *Path(email.__file__).parents[1].glob("[a-f]*.py")]


def test_text_that_is_no_output_of_work_has_no_bar() -> None:
    found = {}
    for path in texts():
        detector = Detector()
        for line in path.read_bytes().splitlines(keepends=True):
            detector.feed("stdout", line)
            if detector.fact is not None:
                found[path.name] = detector.fact
    assert found == {}
    assert len(texts()) > 150

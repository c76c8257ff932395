"""Ranges of arrays, lists of exit statuses, factors: what is understood, and that nothing else is."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobctl.errors import UsageError
from jobctl.model import array, retry

pure = settings(deadline=None, database=None, max_examples=100)


@pytest.mark.parametrize(
    ("text", "indices", "at_once"),
    [
        ("0-3", [0, 1, 2, 3], None),
        ("7-7", [7], None),
        ("1-10:4", [1, 5, 9], None),
        ("0-3%2", [0, 1, 2, 3], 2),
        ("5-9:2%1", [5, 7, 9], 1),
    ],
)
def test_a_range_says_which_indices_there_are_and_how_many_at_once(
    text: str, indices: list[int], at_once: int | None
) -> None:
    found = array.parse_range(text)
    assert [found.index(task) for task in range(1, found.tasks + 1)] == indices
    assert found.at_once == at_once


@pure
@given(st.integers(0, 10**9), st.integers(0, 5000), st.integers(1, 9), st.none() | st.integers(1, 99))
def test_the_indices_are_those_of_pythons_range(first: int, more: int, step: int, at_once: int | None) -> None:
    found = array.parse_range(f"{first}-{first + more}:{step}" + (f"%{at_once}" if at_once else ""))
    expected = range(first, first + more + 1, step)
    assert (found.tasks, found.index(1), found.index(found.tasks)) == (len(expected), expected[0], expected[-1])


@pytest.mark.parametrize(
    "text", ["", "5", "1,3", "a-b", "-1-3", "0-", "0-9:", "0-9:x", " 0-9", "0--9", "\u0660-9", "1.5-2"]
)
def test_what_is_no_range_is_refused_with_what_one_looks_like(text: str) -> None:
    with pytest.raises(UsageError, match=r"--array .* is not understood.*0-99"):
        array.parse_range(text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("9-3", "runs backwards"),
        ("0-9:0", "step of 0"),
        ("0-9%0", "behind the %"),
        ("0-9%", "behind the %"),
        ("0-9%x", "behind the %"),
        ("0-1000000", "1 to 1000000 tasks"),
    ],
)
def test_a_range_that_cannot_be_says_why(text: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        array.parse_range(text)


@pure
@given(st.lists(st.text(max_size=8), min_size=1, max_size=4), st.text(max_size=20))
def test_an_item_stays_within_the_word_it_stands_in(words: list[str], item: str) -> None:
    filled = array.fill(tuple(words), item)
    assert len(filled) == len(words)
    assert array.fill(("{}", "a{}b{}"), item) == (item, f"a{item}b{item}")


@pytest.mark.parametrize(
    ("text", "codes"),
    [("75", (75,)), ("1,3,5-9", (1, 3, 5, 6, 7, 8, 9)), ("9-9, 1", (1, 9)), ("0-255", tuple(range(256)))],
)
def test_a_list_of_exit_statuses_is_in_order_and_each_is_there_once(text: str, codes: tuple[int, ...]) -> None:
    assert retry.parse_codes(text, "--retry-on") == codes


@pytest.mark.parametrize("text", ["", ",", "1,", "9-5", "256", "-1", "1-", "x", "1;2", "1-2-3", "0001"])
def test_what_is_no_list_of_exit_statuses_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"--retry-on .* is not understood"):
        retry.parse_codes(text, "--retry-on")


def test_a_factor_is_a_number_in_digits() -> None:
    assert [retry.parse_factor(text) for text in ("2", "1.5", "10.")] == [2.0, 1.5, 10.0]
    for text in ("", "nan", "inf", "-2", "1e3", ".5", "1_0", "2x", "1.2.3"):
        with pytest.raises(UsageError, match="is not a factor"):
            retry.parse_factor(text)

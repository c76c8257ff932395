"""Job IDs and selectors: every form and every refusal."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobctl.errors import UsageError
from jobctl.model.ids import Selector, parse_id, parse_selector

IDS = st.integers(min_value=1, max_value=10**15 - 1)
#: Examples are made anew each time and kept nowhere: these tests touch no file.
pure = settings(deadline=None, database=None, max_examples=50)


@pure
@given(IDS)
def test_every_id_reads_back_as_itself(number: int) -> None:
    assert parse_id(str(number)) == number
    assert parse_selector(str(number)) == Selector(text=str(number), first=number, last=number)


@pure
@given(IDS, IDS)
def test_every_task_reads_back_as_its_job_and_itself(job: int, task: int) -> None:
    text = f"{job}.{task}"
    assert parse_selector(text) == Selector(text=text, first=job, last=job, task=task)


@pure
@given(IDS, IDS)
def test_every_range_reads_back_or_runs_backwards(first: int, last: int) -> None:
    text = f"{first}-{last}"
    if first <= last:
        assert parse_selector(text) == Selector(text=text, first=first, last=last)
    else:
        with pytest.raises(UsageError, match=f"runs backwards: write {last}-{first}"):
            parse_selector(text)


@pure
@given(st.text(max_size=20))
def test_any_text_is_a_selector_or_a_usage_error_that_quotes_it(text: str) -> None:
    try:
        selector = parse_selector(text)
    except UsageError as refused:
        assert repr(text) in str(refused)  # noqa: PT017  # either of the two is right
    else:
        assert selector.text == text
        assert (selector.first is None) == (selector.last is None) == (selector.back is not None)


@pytest.mark.parametrize(("text", "back"), [("@", 0), ("@~0", 0), ("@~1", 1), ("@~2", 2), ("@~10", 10)])
def test_at_counts_back_from_the_last_submitted_job(text: str, back: int) -> None:
    assert parse_selector(text) == Selector(text=text, back=back)


def test_a_range_may_be_one_job() -> None:
    assert parse_selector("17-17") == Selector(text="17-17", first=17, last=17)


@pytest.mark.parametrize("text", ["17.3-5", "17.3-17.5"])
def test_tasks_are_a_range_written_in_full_or_with_the_job_once(text: str) -> None:
    assert parse_selector(text) == Selector(text=text, first=17, last=17, task=3, last_task=5)


def test_tasks_that_run_backwards_are_refused_with_what_is_meant() -> None:
    with pytest.raises(UsageError, match=r"runs backwards: write 17\.3-5"):
        parse_selector("17.5-3")


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "0", "00", "017", "-1", "+1", "1 ", " 1", "1\n", "1_000", "1e3", "0x11", "1.0"),
        *("\u0661", "\u00b2", "\uff11", "1000000000000000", "9" * 5000),
        *("17.", ".3", "17.0", "17.03", "17.-3", "17.3.1", "17.x", "17-20.1"),
        *("17.3-", "17.-5", "17.3-x", "17.3-18.5", "17.3-17.", "17.3-4-5", "17.3-0"),
        *("17-", "-20", "17--20", "17-x", "0-5", "1-05", "17-20-25", "17\u201320"),
        *("@~", "@~-1", "@~01", "@~x", "@1", "@@", "@~2.3", "@-@~2", "~2"),
        *("job", "*", "all", "17,18", "17/1", "None"),
    ],
)
def test_what_is_none_of_the_forms_is_refused_with_all_the_forms(text: str) -> None:
    with pytest.raises(UsageError, match="does not name a job: write an ID") as refused:
        parse_selector(text)
    assert refused.value.exit_status == 2


@pytest.mark.parametrize("text", ["", "0", "01", "-1", "+1", "1.0", " 1", "1\n", "\u0661", "\u00b2", "10" * 8])
def test_what_is_not_an_id_is_none(text: str) -> None:
    assert parse_id(text) is None


def test_an_id_has_at_most_fifteen_digits_so_that_every_reader_of_json_keeps_it_exact() -> None:
    assert parse_id("9" * 15) == 10**15 - 1
    assert float(10**15 - 1) == 10**15 - 1
    assert parse_id("1" + "0" * 15) is None

"""A time as people write it: what it says, and what says nothing."""

from __future__ import annotations

import contextlib
from datetime import datetime
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobctl.errors import UsageError
from jobctl.model import moment as model

pure = settings(deadline=None, database=None, max_examples=200)


def said(text: str) -> tuple[object, ...]:
    """Date or days, time of day, and zone in minutes."""
    found = model.parse(text, "--at")
    offset = None if found.offset is None else found.offset // 60
    when = found.date if found.date is not None else found.days
    return when, (found.hour, found.minute, found.second, found.microsecond), offset


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("09:00", (None, (9, 0, 0, 0), None)),
        ("9:05", (None, (9, 5, 0, 0), None)),
        (" 23:59:58 ", (None, (23, 59, 58, 0), None)),
        ("9:30pm", (None, (21, 30, 0, 0), None)),
        ("9 AM", (None, (9, 0, 0, 0), None)),
        ("noon", (None, (12, 0, 0, 0), None)),
        ("tomorrow midnight", (1, (0, 0, 0, 0), None)),
        ("2026-11-24 9am", ((2026, 11, 24), (9, 0, 0, 0), None)),
        ("today 9:00", (0, (9, 0, 0, 0), None)),
        ("Tomorrow  9:00", (1, (9, 0, 0, 0), None)),
        ("2026-11-24 09:00", ((2026, 11, 24), (9, 0, 0, 0), None)),
        ("2026-11-24T09:00:30", ((2026, 11, 24), (9, 0, 30, 0), None)),
        ("2028-02-29T09:00:30.25Z", ((2028, 2, 29), (9, 0, 30, 250_000), 0)),
        ("2026-11-24 09:00+01:00", ((2026, 11, 24), (9, 0, 0, 0), 60)),
        ("2026-11-24T09:00-0530", ((2026, 11, 24), (9, 0, 0, 0), -330)),
        ("2026-11-24T09:00:00.123456789 +05", ((2026, 11, 24), (9, 0, 0, 123_456), 300)),
    ],
)
def test_each_form_says_which_day_which_time_and_which_zone(text: str, means: tuple[object, ...]) -> None:
    assert said(text) == means


@pytest.mark.parametrize(
    "text",
    [
        "9",
        "0am",
        "13:00pm",
        "noon pm",
        "tomorrow now",
        "fri",
        "25:00",
        "09:60",
        "09:00:60",
        "9:5",
        "tomorrow",
        "2026-11-24",
        "2026-02-29 09:00",
        "2026-04-31 09:00",
        "2026-13-01 09:00",
        "1h",
        "-9:00",
        "009:00",
        "09:00:00.",
        "09:00.5",
        "2026-11-24T09:00+25:00",
        "2026-11-24T09:00+1",
        "1969-12-31 23:00",
        "next week",
        "٠٩:00",
        "",
        "tomorrow tomorrow 9:00",
        "2026-11-24 tomorrow",
    ],
)
def test_what_is_no_time_is_refused_with_the_forms_there_are(text: str) -> None:
    with pytest.raises(UsageError, match=r"--at .* is not understood: write 09:00 .*--in 2h"):
        model.parse(text, "--at")


def test_a_time_from_now_needs_a_unit() -> None:
    assert model.parse("now + 2h", "--at").after == 7200
    with pytest.raises(UsageError, match="has no unit"):
        model.parse("now + 5", "--at")


def test_a_zone_without_a_date_is_refused() -> None:
    with pytest.raises(UsageError, match="has a zone and no date"):
        model.parse("09:00Z", "--at")


@pure
@given(st.datetimes(min_value=datetime(1970, 1, 1)))  # noqa: DTZ001  # local, as users write it
def test_every_date_that_a_calendar_has_is_understood(when: datetime) -> None:
    found = model.parse(str(when), "--at")
    assert (found.date, found.hour, found.minute) == ((when.year, when.month, when.day), when.hour, when.minute)


@pure
@given(st.text(max_size=25))
def test_no_text_is_anything_but_a_time_or_an_error_in_words(text: str) -> None:
    with contextlib.suppress(UsageError):
        assert model.parse(text, "--at").text == text


#: Parts of a date and of a time of day: those there are, and a few that there are not.
PARTS = (
    (0, 1969, 1970, 2026, 2028, 9999),
    range(14),
    (0, 1, 28, 29, 30, 31, 32),
    (0, 23, 24, 29),
    (0, 59, 60),
    (0, 59, 60),
)
STAMP = "2026-11-24T09:00:00.000000Z"


def is_stored(text: str) -> bool:
    """Whether a time says what one that jobctl stores must say."""
    try:
        found = model.parse(text, "")
    except UsageError:
        return False
    return text.endswith("Z") and found.date is not None


def test_a_stored_time_is_known_at_a_glance_exactly_where_it_is_one() -> None:
    calendar = ["{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.123456Z".format(*parts) for parts in product(*PARTS)]
    letters = "0123456789 -:.TtZz²é+"
    changed = [STAMP[:place] + letter + STAMP[place + 1 :] for place in range(len(STAMP)) for letter in letters]
    wrong = [text for text in (*calendar, *changed, STAMP[:-1], STAMP + "Z") if model.is_stamp(text) != is_stored(text)]
    assert wrong == []
    assert model.is_stamp(STAMP)

"""Durations and sizes: what people write, and what they are shown."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobctl.errors import UsageError
from jobctl.model.quantities import parse_duration, parse_size, show_duration, show_size, write_duration, write_size

pure = settings(deadline=None, database=None, max_examples=50)

MINUTE, HOUR, DAY, WEEK = 60, 3600, 86400, 604800


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("250ms", 0.25),
        ("90s", 90),
        ("5m", 5 * MINUTE),
        ("2h", 2 * HOUR),
        ("1d", DAY),
        ("2w", 2 * WEEK),
        ("0s", 0),
        ("1.5h", 1.5 * HOUR),
        ("0.5s", 0.5),
        ("1h30m", 1.5 * HOUR),
        ("1d2h3m4s5ms", DAY + 2 * HOUR + 3 * MINUTE + 4 + 0.005),
        ("1h 30m", 1.5 * HOUR),
        ("5 m", 5 * MINUTE),
        (" 90s ", 90),
        ("2H", 2 * HOUR),
        ("007s", 7),
        ("1234567890s", 1234567890),
        ("5min", 5 * MINUTE),
        ("30sec", 30),
        ("2 hours", 2 * HOUR),
        ("1day 1 hour", DAY + HOUR),
        ("2Weeks", 2 * WEEK),
    ],
)
def test_a_duration_is_numbers_with_units(text: str, seconds: float) -> None:
    assert parse_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["0", "5", "90", "1.5", " 5 "])
def test_a_bare_number_is_refused_because_nobody_knows_its_unit(text: str) -> None:
    number = text.strip()
    with pytest.raises(UsageError, match=f"has no unit: write {number}s, {number}m, {number}h or {number}d"):
        parse_duration(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "s", "m5", "-5s", "-5", "+5s", "5s-", "--5s"),
        *("nan", "nans", "inf", "infs", "-inf", "infinity", "1e3s", "1e3"),
        *(
            "5x",
            "5y",
            "5mo",
            "5month",
            "5mi",
            "5se",
            "5\u00b5s",
            "1h30",
            "1h30x",
            "1.2.3s",
            "1..5s",
            ".5s",
            ".s",
            "1,5h",
        ),
        *("0x5s", "1_000s", "\u0665s", "\u00b2s", "5s;", "5:00", "5s\0"),
    ],
)
def test_what_is_no_duration_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageError, match="is not understood: write a number and a unit") as refused:
        parse_duration(text)
    assert repr(text) in str(refused.value)


@pytest.mark.parametrize("text", ["30d", "1h30m", "90d5s", "0.25s", "0s", "1d"])
def test_a_duration_is_written_as_it_is_read(text: str) -> None:
    assert write_duration(parse_duration(text)) == text


@pytest.mark.parametrize("text", ["100M", "1G", "1025", "0", "2T"])
def test_a_size_is_written_as_it_is_read(text: str) -> None:
    assert write_size(parse_size(text)) == text


@pytest.mark.parametrize("text", ["36501d", "36500d1s", "876001h", "9" * 400 + "s"])
def test_more_than_a_hundred_years_is_a_slip(text: str) -> None:
    with pytest.raises(UsageError, match="is longer than 100 years"):
        parse_duration(text)


def test_a_hundred_years_is_the_longest_duration() -> None:
    assert parse_duration("36500d") == 36500 * DAY


@pytest.mark.parametrize("text", ["5", "5x", "36501d"])
def test_a_refused_duration_names_the_option_it_was_given_to(text: str) -> None:
    with pytest.raises(UsageError, match=f"^--timeout '{text}' "):
        parse_duration(text, "--timeout")


@pure
@given(st.text(max_size=12))
def test_any_text_is_a_duration_that_is_not_negative_or_a_usage_error(text: str) -> None:
    try:
        seconds = parse_duration(text)
    except UsageError:
        return
    assert 0 <= seconds <= 36500 * DAY


@pure
@given(st.integers(0, 10**5), st.sampled_from([("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600)]))
def test_a_whole_number_of_a_unit_is_that_many_of_it(number: int, unit: tuple[str, float]) -> None:
    name, seconds = unit
    assert parse_duration(f"{number}{name}") == pytest.approx(number * seconds)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("0", 0),
        ("4096", 4096),
        ("4096B", 4096),
        ("512K", 512 * 1024),
        ("512M", 512 * 1024**2),
        ("2G", 2 * 1024**3),
        ("1T", 1024**4),
        ("1.5GiB", 3 * 1024**3 // 2),
        ("1KiB", 1024),
        ("1KB", 1024),
        ("512m", 512 * 1024**2),
        (" 512 M ", 512 * 1024**2),
        ("0.5K", 512),
        ("1.5", 1),
    ],
)
def test_a_size_is_bytes_or_a_number_of_a_binary_unit(text: str, count: int) -> None:
    assert parse_size(text) == count


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "M",
        "-1",
        "-1M",
        "+1M",
        "nan",
        "inf",
        "1e3",
        "1P",
        "1X",
        "1MM",
        "1.2.3M",
        "1M1K",
        ".5M",
        "\u0665M",
        "1,5G",
    ],
)
def test_what_is_no_size_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageError, match=r"^--memory .* is not understood: .* as in 512M$") as refused:
        parse_size(text, "--memory")
    assert repr(text) in str(refused.value)


@pytest.mark.parametrize("text", ["9" * 400, "1048577T", "1152921504606846977000"])
def test_more_than_an_exbibyte_is_a_slip(text: str) -> None:
    with pytest.raises(UsageError, match="is larger than an exbibyte"):
        parse_size(text)


def test_an_exbibyte_is_the_largest_size() -> None:
    assert parse_size("1048576T") == 2**60


@pure
@given(st.text(alphabet="0123456789.KMGTBi ", max_size=8))
def test_any_text_is_a_size_that_is_not_negative_or_a_usage_error(text: str) -> None:
    try:
        count = parse_size(text)
    except UsageError:
        return
    assert isinstance(count, int)
    assert count >= 0


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (-1, "0.0s"),
        (0, "0.0s"),
        (0.25, "0.2s"),
        (9.94, "9.9s"),
        (10, "10s"),
        (42.9, "42s"),
        (59.99, "59s"),
        (60, "1m00s"),
        (187, "3m07s"),
        (3599, "59m59s"),
        (3600, "1h00m"),
        (7500, "2h05m"),
        (86399, "23h59m"),
        (86400, "1d00h"),
        (DAY + 23 * HOUR, "1d23h"),
        (3 * DAY + 4 * HOUR + 59 * MINUTE, "3d04h"),
        (400 * DAY, "400d00h"),
    ],
)
def test_a_duration_is_shown_in_at_most_two_units(seconds: float, shown: str) -> None:
    assert show_duration(seconds) == shown


@pure
@given(st.integers(10, 100 * 365 * DAY))
def test_a_shown_duration_reads_back_as_no_more_than_it_was_and_nearly_as_much(seconds: int) -> None:
    back = parse_duration(show_duration(seconds))
    assert back <= seconds
    assert seconds - back < seconds / 20


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (0, "0 B"),
        (812, "812 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (4300, "4.2 KiB"),
        (1024**2, "1.0 MiB"),
        (3 * 1024**3 // 2, "1.5 GiB"),
        (1024**4, "1.0 TiB"),
        (5000 * 1024**4, "5000.0 TiB"),
    ],
)
def test_a_size_is_shown_in_the_largest_binary_unit_that_fits(count: int, shown: str) -> None:
    assert show_size(count) == shown

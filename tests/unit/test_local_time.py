"""`--at` in a zone: which moment is meant, also on the days on which the clocks are changed."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from jobctl.client import local_time
from jobctl.errors import UsageError
from jobctl.model import moment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _in_berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    # As POSIX writes it, so that no time zone database is needed.
    monkeypatch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def meant(text: str, now: str = "2026-11-24T11:30:30") -> str:
    found = local_time.resolve(moment.parse(text, "--at"), datetime.fromisoformat(now).replace(tzinfo=UTC))
    return found.strftime("%d %H:%M:%S")


def test_a_time_of_day_is_the_next_one() -> None:
    assert meant("13:00") == "24 12:00:00"
    assert meant("12:30") == "25 11:30:00"
    assert meant("9:00") == "25 08:00:00"


def test_a_time_from_now_and_the_next_day_of_the_week_are_meant_from_now_on() -> None:
    assert meant("now") == "24 11:30:30"
    assert meant("now + 10 minutes") == meant("now+600s") == "24 11:40:30"
    # A Tuesday, half past twelve in Berlin.
    assert meant("tue 13:00") == "24 12:00:00"
    assert meant("Tuesday 12:00") == "01 11:00:00"
    assert meant("fri 9pm") == "27 20:00:00"
    assert meant("mon midnight") == "29 23:00:00"
    assert meant("noon") == meant("tomorrow noon") == "25 11:00:00"
    assert meant("12am") == meant("midnight") == "24 23:00:00"


def test_a_day_is_counted_where_the_submitter_is() -> None:
    assert meant("tomorrow 9:00") == "25 08:00:00"
    assert meant("tomorrow 9:00", "2026-11-24T23:30:00") == "26 08:00:00"
    assert meant("today 13:00") == "24 12:00:00"


def test_a_zone_that_is_written_counts() -> None:
    assert meant("2026-11-25T09:00-05:00") == "25 14:00:00"
    assert meant("2026-11-25T09:00:00Z") == "25 09:00:00"


def test_a_time_that_the_clocks_skip_is_as_much_later_as_they_are() -> None:
    assert meant("2026-03-29 02:30") == meant("2026-03-29 03:30") == "29 01:30:00"
    assert meant("2026-03-29 01:59") == "29 00:59:00"


def test_a_time_that_the_clocks_show_twice_is_the_first_one() -> None:
    assert meant("2026-10-25 02:30") == "25 00:30:00"
    assert meant("2026-10-25 03:00") == "25 02:00:00"


def test_nine_oclock_is_nine_oclock_on_the_day_after_the_clocks_change() -> None:
    assert meant("9:00", "2026-03-28T11:00:00") == "29 07:00:00"


def test_a_time_that_has_passed_is_refused_and_this_minute_has_not() -> None:
    with pytest.raises(UsageError, match="has passed: it means 2020-01-01 09:00:00"):
        local_time.not_before("2020-01-01 09:00")
    this_minute = datetime.now(UTC).replace(second=0, microsecond=0)
    assert local_time.not_before(this_minute.isoformat()) == this_minute.strftime("%Y-%m-%dT%H:%M:%S.000000Z")

"""A time as people write it: `09:00`, `9:30pm`, `tomorrow noon`, `fri 18:00`, `2026-11-24 09:00`, `now + 10 minutes`.

What it means in seconds hangs on the zone and on what day it is; that is for whoever has a clock.
"""

from __future__ import annotations

from jobctl.errors import UsageError
from jobctl.model.quantities import parse_duration
from jobctl.model.value import Value

_FORMS = (
    "write 09:00 (the next one), 9:30pm, noon, tomorrow 9:00, fri 18:00, 2026-11-24 09:00, "
    "or with a zone 2026-11-24T09:00+01:00 or ...Z; --in 2h is two hours from now"
)


_DAYS = {"today": 0, "tomorrow": 1}
_WEEKDAYS = {
    name: number
    for number, long in enumerate(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"))
    for name in (long, long[:3])
}
#: Hours that have a name.
_NAMED = {"noon": 12, "midnight": 0}


class Moment(Value):
    """What was written. Without a date it is the next such time; without a zone it is local."""

    text: str
    #: Year, month and day; or days from today; or a day of the week, 0 for Monday; none for the next such time.
    date: tuple[int, int, int] | None = None
    days: int | None = None
    weekday: int | None = None
    #: Seconds from now, and then nothing else counts.
    after: float | None = None
    hour: int = 0
    minute: int = 0
    second: int = 0
    microsecond: int = 0
    #: Seconds east of UTC, None: local.
    offset: int | None = None


def parse(text: str, what: str) -> Moment:
    """Return the time that *text* writes; *what* names the option in the message.

    Raises:
        UsageError: it is none of the forms, or no calendar has such a day.
    """
    day, time = _split(text.strip())
    if day == "now":
        return Moment(text=text, after=parse_duration(time.removeprefix("+").strip(), what) if time else 0.0)
    days, weekday = _DAYS.get(day), _WEEKDAYS.get(day)
    try:
        date = _date(day) if day and days is weekday is None else None
        clock, offset = _zone(time)
        if offset is not None and date is None:
            raise UsageError(f"{what} {text!r} has a zone and no date; write both, as in 2026-11-24T09:00+01:00")
        hour, minute, second, microsecond = _clock(clock)
    except ValueError:
        raise UsageError(f"{what} {text!r} is not understood: {_FORMS}") from None
    return Moment(
        text=text,
        date=date,
        days=days,
        weekday=weekday,
        hour=hour,
        minute=minute,
        second=second,
        microsecond=microsecond,
        offset=offset,
    )


def is_stamp(text: str) -> bool:
    """Return whether *text* is a time as jobctl stores it: with a date, and in UTC."""
    if _is_plain(text):
        return True
    try:
        found = parse(text, "") if text.endswith("Z") else None
    except UsageError:
        return False
    return found is not None and found.date is not None


def _is_plain(text: str) -> bool:
    """Return whether *text* is a time exactly as jobctl writes it, on one of the days that every month has.

    Told without a look at what else a time may be, because a daemon asks twice for each attempt.
    """
    return (
        len(text) == len("2026-11-24T09:00:00.000000Z")
        and text.isascii()
        and text[4] == text[7] == "-"
        and text[10] == "T"
        and text[13] == text[16] == ":"
        and text[19] == "."
        and text[26] == "Z"
        and (text[:4] + text[5:7] + text[8:10] + text[11:13] + text[14:16] + text[17:19] + text[20:26]).isdigit()
        and text[:4] >= "1970"
        and "01" <= text[5:7] <= "12"
        and "01" <= text[8:10] <= "28"
        and text[11:13] <= "23"
        and text[14:16] <= "59"
        and text[17:19] <= "59"
    )


def _split(text: str) -> tuple[str, str]:
    """Return the day and the time of day that *text* consists of."""
    word, space, rest = text.lower().partition(" ")
    if space and (word in _DAYS or word in _WEEKDAYS):
        return word, rest.strip()
    if word == "now" or word.startswith("now+"):
        return "now", text[len("now") :].strip()
    if len(text) > 10 and text[4] == text[7] == "-" and text[10] in {"T", "t", " "}:
        return text[:10], text[11:].strip()
    return "", text


def _date(text: str) -> tuple[int, int, int]:
    year, month, day = (_digits(part, width) for part, width in zip(text.split("-"), (4, 2, 2), strict=True))
    longest = 31 if month in {1, 3, 5, 7, 8, 10, 12} else 30
    if month == 2:
        longest = 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    if not (year >= 1970 and 1 <= month <= 12 and 1 <= day <= longest):
        raise ValueError
    return year, month, day


def _clock(text: str) -> tuple[int, int, int, int]:
    lower = text.lower()
    if lower in _NAMED:
        return _NAMED[lower], 0, 0, 0
    if lower[-2:] in {"am", "pm"}:
        written, *smaller = _clock(_with_minutes(lower[:-2].strip()))
        if not 1 <= written <= 12:
            raise ValueError
        return written % 12 + (12 if lower.endswith("pm") else 0), smaller[0], smaller[1], smaller[2]
    whole, dot, part = text.partition(".")
    parts = whole.split(":")
    if not 2 <= len(parts) <= 3 or len(parts[0]) not in {1, 2} or (dot and len(parts) < 3):
        raise ValueError
    hour, minute = _digits(parts[0], len(parts[0])), _digits(parts[1], 2)
    second = _digits(parts[2], 2) if len(parts) == 3 else 0
    if hour > 23 or minute > 59 or second > 59:
        raise ValueError
    if dot and not (part.isascii() and part.isdigit() and len(part) <= 9):
        raise ValueError
    return hour, minute, second, int(part.ljust(6, "0")[:6]) if dot else 0


def _with_minutes(text: str) -> str:
    return text if ":" in text else f"{text}:00"


def _zone(text: str) -> tuple[str, int | None]:
    """Return *text* without the zone at its end, and the seconds of it east of UTC."""
    if text[-1:] in {"Z", "z"}:
        return text[:-1], 0
    for sign, factor in (("+", 1), ("-", -1)):
        clock, found, zone = text.partition(sign)
        if found:
            hours, minutes = _digits(zone[:2], 2), _digits(zone[2:].removeprefix(":") or "00", 2)
            if hours > 23 or minutes > 59:
                raise ValueError
            return clock.strip(), factor * (hours * 3600 + minutes * 60)
    return text, None


def _digits(text: str, width: int) -> int:
    if not (len(text) == width and text.isascii() and text.isdigit()):
        raise ValueError
    return int(text)

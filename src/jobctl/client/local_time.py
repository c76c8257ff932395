"""`--at`: from a time as people write it to the moment that is meant, in the zone of whoever submits."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone

from jobctl.errors import UsageError
from jobctl.model import moment as model

TYPE_CHECKING = False
if TYPE_CHECKING:
    from jobctl.model.moment import Moment


def not_before(text: str) -> str:
    """Return the time that *text* means as RFC 3339 in UTC.

    Raises:
        UsageError: it is not understood, or has passed.
    """
    now = datetime.now(UTC)
    meant = resolve(model.parse(text, "--at"), now)
    # What is given to the minute has not passed before its minute has.
    if meant + timedelta(minutes=1) <= now:
        shown = meant.astimezone().isoformat(sep=" ", timespec="seconds")
        raise UsageError(f"--at {text!r} has passed: it means {shown}; leave --at out to run the job at once")
    return meant.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def resolve(moment: Moment, now: datetime) -> datetime:
    """Return in UTC what *moment* means at the time *now*.

    A local time that the clocks skip is as much later as they do; one that they show twice is the first.
    """
    if moment.after is not None:
        return now + timedelta(seconds=moment.after)
    clock = time(moment.hour, moment.minute, moment.second, moment.microsecond)
    if moment.date is not None:
        written = datetime.combine(date(*moment.date), clock)
        if moment.offset is not None:
            return written.replace(tzinfo=timezone(timedelta(seconds=moment.offset))).astimezone(UTC)
        return _in_utc(written)
    today = datetime.combine(now.astimezone().date(), clock)
    if moment.weekday is not None:
        there = _in_utc(today + timedelta(days=(moment.weekday - today.weekday()) % 7))
        return there if there > now else _in_utc(today + timedelta(days=7))
    if moment.days is not None:
        return _in_utc(today + timedelta(days=moment.days))
    first = _in_utc(today)
    return first if first > now else _in_utc(today + timedelta(days=1))


def _in_utc(local: datetime) -> datetime:
    # Not `astimezone`: that makes a time that the clocks skip an earlier one (PEP 495 has `timestamp` as we want it).
    return datetime.fromtimestamp(local.replace(microsecond=0).timestamp(), UTC).replace(microsecond=local.microsecond)

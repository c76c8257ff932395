"""Durations and sizes as people write them.

A duration needs a unit, because peers read a bare number as seconds or as minutes. A size is binary,
as in ulimit(1) and systemd: `512M` is 512 times 2^20 bytes.
"""

from __future__ import annotations

from jobctl.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
#: What people write for these; `m` alone stays minutes, and there are no months.
_SPELLED = {
    **dict.fromkeys(("sec", "secs", "second", "seconds"), "s"),
    **dict.fromkeys(("min", "mins", "minute", "minutes"), "m"),
    **dict.fromkeys(("hr", "hrs", "hour", "hours"), "h"),
    **dict.fromkeys(("day", "days"), "d"),
    **dict.fromkeys(("week", "weeks"), "w"),
}
_BYTES = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}
_LARGEST = 2**60
_LONGEST = 100 * 365 * 86400
_DIGITS = frozenset("0123456789")


def parse_duration(text: str, what: str = "duration") -> float:
    """Return the seconds that *text* means: `90s`, `5m`, `1h30m`, `1.5h`, `250ms`, `1d`, `2w`, `5min`, `2 hours`.

    *what* names the option in the message.

    Raises:
        UsageError: no unit, an unknown unit, a sign, nan, infinity, or more than 100 years.
    """
    rest, total = text.strip(), 0.0
    if _is_number(rest):
        raise UsageError(f"{what} {text!r} has no unit: write {rest}s, {rest}m, {rest}h or {rest}d")
    try:
        if not rest:
            raise ValueError
        while rest:
            number, rest = _leading(rest, lambda char: char in _DIGITS or char == ".")
            unit, rest = _leading(rest, str.isalpha)
            if not _is_number(number):
                raise ValueError
            unit = unit.lower()
            total += float(number) * _SECONDS[_SPELLED.get(unit, unit)]
    except (ValueError, KeyError):
        raise UsageError(
            f"{what} {text!r} is not understood: write a number and a unit (ms, s, m, h, d, w), as in 90s or 1h30m"
        ) from None
    if total > _LONGEST:
        raise UsageError(f"{what} {text!r} is longer than 100 years")
    return total


def parse_size(text: str, what: str = "size") -> int:
    """Return the bytes that *text* means: `4096`, `512K`, `512M`, `2G`, `1.5GiB`; units are binary.

    Raises:
        UsageError: not a number with one of these units, negative, or beyond 2^60.
    """
    number, unit = _leading(text.strip(), lambda char: char in _DIGITS or char == ".")
    short = unit.strip().upper().removesuffix("B").removesuffix("I")
    if not _is_number(number) or short not in _BYTES:
        raise UsageError(
            f"{what} {text!r} is not understood: write a number of bytes or one with K, M, G or T, as in 512M"
        )
    count = float(number) * _BYTES[short]
    if count > _LARGEST:
        raise UsageError(f"{what} {text!r} is larger than an exbibyte")
    return int(count)


def show_duration(seconds: float) -> str:
    """Return *seconds* for people, at most two units: `0.3s`, `42s`, `3m07s`, `2h05m`, `3d04h`."""
    if seconds < 10:
        return f"{max(seconds, 0):.1f}s"
    whole = int(seconds)
    if whole < 60:
        return f"{whole}s"
    for size, unit, smaller, sub in ((86400, "d", 3600, "h"), (3600, "h", 60, "m"), (60, "m", 1, "s")):
        if whole >= size:
            return f"{whole // size}{unit}{whole % size // smaller:02d}{sub}"
    raise AssertionError(seconds)


def write_duration(seconds: float) -> str:
    """Return *seconds* exactly, as `parse_duration` takes them: `30d`, `1h30m`, `0.25s`."""
    if seconds <= 0 or seconds != int(seconds):
        return f"{seconds:.15g}s"
    left, written = int(seconds), ""
    for unit in ("d", "h", "m", "s"):
        count, left = divmod(left, int(_SECONDS[unit]))
        written += f"{count}{unit}" if count else ""
    return written


def write_size(count: int) -> str:
    """Return *count* bytes exactly, as `parse_size` takes them, in the largest unit that needs no point: `100M`."""
    unit = max((unit for unit, size in _BYTES.items() if count % size == 0), key=_BYTES.__getitem__) if count else ""
    return f"{count // _BYTES[unit]}{unit}"


def show_size(count: int) -> str:
    """Return *count* bytes for people: `812 B`, `4.2 KiB`, `1.5 GiB`."""
    if count < 1024:
        return f"{count} B"
    size = float(count)
    for unit in ("KiB", "MiB", "GiB"):
        size /= 1024
        if size < 1024:
            return f"{size:.1f} {unit}"
    return f"{size / 1024:.1f} TiB"


def _leading(text: str, belongs: Callable[[str], bool]) -> tuple[str, str]:
    end = 0
    while end < len(text) and belongs(text[end]):
        end += 1
    return text[:end], text[end:].lstrip()


def _is_number(text: str) -> bool:
    whole, _, part = text.partition(".")
    return bool(whole) and set(whole + part) <= _DIGITS

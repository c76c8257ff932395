"""Which boot this is, what time it is for people, and the clock that decisions run on.

Wall-clock time is only ever shown. Whatever jobctl decides by time it decides by `steady`.
"""

from __future__ import annotations

import os
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

#: Goes on while the machine sleeps and never jumps (clock_gettime(2)); macOS's monotonic clock is like it.
_STEADY: Final = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
#: Stands still while the machine sleeps.
_AWAKE: Final = getattr(time, "CLOCK_UPTIME_RAW", time.CLOCK_MONOTONIC)

#: Longer than the clock of any file system takes from one tick to the next, in nanoseconds.
_TICK_NS: Final = 20_000_000


def now() -> str:
    """Return the time of day as RFC 3339 in UTC with microseconds."""
    return at(time.time_ns())


def ago(seconds: float) -> str:
    """Return the time of day *seconds* ago, in the form of `now`: texts of it are in order of time."""
    return at(max(0, time.time_ns() - int(seconds * 1_000_000_000)))


def at(moment: int) -> str:
    """Return the time of day *moment*, in nanoseconds since 1970, in the form of `now`."""
    seconds, rest = divmod(moment, 1_000_000_000)
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(seconds))}.{rest // 1000:06d}Z"


def steady() -> float:
    """Return seconds on a clock that only goes forward, also through sleep; its zero means nothing."""
    return time.clock_gettime(_STEADY)


def awake() -> float:
    """Return seconds on a clock that goes forward only while the machine does not sleep: what limits run on."""
    return time.clock_gettime(_AWAKE)


def boot_id() -> str:
    """Return a text that is the same until the next boot and never again (random(4))."""
    if sys.platform == "linux":
        fd = os.open("/proc/sys/kernel/random/boot_id", os.O_RDONLY | os.O_CLOEXEC)
        try:
            return os.read(fd, 64).decode("ascii").strip()
        finally:
            os.close(fd)
    import subprocess  # noqa: PLC0415, TID251  # macOS only: the one way without a C extension

    return subprocess.run(  # a fixed program with fixed arguments
        ["/usr/sbin/sysctl", "-n", "kern.bootsessionuuid"], check=True, capture_output=True, text=True
    ).stdout.strip()


def is_settled(stamp_ns: int) -> bool:
    """Return whether the time *stamp_ns* of a file is so old that another change would get another one."""
    return time.time_ns() - stamp_ns > _TICK_NS

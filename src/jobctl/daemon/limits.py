"""Hold a running attempt against its limits: for its keeper, and for the daemon in the keeper's place.

What has no limit is never measured. What has one is measured more often the sooner it could be exceeded
(docs/internals.md, "Limits").
"""

from __future__ import annotations

import math
import os
import stat
import time

from jobctl.daemon import cgroup, tree
from jobctl.daemon.ending import Ending
from jobctl.model.quantities import show_duration, show_size
from jobctl.store import outputs
from jobctl.store.layout import AttemptFiles

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

    from jobctl.daemon.others import Process
    from jobctl.model.limits import Limits

#: Bytes a second at which a job is taken to be able to fill memory or an output.
_RATE: Final = 2**30
#: Seconds between looks at the memory, and at the outputs: shortest, longest.
_MEMORY_LOOKS: Final = (0.1, 1.0)
_OUTPUT_LOOKS: Final = (0.02, 0.25)
#: Looking at the memory may take this part of a processor.
_SHARE: Final = 0.02
#: Over its limit by a quarter and this many bytes, an output is given no grace any more.
_SLACK: Final = 2**20

_STREAMS: Final = {AttemptFiles.STDOUT: "standard output", AttemptFiles.STDERR: "standard error"}


class Limiter:
    """One attempt, its *limits*, and when to look at what.

    *started* is on the clock that stands still while the machine sleeps (`clock.awake`), as is every other time
    here. *members* finds the living processes of the attempt.
    """

    def __init__(
        self,
        limits: Limits,
        directory: str,
        *,
        started: float,
        members: Callable[[], list[Process]],
        group: cgroup.Group | None = None,
    ) -> None:
        """Begin to measure the attempt in *directory*. If it has a control *group*, the kernel looks at its memory."""
        self.limits = limits
        self.group = group
        self._directory = directory
        self._started = started
        self._members = members
        self._memory_at = math.inf if limits.memory is None or group is not None else started
        self._output_at = math.inf if limits.max_output is None else started
        self._output_every = _OUTPUT_LOOKS[0]
        self._largest = 0

    def look(self, now: float) -> Ending | None:
        """Measure what is due; return which limit is exceeded, or None.

        To be asked again while the attempt is being ended: what gets out of hand meanwhile is urgent.
        """
        return self._look_at_memory(now) or self._look_at_output(now) or self.timed_out(now)

    def timed_out(self, now: float) -> Ending | None:
        """Return the ending of an attempt that still runs, if that is too long, or None."""
        limit = self.limits.timeout
        if limit is None or now - self._started < limit:
            return None
        allowed = show_duration(limit) if limit >= 60 else f"{limit:g} s"
        message = f"still running after {now - self._started:.3f} s, longer than its limit of {allowed}"
        return Ending(reason="timeout", message=message)

    def next_look(self, now: float) -> float:
        """Return the seconds until there is something to look at, which may be infinite."""
        due = min(self._memory_at, self._output_at)
        if self.limits.timeout is not None and now < self._started + self.limits.timeout:
            due = min(due, self._started + self.limits.timeout)
        return max(0.0, due - now)

    def overrun(self) -> Ending | None:
        """Return the ending of an attempt that was over a limit when it ended, whether or not we ended it; or None."""
        if self.group is not None and self.group.killed():
            return self._over_memory()
        limit = self.limits.max_output
        if limit is None:
            return None
        size, name = max((_size(f"{self._directory}/{name}"), name) for name in _STREAMS)
        return None if size <= limit else _over_output(name, size, limit, urgent=False)

    def close(self, ending: Ending | None) -> Ending | None:
        """Measure no more: nobody is left. Outputs over their limit are cut; return *ending* with what was lost."""
        if self.group is not None:
            self.group.remove()
        limit = self.limits.max_output
        if limit is None or ending is None:
            return ending
        for name, called in _STREAMS.items():
            try:
                written, dropped = outputs.cut(f"{self._directory}/{name}", limit)
            except OSError as failure:
                if _size(f"{self._directory}/{name}") > limit:
                    note = f"its {called} could not be cut ({failure.strerror})"
                    ending = ending.but(message=f"{ending.message}; {note}")
                continue
            if dropped:
                note = f"{dropped} of {written} bytes of its {called} were dropped"
                ending = ending.but(message=f"{ending.message}; {note}")
        return ending

    def _over_memory(self) -> Ending:
        assert self.group is not None and self.limits.memory is not None  # noqa: S101, PT018  # for type checkers
        peak = self.group.peak()
        measured = "" if peak is None else f" when they had {_bytes(peak)}"
        return Ending(
            reason="memory-limit",
            message=f"its processes needed more memory{measured} (control group): their limit is "
            f"{_bytes(self.limits.memory)}",
        )

    def _look_at_memory(self, now: float) -> Ending | None:
        limit = self.limits.memory
        if limit is None or now < self._memory_at:
            return None
        began = time.thread_time()
        used = tree.memory(self._members(), enough=limit)
        cost = time.thread_time() - began
        shortest, longest = _MEMORY_LOOKS
        self._memory_at = now + min(longest, max(shortest, (limit - used) / _RATE, cost / _SHARE))
        if used <= limit:
            return None
        return Ending(
            reason="memory-limit",
            message=f"its processes had {_bytes(used)} in memory (sampled), more than their limit of {_bytes(limit)}",
            # A grace would be used to take more, as the kernel's own limits know.
            urgent=True,
        )

    def _look_at_output(self, now: float) -> Ending | None:
        limit = self.limits.max_output
        if limit is None or now < self._output_at:
            return None
        size, name = max((_size(f"{self._directory}/{name}"), name) for name in _STREAMS)
        far = limit + limit // 4 + _SLACK
        shortest, longest = _OUTPUT_LOOKS
        if size == self._largest:
            self._output_every = min(longest, 2 * self._output_every)
        else:
            self._output_every = min(longest, max(shortest, ((limit if size <= limit else far) - size) / _RATE))
        self._largest = size
        self._output_at = now + self._output_every
        return None if size <= limit else _over_output(name, size, limit, urgent=size > far)


def _over_output(name: str, size: int, limit: int, *, urgent: bool) -> Ending:
    return Ending(
        reason="output-limit",
        message=f"wrote {_bytes(size)} to its {_STREAMS[name]}, more than its limit of {_bytes(limit)}",
        urgent=urgent,
    )


def _bytes(count: int) -> str:
    return f"{count} bytes" if count < 1024 else f"{show_size(count)} ({count} bytes)"


def _size(path: str) -> int:
    """Return the size of an output; what the job has put in its place has none."""
    try:
        found = os.lstat(path)
    except OSError:
        return 0
    return found.st_size if stat.S_ISREG(found.st_mode) else 0

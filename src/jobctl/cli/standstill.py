"""Say to whoever sits there and waits why nothing happens: once, when it has been so for a moment."""

from __future__ import annotations

from jobctl.cli import output
from jobctl.model import states
from jobctl.store import clock, status_reader
from jobctl.store.selection import Target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final

    from jobctl.model.status import Status
    from jobctl.store.layout import Layout

#: Seconds in which a job starts that waits for nothing.
_USUAL: Final = 1.0


class Standstill:
    """Looks, while *jobs* are waited for, whether none of them has started, and says then what the first waits for."""

    def __init__(self, layout: Layout, jobs: Sequence[int | Target]) -> None:
        """Begin to wait now."""
        self._layout = layout
        self._jobs = [Target(job=job) if isinstance(job, int) else job for job in jobs]
        self._due = clock.steady() + _USUAL
        self._over = not (self._jobs and output.is_terminal(2))

    def look(self) -> float | None:
        """Say why nothing has started, if it is time for that and nobody has said it.

        Return after how many seconds to look again, None if there is nothing more to say.
        """
        if self._over:
            return None
        if clock.steady() < self._due:
            return self._due - clock.steady()
        first: Status | None = None
        for target in self._jobs:
            try:
                status = status_reader.read(self._layout, target.job)
            except status_reader.UNREADABLE:
                continue
            if status.started_at is not None:
                self._over = True
                return None
            if first is None and not status.finished:
                first = status
        # What waits for nothing is about to start. Where no daemon has taken it in, it has been said why none runs.
        if first is not None and first.state != states.PENDING and (first.reason is not None or first.held):
            self._over = True
            output.warn(_sentence(self._layout, first))
            return None
        return _USUAL


def _sentence(layout: Layout, status: Status) -> str:
    from jobctl.cli import why  # noqa: PLC0415  # dear, and jobs mostly start

    found = why.explain(layout, status)[1]
    facts = "".join(f"; {text}" if what == "note" else f"; {what}: {text}" for what, text in found.facts)
    return f"job {status.label} waits: {found.summary}{facts} (`jobctl why {status.label}`)"

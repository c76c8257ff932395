"""Which jobs are shown to somebody who names none: what is not finished, and what finished lately."""

from __future__ import annotations

from jobctl.store import markers, running, selection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final

    from jobctl.store.layout import Layout

#: Of very many jobs that are not finished and do not run, so many of the first and of the last submitted are drawn.
_FIRST_DRAWN: Final = 20
_LAST_DRAWN: Final = 10


def jobs(layout: Layout, finished: int) -> list[int]:
    """Return every unfinished job and the *finished* last submitted of the others, in ascending order.

    An unfinished one may not be there yet: its submitter marks it before it publishes it.
    """
    return _with_finished(layout, markers.names(layout), finished)


def drawn(layout: Layout, finished: int) -> tuple[list[int], int]:
    """As `jobs` for people, who read no ten thousand lines; return also how many unfinished ones are left out.

    Of very many these are left out that do not run and were neither submitted first nor last.
    """
    active = markers.names(layout)
    if len(active) <= running.FEW:
        return _with_finished(layout, active, finished), 0
    now = running.read(layout).intersection(active)
    others = [job for job in active if job not in now]
    shown = sorted({*now, *others[:_FIRST_DRAWN], *others[-_LAST_DRAWN:]})
    return _with_finished(layout, shown, finished, besides=active), len(active) - len(shown)


def _with_finished(layout: Layout, shown: list[int], most: int, besides: Sequence[int] | None = None) -> list[int]:
    """Return *shown* and the *most* last submitted jobs that are neither among them nor *besides*."""
    unfinished = set(shown if besides is None else besides)
    lately: list[int] = []
    # Of ten thousand that wait each would be looked for before the first that has finished.
    for job in selection.newest(layout, besides=unfinished):
        if len(lately) >= most:
            break
        lately.append(job)
    return sorted([*shown, *lately])

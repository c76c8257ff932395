"""`jobctl watch`: see jobs change, live on a terminal, a line a change elsewhere, until all of them are finished."""

from __future__ import annotations

import os

from jobctl.cli import output, status, waiting
from jobctl.errors import UsageError
from jobctl.store import doorbell, home, markers, selection, status_reader
from jobctl.store.notify import Watcher
from jobctl.store.selection import Filters

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from jobctl.model.status import Status
    from jobctl.store.layout import Layout


def run(
    *,
    selectors: list[str],
    name: str | None = None,
    tag: list[str] | None = None,
    queue: str | None = None,
    all: bool = False,  # noqa: A002  # named as the option
    exit_status: bool = False,
    json: bool = False,
    color: str = "auto",
) -> int:
    """Watch jobs; the parameters are the options of jobctl(1)."""
    if color not in {"auto", "always", "never"}:
        raise UsageError(f"--color {color!r} is none of auto, always, never")
    layout = home.existing(os.environ)
    filters = Filters(name=name, tags=tuple(tag or ()), queue=queue, every=all)
    if selectors or filters:
        jobs = selection.select(layout, selectors, filters)
    else:
        jobs = [] if layout is None else [job for job in markers.names(layout) if status_reader.exists(layout, job)]
    if layout is None or not jobs:
        output.hint("nothing to watch: no job is unfinished")
        return 0
    try:
        if output.is_terminal() and not json:
            last = _live(layout, jobs, color)
        else:
            last = _follow(layout, jobs, lambda changed: _print(changed, as_json=json))
    except KeyboardInterrupt:
        return waiting.interrupted(jobs)
    return waiting.first_failure(last) if exit_status else 0


def _follow(
    layout: Layout,
    jobs: list[int],
    changed: Callable[[Status], None],
    each: Callable[[list[Status]], None] | None = None,
) -> list[Status]:
    """Call *changed* for every status that is another one than before, until all are finished; return the last ones.

    *each* is called with all of them after every look, so that what moves by itself can be drawn.
    """
    known: dict[int, Status] = {}
    watcher = Watcher(layout.job(job) for job in jobs)
    daemon = waiting.Presence(layout)
    while True:
        for job in jobs:
            if job in known and known[job].finished:
                continue
            found = status_reader.read(layout, job)
            before = known.get(job)
            known[job] = found
            if before is None or (before.state, before.reason) != (found.state, found.reason):
                changed(found)
        if each is not None:
            each(list(known.values()))
        if all(found.finished for found in known.values()):
            watcher.close()
            return [known[job] for job in jobs]
        daemon.ensure()
        watcher.wait()


def _print(changed: Status, *, as_json: bool) -> None:
    if as_json:
        output.write_json(changed.document())
    else:
        output.write_columns(*status.columns(changed))


def _live(layout: Layout, jobs: list[int], color: str) -> list[Status]:
    from jobctl.cli import render  # noqa: PLC0415  # rich, only for eyes

    with render.LiveView(color) as view:

        def draw(statuses: list[Status]) -> None:
            view.show(statuses, None if doorbell.is_heard(layout) else "no daemon runs")

        return _follow(layout, jobs, lambda _: None, draw)

"""`jobctl watch`: see jobs change, live on a terminal, a line a change elsewhere."""

from __future__ import annotations

import os
from contextlib import contextmanager

from jobctl.cli import output, status, waiting
from jobctl.store import doorbell, home, markers, selection, status_reader
from jobctl.store.notify import Watcher
from jobctl.store.selection import Filters

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jobctl.model.status import Status
    from jobctl.store.layout import Layout

_INTERRUPTED = 130


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
    output.check_color(color)
    filters = selection.among_unfinished(Filters(name=name, tags=tuple(tag or ()), queue=queue, every=all))
    named = bool(selectors or filters)
    layout = home.existing(os.environ)
    jobs = selection.select(layout, selectors, filters)
    if layout is None or (named and not jobs):
        output.hint("no unfinished job matches" if named else "no jobs yet; `jobctl submit COMMAND` makes one")
        return 0
    view = _View(layout, jobs, everything=not named)
    live = output.is_terminal() and os.environ.get("TERM") != "dumb" and not json
    try:
        last = _live(view, color) if live else view.follow(lambda changed: _print(changed, as_json=json))
    except KeyboardInterrupt:
        going_on = view.unfinished() if not named else jobs
        return waiting.interrupted(going_on) if going_on else _INTERRUPTED
    return waiting.first_failure(layout, last) if exit_status else 0


class _View:
    """What is watched: the jobs that were named, or with *everything* all that are or become unfinished."""

    def __init__(self, layout: Layout, jobs: list[int], *, everything: bool) -> None:
        self.layout = layout
        self._everything = everything
        self._jobs = jobs
        self._known: dict[int, Status] = {}
        self._watcher = Watcher([layout.active] if everything else [])
        self._daemon = waiting.Presence(layout)

    def follow(
        self,
        changed: Callable[[Status], None],
        each: Callable[[list[Status]], bool] | None = None,
        also: int | None = None,
    ) -> list[Status]:
        """Call *changed* for every status that is another one than before; return the last ones when all are finished.

        *each* is called with all of them after every look, so that what moves by itself can be drawn; what
        can be read on the descriptor *also* ends the wait for the next look. False from *each* ends it all.
        """
        while True:
            self._look(changed)
            going_on = each is None or each(list(self._known.values()))
            finished = all(found.finished for found in self._known.values())
            if not going_on or (finished and not self._everything):
                self._watcher.close()
                return [self._known[job] for job in sorted(self._known)]
            if not finished:
                self._daemon.ensure()
            self._watcher.wait(also=also)

    def unfinished(self) -> list[int]:
        """Return the jobs that were not finished when they were last looked at."""
        return sorted(job for job, found in self._known.items() if not found.finished)

    def _look(self, changed: Callable[[Status], None]) -> None:
        if self._everything:
            self._jobs = sorted({*self._known, *markers.names(self.layout)})
        for job in self._jobs:
            before = self._known.get(job)
            if before is not None and before.finished:
                continue
            self._watcher.add(self.layout.job(job))
            found = selection.read_quietly(self.layout, job) if self._everything else None
            if found is None:
                if self._everything:
                    continue
                found = status_reader.read(self.layout, job)
            self._known[job] = found
            if before is None or (before.state, before.reason) != (found.state, found.reason):
                changed(found)


def _print(changed: Status, *, as_json: bool) -> None:
    if as_json:
        output.write_json(changed.document())
    else:
        output.write_columns(*status.columns(changed))


def _live(view: _View, color: str) -> list[Status]:
    from jobctl.cli import render  # noqa: PLC0415  # rich, only for eyes

    with _keys() as keys, render.LiveView(color) as live:

        def draw(statuses: list[Status]) -> bool:
            missing = not doorbell.is_heard(view.layout)
            live.show(statuses, "no daemon runs" if missing and statuses else None)
            return not _asked_to_quit(keys)

        return view.follow(lambda _: None, draw, keys)


@contextmanager
def _keys() -> Iterator[int | None]:
    """Let single keys be read from standard input, where it is a terminal, and give it back as it was."""
    if not output.is_terminal(0):
        yield None
        return
    import termios  # noqa: PLC0415  # only on a terminal
    import tty  # noqa: PLC0415  # as above

    before = termios.tcgetattr(0)
    tty.setcbreak(0)
    try:
        yield 0
    finally:
        termios.tcsetattr(0, termios.TCSADRAIN, before)


def _asked_to_quit(keys: int | None) -> bool:
    import select  # noqa: PLC0415  # only for the live view

    if keys is None or not select.select([keys], [], [], 0)[0]:
        return False
    typed = os.read(keys, 64)
    return not typed or b"q" in typed

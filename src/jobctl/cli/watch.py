"""`jobctl watch`: see jobs change, live on a terminal, a line a change elsewhere."""

from __future__ import annotations

import os
import select
import signal
from contextlib import contextmanager

from jobctl.cli import output, status, summon, waiting
from jobctl.cli.watching import Watched
from jobctl.model import states
from jobctl.store import clock, doorbell, home, selection
from jobctl.store.heard import Heard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Final

    from jobctl.cli.watching import Key
    from jobctl.model.status import Status

_INTERRUPTED: Final = 130
#: Seconds between two frames at least, and at most while something moves by itself.
_FRAME: Final = 0.25
#: Files of jobs that are not on the screen that are read for one frame.
_READS: Final = 60
#: Seconds between looks whether a daemon runs.
_DAEMON_EVERY: Final = 0.5


def run(
    *,
    selectors: list[str],
    name: str | None = None,
    tag: list[str] | None = None,
    queue: str | None = None,
    all: bool = False,  # noqa: A002  # named as the option
    logs: bool = False,
    exit_status: bool = False,
    json: bool = False,
    color: str = "auto",
) -> int:
    """Watch jobs; the parameters are the options of jobctl-status(1)."""
    output.check_color(color)
    filters = selection.unfinished(name, tag, queue, every=all)
    named = bool(selectors or filters)
    layout = home.existing(os.environ)
    targets = selection.targets(layout, selectors, filters)
    if layout is None or (named and not targets):
        output.hint("no unfinished job matches" if named else "no jobs yet; `jobctl submit COMMAND` makes one")
        return 0
    watched = Watched(layout, targets, everything=not named)
    live = output.is_terminal() and os.environ.get("TERM") != "dumb" and not json
    try:
        if live:
            _live(watched, color, named=named, logs=logs)
        else:
            _lines(watched, as_json=json)
    except KeyboardInterrupt:
        going_on = watched.unfinished or (targets if named else [])
        return waiting.interrupted(going_on) if going_on else _INTERRUPTED
    finally:
        watched.close()
    return waiting.first_failure(layout, watched.statuses()) if exit_status else 0


def _lines(watched: Watched, *, as_json: bool) -> None:
    """Print a line for every change."""
    daemon = waiting.Presence(watched.layout)
    while True:
        for before, found in watched.read():
            if before is None or _told(before) != _told(found):
                if as_json:
                    output.write_json(found.document())
                else:
                    output.write_columns(*status.columns(found))
        if watched.over:
            return
        if watched.unfinished:
            daemon.ensure()
        watched.wait()


def _told(found: Status) -> tuple[object, ...]:
    """Return what of a status is told in lines: another whole percent is another line, another message is not."""
    return found.state, found.reason, found.attempt, status.percent(found)


def _live(watched: Watched, color: str, *, named: bool, logs: bool) -> None:
    from jobctl.cli import render_watch  # noqa: PLC0415  # rich, only for eyes

    layout, note, looked_at = watched.layout, None, -1.0
    with _keys() as keys, _resizes() as resized, render_watch.View(color, named=named, logs=logs) as view:
        first = True
        while True:
            for _ in watched.read(view.shown, None if first else _READS):
                pass
            first = False
            if watched.unfinished and clock.steady() >= looked_at + _DAEMON_EVERY:
                looked_at = clock.steady()
                summon.ensure(layout, patient=True, silent=True)
                note = None if doorbell.is_heard(layout) else "no daemon runs: nothing will change until one does"
            statuses = watched.statuses()
            if watched.over:
                view.draw(statuses, last=True)
                break
            view.draw(statuses, note if watched.unfinished else None)
            drawn_at = clock.steady()
            if logs:
                watched.follow_output(_outputs(watched, view.shown))
            moving = any(watched.known[key].state == states.PROCESSING for key in view.shown if key in watched.known)
            watched.wait(_FRAME if moving else None, also=(*keys, *resized))
            if _asked_to_quit(keys, until=drawn_at + _FRAME, resized=resized):
                break
    if len(watched.known) > 1:
        render_watch.summary(watched.statuses(), color)


def _outputs(watched: Watched, shown: list[Key]) -> Iterator[str]:
    """Yield the directories in which the jobs that are shown write."""
    for key in shown:
        places = watched.known[key].output if key in watched.known else None
        if places is not None and watched.known[key].state == states.PROCESSING:
            yield os.path.dirname(places["stdout"])


@contextmanager
def _keys() -> Iterator[tuple[int, ...]]:
    """Let single keys be read from standard input, where it is a terminal, and give it back as it was."""
    if not output.is_terminal(0):
        yield ()
        return
    import termios  # noqa: PLC0415  # only on a terminal
    import tty  # noqa: PLC0415  # as above

    before = termios.tcgetattr(0)
    tty.setcbreak(0)
    try:
        yield (0,)
    finally:
        termios.tcsetattr(0, termios.TCSADRAIN, before)


@contextmanager
def _resizes() -> Iterator[tuple[int, ...]]:
    """Let something be read when the window has another size."""
    heard = Heard((signal.SIGWINCH,))
    try:
        yield (heard.fd,)
    finally:
        heard.close()


def _asked_to_quit(keys: tuple[int, ...], *, until: float, resized: tuple[int, ...]) -> bool:
    """Let time pass *until* the next frame may be drawn; return whether somebody typed q, or is gone, meanwhile."""
    while True:
        left = max(0.0, until - clock.steady())
        ready = select.select([*keys, *resized], [], [], left)[0]
        for fd in ready:
            typed = os.read(fd, 4096)
            if fd in keys and (not typed or b"q" in typed):
                return True
        if not ready or any(fd in resized for fd in ready):
            return False

"""The live view of `jobctl watch`: one line a job, as many as fit, drawn anew in place.

Drawn by ourselves and not by rich's Live, which leaves old lines behind when the window becomes narrower, and
draws every row there is. Rich makes the lines; what is written is one write a frame.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime

from rich.text import Text

from jobctl.cli import osc, output, render_bars
from jobctl.cli.output import visible
from jobctl.cli.render import STYLES, console
from jobctl.cli.tail import Tail, last_lines, note
from jobctl.cli.watching import key_of
from jobctl.model import states
from jobctl.model import status as model
from jobctl.model.progress import view as progress_view

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final, Self

    from jobctl.cli.watching import Key
    from jobctl.model.progress.view import Shown
    from jobctl.model.status import Status

_HIDE, _SHOW = "\x1b[?25l", "\x1b[?25h"
#: Lines of output below one job at most.
_MOST_LOG_LINES: Final = 10
#: Cells of a bar, and of the words on where progress comes from.
_BAR: Final = (8, 30)
_SOURCE: Final = 8
#: Cells for the state of a job that does not run: `queued (dependency)`.
_REASON: Final = 19
#: Cells of the window from which on there is room for these words.
_SOURCED: Final = 70


class View:
    """Draws jobs while it is open; what was drawn last stays."""

    def __init__(self, color: str, *, named: bool, logs: bool = False) -> None:
        """Prepare to draw; with *logs* the end of what jobs write is shown below them."""
        self._console = console(color)
        self._beside = osc.Beside(os.environ)
        self._named = named
        self._logs = logs
        self._drawn = 0
        self._size = (0, 0)
        self._tick = 0
        #: The jobs and tasks that were drawn last.
        self.shown: list[Key] = []

    def __enter__(self) -> Self:
        """Begin to draw."""
        self._write(_HIDE + self._beside.begin())
        return self

    def __exit__(self, *exception: object) -> None:
        """Leave what was drawn last, and the terminal as it was."""
        self._write(self._beside.end() + _SHOW)

    def draw(self, statuses: Sequence[Status], note: str | None = None, *, last: bool = False) -> None:
        """Draw *statuses*, those that run first if there are more than rows, and a *note* below; *last* ends it."""
        self._tick += 1
        width, height = self._console.size
        parts = []
        if self._size not in {(0, 0), (width, height)}:
            # What was drawn has been wrapped or cut by now, in a way that differs from terminal to terminal.
            parts.append("\x1b[H\x1b[2J")
            self._drawn = 0
        self._size = (width, height)
        lines = self._lines(statuses, note, width - 1, height - 1, last=last)
        if self._drawn:
            parts.append(f"\x1b[{self._drawn}A")
        parts.append("\r")
        parts += [f"{line}\x1b[K\r\n" for line in self._ansi(lines, width - 1)]
        parts.append("\x1b[J")
        self._drawn = len(lines)
        parts.append(self._seen_from_outside(statuses))
        self._write("".join(parts))

    def _lines(
        self, statuses: Sequence[Status], note: str | None, width: int, height: int, *, last: bool
    ) -> list[Text]:
        if not statuses:
            self.shown = []
            empty = "no job is unfinished" if last else "no job is unfinished; q leaves"
            return [Text(empty, style="dim"), *_notes(note)]
        several = len(statuses) > 1
        room = height - len(_notes(note)) - several
        order = sorted(statuses, key=_urgency)
        rows = max(1, room if len(order) <= room else room - 1)
        drawn = sorted(order[:rows], key=key_of)
        self.shown = [key_of(status) for status in drawn]
        lines = [_overview(statuses)] if several else []
        below = self._log_lines(drawn, room - len(drawn)) if self._logs and not last else {}
        columns = _Columns(drawn, width)
        now = datetime.now(UTC)
        for status in drawn:
            lines.append(columns.row(status, self._tick, now))
            lines += [Text(f"  │ {line}", style="dim") for line in below.get(key_of(status), ())]
        hidden = order[rows:]
        if hidden:
            lines.append(Text(f"… and {len(hidden)} more: {_by_state(hidden)}", style="dim"))
        return [*lines, *_notes(note)]

    def _log_lines(self, drawn: Sequence[Status], room: int) -> dict[Key, list[str]]:
        """Return the last lines that running jobs have written, as many for each as fit."""
        running = [status for status in drawn if status.state == states.PROCESSING and status.output is not None]
        each = min(_MOST_LOG_LINES, room // len(running)) if running else 0
        if each < 1:
            running, each = running[: max(0, room)], 1
        return {key_of(status): _newest_output(status, each) for status in running}

    def _ansi(self, lines: list[Text], width: int) -> list[str]:
        """Return *lines* as the terminal takes them, cut to *width* cells."""
        for line in lines:
            line.truncate(width, overflow="ellipsis")
        with self._console.capture() as captured:
            self._console.print(Text("\n").join(lines), end="", soft_wrap=True)
        return captured.get().split("\n")

    def _seen_from_outside(self, statuses: Sequence[Status]) -> str:
        if not self._beside:
            return ""
        running = [status for status in statuses if not status.finished]
        percents = [progress_view.of(status).percent for status in running]
        known = [percent for percent in percents if percent is not None]
        done = [100] * (len(statuses) - len(running)) if self._named else []
        whole = sum((*known, *done)) / len((*percents, *done)) if known and statuses else None
        what = f"jobctl {statuses[0].label}" if len(statuses) == 1 else f"jobctl: {len(running)} unfinished"
        failed = any(status.state == states.FAILED for status in statuses)
        return self._beside.show(whole, failed=failed, running=bool(running), what=what)

    def _write(self, text: str) -> None:
        output.write(text.encode(self._console.encoding, "replace"))


class _Columns:
    """Where things stand in the lines of one frame: as wide as these jobs need, the command gives way first."""

    def __init__(self, statuses: Sequence[Status], width: int) -> None:
        self._ids = max(len(status.label) for status in statuses)
        self._width = width
        rest = width - self._ids - 1
        self._bar = max(_BAR[0], min(_BAR[1], rest // 7))
        # Bar, percent and source stand where the state of a job stands that does not run.
        self._sourced = width >= _SOURCED
        words = [len(model.summary(status)) for status in statuses if status.state != states.PROCESSING]
        self._state = max(self._bar + 6 + (1 + _SOURCE) * self._sourced, min(_REASON, max(words, default=0)))
        names = max(len(status.name or status.shown_command) for status in statuses)
        self._what = max(8, min(names, rest // 5 if width < 100 else rest // 4))
        self._left = max(map(len, map(_left, statuses)))

    def row(self, status: Status, tick: int, now: datetime) -> Text:
        """Return the line of *status*."""
        shown = progress_view.of(status)
        # Only what says the state has its colour: names are read on dark and on light ground.
        line = Text().append(f"{status.label:>{self._ids}} ", style=STYLES[status.state])
        line.append_text(_cell(Text(visible(status.name or status.shown_command)), self._what)).append(" ")
        line.append_text(_cell(self._how(status, shown, tick), self._state)).append(" ")
        line.append(f"{render_bars.elapsed(status, now):>6}", style="dim" if status.finished else "")
        if self._left:
            line.append(f" {_left(status, now):>{self._left}}", style="bold")
        line.append("  ")
        if status.state == states.RETRYING:
            return line.append(render_bars.until_next(status, now), style="dim")
        return line.append_text(render_bars.detail(status, shown) if not status.finished else _outcome(status))

    def _how(self, status: Status, shown: Shown, tick: int) -> Text:
        """Return a bar, a spinner, or the state of what does not run."""
        if status.finished or status.state != states.PROCESSING:
            return Text(visible(model.summary(status)), style=STYLES[status.state])
        if shown.percent is None:
            source = f" ({visible(shown.source)})" if shown.source is not None and self._sourced else ""
            return Text(f"{render_bars.spinner(tick)} {status.state}{source}", style=STYLES[states.PROCESSING])
        drawn = render_bars.bar(shown.percent, self._bar)
        if status.tasks is not None:
            drawn = render_bars.array_bar(status.tasks, self._bar)
        drawn.append(f" {shown.percent:>3} %", style="bold")
        return drawn.append(f" {visible(shown.source or '')}" if self._sourced else "", style="dim")


def _left(status: Status, now: datetime | None = None) -> str:
    """Return the time left as what it is, or it would be taken for the time so far beside it."""
    found = render_bars.left(status, progress_view.of(status), now)
    return f"{found} left" if found else ""


def summary(statuses: Sequence[Status], color: str) -> None:
    """Print what has become of several jobs, and which of them did not end well."""
    text = Text(f"{len(statuses)} jobs: {_by_state(statuses)}")
    bad = [status for status in statuses if status.finished and status.state != states.COMPLETED]
    terminal = console(color)
    terminal.print(text)
    if bad:
        shown = ", ".join(status.label for status in bad[:10]) + (f" and {len(bad) - 10} more" if len(bad) > 10 else "")
        terminal.print(Text(f"not completed: {shown}; `jobctl why ID` says why", style="bold red"))


def _urgency(status: Status) -> tuple[int, int, int]:
    """Return the place of *status* where not all fit: what runs, what waits, what failed, what ended well."""
    places = {states.PROCESSING: 0, states.RETRYING: 1, states.QUEUED: 2, states.PENDING: 3, states.FAILED: 4}
    return places.get(status.state, 5), status.id if not status.finished else -status.id, status.task or 0


def _overview(statuses: Sequence[Status]) -> Text:
    return Text(_by_state(statuses), style="bold")


def _by_state(statuses: Sequence[Status]) -> str:
    numbers: dict[str, int] = {}
    for status in statuses:
        numbers[status.state] = numbers.get(status.state, 0) + 1
    order = (states.PROCESSING, states.RETRYING, states.QUEUED, states.PENDING, *sorted(states.TERMINAL))
    return " · ".join(f"{numbers[state]} {state}" for state in order if state in numbers)


def _outcome(status: Status) -> Text:
    if status.tasks is not None:
        return render_bars.counts(status.tasks)
    message = (status.error or {}).get("message", "")
    return Text(visible(message), style="dim")


def _newest_output(status: Status, lines: int) -> list[str]:
    """Return the last lines of the stream that was written to last."""
    places = sorted((status.output or {}).values(), key=_written_at, reverse=True)
    found = next((found for place in places if (found := last_lines(place, lines))), Tail())
    return list(found.lines) if found.binary is None else [note(found.binary)]


def _written_at(path: str) -> int:
    try:
        return os.lstat(path).st_mtime_ns
    except OSError:
        return 0


def _notes(note: str | None) -> list[Text]:
    return [] if note is None else [Text(visible(note), style="yellow")]


def _cell(text: Text, width: int) -> Text:
    """Return *text* in exactly *width* cells."""
    text.truncate(width, overflow="ellipsis", pad=True)
    return text

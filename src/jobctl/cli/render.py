"""Tables and pages for eyes: the only module that imports rich. Every text from outside is made harmless first."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text
from rich.theme import Theme

from jobctl.cli import due, ground, render_bars
from jobctl.cli.output import visible
from jobctl.model import states
from jobctl.model import status as model
from jobctl.model.progress import view as progress_view
from jobctl.model.quantities import show_duration, show_size
from jobctl.model.spec import DEFAULT_QUEUE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Final

    from jobctl.model.status import Status

#: How the state of a job looks.
STYLES: Final = {
    states.PENDING: "dim",
    states.QUEUED: "yellow",
    states.PROCESSING: "bold cyan",
    states.RETRYING: "magenta",
    states.COMPLETED: "green",
    states.FAILED: "bold red",
    states.CANCELLED: "dim red",
}

#: Cells of a bar on the page of one job, and in a table.
_BAR: Final = 24
_SHORT_BAR: Final = 6
#: Cells of a page from which on there is room for the long bar, and below which nothing is wrapped by us.
_WIDE: Final = 100
_NARROWEST: Final = 20
#: Cells of a table from which on there is room for bars and for when a job was submitted.
_ROOMY: Final = 72
#: Who says how many slots a queue has.
_SLOTS_BY: Final = {"set": "queue set", "config": "config.toml", "default": "default"}
#: Cells that a name takes at most in a table.
_LONGEST_NAME: Final = 24


def console(color: str) -> Console:
    """Return the terminal of standard output, coloured as *color* (auto, always, never) and the environment ask."""
    terminal = sys.stdout.isatty()
    colored = is_colored(color, os.environ, terminal=terminal)
    return Console(
        force_terminal=colored or None,
        force_interactive=terminal and os.environ.get("TERM") != "dumb",
        # On a terminal that calls itself dumb rich would find no colours, although somebody forced them.
        color_system=("auto" if os.environ.get("TERM") not in {None, "dumb"} else "standard") if colored else None,
        no_color=not colored,
        theme=Theme(ground.ON_LIGHT) if ground.is_light(os.environ) else None,
        highlight=False,
        emoji=False,
        markup=False,
    )


def is_colored(color: str, environ: os._Environ[str] | dict[str, str], *, terminal: bool) -> bool:
    """Decide on colour, once: --color, then NO_COLOR, then CLICOLOR_FORCE and FORCE_COLOR, then the terminal."""
    if color != "auto":
        return color == "always"
    if environ.get("NO_COLOR"):
        return False
    if any(environ.get(name, "") not in {"", "0"} for name in ("CLICOLOR_FORCE", "FORCE_COLOR")):
        return True
    return terminal and environ.get("TERM") != "dumb"


def table(statuses: Sequence[Status], color: str, starts: Mapping[str, str | None], left_out: int = 0) -> None:
    """Print *statuses* as a table that fits the terminal; *starts* says, by label, which wait for what time.

    How many unfinished jobs are *left_out* of it is said below.
    """
    terminal = console(color)
    terminal.print(_table(statuses, terminal.width, starts))
    if left_out:
        more = f"{left_out} more are not finished; `jobctl status --state queued` lists those that wait"
        terminal.print(Text(more, style="dim"))


def queues(rows: Sequence[dict[str, Any]], color: str) -> None:
    """Print a line for each queue; *rows* have the keys of `jobctl queue list --json`."""
    grid = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for head in ("QUEUE", "SLOTS", "USED", "WAITING", "STATE", "SLOTS BY"):
        right = head in {"SLOTS", "USED", "WAITING"}
        grid.add_column(Text(head), justify="right" if right else "left", no_wrap=True)
    for row in rows:
        state = "draining" if row["draining"] else "paused" if row["paused"] else "open"
        counts = (str(row[name]) for name in ("slots", "used", "waiting"))
        drawn = Text(state, style="" if state == "open" else "yellow")
        grid.add_row(visible(row["name"]), *counts, drawn, _SLOTS_BY[row["slots_from"]])
    console(color).print(grid)


def one(status: Status, color: str, failed: Sequence[Status] = (), *, starts: str | None = None) -> None:
    """Print all that matters about one job and nothing that does not.

    *failed* are the first of its failed tasks; it *starts* not before that time, if it waits for one.
    """
    terminal = console(color)
    facts: list[tuple[str, Text | str | None]] = [
        ("job", status.label if status.name is None else f"{status.label}  {visible(status.name)}"),
        ("state", Text(model.summary(status), style=STYLES[status.state])),
        ("progress", _progress(status, terminal.width)),
        ("message", _message(status)),
        ("tasks", _tasks(status)),
        ("failed", _failed(status, failed)),
        ("held", "yes; `jobctl why` says by whom" if status.held else None),
        ("waits for", "job " + ", ".join(status.waiting_on) if status.waiting_on else None),
        ("next attempt" if status.state == states.RETRYING else "starts", None if starts is None else due.long(starts)),
        ("why", None if status.error is None else visible(status.error.get("message", ""))),
        ("command", visible(status.shown_command)),
        ("directory", visible(status.cwd)),
        ("tags", visible(" ".join(status.tags)) or None),
        ("queue", status.queue if status.queue != DEFAULT_QUEUE else None),
        ("submitted", local(status.submitted_at)),
        ("started", local(status.started_at)),
        ("finished", local(status.finished_at)),
        ("so far" if status.state == states.PROCESSING else "took", _took(status)),
        (
            "attempt",
            f"{status.attempt} of {status.max_attempts}" if status.attempt and status.max_attempts > 1 else None,
        ),
        ("attempts", _attempts(status)),
        ("used", _usage(status)),
        ("result", _result(status)),
        ("output", None if status.output is None else visible(str(status.output.get("stdout")))),
        ("errors", None if status.output is None else visible(str(status.output.get("stderr")))),
    ]
    given = [(label, fact) for label, fact in facts if fact is not None]
    width = max(len(label) for label, _ in given)
    for label, fact in given:
        _print_fact(terminal, f"{label:>{width}}  ", fact if isinstance(fact, Text) else Text(fact), label)


def _print_fact(terminal: Console, head: str, fact: Text, label: str) -> None:
    """Print *fact* behind *head*; what is longer than a line goes on below it."""
    # What may be copied is left to the terminal to wrap, so that it stays in one piece.
    whole = label in {"directory", "result", "output", "errors"}
    room = terminal.width - len(head)
    lines = fact.split("\n") if whole or room < _NARROWEST else fact.wrap(terminal, room)
    for number, line in enumerate(lines):
        terminal.print(Text(" " * len(head) if number else head, style="dim"), line, sep="", soft_wrap=True)


def _progress(status: Status, width: int) -> Text | None:
    """Return how far a job is, on one line of a page of *width* cells, and how that is known."""
    shown = progress_view.of(status)
    if status.finished or (status.progress is None and status.tasks is None):
        return None
    drawn = Text()
    if shown.percent is not None:
        cells = _BAR if width >= _WIDE else _BAR // 2 if width >= _ROOMY else _SHORT_BAR
        bar = render_bars.bar(shown.percent, cells)
        drawn.append_text(bar if status.tasks is None else render_bars.array_bar(status.tasks, cells))
        drawn.append(f" {shown.percent} %  ", style="bold")
    left = render_bars.left(status, shown)
    parts = [render_bars.detail(status, shown.but(message=None)), Text(f"{left} left" if left else "")]
    parts.append(Text("" if shown.source is None else f"({visible(shown.source)})", style="dim"))
    found = drawn.append_text(Text("  ").join(part for part in parts if part.plain))
    return found if found.plain else None


def _result(status: Status) -> str | None:
    """Return where the result is; what a job left that was cancelled is one only if there is something."""
    if status.result is None or (status.state == states.CANCELLED and not status.result.get("size")):
        return None
    return visible(str(status.result.get("path")))


def _message(status: Status) -> str | None:
    """Return what a job that is not finished says that it is doing."""
    message = None if status.finished else progress_view.of(status).message
    return None if message is None else visible(message)


def _attempts(status: Status) -> str | None:
    """Return how each attempt ended, where there was more than one or another one follows."""
    if status.tasks is not None or len(status.attempts) < 2 - (status.state == states.RETRYING):
        return None
    lines = []
    for entry in status.attempts:
        how = {"exit": f"exit {entry.get('exit_code')}", "signal": f"signal {entry.get('signal')}"}
        reason = str(entry.get("reason"))
        wall = (entry.get("usage") or {}).get("wall_s")
        took = f", took {show_duration(wall)}" if isinstance(wall, (int, float)) else ""
        ended = local(entry.get("finished_at")) or "?"
        lines.append(f"{entry.get('attempt')}: {how.get(reason, reason)} at {ended}{took}")
    return visible("\n".join(lines), keep="\n")


def _tasks(status: Status) -> str | None:
    """Return how many tasks of an array job are in which state: `100: 95 completed, 3 processing, 2 failed`."""
    if status.tasks is None:
        return None
    counts = [f"{number} {state}" for state, number in status.tasks.items() if number and state != "total"]
    return f"{status.tasks.get('total')}: {', '.join(counts)}"


def _failed(status: Status, failed: Sequence[Status]) -> str | None:
    if not failed:
        return None
    shown = "  ".join(f"{task.label} {model.summary(task).removeprefix('failed ')}" for task in failed)
    more = (status.tasks or {}).get("failed", 0) - len(failed)
    return f"{shown}  and {more} more" if more > 0 else shown


def _table(statuses: Sequence[Status], width: int, starts: Mapping[str, str | None]) -> Table:
    """Return *statuses* as a table of at most *width* cells: the command gives way; where that is not enough, more."""
    narrow = width < _ROOMY
    heads = ["ID", "STATE", "NAME", "SUBMITTED", "TIME", "COMMAND"]
    rows = [
        [
            Text(status.label, justify="right"),
            _state(status, None if narrow else starts.get(status.label), barred=not narrow),
            _cut(visible(status.name or ""), min(_LONGEST_NAME, width // 5)),
            Text(local(status.submitted_at, short=True) or ""),
            Text(_took(status) or "", justify="right"),
        ]
        for status in statuses
    ]
    gone = [3] if narrow else []
    if not any(row[2].plain for row in rows):
        gone.append(2)
    for at in gone:
        del heads[at]
        for row in rows:
            del row[at]
    widths = [max([len(head), *(row[at].cell_len for row in rows)]) for at, head in enumerate(heads[:-1])]
    left = max(len(heads[-1]), width - sum(widths) - 2 * len(widths))
    grid = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for head, needed in zip(heads, [*widths, len(heads[-1])], strict=True):
        numbers = head in {"ID", "TIME"}
        # In however little room, these are not cut.
        least = needed if numbers or head == "STATE" else None
        grid.add_column(Text(head, justify="right" if numbers else "left"), no_wrap=True, min_width=least)
    for row, status in zip(rows, statuses, strict=True):
        grid.add_row(*row, _cut(visible(status.shown_command), left))
    return grid


def _state(status: Status, starts: str | None, *, barred: bool) -> Text:
    """Return the state of a job; of one that runs how far it is, too, as a bar where it is to be *barred*.

    Of one that waits for a time it is said which.
    """
    summary = model.summary(status)
    if starts is not None:
        when = f"again at {due.short(starts)}" if status.state == states.RETRYING else f"not before {due.short(starts)}"
        summary = f"{status.state} ({when})"
    drawn = Text(summary, style=STYLES[status.state])
    percent = progress_view.of(status).percent if status.state == states.PROCESSING else None
    if percent is not None:
        if barred:
            bar = render_bars.bar(percent, _SHORT_BAR)
            drawn.append(" ").append_text(
                bar if status.tasks is None else render_bars.array_bar(status.tasks, _SHORT_BAR)
            )
        drawn.append(f" {percent} %")
    return drawn


def _cut(text: str, width: int) -> Text:
    """Return *text* with an ellipsis in place of what goes beyond *width* cells."""
    cut = Text(text)
    cut.truncate(width, overflow="ellipsis")
    return cut


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone()


def local(text: str | None, *, short: bool = False) -> str | None:
    """Return the time of day *text* as the user's clock shows it; *short* leaves out what is today's."""
    if text is None:
        return None
    moment = _moment(text)
    if short:
        return moment.strftime("%H:%M:%S" if moment.date() == datetime.now().astimezone().date() else "%d %b %H:%M")
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def _took(status: Status) -> str | None:
    """Return how long the job ran, or has been running."""
    if status.usage and isinstance(status.usage.get("wall_s"), (int, float)):
        return show_duration(status.usage["wall_s"])
    if status.started_at is None or status.state != states.PROCESSING:
        return None
    return show_duration((datetime.now(UTC) - _moment(status.started_at)).total_seconds())


def _usage(status: Status) -> str | None:
    if not status.usage:
        return None
    cpu, memory = status.usage.get("cpu_s"), status.usage.get("max_rss_bytes")
    parts = []
    if isinstance(cpu, (int, float)):
        parts.append(f"{cpu:.2f}s of processor time")
    if isinstance(memory, int):
        parts.append(f"{show_size(memory)} of memory at most")
    return ", ".join(parts) or None

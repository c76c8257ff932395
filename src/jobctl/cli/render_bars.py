"""Bars and what stands beside them, for eyes: the same in `watch`, `status` and `run`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

from rich.text import Text

from jobctl.cli.output import visible
from jobctl.model import states
from jobctl.model.progress import view as progress_view
from jobctl.model.quantities import show_duration

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from jobctl.model.progress.view import Shown
    from jobctl.model.status import Status

#: What is done, and what is not yet; and of arrays what failed and what runs: apart without colours, too.
_FANCY: Final = {"done": "━", "rest": "─", "failed": "✗", "running": "╍"}
_PLAIN: Final = {"done": "#", "rest": "-", "failed": "x", "running": "~"}
_SPINNER: Final = ("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏", "|/-\\")


def is_plain() -> bool:
    """Return whether standard output takes only what is ASCII."""
    return "utf" not in (getattr(sys.stdout, "encoding", None) or "").lower()


def bar(percent: float, width: int) -> Text:
    """Return a bar of *width* cells; it is full only at 100."""
    signs = _PLAIN if is_plain() else _FANCY
    done = int(width * percent / 100)
    return Text(signs["done"] * done, style="cyan").append(signs["rest"] * (width - done), style="dim")


def array_bar(tasks: dict[str, int], width: int) -> Text:
    """Return a bar of *width* cells in which every kind of task that there is can be seen, one failed of many too."""
    signs = _PLAIN if is_plain() else _FANCY
    total = max(1, tasks.get("total", 1))
    kinds = (
        ("done", tasks.get("completed", 0), "green"),
        ("failed", tasks.get("failed", 0) + tasks.get("cancelled", 0), "bold red"),
        ("running", tasks.get("processing", 0) + tasks.get("retrying", 0), "cyan"),
    )
    # What is there has at least one cell, except for what is done: that alone may look like less than it is.
    cells = [number * width // total for _, number, _ in kinds]
    cells = [
        max(1, cell) if number and sign != "done" else cell
        for cell, (sign, number, _) in zip(cells, kinds, strict=True)
    ]
    while sum(cells) > width:
        cells[cells.index(max(cells))] -= 1
    drawn = Text()
    for count, (sign, _, style) in zip(cells, kinds, strict=True):
        drawn.append(signs[sign] * count, style=style)
    return drawn.append(signs["rest"] * (width - sum(cells)), style="dim")


def spinner(tick: int) -> str:
    """Return what stands for work of which no more is known; *tick* goes on by one with every drawing."""
    signs = _SPINNER[is_plain()]
    return signs[tick % len(signs)]


def counts(tasks: dict[str, int]) -> Text:
    """Return how many tasks of an array job failed, and how many are over: `2 failed 37/100`."""
    over = sum(tasks.get(state, 0) for state in ("completed", "failed", "cancelled"))
    failed = f"{tasks['failed']} failed " if tasks.get("failed") else ""
    return Text(failed, style="bold red").append(f"{over}/{tasks.get('total', 0)}", style="not bold default")


def detail(status: Status, shown: Shown) -> Text:
    """Return what is known beside percent and time: count, rate, message."""
    parts: list[Text] = []
    if status.tasks is not None:
        parts.append(counts(status.tasks))
    elif shown.count is not None:
        parts.append(Text(visible(shown.count)))
    if shown.speed is not None and status.state == states.PROCESSING:
        parts.append(Text(shown.speed))
    if shown.message:
        parts.append(Text(visible(shown.message), style="dim"))
    return Text("  ").join(parts)


def elapsed(status: Status, now: datetime | None = None) -> str:
    """Return how long the job ran, or has been running; nothing if it has not started."""
    if status.finished or status.state != states.PROCESSING:
        wall = (status.usage or {}).get("wall_s")
        return show_duration(wall) if isinstance(wall, (int, float)) else ""
    return "" if status.started_at is None else show_duration(_since(status.started_at, now))


def left(status: Status, shown: Shown, now: datetime | None = None) -> str:
    """Return the time left, counted down since it was noted; nothing if it is not known."""
    if status.state != states.PROCESSING or shown.left is None:
        return ""
    passed = 0.0 if shown.noted_at is None else _since(shown.noted_at, now)
    return progress_view.show_left(shown.left - passed, estimate=shown.is_estimate)


def until_next(status: Status, now: datetime) -> str:
    """Return in how long the next attempt of a job is due; nothing if that is not known."""
    if status.next_attempt_at is None:
        return ""
    wait = -(now - datetime.fromisoformat(status.next_attempt_at)).total_seconds()
    return f"again in {show_duration(wait)}" if wait > 0 else "again soon"


def _since(moment: str, now: datetime | None) -> float:
    try:
        return max(0.0, ((now or datetime.now(UTC)) - datetime.fromisoformat(moment)).total_seconds())
    except ValueError:
        return 0.0

"""The table of `jobctl deliveries`, for eyes. Every text from outside is made harmless first."""

from __future__ import annotations

from rich.text import Text

from jobctl.cli.output import visible
from jobctl.cli.render import console, local
from jobctl.store import outbox

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Final

_STYLES: Final = {outbox.WAITING: "yellow", outbox.DELIVERED: "green", outbox.FAILED: "bold red"}
_HEADS: Final = ("DELIVERY", "STATE", "TRIES", "LAST", "NEXT", "TO")


def table(rows: Sequence[dict[str, Any]]) -> None:
    """Print a line for each delivery, and below one that went wrong what came of it."""
    terminal = console("auto")
    cells = [_HEADS[:-1], *map(_cells, rows)]
    widths = [max(len(row[at]) for row in cells) for at in range(len(_HEADS) - 1)]
    terminal.print(Text(_joined(cells[0], widths) + _HEADS[-1], style="dim"), soft_wrap=True)
    for row, document in zip(cells[1:], rows, strict=True):
        line = Text(_joined(row, widths))
        line.stylize(_STYLES.get(row[1], ""), widths[0] + 2, widths[0] + 2 + len(row[1]))
        # What is longer than a line is left to the terminal to wrap, so that it can be copied.
        terminal.print(line.append(visible(str(document["target"]))), soft_wrap=True)
        if document["result"] and row[1] != outbox.DELIVERED:
            terminal.print(Text(f"  {visible(str(document['result']))}", style="dim"), soft_wrap=True)


def _cells(document: dict[str, Any]) -> tuple[str, ...]:
    ahead = document["next_at"] if document["state"] == outbox.WAITING else None
    last, ahead = (local(moment, short=True) or "" for moment in (document["last_at"], ahead))
    return document["delivery"], document["state"], str(document["tries"]), last, ahead


def _joined(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "".join(f"{cell:<{width}}  " for cell, width in zip(cells, widths, strict=True))

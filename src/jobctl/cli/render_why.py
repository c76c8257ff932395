"""The page of `jobctl why`, for eyes. Every text from outside is made harmless first."""

from __future__ import annotations

from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from jobctl.cli.output import visible
from jobctl.cli.render import STYLES, console
from jobctl.model import status as model
from jobctl.model.quantities import show_size

TYPE_CHECKING = False
if TYPE_CHECKING:
    from rich.console import RenderableType

    from jobctl.model.status import Status
    from jobctl.model.why.facts import Explanation, Known


def show(status: Status, known: Known, found: Explanation, color: str) -> None:
    """Print why *status* is what it is."""
    name = "" if status.name is None else f"  {visible(status.name)}"
    head = Text(f"job {status.label}{name}  ").append(model.summary(status), style=STYLES[status.state])
    parts: list[RenderableType] = [
        head,
        Text(visible(status.shown_command), style="dim", no_wrap=True, overflow="ellipsis"),
    ]
    parts.append(Padding(Text(_sentence(visible(found.summary)), style="bold"), (1, 0, 0, 0)))
    if found.facts:
        parts.append(Padding(_pairs([(visible(what), visible(text)) for what, text in found.facts]), (1, 0, 0, 0)))
    what = "standard error" if known.stream == "stderr" else "standard output (nothing on standard error)"
    if known.binary is not None:
        no_text = f"On {what}: binary data, {show_size(known.binary)}, not shown."
        parts.append(Padding(Text(no_text, style="dim"), (1, 0, 0, 0)))
    elif known.tail:
        parts.append(Padding(Text(f"Last lines of {what}:", style="dim"), (1, 0, 0, 0)))
        parts += [Text(f"  {line}", no_wrap=True, overflow="ellipsis") for line in known.tail]
    if known.success is not None:
        parts.append(Padding(_compared(known), (1, 0, 0, 0)))
    if found.advice:
        parts.append(Padding(Text("What to do:", style="dim"), (1, 0, 0, 0)))
        parts += [Text(f"  {visible(line)}", style="cyan") for line in found.advice]
    console(color).print(Group(*parts))


def _compared(known: Known) -> RenderableType:
    if not known.differs:
        return Text(f"Nothing that jobctl knows of differs from the last success, job {known.success}.", style="dim")
    rows = []
    for difference in known.differs:
        how = f"{visible(difference.then)} → {visible(difference.now)}"
        if difference.what == "environment":
            how = f"{visible(difference.then)}: {visible(difference.now)}"
        rows.append((visible(difference.what), how))
    head = Text(f"Different from the last success, job {known.success}:", style="dim")
    return Group(head, _pairs(rows))


def _pairs(rows: list[tuple[str, str]]) -> Table:
    grid = Table.grid(padding=(0, 2), pad_edge=True)
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for row in rows:
        grid.add_row(*row)
    return grid


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")

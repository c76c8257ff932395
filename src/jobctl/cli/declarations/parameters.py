"""What several commands take, declared once."""

from __future__ import annotations

from typing import Annotated

import typer

Selectors = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[SELECTOR]...", help="17, 17.3 (task 3), 17-20, @ (last submitted), @~2.", show_default=False
    ),
]
Selector = Annotated[
    str,
    typer.Argument(metavar="SELECTOR", help="17, 17.3 (task 3), @ (last submitted), @~2.", show_default=False),
]
Json = Annotated[bool, typer.Option("--json", help="Answer in JSON, one document a line.")]
Color = Annotated[str, typer.Option("--color", metavar="auto|always|never", help="Whether to colour.")]
OfName = Annotated[str | None, typer.Option("--name", metavar="GLOB", help="Jobs whose name matches.")]
OfTags = Annotated[list[str] | None, typer.Option("--tag", metavar="TAG", help="Jobs with this tag; may be repeated.")]
OfQueue = Annotated[str | None, typer.Option("--queue", metavar="QUEUE", help="Jobs of this queue.")]
OfStates = Annotated[
    list[str] | None, typer.Option("--state", metavar="STATE", help="Jobs in this state; may be repeated.")
]
All = Annotated[bool, typer.Option("--all", help="All jobs that the other filters leave.")]
Attempt = Annotated[int | None, typer.Option("--attempt", metavar="N", help="Of attempt N instead of the last.")]
Reason = Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="Note TEXT as the reason.")]
NoWait = Annotated[bool, typer.Option("--no-wait", help="Do not wait until it is so.")]
NoStart = Annotated[bool, typer.Option("--no-start", help="Leave it to others to start a daemon.")]

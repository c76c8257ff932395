"""`jobctl deliveries`, as Typer has it."""

from __future__ import annotations

from typing import Annotated

import typer

from jobctl.cli.declarations.calling import ListFirst, call
from jobctl.cli.declarations.parameters import Json, Selectors

commands = typer.Typer(
    help="Webhooks and commands that are told of the ends of jobs: list them, make them again.",
    cls=ListFirst,
)


@commands.command("list")
def deliveries_list(*, selectors: Selectors = None, json: Json = False) -> int:
    """List who was told of the ends of jobs, who waits to be told, and what failed; or those of the jobs named."""
    return call("deliveries list", locals())


@commands.command("redeliver")
def deliveries_redeliver(
    *,
    deliveries: Annotated[
        list[str], typer.Argument(metavar="ID...", help="17:1, as `deliveries list` shows it.", show_default=False)
    ],
    json: Json = False,
) -> int:
    """Make deliveries again, now, whatever came of them before."""
    return call("deliveries redeliver", locals())

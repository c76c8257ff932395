"""`jobctl progress`, as Typer has it."""

from __future__ import annotations

from typing import Annotated

import typer

from jobctl.cli.declarations.calling import call

commands = typer.Typer()


@commands.command(
    short_help="From inside a job: report how far it is.",
    epilog="Examples: jobctl progress 45 · jobctl progress 3/10 -m 'epoch 3' · jobctl progress -m 'cleaning up'",
)
def progress(
    *,
    amount: Annotated[
        list[str] | None,
        typer.Argument(metavar="[N|N%|N/M]", help="How far it is, in percent or as a count.", show_default=False),
    ] = None,
    message: Annotated[str | None, typer.Option("--message", "-m", metavar="TEXT", help="What it does now.")] = None,
) -> int:
    """Report from inside a job how far it is.

    What is left out stays as it was reported before. The same can be written to the file $JOBCTL_PROGRESS.
    """
    return call("progress", locals())

"""The commands about jobctl itself, as Typer has them: schemas, completion, check-up, manual."""

from __future__ import annotations

from typing import Annotated

import typer

from jobctl.cli.declarations.calling import call
from jobctl.cli.declarations.parameters import Json

commands = typer.Typer()


@commands.command(epilog="Examples: jobctl schema status > status.schema.json")
def schema(
    *,
    name: Annotated[
        str, typer.Argument(metavar="[spec|status|event|config]", help="Of which document.", show_default=False)
    ] = "status",
) -> int:
    """Print the JSON Schema of a document: the status file, the specification, an event, or the configuration."""
    return call("schema", locals())


@commands.command(
    epilog='Examples: eval "$(jobctl completion bash)" · '
    "jobctl completion fish > ~/.config/fish/completions/jobctl.fish"
)
def completion(
    *, shell: Annotated[str, typer.Argument(metavar="bash|zsh|fish", help="Which shell.", show_default=False)]
) -> int:
    """Print the script that makes a shell complete commands, options, job IDs, tags and queues."""
    return call("completion", locals())


@commands.command()
def doctor(*, json: Json = False) -> int:
    """Check the home, the daemon, the disk, cron and the service manager; say what is wrong and how to mend it.

    Exits with the status of the first problem, 0 if there is none; a warning is no problem.
    """
    return call("doctor", locals())


@commands.command(
    "help", epilog="Examples: jobctl help · jobctl help submit · jobctl help recipes · jobctl help jobctl.toml"
)
def help_(
    *,
    topic: Annotated[
        str | None, typer.Argument(metavar="[TOPIC]", help="A page, a command, or a heading.", show_default=False)
    ] = None,
) -> int:
    """Show the manual, also where there is no man: a page, or what it says about a command or another heading."""
    return call("help", locals())

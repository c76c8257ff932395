"""`jobctl config`, as Typer has it."""

from __future__ import annotations

from typing import Annotated

import typer

from jobctl.cli.declarations.calling import call
from jobctl.cli.declarations.parameters import Json

commands = typer.Typer(help="Look at the settings and change them.")

Key = Annotated[str, typer.Argument(metavar="KEY", help="As in queues.default.slots.", show_default=False)]


@commands.callback(invoke_without_command=True)
def config_(context: typer.Context) -> int:
    """Look at the settings and change them; without a command, show all."""
    return 0 if context.invoked_subcommand else call("config get", {})


@commands.command("get")
def config_get(
    *,
    key: Annotated[str | None, typer.Argument(metavar="[KEY]", help="As in queues.default.slots.")] = None,
    json: Json = False,
) -> int:
    """Print the value of a setting, or all settings and whether they come from the file."""
    return call("config get", locals())


@commands.command("set")
def config_set(
    *,
    key: Key,
    value: Annotated[list[str] | None, typer.Argument(metavar="[VALUE]...", show_default=False)] = None,
    default: Annotated[bool, typer.Option("--default", help="Take the setting out of the file.")] = False,
) -> int:
    """Change a setting; comments and order of the file stay. The daemon takes it up within a second or so."""
    return call("config set", locals())


@commands.command("edit")
def config_edit() -> int:
    """Open the file in $VISUAL or $EDITOR; what is not valid never takes its place."""
    return call("config edit", locals())


@commands.command("path")
def config_path() -> int:
    """Print where the file is."""
    return call("config path", locals())

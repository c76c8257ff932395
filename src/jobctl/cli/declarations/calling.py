"""From a declaration to its command."""

from __future__ import annotations

from typing import Any

import typer

from jobctl.cli import dispatch

#: For a command that ends in a command of the user's: parsing stops at the first word that is not an option.
COMMAND_FOLLOWS = {"allow_interspersed_args": False}


class ListFirst(typer.core.TyperGroup):
    """A group of commands that without one of them is `list`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put `list` where no command is named."""
        if not args or (args[0].startswith("-") and args[0] not in ctx.help_option_names):
            args.insert(0, "list")
        return super().parse_args(ctx, args)


def call(name: str, values: dict[str, Any]) -> int:
    """Run command *name* with *values*, the locals of its declaration, and return its exit status."""
    # What `of_a_job` declares arrives as one table.
    values = {**values.pop("job", {}), **values}
    for key in ("command", "selectors", "amount", "value"):
        if key in values and values[key] is None:
            values[key] = []
    return dispatch.call(name, values)

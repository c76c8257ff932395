"""Compile Typer's declarations of the hot commands into `grammar.py`: `python -m jobctl.cli.compile`.

A test compiles again and compares, and another gives both ways the same words.
"""

from __future__ import annotations

import inspect
from pprint import pformat

import typer

from jobctl.cli import app, output

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: The commands that scripts call in loops.
HOT = ("submit", "status", "wait", "result", "cancel", "progress")

_HEAD = '''"""The options of the hot commands: flag to parameter and kind; the positional parameter; the defaults.

Made by `python -m jobctl.cli.compile` from cli/app.py; not to be edited.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

COMMANDS: dict[str, tuple[dict[str, tuple[str, str]], str, dict[str, Any]]] = '''


def source() -> str:
    """Return the content of grammar.py."""
    table = {name: _compile(name) for name in HOT}
    return _HEAD + pformat(table, width=96, sort_dicts=True) + "\n"


def _compile(name: str) -> tuple[dict[str, tuple[str, str]], str, dict[str, Any]]:
    group = typer.main.get_command(app.app)
    command = group.commands[name]  # type: ignore[attr-defined]  # the top is a group
    options: dict[str, tuple[str, str]] = {}
    positional = ""
    defaults: dict[str, Any] = {}
    for parameter in command.params:
        if parameter.name == "help":
            continue
        if parameter.param_type_name == "argument":
            positional = parameter.name
            continue
        kind = "flag" if parameter.is_flag else "list" if parameter.multiple else parameter.type.name
        for flag in parameter.opts:
            options[flag] = (parameter.name, {"str": "text"}.get(kind, kind))
        defaults[parameter.name] = () if kind == "list" else _default(name, parameter.name)
    return options, positional, defaults


def _default(command: str, parameter: str) -> Any:
    return inspect.signature(getattr(app, command)).parameters[parameter].default


if __name__ == "__main__":
    output.write(source().encode("utf-8"))

"""Compile Typer's declarations: those of the hot commands into `grammar.py`, the words of all into `words.py`.

`python -m jobctl.cli.compile` prints the first and `python -m jobctl.cli.compile words` the second. A test compiles
again and compares, and another gives both ways the same words.
"""

from __future__ import annotations

import inspect
import sys
from pprint import pformat

import typer

from jobctl.cli import app, output

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

#: The commands that scripts call in loops.
HOT = ("submit", "run", "status", "wait", "result", "logs", "cancel", "progress")

_HEAD = '''"""The options of the hot commands: flag to parameter and kind; the positional parameter; the defaults.

Made by `python -m jobctl.cli.compile` from cli/declarations; not to be edited.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

COMMANDS: dict[str, tuple[dict[str, tuple[str, str]], str, dict[str, Any]]] = '''

_WORDS_HEAD = '''"""The words of the command line, for completion.

Of each command: its help, its options with what they take and their help, and what its arguments are.
Made by `python -m jobctl.cli.compile words` from cli/declarations; not to be edited.
"""

from __future__ import annotations

COMMANDS: dict[str, tuple[str, dict[str, tuple[str, str]], str]] = '''


def words() -> str:
    """Return the content of words.py."""
    top: Any = typer.main.get_command(app.app)
    table = {name: _words(command) for name, command in _leaves(top)}
    groups = {name: _help(command) for name, command in _in_order(top) if hasattr(command, "commands")}
    shown = [pformat(each, width=100, sort_dicts=False) for each in (table, groups)]
    return f"{_WORDS_HEAD}{shown[0]}\n\nGROUPS: dict[str, str] = {shown[1]}\n"


def source() -> str:
    """Return the content of grammar.py."""
    table = {name: _compile(name) for name in HOT}
    return _HEAD + pformat(table, width=96, sort_dicts=True) + "\n"


def _compile(name: str) -> tuple[dict[str, tuple[str, str]], str, dict[str, Any]]:
    top: Any = typer.main.get_command(app.app)
    command = top.commands[name]
    declared = inspect.signature(command.callback).parameters
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
        defaults[parameter.name] = () if kind == "list" else declared[parameter.name].default
    return options, positional, defaults


def _in_order(group: Any) -> list[tuple[str, Any]]:
    return [(word, group.commands[word]) for word in group.list_commands(typer.Context(group))]


def _leaves(group: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each command that does something, by the words that call it."""
    for word, command in _in_order(group):
        if hasattr(command, "commands"):
            yield from _leaves(command, f"{before}{word} ")
        else:
            yield before + word, command


def _words(command: Any) -> tuple[str, dict[str, tuple[str, str]], str]:
    options: dict[str, tuple[str, str]] = {"--help": ("", "Show what it takes and exit.")}
    arguments = []
    for parameter in command.params:
        if parameter.param_type_name == "argument":
            # "[SELECTOR]..." is about a SELECTOR, "COMMAND [ARG]..." about a COMMAND.
            arguments.append(parameter.make_metavar(None).split(" ")[0].strip("[].").removesuffix("]..."))
        elif parameter.name != "help":
            takes = "" if parameter.is_flag else str(parameter.metavar)
            for flag in (*parameter.opts, *parameter.secondary_opts):
                options[flag] = (takes, _first(parameter.help))
    return _help(command), options, arguments[0] if arguments else ""


def _help(command: Any) -> str:
    return _first(command.short_help or command.help)


def _first(text: str) -> str:
    """Return the first sentence of *text*."""
    return " ".join(text.split()).split(". ")[0].rstrip(".")


if __name__ == "__main__":
    output.write((words() if sys.argv[1:] == ["words"] else source()).encode("utf-8"))

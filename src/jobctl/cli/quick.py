"""The quick way in: what the hot commands mean, without Typer, which takes longer than all they do.

The table of options comes from Typer's own declarations (`grammar`, made by `python -m jobctl.cli.compile`).
Whatever is not understood entirely is declined, and Typer is given the same words: it alone explains and complains.
"""

from __future__ import annotations

from jobctl.cli.grammar import COMMANDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

#: More digits than any count here needs; longer ones are Typer's business.
_MOST_DIGITS = 9


def parse(arguments: Sequence[str]) -> tuple[str, dict[str, Any]] | None:
    """Return the command that *arguments* name and its values, or None if they are for Typer."""
    if arguments and arguments[0] == "complete-words":
        # Not for people and so not in Typer: the completion scripts call it at each press of a key.
        return "complete-words", {"words": list(arguments[1:])}
    if not arguments or arguments[0] not in COMMANDS:
        return None
    name = arguments[0]
    options, positional, defaults = COMMANDS[name]
    values = {key: [] if default == () else default for key, default in defaults.items()}
    words: list[str] = []
    position = 1
    while position < len(arguments):
        word = arguments[position]
        position += 1
        if word == "--":
            words.extend(arguments[position:])
            break
        if word == "-" or not word.startswith("-"):
            words.append(word)
            if positional == "command":
                words.extend(arguments[position:])
                break
            continue
        flag, equals, value = word.partition("=")
        if flag not in options or (equals and not word.startswith("--")):
            return None
        key, kind = options[flag]
        if kind == "flag":
            if equals:
                return None
            values[key] = True
            continue
        if not equals:
            if position >= len(arguments) or (arguments[position].startswith("-") and arguments[position] != "-"):
                return None
            value = arguments[position]
            position += 1
        if kind == "list":
            values[key].append(value)
        elif kind == "int":
            if not (value.isascii() and value.isdigit() and len(value) <= _MOST_DIGITS):
                return None
            values[key] = int(value)
        else:
            values[key] = value
    if positional == "selector":
        if len(words) != 1:
            return None
        values[positional] = words[0]
    else:
        values[positional] = words
    return name, values

"""The quick way in and Typer are one grammar: the same words mean the same, or the quick way declines them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer
from hypothesis import example, given
from hypothesis import strategies as st

from jobctl.cli import app, compile, dispatch, grammar, quick  # noqa: A004  # a module of ours
from jobctl.client.specify import Request

FLAGS = sorted({flag for options, _, _ in grammar.COMMANDS.values() for flag in options})
ODD = "-- - -x --bogus --name=x --tag=a=b --json=1 -n -n5 -qn 5 -5 17 @ --help -h --no-wa --timeout= -C ls -l 007 1_0"
WORDS = st.one_of(st.sampled_from([*FLAGS, *ODD.split(), "", "\u0663", " 5"]), st.text(max_size=6))


def by_typer(arguments: list[str]) -> tuple[str, dict[str, Any]] | None:
    """Return what Typer calls a command with, or None if it refuses or answers by itself."""
    called: list[tuple[str, dict[str, Any]]] = []

    def note(name: str, values: dict[str, Any]) -> int:
        called.append((name, values))
        return 0

    real = dispatch.call
    dispatch.call = note
    try:
        app.app(arguments, prog_name="jobctl", standalone_mode=False)
    except (typer.TyperException, typer.Exit, typer.Abort):
        return None
    finally:
        dispatch.call = real
    return called[0] if called else None


def plain(values: dict[str, Any]) -> dict[str, Any]:
    """Return *values* with an absent list as an empty one, which is the same to every command."""
    lists = {key for options, _, _ in grammar.COMMANDS.values() for key, kind in options.values() if kind == "list"}
    return {key: value or [] if key in lists else value for key, value in values.items()}


@given(st.sampled_from(sorted(grammar.COMMANDS)), st.lists(WORDS, max_size=6))
@example("submit", ["--name", "x", "echo", "--name", "y"])
@example("submit", ["-c", "exit 3", "--tag", "a", "--tag", "b"])
@example("submit", ["--", "--", "x"])
@example("submit", ["-"])
@example("status", ["17", "--json", "18"])
@example("status", ["-n", "5"])
@example("wait", ["--timeout", "5s", "--", "17"])
@example("result", ["17", "--attempt", "1"])
def test_what_the_quick_way_understands_typer_understands_in_the_same_way(command: str, words: list[str]) -> None:
    understood = quick.parse([command, *words])
    if understood is not None:
        name, values = understood
        told = by_typer([command, *words])
        assert told is not None, "the quick way took what Typer refuses"
        assert (name, plain(values)) == (told[0], plain(told[1]))


def test_the_quick_way_understands_what_scripts_write() -> None:
    for line in (
        "submit -- make -j4",
        "submit make -j4",
        "submit --name x --tag a --tag=b -C /tmp -e A=1 -- true",
        "submit --json --id-file f --no-start --stdin - cat",
        "status 17",
        "status 17 --json",
        "status -q --state failed",
        "wait 17 18 --timeout 5s",
        "wait --any 17",
        "result 17 --wait",
        "cancel 17 --reason because",
        "run --name x -- make -j4",
        "logs 17 -f --stderr",
    ):
        assert quick.parse(line.split()) is not None, line


def test_help_errors_and_other_commands_are_left_to_typer() -> None:
    for line in ("", "submit --help", "submit --bogus x", "why 17", "status -n x", "submit --name", "result", "-h"):
        assert quick.parse(line.split()) is None, line


def test_the_table_of_the_quick_way_is_compiled_from_typers_declarations() -> None:
    assert Path(grammar.__file__).read_text(encoding="utf-8").split() == compile.source().split()


def test_every_command_takes_exactly_what_typer_hands_it() -> None:
    import inspect

    top = typer.main.get_command(app.app)
    commands = {**top.commands}  # type: ignore[attr-defined]  # the top is a group
    for group in [name for name, command in commands.items() if hasattr(command, "commands")]:
        commands.update({f"{group} {name}": command for name, command in commands.pop(group).commands.items()})
    for name, command in commands.items():
        declared = {parameter.name for parameter in command.params if parameter.name not in {"help", "version"}}
        taken = inspect.signature(dispatch.command(name)).parameters
        if any(parameter.kind is parameter.VAR_KEYWORD for parameter in taken.values()):
            taken = {**{key: one for key, one in taken.items() if key != "options"}, **dict.fromkeys(Request._fields)}
        assert declared == set(taken), name

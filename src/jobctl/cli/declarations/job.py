"""The options that `submit` and `run` share, declared once: what a job is, when it may run, how it ends."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Callable

Command = Annotated[
    list[str] | None,
    typer.Argument(metavar="COMMAND [ARG]...", help="What to run, as given, without a shell.", show_default=False),
]


def _text(*flags: str, metavar: str, help: str) -> Any:  # noqa: A002  # as Typer has it
    return Annotated[str | None, typer.Option(*flags, metavar=metavar, help=help)]


def _texts(*flags: str, metavar: str, help: str) -> Any:  # noqa: A002  # as above
    return Annotated[list[str] | None, typer.Option(*flags, metavar=metavar, help=f"{help}; may be repeated.")]


def _number(*flags: str, help: str) -> Any:  # noqa: A002  # as above
    return Annotated[int | None, typer.Option(*flags, metavar="N", help=help)]


def _flag(*flags: str, help: str) -> Any:  # noqa: A002  # as above
    return Annotated[bool, typer.Option(*flags, help=help)]


#: Parameter, its declaration, in the order of the help.
_JOB: dict[str, Any] = {
    "command": Command,
    # What.
    "shell": _text("--shell", "-c", metavar="TEXT", help="Run TEXT by /bin/sh -c instead of a command."),
    "name": _text("--name", "-n", metavar="NAME", help="Name of the job, for people and --name."),
    "tag": _texts("--tag", "-t", metavar="TAG", help="Tag of the job"),
    "chdir": _text("--chdir", "-C", metavar="DIR", help="Run in DIR instead of here."),
    "env": _texts("--env", "-e", metavar="NAME[=VALUE]", help="Set a variable of the job, or pass yours on"),
    "clean_env": _flag("--clean-env", help="Begin with an empty environment instead of yours."),
    "stdin": _text("--stdin", metavar="FILE|-", help="Freeze FILE, or standard input, as the job's standard input."),
    "inputs": _texts(
        "--input", metavar="[NAME=]FILE", help="Freeze FILE, also a directory; the job finds it in $JOBCTL_INPUTS"
    ),
    "pty": _flag("--pty", help="Give the job a terminal of its own."),
    "no_check": _flag("--no-check", help="Accept a command that cannot be found yet."),
    # Many.
    "array": _text(
        "--array", metavar="A-B[:STEP][%MAX]", help="One task for each index, at most MAX at once; {} is the index."
    ),
    "each_line": _text(
        "--each-line", metavar="FILE|-[%MAX]", help="One task for each line, at most MAX at once; {} is the line."
    ),
    "max_fails": _number("--max-fails", help="Start no other task when N have failed."),
    # When.
    "queue": _text("--queue", "-q", metavar="QUEUE", help="Wait in QUEUE instead of `default`."),
    "priority": _number("--priority", "-p", help="Start before jobs of lower priority (0)."),
    "slots": _number("--slots", help="Take N slots of the queue instead of one."),
    "after_ok": _texts("--after-ok", metavar="SELECTOR", help="Start when these jobs are completed"),
    "after_any": _texts("--after-any", metavar="SELECTOR", help="Start when these jobs are finished"),
    "after_fail": _texts("--after-fail", metavar="SELECTOR", help="Start when these jobs have failed"),
    "start_in": _text("--in", metavar="D", help="Do not start before D (90s, 5m, 2h) has passed."),
    "at": _text("--at", metavar="TIME", help="Do not start before TIME: 09:00, tomorrow noon, 2026-11-24 09:00."),
    "hold": _flag("--hold", help="Do not start before `jobctl release`."),
    "max_wait": _text("--max-wait", metavar="D", help="Cancel the job if it has not started after D."),
    # Limits.
    "timeout": _text("--timeout", metavar="D", help="End an attempt that takes longer than D."),
    "grace": _text("--grace", metavar="D", help="From SIGTERM to SIGKILL when it is ended (10s)."),
    "memory": _text("--memory", metavar="SIZE", help="End an attempt that uses more memory than SIZE (512M, 2G)."),
    "max_output": _text("--max-output", metavar="SIZE", help="Keep at most SIZE of each output, head and tail."),
    "nice": _number("--nice", help="Add N to its nice value."),
    "keep_children": _flag("--keep-children", help="Leave processes running that outlive the command."),
    # Again.
    "retries": _number("--retries", help="Try again up to N times when it fails."),
    "retry_delay": _text("--retry-delay", metavar="D", help="Wait D before the first retry (1s)."),
    "retry_backoff": _text("--retry-backoff", metavar="FACTOR", help="Wait FACTOR times as long before each next (2)."),
    "retry_max_delay": _text("--retry-max-delay", metavar="D", help="But never longer than D (1h)."),
    "retry_on": _text("--retry-on", metavar="CODES", help="Try again only after these exit statuses (75,100-110)."),
    "no_retry_on": _text("--no-retry-on", metavar="CODES", help="Do not try again after these."),
    "on_crash": _text(
        "--on-crash", metavar="fail|retry|hold", help="What follows an attempt whose outcome is lost (fail)."
    ),
    # Once.
    "key": _text("--key", metavar="KEY", help="Submit once: the same KEY again is the same job and its ID."),
    "unique": _text("--unique", metavar="NAME", help="Do not overlap with other jobs that are unique by NAME."),
    "if_active": _text("--if-active", metavar="skip|coalesce|replace", help="If one of those is not finished (skip)."),
    # Feedback.
    "progress_from": _text(
        "--progress-from", metavar="auto|none|FORMAT|REGEX", help="Where to read its progress from (auto)."
    ),
    "on_finish": _text("--on-finish", metavar="COMMAND", help="Run COMMAND by /bin/sh -c when it is finished."),
    "webhook": _texts("--webhook", metavar="URL", help="Tell URL when it is finished"),
    "id_file": _text("--id-file", metavar="FILE", help="Write the ID to FILE as well, durably."),
}


def of_a_job(function: Callable[..., int]) -> Callable[..., int]:
    """Let *function* take the options of a job in place of its `**job`, before its own."""
    signature = inspect.signature(function, eval_str=True)
    shared = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            annotation=declared,
            default=False if declared.__origin__ is bool else None,
        )
        for name, declared in _JOB.items()
    ]
    own = [one for one in signature.parameters.values() if one.kind is not inspect.Parameter.VAR_KEYWORD]
    function.__signature__ = signature.replace(parameters=[*shared, *own])  # type: ignore[attr-defined]  # for inspect
    function.__annotations__ = {one.name: one.annotation for one in [*shared, *own]} | {"return": int}
    return function

"""The grammar of the command line, in Typer: the declarations put together.

Names, help, errors, completion and the table of the quick way come from here.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

import jobctl
from jobctl.cli import beginners, dispatch, output
from jobctl.cli.declarations import about, cancel, config, daemon, deliveries, progress, queue, status, submit
from jobctl.errors import JobctlError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Every command and group, in the order of the help.
ORDER = (
    "submit",
    "run",
    "status",
    "watch",
    "wait",
    "result",
    "logs",
    "cancel",
    "why",
    "events",
    "schema",
    "retry",
    "rerun",
    "hold",
    "release",
    "edit",
    "clean",
    "progress",
    "completion",
    "doctor",
    "help",
    "daemon",
    "queue",
    "deliveries",
    "config",
)


class _InOrder(typer.core.TyperGroup):
    """All commands, in their order."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002  # the form of Typer's function
        """Return the names in the order of the help."""
        return sorted(self.commands, key=ORDER.index)


app = typer.Typer(
    name="jobctl",
    cls=_InOrder,
    help="Submit long-running commands as durable jobs, follow them, fetch what they made.",
    epilog="Exit status: 0 answered; 2 usage; 3 outcome unknown; 65 contradiction; 73 spool unusable; 75 not now; "
    "124 wait timed out; 125 jobctl failed; 126 job never ran or is lost; 127 no such job; 130 interrupted. "
    "`man jobctl` has all of it.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for topic in (submit, status, cancel, progress, about):
    app.add_typer(topic.commands)
for name, group in (("daemon", daemon), ("queue", queue), ("deliveries", deliveries), ("config", config)):
    app.add_typer(group.commands, name=name)


def run(arguments: Sequence[str]) -> int:
    """Run the command that *arguments* write and return its exit status; errors have been told."""
    if sys.stdout is None:
        # It was closed (`>&-`): what is printed is to fail, not to be taken for read.
        sys.stdout = os.fdopen(1, "w", closefd=False)
    if not arguments:
        return beginners.greet()
    try:
        answer = app(list(arguments), prog_name="jobctl", standalone_mode=False)
    except typer.Abort:
        return 130
    except OSError as failure:
        # The help or the version could not be printed.
        failure.filename = failure.filename or "standard output"
        return dispatch.tell(JobctlError(output.explain(failure)), as_json=False)
    except typer.TyperException as wrong:
        message = beginners.meant(arguments) or _message(wrong)
        context = getattr(wrong, "ctx", None)
        if context is not None and "selector" in context.params and message.startswith("Got unexpected extra argument"):
            message = f"{context.command_path} takes one job or task, and was given more"
        help_ = f"; `{context.command_path} --help` shows what there is" if context is not None else ""
        return dispatch.tell(UsageError(message + help_), as_json=_is_asked_for_json(arguments))
    return answer if isinstance(answer, int) else 0


def _message(wrong: typer.TyperException) -> str:
    if getattr(getattr(wrong, "param", None), "name", None) == "selector":
        return "name the job: an ID, or @ for the last one"
    message: str = getattr(wrong, "format_message", wrong.__str__)()
    return message.rstrip(".")


def _is_asked_for_json(arguments: Sequence[str]) -> bool:
    words = list(arguments)
    return "--json" in (words[: words.index("--")] if "--" in words else words)


def _show_version(wanted: bool) -> None:  # noqa: FBT001  # the form of an option's callback
    if wanted:
        output.write_line(f"jobctl {jobctl.__version__}")
        raise typer.Exit


@app.callback()
def top(
    *,
    version: Annotated[  # it is eager: its callback has answered
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Submit long-running commands as durable jobs, follow them, fetch what they made."""

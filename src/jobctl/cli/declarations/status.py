"""The commands that follow jobs, as Typer has them: from `status` to `events`."""

from __future__ import annotations

from typing import Annotated

import typer

from jobctl.cli.declarations.calling import call
from jobctl.cli.declarations.parameters import (
    All,
    Attempt,
    Color,
    Json,
    OfName,
    OfQueue,
    OfStates,
    OfTags,
    Selector,
    Selectors,
)

commands = typer.Typer()


@commands.command(
    short_help="What runs, waits and finished lately; all about a job.",
    epilog="Examples: jobctl status · jobctl status 17 · jobctl status --state failed --since 1d · "
    "jobctl status -q --tag nightly",
)
def status(
    *,
    selectors: Selectors = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="IDs only.")] = False,
    lines: Annotated[
        int | None, typer.Option("--lines", "-n", metavar="N", help="Show N finished jobs, or the last N that match.")
    ] = None,
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="D|TIME", help="Jobs finished or submitted since then: 2h, today, 2026-11-24."),
    ] = None,
    name: OfName = None,
    tag: OfTags = None,
    queue: OfQueue = None,
    state: OfStates = None,
    all: All = False,  # noqa: A002  # named as the option
    json: Json = False,
    color: Color = "auto",
) -> int:
    """Show what runs, what waits and what finished lately; or all about the jobs named.

    Exits 0 when the question was answered, whatever became of the jobs.
    """
    return call("status", locals())


@commands.command(
    short_help="See jobs change, live.",
    epilog="Examples: jobctl watch · jobctl watch @ --exit-status · jobctl watch 17-20 > changes.log",
)
def watch(
    *,
    selectors: Selectors = None,
    name: OfName = None,
    tag: OfTags = None,
    queue: OfQueue = None,
    all: All = False,  # noqa: A002  # named as the option
    logs: Annotated[bool, typer.Option("--logs", help="Show the end of their output below them.")] = False,
    exit_status: Annotated[bool, typer.Option("--exit-status", help="Exit as the jobs did.")] = False,
    json: Json = False,
    color: Color = "auto",
) -> int:
    """See jobs change until all of them are finished; without a selector all there are, until q or Ctrl-C.

    On a terminal a live view; elsewhere a line for each change. Leaving it leaves the jobs running.
    """
    return call("watch", locals())


@commands.command(
    short_help="Block until jobs are finished; exit as they did.",
    epilog="Examples: jobctl wait 17 · jobctl wait 17-20 --any · jobctl wait @ --timeout 10m || echo $?",
)
def wait(
    *,
    selectors: Selectors = None,
    any: Annotated[bool, typer.Option("--any", help="Until one of them is finished; print its ID.")] = False,  # noqa: A002  # named as the option
    timeout: Annotated[
        str | None, typer.Option("--timeout", metavar="D", help="Give up after D (90s, 5m) with status 124.")
    ] = None,
    state: Annotated[
        str | None, typer.Option("--state", metavar="STATE", help="Until they have reached STATE.")
    ] = None,
    name: OfName = None,
    tag: OfTags = None,
    queue: OfQueue = None,
    all: All = False,  # noqa: A002  # named as the option
    json: Json = False,
) -> int:
    """Block until jobs are finished and exit as they did: of several, as the first that failed, by ID."""
    return call("wait", locals())


@commands.command(
    short_help="Print what a job left as its result, byte for byte.",
    epilog="Examples: jobctl result 17 > out · jobctl result @ --wait · jobctl result 17 --path",
)
def result(
    *,
    selector: Selector,
    path: Annotated[bool, typer.Option("--path", help="Print where it lies instead.")] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until there is one.")] = False,
    json: Json = False,
    attempt: Attempt = None,
) -> int:
    """Print what the job left in $JOBCTL_RESULT, else its standard output, byte for byte; exit as it did.

    Exits 75 with nothing on standard output while there is none yet.
    """
    return call("result", locals())


@commands.command(
    short_help="Show what a job wrote, also while it writes.",
    epilog="Examples: jobctl logs 17 · jobctl logs -f @ · jobctl logs 17 --stderr -n 20",
)
def logs(
    *,
    selector: Selector,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Show what comes, until the job is finished.")] = False,
    lines: Annotated[
        int | None, typer.Option("--lines", "-n", metavar="N", help="Only the last N lines of each stream.")
    ] = None,
    stdout: Annotated[bool, typer.Option("--stdout", help="Standard output only.")] = False,
    stderr: Annotated[bool, typer.Option("--stderr", help="Standard error only.")] = False,
    attempt: Attempt = None,
    raw: Annotated[bool, typer.Option("--raw", help="Exact bytes also on a terminal.")] = False,
    path: Annotated[bool, typer.Option("--path", help="Print where the files lie instead.")] = False,
    json: Json = False,
) -> int:
    """Show what a job wrote to its standard output and then to its standard error; with -f as it comes."""
    return call("logs", locals())


@commands.command(
    short_help="Say why a job waits, or why it failed.",
    epilog="Examples: jobctl why 17 · jobctl why @ --json",
)
def why(*, selector: Selector, json: Json = False, color: Color = "auto") -> int:
    """Say on one screen why a job waits or why it failed, with what shows it and what to do next."""
    return call("why", locals())


@commands.command(
    short_help="Every change of state, numbered.",
    epilog="Examples: jobctl events -f --since now · jobctl events --since 1200 --json · jobctl events 17",
)
def events(
    *,
    selectors: Selectors = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on and show what comes.")] = False,
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="SEQ|now", help="Only events with a higher number than SEQ, or only new ones."),
    ] = None,
    json: Json = False,
) -> int:
    """Show every change of state of every job, or of those named, each with a number that counts up.

    Who remembers the last number goes on behind it with --since, whatever happened meanwhile.
    """
    return call("events", locals())

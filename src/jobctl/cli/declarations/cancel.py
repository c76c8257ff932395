"""The commands that ask something of jobs, as Typer has them: from `cancel` to `clean`."""

from __future__ import annotations

from typing import Annotated

import typer

from jobctl.cli.declarations.calling import call
from jobctl.cli.declarations.parameters import (
    All,
    Json,
    NoStart,
    NoWait,
    OfName,
    OfQueue,
    OfStates,
    OfTags,
    Reason,
    Selectors,
)

commands = typer.Typer()


@commands.command(
    short_help="End jobs, or keep them from starting.",
    epilog="Examples: jobctl cancel 17 · jobctl cancel --tag nightly · jobctl cancel @ -s INT --reason 'wrong data'",
)
def cancel(
    *,
    selectors: Selectors = None,
    signal: Annotated[
        str | None, typer.Option("--signal", "-s", metavar="SIGNAL", help="Begin with SIGNAL instead of TERM.")
    ] = None,
    now: Annotated[bool, typer.Option("--now", help="SIGKILL at once, no grace.")] = False,
    reason: Reason = None,
    no_wait: NoWait = False,
    name: OfName = None,
    tag: OfTags = None,
    queue: OfQueue = None,
    state: OfStates = None,
    all: All = False,  # noqa: A002  # named as the option
    json: Json = False,
) -> int:
    """Cancel jobs: one that waits never starts, one that runs is ended with its whole tree.

    A running job gets SIGTERM, ten seconds later SIGKILL. Waits until it is so. A job that had ended before
    stays as it is, and that is said.
    """
    return call("cancel", locals())


@commands.command(
    short_help="Run finished jobs again under the same ID.",
    epilog="Examples: jobctl retry 17 · jobctl retry 17.3 · jobctl retry --failed --tag nightly",
)
def retry(
    *,
    selectors: Selectors = None,
    failed: Annotated[bool, typer.Option("--failed", help="Every failed job that the filters leave.")] = False,
    all_tasks: Annotated[
        bool, typer.Option("--all-tasks", help="All tasks of an array job, not only those that did not complete.")
    ] = False,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Do not wait until the daemon has taken it in.")] = False,
    name: OfName = None,
    tag: OfTags = None,
    queue: OfQueue = None,
    state: OfStates = None,
    json: Json = False,
) -> int:
    """Give finished jobs new attempts; the output and results of the earlier ones are kept.

    Of an array job only the tasks are run again that did not complete.
    """
    return call("retry", locals())


@commands.command(
    short_help="Submit jobs again: new IDs, the same specification and inputs.",
    epilog="Examples: jobctl rerun 17 · id=$(jobctl rerun @)",
)
def rerun(
    *,
    selectors: Selectors = None,
    no_start: NoStart = False,
    json: Json = False,
) -> int:
    """Make a new job of the frozen specification and inputs of each job named, and print its ID."""
    return call("rerun", locals())


@commands.command(
    short_help="Keep jobs from starting.",
    epilog="Examples: jobctl hold 17 --reason 'disk is full' · jobctl hold --tag nightly",
)
def hold(
    *,
    selectors: Selectors = None,
    reason: Reason = None,
    no_wait: NoWait = False,
    name: OfName = None,
    tag: OfTags = None,
    queue: OfQueue = None,
    state: OfStates = None,
    all: All = False,  # noqa: A002  # named as the option
    json: Json = False,
) -> int:
    """Keep jobs from starting until they are released. What runs goes on."""
    return call("hold", locals())


@commands.command(
    short_help="Let jobs start that were held.",
    epilog="Examples: jobctl release 17 · jobctl release --all",
)
def release(
    *,
    selectors: Selectors = None,
    no_wait: NoWait = False,
    name: OfName = None,
    tag: OfTags = None,
    queue: OfQueue = None,
    state: OfStates = None,
    all: All = False,  # noqa: A002  # named as the option
    json: Json = False,
) -> int:
    """Let jobs start that were held or submitted with --hold."""
    return call("release", locals())


@commands.command(
    short_help="Change priority, queue or limits of jobs that have not started.",
    epilog="Examples: jobctl edit 17 --priority 10 · jobctl edit 17-20 --queue gpu --timeout 2h · "
    "jobctl edit 17 --memory none",
)
def edit(
    *,
    selectors: Selectors = None,
    priority: Annotated[int | None, typer.Option("--priority", "-p", metavar="N", help="Higher is first.")] = None,
    queue: Annotated[str | None, typer.Option("--queue", "-q", metavar="QUEUE", help="Move it to QUEUE.")] = None,
    slots: Annotated[int | None, typer.Option("--slots", metavar="N", help="Slots that each task takes.")] = None,
    max_wait: Annotated[
        str | None, typer.Option("--max-wait", metavar="D|none", help="Expires if not started D after submission.")
    ] = None,
    timeout: Annotated[str | None, typer.Option("--timeout", metavar="D|none", help="How long it may run.")] = None,
    grace: Annotated[str | None, typer.Option("--grace", metavar="D", help="From the first signal to SIGKILL.")] = None,
    memory: Annotated[str | None, typer.Option("--memory", metavar="SIZE|none", help="Memory of its tree.")] = None,
    max_output: Annotated[
        str | None, typer.Option("--max-output", metavar="SIZE|none", help="Bytes of each stream that are kept.")
    ] = None,
    nice: Annotated[int | None, typer.Option("--nice", metavar="N", help="What is added to the nice value.")] = None,
    no_wait: NoWait = False,
    json: Json = False,
) -> int:
    """Change what jobs were submitted with, as long as they have not started."""
    return call("edit", locals())


@commands.command(
    short_help="Forget finished jobs.",
    epilog="Examples: jobctl clean --older-than 30d · jobctl clean --state completed --keep 100 · "
    "jobctl clean 17-20 · jobctl clean --dry-run",
)
def clean(
    *,
    selectors: Selectors = None,
    older_than: Annotated[
        str | None, typer.Option("--older-than", metavar="D", help="Jobs that ended longer than D ago.")
    ] = None,
    keep: Annotated[
        int | None, typer.Option("--keep", metavar="N", help="Keep the N that ended last of those that match.")
    ] = None,
    name: OfName = None,
    tag: OfTags = None,
    queue: OfQueue = None,
    state: OfStates = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the IDs, forget nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before all are forgotten.")] = False,
    json: Json = False,
) -> int:
    """Forget finished jobs with their output and results: those named, those that match, or without either all.

    An unfinished job is never forgotten, nor one that an unfinished job waits for. IDs are never used again.
    """
    return call("clean", locals())

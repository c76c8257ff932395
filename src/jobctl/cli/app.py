"""The grammar of the command line, in Typer, once: names, help, errors and the table of the quick way come from here.

A function's parameters are those of the command's own function, which `dispatch` finds and calls with them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

import jobctl
from jobctl.cli import dispatch, output
from jobctl.cli.options import of_a_job
from jobctl.errors import JobctlError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

# The parsing of a job's own command: stops at the first word that is not an option.
_COMMAND_FOLLOWS = {"allow_interspersed_args": False}

app = typer.Typer(
    name="jobctl",
    help="Submit long-running commands as durable jobs, follow them, fetch what they made.",
    epilog="Exit status: 0 answered; 2 usage; 3 outcome unknown; 65 contradiction; 73 spool unusable; 75 not now; "
    "124 wait timed out; 125 jobctl failed; 126 job never ran or is lost; 127 no such job; 130 interrupted. "
    "`man jobctl` has all of it.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
daemon = typer.Typer(help="Start, stop and look at the daemon that runs the jobs.", rich_markup_mode=None)
app.add_typer(daemon, name="daemon")


class _ListFirst(typer.core.TyperGroup):
    """A group of commands that without one of them is `list`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put `list` where no command is named."""
        if not args or (args[0].startswith("-") and args[0] not in ctx.help_option_names):
            args.insert(0, "list")
        return super().parse_args(ctx, args)


queue = typer.Typer(help="See queues, set their slots, pause and resume them.", rich_markup_mode=None, cls=_ListFirst)
app.add_typer(queue, name="queue")
deliveries = typer.Typer(
    help="Webhooks and commands that are told of the ends of jobs: list them, make them again.",
    rich_markup_mode=None,
    cls=_ListFirst,
)
app.add_typer(deliveries, name="deliveries")

Selectors = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[SELECTOR]...", help="17, 17.3 (task 3), 17-20, @ (last submitted), @~2.", show_default=False
    ),
]
Selector = Annotated[
    str,
    typer.Argument(metavar="SELECTOR", help="17, 17.3 (task 3), @ (last submitted), @~2.", show_default=False),
]
Json = Annotated[bool, typer.Option("--json", help="Answer in JSON, one document a line.")]
Color = Annotated[str, typer.Option("--color", metavar="auto|always|never", help="Whether to colour.")]
OfName = Annotated[str | None, typer.Option("--name", metavar="GLOB", help="Jobs whose name matches.")]
OfTags = Annotated[list[str] | None, typer.Option("--tag", metavar="TAG", help="Jobs with this tag; may be repeated.")]
OfQueue = Annotated[str | None, typer.Option("--queue", metavar="QUEUE", help="Jobs of this queue.")]
OfStates = Annotated[
    list[str] | None, typer.Option("--state", metavar="STATE", help="Jobs in this state; may be repeated.")
]
All = Annotated[bool, typer.Option("--all", help="All jobs that the other filters leave.")]
Attempt = Annotated[int | None, typer.Option("--attempt", metavar="N", help="Of attempt N instead of the last.")]


def run(arguments: Sequence[str]) -> int:
    """Run the command that *arguments* write and return its exit status; errors have been told."""
    try:
        status = app(list(arguments), prog_name="jobctl", standalone_mode=False)
    except typer.Abort:
        return 130
    except OSError as failure:
        # The help or the version could not be printed.
        return dispatch.tell(JobctlError(failure.strerror or str(failure)), as_json=False)
    except typer.TyperException as wrong:
        message = getattr(wrong, "format_message", wrong.__str__)().rstrip(".")
        context = getattr(wrong, "ctx", None)
        about = f"; `{context.command_path} --help` shows what there is" if context is not None else ""
        return dispatch.tell(UsageError(message + about), as_json=_is_asked_for_json(arguments))
    return status if isinstance(status, int) else 0


def _is_asked_for_json(arguments: Sequence[str]) -> bool:
    words = list(arguments)
    return "--json" in (words[: words.index("--")] if "--" in words else words)


def _call(name: str, values: dict[str, Any]) -> int:
    # What `of_a_job` declares arrives as one table.
    values = {**values.pop("job", {}), **values}
    for key in ("command", "selectors", "amount"):
        if key in values and values[key] is None:
            values[key] = []
    return dispatch.call(name, values)


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


@app.command(
    context_settings=_COMMAND_FOLLOWS,
    epilog="Examples: jobctl submit make -j4 · jobctl submit -n backup -- rsync -a ~/src /mnt/ · "
    "id=$(jobctl submit -c 'sort < in > out') · jobctl submit --stdin data.csv -- ./import · "
    "jobctl submit --each-line urls.txt%4 --retries 3 -- curl -fsSO {} · jobctl submit --after-ok 17 -- ./publish · "
    "jobctl submit --at 'tomorrow 9:00' --timeout 2h -- ./report · jobctl submit --key order-4711 -- ./bill 4711",
)
@of_a_job
def submit(
    *,
    json: Json = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be stored, store nothing.")] = False,
    no_start: Annotated[bool, typer.Option("--no-start", help="Leave it to others to start a daemon.")] = False,
    wait: Annotated[bool, typer.Option("--wait", "-W", help="Wait until it is finished and exit as it did.")] = False,
    watch: Annotated[bool, typer.Option("--watch", "-w", help="See it change until it is finished.")] = False,
    **job: Any,  # part of locals()
) -> int:
    """Make a job durable and print its ID.

    The environment, directory and umask are yours of now. The job runs when its turn comes, whether or
    not you stay, and survives whatever happens to the daemon.
    """
    return _call("submit", locals())


@app.command(
    "run",
    context_settings=_COMMAND_FOLLOWS,
    epilog="Examples: jobctl run make check · jobctl run -C /src -- ./configure --prefix=/usr",
)
@of_a_job
def run_(*, json: Json = False, **job: Any) -> int:  # part of locals()
    """Submit a job, show its output as it comes, exit as it did.

    Ctrl-C asks whether the job is to stop too; without a terminal, and when the terminal is closed, it goes on.
    """
    return _call("run", locals())


@app.command(
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
        typer.Option("--since", metavar="D|TIME", help="Jobs finished or submitted since then: 2h, 1d, 2026-11-24."),
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
    return _call("status", locals())


@app.command(
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
    return _call("watch", locals())


@app.command(
    short_help="Block until jobs are finished; exit as they did.",
    epilog="Examples: jobctl wait 17 · jobctl wait 17-20 --any · jobctl wait @ --timeout 10m || echo $?",
)
def wait(
    *,
    selectors: Selectors = None,
    any: Annotated[bool, typer.Option("--any", help="Until one of them is finished; print its ID.")] = False,  # noqa: A002
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
    return _call("wait", locals())


@app.command(
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
    return _call("result", locals())


@app.command(
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
    return _call("logs", locals())


@app.command(
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
    reason: Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="Note TEXT as the reason.")] = None,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Do not wait until it is so.")] = False,
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
    return _call("cancel", locals())


@app.command(
    short_help="Say why a job waits, or why it failed.",
    epilog="Examples: jobctl why 17 · jobctl why @ --json",
)
def why(*, selector: Selector, json: Json = False, color: Color = "auto") -> int:
    """Say on one screen why a job waits or why it failed, with what shows it and what to do next."""
    return _call("why", locals())


@app.command(
    short_help="Every change of state, numbered.",
    epilog="Examples: jobctl events -f · jobctl events --since 1200 --json · jobctl events 17",
)
def events(
    *,
    selectors: Selectors = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on and show what comes.")] = False,
    since: Annotated[
        int | None, typer.Option("--since", metavar="SEQ", help="Only events with a higher number than SEQ.")
    ] = None,
    json: Json = False,
) -> int:
    """Show every change of state of every job, or of those named, each with a number that counts up.

    Who remembers the last number goes on behind it with --since, whatever happened meanwhile.
    """
    return _call("events", locals())


@app.command(epilog="Examples: jobctl schema status > status.schema.json")
def schema(
    *,
    name: Annotated[
        str, typer.Argument(metavar="[spec|status|event|config]", help="Of which document.", show_default=False)
    ] = "status",
) -> int:
    """Print the JSON Schema of a document: the status file, the specification, an event, or the configuration."""
    return _call("schema", locals())


@deliveries.command("list")
def deliveries_list(*, selectors: Selectors = None, json: Json = False) -> int:
    """List who was told of the ends of jobs, who waits to be told, and what failed; or those of the jobs named."""
    return _call("deliveries list", locals())


@deliveries.command("redeliver")
def deliveries_redeliver(
    *,
    deliveries: Annotated[
        list[str], typer.Argument(metavar="ID...", help="17:1, as `deliveries list` shows it.", show_default=False)
    ],
    json: Json = False,
) -> int:
    """Make deliveries again, now, whatever came of them before."""
    return _call("deliveries redeliver", locals())


@app.command(
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
    return _call("retry", locals())


@app.command(
    short_help="Submit jobs again: new IDs, the same specification and inputs.",
    epilog="Examples: jobctl rerun 17 · id=$(jobctl rerun @)",
)
def rerun(
    *,
    selectors: Selectors = None,
    no_start: Annotated[bool, typer.Option("--no-start", help="Leave it to others to start a daemon.")] = False,
    json: Json = False,
) -> int:
    """Make a new job of the frozen specification and inputs of each job named, and print its ID."""
    return _call("rerun", locals())


@app.command(
    short_help="Keep jobs from starting.",
    epilog="Examples: jobctl hold 17 --reason 'disk is full' · jobctl hold --tag nightly",
)
def hold(
    *,
    selectors: Selectors = None,
    reason: Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="Note TEXT as the reason.")] = None,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Do not wait until it is so.")] = False,
    name: OfName = None,
    tag: OfTags = None,
    queue: OfQueue = None,
    state: OfStates = None,
    all: All = False,  # noqa: A002  # named as the option
    json: Json = False,
) -> int:
    """Keep jobs from starting until they are released. What runs goes on."""
    return _call("hold", locals())


@app.command(
    short_help="Let jobs start that were held.",
    epilog="Examples: jobctl release 17 · jobctl release --all",
)
def release(
    *,
    selectors: Selectors = None,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Do not wait until it is so.")] = False,
    name: OfName = None,
    tag: OfTags = None,
    queue: OfQueue = None,
    state: OfStates = None,
    all: All = False,  # noqa: A002  # named as the option
    json: Json = False,
) -> int:
    """Let jobs start that were held or submitted with --hold."""
    return _call("release", locals())


@app.command(
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
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Do not wait until it is so.")] = False,
    json: Json = False,
) -> int:
    """Change what jobs were submitted with, as long as they have not started."""
    return _call("edit", locals())


@app.command(
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
    json: Json = False,
) -> int:
    """Forget finished jobs with their output and results: those named, those that match, or without either all.

    An unfinished job is never forgotten, nor one that an unfinished job waits for. IDs are never used again.
    """
    return _call("clean", locals())


QueueName = Annotated[str, typer.Argument(metavar="NAME", help="Name of the queue.", show_default=False)]


@queue.command("list")
def queue_list(*, json: Json = False, color: Color = "auto") -> int:
    """Show the queues: slots, how many are used, how many tasks wait, whether paused. The default."""
    return _call("queue list", locals())


@queue.command("set")
def queue_set(
    *, name: QueueName, slots: Annotated[int, typer.Option("--slots", metavar="N", help="Jobs of it that run at once.")]
) -> int:
    """Make a queue, or change its number of slots, at once. Fewer slots end no job."""
    return _call("queue set", locals())


@queue.command("pause")
def queue_pause(
    *,
    name: QueueName,
    drain: Annotated[bool, typer.Option("--drain", help="Wait until what runs of it has ended.")] = False,
) -> int:
    """Start nothing of a queue until it is resumed. What runs goes on."""
    return _call("queue pause", locals())


@queue.command("resume")
def queue_resume(*, name: QueueName) -> int:
    """Start the jobs of a paused queue again."""
    return _call("queue resume", locals())


@queue.command("remove")
def queue_remove(*, name: QueueName) -> int:
    """Remove a queue in which no job is unfinished."""
    return _call("queue remove", locals())


@app.command(
    short_help="From inside a job: report how far it is.",
    epilog="Examples: jobctl progress 45 · jobctl progress 3/10 -m 'epoch 3' · jobctl progress -m 'cleaning up'",
)
def progress(
    *,
    amount: Annotated[
        list[str] | None,
        typer.Argument(metavar="[N|N%|N/M]", help="How far it is, in percent or as a count.", show_default=False),
    ] = None,
    message: Annotated[str | None, typer.Option("--message", "-m", metavar="TEXT", help="What it does now.")] = None,
) -> int:
    """Report from inside a job how far it is.

    What is left out stays as it was reported before. The same can be written to the file $JOBCTL_PROGRESS.
    """
    return _call("progress", locals())


@daemon.command("start")
def daemon_start() -> int:
    """Start the daemon if none runs. `submit` does so by itself."""
    return _call("daemon start", locals())


@daemon.command("stop")
def daemon_stop(
    *,
    cancel_jobs: Annotated[bool, typer.Option("--cancel-jobs", help="Cancel all unfinished jobs first.")] = False,
    drain: Annotated[bool, typer.Option("--drain", help="Wait first until no job is unfinished.")] = False,
) -> int:
    """Stop the daemon. Running jobs go on, and the next daemon takes them over."""
    return _call("daemon stop", locals())


@daemon.command("restart")
def daemon_restart() -> int:
    """Replace the daemon by one of this version. Running jobs go on."""
    return _call("daemon restart", locals())


@daemon.command("status")
def daemon_status(*, json: Json = False) -> int:
    """Show whether the daemon runs, which one it is, and how many jobs it has."""
    return _call("daemon status", locals())


@daemon.command("run")
def daemon_run() -> int:
    """Be the daemon, in the foreground: for systemd, launchd and for looking."""
    return _call("daemon run", locals())


@daemon.command("logs")
def daemon_logs(
    *,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Show what comes.")] = False,
    lines: Annotated[int | None, typer.Option("--lines", "-n", metavar="N", help="Only the last N lines.")] = None,
) -> int:
    """Show what the daemon has noted."""
    return _call("daemon logs", locals())


# ── everyday ───────────────────────────────────────────────────────────────────────────────────────

config = typer.Typer(help="Look at the settings and change them.", rich_markup_mode=None)
app.add_typer(config, name="config")
Key = Annotated[str, typer.Argument(metavar="KEY", help="As in queues.default.slots.", show_default=False)]


@config.callback(invoke_without_command=True)
def config_(context: typer.Context) -> int:
    """Look at the settings and change them; without a command, show all."""
    return 0 if context.invoked_subcommand else _call("config get", {})


@config.command("get")
def config_get(
    *,
    key: Annotated[str | None, typer.Argument(metavar="[KEY]", help="As in queues.default.slots.")] = None,
    json: Json = False,
) -> int:
    """Print the value of a setting, or all settings and whether they come from the file."""
    return _call("config get", locals())


@config.command("set")
def config_set(
    *,
    key: Key,
    value: Annotated[list[str] | None, typer.Argument(metavar="[VALUE]...", show_default=False)] = None,
    default: Annotated[bool, typer.Option("--default", help="Take the setting out of the file.")] = False,
) -> int:
    """Change a setting; comments and order of the file stay. The daemon takes it up within a second or so."""
    return _call("config set", {**locals(), "value": value or []})


@config.command("edit")
def config_edit() -> int:
    """Open the file in $VISUAL or $EDITOR; what is not valid never takes its place."""
    return _call("config edit", locals())


@config.command("path")
def config_path() -> int:
    """Print where the file is."""
    return _call("config path", locals())


@app.command(
    epilog='Examples: eval "$(jobctl completion bash)" · '
    "jobctl completion fish > ~/.config/fish/completions/jobctl.fish"
)
def completion(
    *, shell: Annotated[str, typer.Argument(metavar="bash|zsh|fish", help="Which shell.", show_default=False)]
) -> int:
    """Print the script that makes a shell complete commands, options, job IDs, tags and queues."""
    return _call("completion", locals())


@app.command()
def doctor(*, json: Json = False) -> int:
    """Check the home, the daemon, the disk, cron and the service manager; say what is wrong and how to mend it.

    Exits with the status of the first problem, 0 if there is none; a warning is no problem.
    """
    return _call("doctor", locals())


@app.command(
    "help", epilog="Examples: jobctl help · jobctl help submit · jobctl help recipes · jobctl help jobctl.toml"
)
def help_(
    *,
    topic: Annotated[
        str | None, typer.Argument(metavar="[TOPIC]", help="A page, a command, or a heading.", show_default=False)
    ] = None,
) -> int:
    """Show the manual, also where there is no man: a page, or what it says about a command or another heading."""
    return _call("help", locals())


@daemon.command("install")
def daemon_install(
    *, no_enable: Annotated[bool, typer.Option("--no-enable", help="Only write the unit.")] = False
) -> int:
    """Have your service manager (systemd, launchd) start the daemon when you log in, and keep it."""
    return _call("daemon install", locals())


@daemon.command("uninstall")
def daemon_uninstall() -> int:
    """Stop your service manager from starting the daemon. Running jobs go on."""
    return _call("daemon uninstall", locals())

"""`jobctl daemon`, as Typer has it."""

from __future__ import annotations

from typing import Annotated

import typer

from jobctl.cli.declarations.calling import call
from jobctl.cli.declarations.parameters import Json

commands = typer.Typer(help="Start, stop and look at the daemon that runs the jobs.")


@commands.command("start")
def daemon_start() -> int:
    """Start the daemon if none runs. `submit` does so by itself."""
    return call("daemon start", locals())


@commands.command("stop")
def daemon_stop(
    *,
    cancel_jobs: Annotated[bool, typer.Option("--cancel-jobs", help="Cancel all unfinished jobs first.")] = False,
    drain: Annotated[bool, typer.Option("--drain", help="Wait first until no job is unfinished.")] = False,
) -> int:
    """Stop the daemon. Running jobs go on, and the next daemon takes them over."""
    return call("daemon stop", locals())


@commands.command("restart")
def daemon_restart() -> int:
    """Replace the daemon by one of this version. Running jobs go on."""
    return call("daemon restart", locals())


@commands.command("status")
def daemon_status(*, json: Json = False) -> int:
    """Show whether the daemon runs, which one it is, and how many jobs it has."""
    return call("daemon status", locals())


@commands.command("run")
def daemon_run() -> int:
    """Be the daemon, in the foreground: for systemd, launchd and for looking."""
    return call("daemon run", locals())


@commands.command("logs")
def daemon_logs(
    *,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Show what comes.")] = False,
    lines: Annotated[int | None, typer.Option("--lines", "-n", metavar="N", help="Only the last N lines.")] = None,
) -> int:
    """Show what the daemon has noted."""
    return call("daemon logs", locals())


@commands.command("install")
def daemon_install(
    *, no_enable: Annotated[bool, typer.Option("--no-enable", help="Only write the unit.")] = False
) -> int:
    """Have your service manager (systemd, launchd) start the daemon when you log in, and keep it."""
    return call("daemon install", locals())


@commands.command("uninstall")
def daemon_uninstall() -> int:
    """Stop your service manager from starting the daemon. Running jobs go on."""
    return call("daemon uninstall", locals())

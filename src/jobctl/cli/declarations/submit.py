"""`jobctl submit` and `jobctl run`, as Typer has them."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from jobctl.cli.declarations.calling import COMMAND_FOLLOWS, call
from jobctl.cli.declarations.job import of_a_job
from jobctl.cli.declarations.parameters import Json, NoStart

commands = typer.Typer()


@commands.command(
    context_settings=COMMAND_FOLLOWS,
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
    no_start: NoStart = False,
    wait: Annotated[bool, typer.Option("--wait", "-W", help="Wait until it is finished and exit as it did.")] = False,
    watch: Annotated[bool, typer.Option("--watch", "-w", help="See it change until it is finished.")] = False,
    **job: Any,  # part of locals()
) -> int:
    """Make a job durable and print its ID.

    The environment, directory and umask are yours of now. The job runs when its turn comes, whether or
    not you stay, and survives whatever happens to the daemon.
    """
    return call("submit", locals())


@commands.command(
    "run",
    context_settings=COMMAND_FOLLOWS,
    epilog="Examples: jobctl run make check · jobctl run -C /src -- ./configure --prefix=/usr",
)
@of_a_job
def run_(*, json: Json = False, **job: Any) -> int:  # part of locals()
    """Submit a job, show its output as it comes, exit as it did.

    Ctrl-C asks whether the job is to stop too; without a terminal, and when the terminal is closed, it goes on.
    """
    return call("run", locals())

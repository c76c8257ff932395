"""`jobctl queue`, as Typer has it."""

from __future__ import annotations

from typing import Annotated

import typer

from jobctl.cli.declarations.calling import ListFirst, call
from jobctl.cli.declarations.parameters import Color, Json

commands = typer.Typer(help="See queues, set their slots, pause and resume them.", cls=ListFirst)

QueueName = Annotated[str, typer.Argument(metavar="NAME", help="Name of the queue.", show_default=False)]


@commands.command("list")
def queue_list(*, json: Json = False, color: Color = "auto") -> int:
    """Show the queues: slots, how many are used, how many tasks wait, whether paused. The default."""
    return call("queue list", locals())


@commands.command("set")
def queue_set(
    *, name: QueueName, slots: Annotated[int, typer.Option("--slots", metavar="N", help="Jobs of it that run at once.")]
) -> int:
    """Make a queue, or change its number of slots, at once. Fewer slots end no job."""
    return call("queue set", locals())


@commands.command("pause")
def queue_pause(
    *,
    name: QueueName,
    drain: Annotated[bool, typer.Option("--drain", help="Wait until what runs of it has ended.")] = False,
) -> int:
    """Start nothing of a queue until it is resumed. What runs goes on."""
    return call("queue pause", locals())


@commands.command("resume")
def queue_resume(*, name: QueueName) -> int:
    """Start the jobs of a paused queue again."""
    return call("queue resume", locals())


@commands.command("remove")
def queue_remove(*, name: QueueName) -> int:
    """Remove a queue in which no job is unfinished; `default` goes back to what the configuration says of it."""
    return call("queue remove", locals())

"""`jobctl queue …`: see the queues, give them slots, pause and resume them."""

from __future__ import annotations

import os

from jobctl.cli import output, waiting
from jobctl.errors import Contradiction, UsageError
from jobctl.model import states
from jobctl.model.spec import DEFAULT_QUEUE, check_label
from jobctl.store import clock, config, home, queues, selection, status_reader
from jobctl.store.layout import default_config
from jobctl.store.selection import Filters
from jobctl.store.settings import MOST_SLOTS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Final

    from jobctl.model.status import Status
    from jobctl.store.layout import Layout
    from jobctl.store.queues import Queues

#: Seconds within which a daemon has looked at what was changed of the queues, also if it missed the doorbell.
_SEEN_WITHIN: Final = 2.0


def show(*, json: bool = False, color: str = "auto") -> int:
    """`queue list`: each queue with its slots, how many are used, how many tasks wait, and whether it is paused."""
    output.check_color(color)
    layout = home.existing(os.environ)
    settings = config.load_for_command(default_config(os.environ))
    known = (
        queues.Queues(configured=settings.queues, written=settings.written)
        if layout is None
        else queues.load(layout, settings)
    )
    rows = {name: _row(known, name) for name in known.names()}
    if layout is not None:
        for status in selection.matching(layout, Filters(states=states.UNFINISHED)):
            _count(layout, status, rows.setdefault(status.queue, _row(known, status.queue)))
    for name, row in rows.items():
        row["draining"] = row["paused"] and row["used"] > 0
        row["slots_from"] = known.slots_from(name)
    if json:
        for row in rows.values():
            output.write_json({"v": 1, **row})
    elif output.is_for_eyes(color):
        from jobctl.cli import render  # noqa: PLC0415  # rich, only for eyes

        render.queues(list(rows.values()), color)
    else:
        for row in rows.values():
            output.write_columns(
                *(("yes" if cell else "no") if isinstance(cell, bool) else cell for cell in row.values())
            )
    return 0


def set_(*, name: str, slots: int) -> int:
    """`queue set`: make a queue, or give it another number of slots."""
    if not queues.is_number_of_slots(slots):
        raise UsageError(f"--slots {slots}: a queue has 1 to {MOST_SLOTS} slots; `jobctl queue pause` stops it")
    _change(home.create(os.environ), name, slots=slots)
    return 0


def pause(*, name: str, drain: bool = False) -> int:
    """`queue pause`: start nothing of a queue any more; with *drain* wait until nothing of it runs."""
    layout = _with_queue(name)
    _change(layout, name, paused=True)
    if drain:
        try:
            _await_drained(layout, name)
        except KeyboardInterrupt:
            output.warn(f"interrupted; queue {name} stays paused")
            return 130
    return 0


def resume(*, name: str) -> int:
    """`queue resume`: start the jobs of a queue again."""
    _change(_with_queue(name), name, paused=False)
    return 0


def remove(*, name: str) -> int:
    """`queue remove`: forget what was changed of a queue, and so the queue, unless it is `default` or configured.

    Raises:
        Contradiction: nothing was changed, or a queue that would be gone has an unfinished job; or the queue stays
            as the file has it.
    """
    layout = _with_queue(name)
    path = default_config(os.environ)
    settings = config.load_for_command(path)
    known = queues.load(layout, settings)
    changed = name in dict(known.changed)
    if name == DEFAULT_QUEUE and not changed:
        raise Contradiction(f"queue {name} is always there and cannot be removed; nothing was changed of it")
    jobs = [] if name in dict(settings.queues) else [status.id for status in _unfinished(layout, name)]
    if jobs:
        raise Contradiction(f"queue {name} is not removed: {waiting.name(jobs)} in it {_is(jobs)} not finished")
    if changed:
        try:
            queues.remove(layout, name)
        except OSError as failure:
            raise home.unusable(layout, "change queues in", failure) from failure
    if name == DEFAULT_QUEUE:
        by = f"as {path} says" if name in settings.written else "as without any configuration"
        output.hint(f"queue {name} has {settings.slots(name)} slots again, {by}")
    elif name in dict(settings.queues):
        raise Contradiction(f"queue {name} stays as {path} has it; remove it there")
    return 0


COMMANDS: Final[dict[str, Callable[..., int]]] = {
    "queue list": show,
    "queue set": set_,
    "queue pause": pause,
    "queue resume": resume,
    "queue remove": remove,
}


def _is(jobs: list[int]) -> str:
    return "are" if len(jobs) > 1 else "is"


def _row(known: Queues, name: str) -> dict[str, Any]:
    return {"name": name, "slots": known.slots(name), "used": 0, "waiting": 0, "paused": known.paused(name)}


def _count(layout: Layout, status: Status, row: dict[str, Any]) -> None:
    running, waits = _tasks(status)
    row["waiting"] += waits
    if running:
        row["used"] += running * status_reader.spec(layout, status.id).slots


def _tasks(status: Status) -> tuple[int, int]:
    """Return how many tasks of a job run and how many have still to start."""
    if status.tasks is None:
        running = int(status.state == states.PROCESSING)
        return running, 1 - running
    return status.tasks.get("processing", 0), status.tasks.get("pending", 0) + status.tasks.get("retrying", 0)


def _with_queue(name: str) -> Layout:
    """Return the home, in which there is the queue *name*.

    Raises:
        Contradiction: nobody has set it up, and no job is in it.
    """
    check_label(name)
    layout = home.create(os.environ)
    known = queues.load(layout, config.load_for_command(default_config(os.environ)))
    if not known.known(name) and not _unfinished(layout, name):
        raise Contradiction(f"there is no queue {name!r}; `jobctl queue set {name} --slots N` makes it")
    return layout


def _unfinished(layout: Layout, name: str) -> list[Status]:
    return list(selection.matching(layout, Filters(queue=name, states=states.UNFINISHED)))


def _change(layout: Layout, name: str, *, slots: int | None = None, paused: bool | None = None) -> None:
    try:
        queues.change(layout, name, slots=slots, paused=paused)
    except OSError as failure:
        raise home.unusable(layout, "change queues in", failure) from failure


def _await_drained(layout: Layout, name: str) -> None:
    """Return when nothing of the queue *name* runs and the daemon must have seen that it is paused."""
    from jobctl.store.notify import Watcher  # noqa: PLC0415  # only who must block pays for it

    seen_at = clock.steady() + _SEEN_WITHIN
    watcher = Watcher()
    daemon = waiting.Presence(layout)
    while True:
        left = seen_at - clock.steady()
        unfinished = _unfinished(layout, name)
        if not any(_tasks(status)[0] for status in unfinished) and (left <= 0 or not unfinished):
            break
        for status in unfinished:
            watcher.add(layout.job(status.id))
        daemon.ensure()
        watcher.wait(left if left > 0 else None)
    watcher.close()

"""`jobctl deliveries`: who was told of the ends of jobs, who waits to be, and what failed."""

from __future__ import annotations

import os
from itertools import islice

from jobctl.cli import output, summon
from jobctl.errors import NoSuchJob, UnreadableRecord, UsageError
from jobctl.store import home, outbox, selection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Final

    from jobctl.store.layout import Layout
    from jobctl.store.outbox import Label

#: Without selectors: how many of the last jobs are looked at for what was delivered.
_JOBS_LOOKED_AT: Final = 1000


def show(*, selectors: list[str], json: bool = False) -> int:
    """List deliveries; the parameters are the options of jobctl-deliveries(1)."""
    layout = home.existing(os.environ)
    jobs = selection.select(layout, selectors)
    if layout is None:
        return 0
    labels = _labels(layout, jobs if selectors else None)
    found = (_describe(layout, label) for label in sorted(labels, key=lambda label: (label.job, label.number)))
    rows = [document for document in found if document is not None]
    if json:
        for document in rows:
            output.write_json(document)
    elif rows and output.is_terminal():
        from jobctl.cli import render_deliveries  # noqa: PLC0415  # rich, only for eyes

        render_deliveries.table(rows)
    else:
        for document in rows:
            output.write_columns(*(document[key] for key in COLUMNS))
    if not rows:
        output.hint("nobody is to be told of anything; --webhook and --on-finish of `jobctl submit` say who is")
    elif outbox.waiting(layout):
        summon.ensure(layout, patient=False)
    return 0


def _labels(layout: Layout, jobs: list[int] | None) -> set[Label]:
    """Return the deliveries of *jobs*; if None, what waits and what there is about the last jobs."""
    labels = set(outbox.waiting(layout)) if jobs is None else set()
    for job in islice(selection.newest(layout), _JOBS_LOOKED_AT) if jobs is None else jobs:
        labels.update(outbox.of_job(layout, job))
    return labels


#: What a line for scripts holds.
COLUMNS: Final = ("delivery", "state", "tries", "next_at", "kind", "target", "last_at", "result")


def redeliver(*, deliveries: list[str], json: bool = False) -> int:
    """Have deliveries made again; the parameters are the options of jobctl-deliveries(1)."""
    layout = home.existing(os.environ)
    labels = []
    for word in deliveries:
        label = outbox.parse_label(word)
        if label is None:
            raise UsageError(f"{word!r} names no delivery: they are named as 17:1; `jobctl deliveries` lists them")
        if layout is None or not os.path.lexists(layout.delivery(label.job, label.number)):
            raise NoSuchJob(f"there is no delivery {word}; `jobctl deliveries` lists them")
        labels.append(label)
    assert layout is not None  # noqa: S101  # without a home every label has been refused
    for label in labels:
        try:
            outbox.ask_again(layout, label)
        except OSError as failure:
            raise home.unusable(layout, f"ask for delivery {label} in", failure) from failure
        if json:
            output.write_json({"v": 1, "delivery": str(label), "job": label.job})
    summon.ensure(layout, patient=False)
    return 0


def _describe(layout: Layout, label: Label) -> dict[str, Any] | None:
    try:
        delivery = outbox.read(layout, label)
    except (FileNotFoundError, UnreadableRecord):
        return None
    known = outbox.tries(layout, label)
    again = outbox.is_wanted_again(layout, label)
    return {
        "v": 1,
        "delivery": str(label),
        "job": label.job,
        "message": delivery.message,
        "kind": delivery.kind,
        "target": delivery.target,
        "state": outbox.WAITING if again else known.state,
        "tries": known.tries,
        "last_at": known.last_at,
        "result": known.result,
        "next_at": known.next_at,
    }


COMMANDS: dict[str, Callable[..., int]] = {"deliveries list": show, "deliveries redeliver": redeliver}

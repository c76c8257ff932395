"""`jobctl clean`: forget finished jobs."""

from __future__ import annotations

import os
import sys

from jobctl.cli import asking, output, waiting
from jobctl.errors import JobctlError, NoSuchJob, NotNow, UnreadableRecord, UsageError
from jobctl.model import states
from jobctl.model.quantities import parse_duration, show_size
from jobctl.store import clock, home, once, outbox, removal, retention, selection, status_reader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from jobctl.model.status import Status
    from jobctl.store.layout import Layout
    from jobctl.store.outbox import Label
    from jobctl.store.selection import Filters

#: Seconds within which a daemon is done with a job that is shown as finished.
_WITHIN: Final = 5.0


def run(
    *,
    selectors: list[str],
    older_than: str | None = None,
    keep: int | None = None,
    name: str | None = None,
    tag: list[str] | None = None,
    queue: str | None = None,
    state: list[str] | None = None,
    dry_run: bool = False,
    yes: bool = False,
    json: bool = False,
) -> int:
    """Forget jobs; the parameters are the options of jobctl-cancel(1)."""
    asking.for_the_owner()
    filters = selection.filters(name, tag, queue, state, among=states.TERMINAL)
    seconds = None if older_than is None else parse_duration(older_than, "--older-than")
    if keep is not None and keep < 0:
        raise UsageError(f"--keep {keep} is negative; it is how many of the jobs to keep")
    filtered = bool(filters) or seconds is not None or keep is not None
    layout = home.existing(os.environ)
    named = set(selection.select(layout, selectors))
    if layout is None:
        return 0
    matching = _matching(layout, filters, seconds, keep) if filtered or not selectors else []
    spared, untold = retention.needed(layout), outbox.waiting(layout)
    patience = clock.steady() + (0 if dry_run else _WITHIN)
    due: list[int] = []

    def consider(job: int) -> None:
        try:
            _require_finished(status_reader.read(layout, job))
            if job in spared:
                raise NotNow(f"job {job} is kept: job {spared[job]} waits for it and has not started")
            _await_daemon(layout, job, patience)
            _require_told(layout, [label for label in untold if label.job == job])
        except (NotNow, NoSuchJob) as refused:
            if job in named:
                raise
            output.hint(str(refused))  # Of a set only those are meant with which it can be done.
        else:
            due.append(job)

    _, failure = asking.each(sorted(named.union(matching)), consider, as_json=json)
    if dry_run:
        _tell(due, sum(retention.size(layout.job(job)) for job in due), dry_run=True, json=json)
        return failure
    if due and not (filtered or selectors or yes) and not _is_meant(layout, due):
        output.hint("nothing was forgotten")
        return 0
    freed, refused = _forget(layout, due)
    _, later = asking.each(refused.values(), _refuse, as_json=json)
    _tell([job for job in due if not status_reader.exists(layout, job)], freed, dry_run=False, json=json)
    return failure or later


def _is_meant(layout: Layout, due: list[int]) -> bool:
    """Ask whoever sits at the terminal whether all these jobs are to be forgotten; elsewhere they are."""
    if not (output.is_terminal(0) and output.is_terminal(2)):
        return True
    many = "1 finished job and its result" if len(due) == 1 else f"{len(due)} finished jobs and their results"
    room = show_size(sum(retention.size(layout.job(job)) for job in due))
    output.ask(f"forget {many}, {room}? [y/N]")
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def _matching(layout: Layout, filters: Filters, seconds: float | None, keep: int | None) -> list[int]:
    """Return the finished jobs that match, but the *keep* of them that ended last."""
    found = list(selection.matching(layout, filters if filters.states else filters.but(states=states.TERMINAL)))
    found.sort(key=lambda status: (retention.ended_at(status), status.id), reverse=True)
    before = None if seconds is None else clock.ago(seconds)
    return [status.id for status in found[keep or 0 :] if before is None or retention.ended_at(status) < before]


def _require_finished(status: Status) -> None:
    if not status.finished:
        raise NotNow(f"job {status.id} is {status.state} and only finished jobs are forgotten; cancel it first")


def _require_told(layout: Layout, untold: list[Label]) -> None:
    """Refuse a job of whose end somebody is still to be told.

    Raises:
        NotNow: there are deliveries *untold*.
    """
    for label in untold:
        try:
            delivery, known = outbox.read(layout, label), outbox.tries(layout, label)
        except (FileNotFoundError, UnreadableRecord):
            continue
        came = f"{known.tries} tries so far, the last: {known.result}" if known.tries else "not tried yet"
        raise NotNow(
            f"job {label.job} is not forgotten: {delivery.target} is still to be told of its end ({came}), "
            f"and is given up about four days after the first try; `jobctl deliveries redeliver {label}` tries it now"
        )


def _await_daemon(layout: Layout, job: int, patience: float) -> None:
    """Wait until the daemon is done with the finished *job*: it takes the mark away just after it says so.

    Raises:
        NotNow: it is not done at *patience* on the steady clock, or something is asked of the job.
    """
    if retention.is_settled(layout, job):
        return
    from jobctl.store.notify import Watcher  # noqa: PLC0415  # rarely needed

    daemon = waiting.Presence(layout)
    watcher = Watcher([layout.active])
    while not retention.is_settled(layout, job):
        if clock.steady() >= patience:
            raise NotNow(f"job {job} is not forgotten: something is asked of it, or the daemon is not done with it")
        daemon.ensure()
        watcher.wait(0.05)
    watcher.close()


def _forget(layout: Layout, jobs: list[int], *, again: bool = True) -> tuple[int, dict[int, NotNow]]:
    """Forget *jobs*; return the bytes that this has freed, and why some were not forgotten, tried *again*."""
    freed = 0
    try:
        moved, refused = retention.forget(layout, jobs)
    except OSError as failure:
        raise home.unusable(layout, "forget jobs in", failure) from failure
    for place in moved:
        try:
            freed += sum(removal.removing(place))
        except OSError as failure:
            output.warn(f"what is left of a forgotten job could not be removed ({failure}); it lies in {place}")
    try:
        once.forget_stale(layout)
    except OSError:
        pass  # A key that names no job there is may be taken all the same.
    if refused and again:
        # By now there may be room.
        more, refused = _forget(layout, list(refused), again=False)
        freed += more
    return freed, refused


def _refuse(refused: JobctlError) -> None:
    raise refused


def _tell(jobs: list[int], freed: int, *, dry_run: bool, json: bool) -> None:
    if json:
        output.write_json({"v": 1, "dry_run": dry_run, "jobs": jobs, "bytes": freed})
    elif dry_run:
        for job in jobs:
            output.write(f"{job}\n".encode("ascii"))
    what = "1 job" if len(jobs) == 1 else f"{len(jobs)} jobs"
    output.hint(f"{what} {'would be' if dry_run else 'are' if len(jobs) != 1 else 'is'} forgotten, {show_size(freed)}")

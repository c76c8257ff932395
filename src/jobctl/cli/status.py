"""`jobctl status`: what runs, what waits, what finished lately; or all about some jobs."""

from __future__ import annotations

import os

from jobctl.cli import output, summon, waiting
from jobctl.errors import UsageError
from jobctl.model import states
from jobctl.store import home, markers, selection, status_reader
from jobctl.store.selection import Target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from jobctl.model.status import Status
    from jobctl.store.layout import Layout
    from jobctl.store.selection import Filters

    #: What is to be shown, in order, with the status of those that were read to be chosen.
    _Chosen = dict[Target, Status | None]

#: How many finished jobs the table shows unless -n says otherwise.
_FINISHED_SHOWN = 20
#: How many it shows at least, however low the terminal is.
_LEAST_SHOWN = 3
#: How many failed tasks of an array job are shown with it.
_FAILED_SHOWN = 10


def run(
    *,
    selectors: list[str],
    quiet: bool = False,
    lines: int | None = None,
    since: str | None = None,
    name: str | None = None,
    tag: list[str] | None = None,
    queue: str | None = None,
    state: list[str] | None = None,
    all: bool = False,  # noqa: A002  # named as the option
    json: bool = False,
    color: str = "auto",
) -> int:
    """Show jobs; the parameters are the options of jobctl-status(1)."""
    if lines is not None and lines < 0:
        raise UsageError(f"-n {lines} is negative; it is how many finished jobs to show")
    if quiet and json:
        raise UsageError("give either -q or --json; the documents hold the IDs as well")
    if selectors and (lines is not None or since is not None):
        raise UsageError("-n and --since choose among jobs; give either them or the jobs by name")
    output.check_color(color)
    filters = selection.filters(name, tag, queue, state, every=all)
    layout = home.existing(os.environ)
    if layout is None and not selectors:
        output.hint("no jobs yet; `jobctl submit COMMAND` makes one")
        return 0
    left_out = 0
    if selectors or layout is None:
        chosen: _Chosen = dict.fromkeys(selection.targets(layout, selectors, filters))
    else:
        chosen, left_out = _find(
            layout, filters, since, lines, drawn=not quiet and not json and output.is_for_eyes(color)
        )
    assert layout is not None  # noqa: S101  # without a home a selector has been refused
    _wake_daemon(layout)
    if quiet:
        output.write_lines((target,) for target in chosen if selectors or status_reader.exists(layout, target.job))
    elif json:
        for target in chosen:
            _show_raw(layout, target, alone=bool(selectors))
    elif len(chosen) == 1 and selectors:
        _show_one(layout, waiting.read(layout, next(iter(chosen))), color)
    else:
        # Who has chosen sees all that was chosen.
        all_of_it = bool(selectors or filters or since is not None)
        _show_table(layout, chosen, left_out, len(chosen) if all_of_it else lines, color)
    return 0


def _find(
    layout: Layout, filters: Filters, since: str | None, lines: int | None, *, drawn: bool
) -> tuple[_Chosen, int]:
    """Return what is shown to somebody who names no job, and how many are left out because it is *drawn*."""
    if filters or since is not None:
        return {Target(job=status.id): status for status in _filtered(layout, filters, since, lines)}, 0
    from jobctl.cli import overview  # noqa: PLC0415  # not for `status ID`

    finished = _FINISHED_SHOWN if lines is None else lines
    found, left_out = overview.drawn(layout, finished) if drawn else (overview.jobs(layout, finished), 0)
    return {Target(job=job): None for job in found}, left_out


def _fitting(found: list[Status], lines: int | None) -> tuple[list[Status], int]:
    """Return as many of the jobs *found* as fit on the terminal, all that are not finished; and how many do not."""
    if lines is not None or not output.is_terminal():
        return found, 0
    finished = [status for status in found if status.finished]
    # The head of the table, the line below it and the prompt need room too.
    room = max(os.get_terminal_size(1).lines - 3 - (len(found) - len(finished)), _LEAST_SHOWN)
    hidden = finished[: max(0, len(finished) - room)]
    return [status for status in found if status not in hidden], len(hidden)


def columns(status: Status) -> tuple[object, ...]:
    """Return what a line for scripts holds; jobctl-status(1) documents the order, which only ever grows at its end."""
    return (
        status.label,
        status.state,
        status.reason,
        status.exit_code,
        status.signal,
        status.attempt,
        status.queue,
        status.submitted_at,
        status.started_at,
        status.finished_at,
        status.name,
        status.shown_command,
        percent(status),
    )


def percent(status: Status) -> object:
    """Return how much of the job is done in whole percent, None where it is not known; 100 only when it has ended."""
    if status.progress is None and status.tasks is None:
        return None
    from jobctl.model.progress import view as progress_view  # noqa: PLC0415  # only for jobs with progress

    return progress_view.of(status).percent


def _filtered(layout: Layout, filters: Filters, since: str | None, lines: int | None) -> list[Status]:
    earliest = None if since is None else _earliest(since)
    found = [
        status
        for status in selection.matching(layout, filters)
        if earliest is None or (status.finished_at or status.submitted_at) >= earliest
    ]
    return found if lines is None else found[len(found) - min(lines, len(found)) :]


def _earliest(since: str) -> str:
    """Return the time that *since* means, as status files write it: a duration back from now, or a time."""
    from datetime import UTC, datetime, timedelta  # noqa: PLC0415  # only with --since

    from jobctl.model.quantities import parse_duration  # noqa: PLC0415  # as above

    days = {"today": 0, "yesterday": 1}.get(since.strip().lower())
    if days is not None:
        since = str(datetime.now().astimezone().date() - timedelta(days=days))
    try:
        if len(since) <= len("23:59:59") and ":" in since:
            since = f"{datetime.now().astimezone().date()} {since}"
        moment = datetime.fromisoformat(since).astimezone(UTC)
    except (ValueError, OverflowError):
        try:
            moment = datetime.now(UTC) - timedelta(seconds=parse_duration(since, "--since"))
        except UsageError:
            raise UsageError(
                f"--since {since!r} is not understood: write a duration back from now (2h, 1d) "
                "or a time (2026-11-24 09:00, today, yesterday)"
            ) from None
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _show_raw(layout: Layout, target: Target, *, alone: bool) -> None:
    try:
        if target.task is None:
            output.write(status_reader.read_raw(layout, target.job))
        else:
            output.write_json(waiting.read(layout, target).document())
    except status_reader.UNREADABLE:
        if alone:
            raise


def _show_one(layout: Layout, status: Status, color: str) -> None:
    if output.is_for_eyes(color):
        from jobctl.cli import render  # noqa: PLC0415  # rich, only for eyes
        from jobctl.store import tasks  # noqa: PLC0415  # as above

        render.one(status, color, tasks.failed(layout, status, _FAILED_SHOWN), starts=_starts(layout, status))
        return
    document = status.document()
    for key in document:
        if key in {"v", "command", "attempts"}:
            continue
        value = document[key]
        if isinstance(value, dict):
            for part, detail in value.items():
                output.write_columns(f"{key}.{part}", detail)
        elif isinstance(value, tuple):
            output.write_columns(key, " ".join(str(item) for item in value))
        elif isinstance(value, bool):
            output.write_columns(key, "yes" if value else "no")
        else:
            output.write_columns(key, value)
    output.write_columns("command", status.shown_command)


def _show_table(layout: Layout, chosen: _Chosen, left_out: int, lines: int | None, color: str) -> None:
    read = (known or _read_quietly(layout, target) for target, known in chosen.items())
    found = [status for status in read if status is not None]
    if not found:
        output.hint("no job matches")
        return
    if output.is_for_eyes(color):
        from jobctl.cli import render  # noqa: PLC0415  # rich, only for eyes

        found, hidden = _fitting(found, lines)
        render.table(found, color, {status.label: _starts(layout, status) for status in found}, left_out)
        if hidden:
            output.hint(f"{hidden} more have finished; `jobctl status -n {_FINISHED_SHOWN}` shows them")
        return
    output.write_lines(map(columns, found))


def _starts(layout: Layout, status: Status) -> str | None:
    """Return the time before which a waiting job is not started, None if it waits for no time."""
    if status.state == states.RETRYING:
        return status.next_attempt_at
    if status.reason != "not-before":
        return None
    from jobctl.cli import due  # noqa: PLC0415  # as above

    try:
        return due.earliest(status_reader.spec(layout, status.id))
    except status_reader.UNREADABLE:
        return None


def _read_quietly(layout: Layout, target: Target) -> Status | None:
    """Return the status of *target*, or None if it has none that can be read: in a list the others matter too."""
    try:
        return waiting.read(layout, target)
    except status_reader.UNREADABLE:
        return None


def _wake_daemon(layout: Layout) -> None:
    """See to it that a daemon that was killed while jobs were unfinished is started again by whoever looks next."""
    if markers.is_any(layout):
        summon.ensure(layout, patient=False)

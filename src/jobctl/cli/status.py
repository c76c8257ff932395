"""`jobctl status`: what runs, what waits, what finished lately; or all about some jobs."""

from __future__ import annotations

import os

from jobctl.cli import output, summon
from jobctl.errors import UsageError
from jobctl.store import home, markers, selection, status_reader
from jobctl.store.selection import Filters

TYPE_CHECKING = False
if TYPE_CHECKING:
    from jobctl.model.status import Status
    from jobctl.store.layout import Layout

#: How many finished jobs the table shows unless -n says otherwise.
_FINISHED_SHOWN = 20


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
    """Show jobs; the parameters are the options of jobctl(1)."""
    if lines is not None and lines < 0:
        raise UsageError(f"-n {lines} is negative; it is how many finished jobs to show")
    if quiet and json:
        raise UsageError("give either -q or --json; the documents hold the IDs as well")
    if selectors and (lines is not None or since is not None):
        raise UsageError("-n and --since choose among jobs; give either them or the jobs by name")
    output.check_color(color)
    filters = Filters(name=name, tags=tuple(tag or ()), queue=queue, states=selection.known_states(state), every=all)
    layout = home.existing(os.environ)
    if layout is None and not selectors:
        output.hint("no jobs yet; `jobctl submit COMMAND` makes one")
        return 0
    jobs = _choose(layout, selectors, filters, since, lines)
    assert layout is not None  # noqa: S101  # without a home a selector has been refused
    _wake_daemon(layout)
    if quiet:
        for job in jobs:
            output.write(f"{job}\n".encode("ascii"))
    elif json:
        for job in jobs:
            _show_raw(layout, job, alone=bool(selectors))
    elif len(jobs) == 1 and selectors:
        _show_one(status_reader.read(layout, jobs[0]), color)
    else:
        _show_table(layout, jobs, color)
    return 0


def _choose(
    layout: Layout | None, selectors: list[str], filters: Filters, since: str | None, lines: int | None
) -> list[int]:
    if selectors or layout is None:
        return selection.select(layout, selectors, filters)
    if filters or since is not None:
        return _filtered(layout, filters, since, lines)
    return overview(layout, _FINISHED_SHOWN if lines is None else lines)


def overview(layout: Layout, finished: int) -> list[int]:
    """Return every unfinished job and the *finished* last submitted of the others, in ascending order."""
    active = {job for job in markers.names(layout) if status_reader.exists(layout, job)}
    lately: list[int] = []
    for job in selection.newest(layout):
        if len(lately) >= finished:
            break
        if job not in active:
            lately.append(job)
    return sorted(active.union(lately))


def columns(status: Status) -> tuple[object, ...]:
    """Return what a line for scripts holds; the order is documented in jobctl(1) and only ever grows at its end."""
    return (
        status.id,
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
    )


def _filtered(layout: Layout, filters: Filters, since: str | None, lines: int | None) -> list[int]:
    earliest = None if since is None else _earliest(since)
    found = [
        status.id
        for status in selection.matching(layout, filters)
        if earliest is None or (status.finished_at or status.submitted_at) >= earliest
    ]
    return found if lines is None else found[len(found) - min(lines, len(found)) :]


def _earliest(since: str) -> str:
    """Return the time that *since* means, as status files write it: a duration back from now, or a time."""
    from datetime import UTC, datetime, timedelta  # noqa: PLC0415  # only with --since

    from jobctl.model.quantities import parse_duration  # noqa: PLC0415  # as above

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
                "or a time (2026-11-24 09:00)"
            ) from None
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _show_raw(layout: Layout, job: int, *, alone: bool) -> None:
    try:
        output.write(status_reader.read_raw(layout, job))
    except status_reader.UNREADABLE:
        if alone:
            raise


def _show_one(status: Status, color: str) -> None:
    if output.is_for_eyes(color):
        from jobctl.cli import render  # noqa: PLC0415  # rich, only for eyes

        render.one(status, color)
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


def _show_table(layout: Layout, jobs: list[int], color: str) -> None:
    found = [status for job in jobs if (status := selection.read_quietly(layout, job)) is not None]
    if not found:
        output.hint("no job matches")
        return
    if output.is_for_eyes(color):
        from jobctl.cli import render  # noqa: PLC0415  # rich, only for eyes

        render.table(found, color)
        return
    for status in found:
        output.write_columns(*columns(status))


def _wake_daemon(layout: Layout) -> None:
    """See to it that a daemon that was killed while jobs were unfinished is started again by whoever looks next."""
    if markers.names(layout):
        summon.ensure(layout, patient=False)

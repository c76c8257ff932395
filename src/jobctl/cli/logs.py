"""`jobctl logs`: what a job wrote to its standard output and error, also while it writes."""

from __future__ import annotations

import os

from jobctl.cli import output, summon, waiting
from jobctl.cli.streaming import Sink, Source
from jobctl.errors import NoSuchJob, UsageError
from jobctl.store import home, selection, status_reader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from jobctl.model.status import Status
    from jobctl.store.layout import Layout


def run(
    *,
    selector: str,
    follow: bool = False,
    lines: int | None = None,
    stdout: bool = False,
    stderr: bool = False,
    attempt: int | None = None,
    raw: bool = False,
    path: bool = False,
) -> int:
    """Show the output of a job; the parameters are the options of jobctl(1)."""
    if lines is not None and lines < 0:
        raise UsageError(f"-n {lines} is negative; it is how many last lines to show")
    layout = home.existing(os.environ)
    job = selection.one(layout, selector)
    assert layout is not None  # noqa: S101  # `one` has found a job in it
    # Both, unless one is asked for.
    streams = [name for name, wanted in (("stdout", stdout), ("stderr", stderr)) if wanted] or ["stdout", "stderr"]
    sinks = {name: Sink(1, raw=raw) for name in streams}
    status = status_reader.read(layout, job)
    if not status.finished:
        summon.ensure(layout, patient=False, silent=follow)
    number = _attempt(status, attempt)
    if path:
        for name in streams:
            output.write_line(f"{layout.attempt(job, 1, max(number, 1))}/{name}")
        return 0
    if not follow or attempt is not None:
        if number:
            for name, sink in sinks.items():
                Source(f"{layout.attempt(job, 1, number)}/{name}").copy(sink, lines)
        elif not status.finished:
            output.hint(f"job {job} has not started; -f waits for it")
        return 0
    try:
        follow_job(layout, job, sinks, lines)
    except KeyboardInterrupt:
        return waiting.interrupted([job])
    return 0


def follow_job(
    layout: Layout,
    job: int,
    sinks: dict[str, Sink],
    lines: int | None = None,
    *,
    each: Callable[[Status], None] | None = None,
) -> Status:
    """Bring the output of *job* to *sinks* as it comes, until the job is finished; return its last status.

    *sinks* are by stream (`stdout`, `stderr`). Attempts follow each other. *each* is called after every look.

    Raises:
        NoSuchJob, UnreadableRecord: the job was forgotten or set aside meanwhile.
        OSError: nobody takes the output any more.
    """
    from jobctl.store.notify import Watcher  # noqa: PLC0415  # only who follows pays for it

    watcher = Watcher([layout.job(job)])
    daemon = waiting.Presence(layout)
    sources: dict[str, Source] = {}
    at = 0
    while True:
        # The status first: output that was there when it said finished is then complete.
        status = status_reader.read(layout, job)
        if status.attempt != at:
            _drain(sources, sinks, None)
            # What had been written before the first look counts for -n; what a later attempt writes is new.
            lines = lines if at == 0 else None
            at = status.attempt
            directory = layout.attempt(job, 1, at)
            watcher.add(directory)
            sources = {name: Source(f"{directory}/{name}") for name in sinks}
        _drain(sources, sinks, lines)
        if each is not None:
            each(status)
        if status.finished:
            watcher.close()
            return status
        daemon.ensure()
        watcher.wait()


def _drain(sources: dict[str, Source], sinks: dict[str, Sink], lines: int | None) -> None:
    for name, source in sources.items():
        source.copy(sinks[name], lines)


def _attempt(status: Status, attempt: int | None) -> int:
    """Return the number of the attempt to show, 0 if there is none yet.

    Raises:
        NoSuchJob: there is no attempt of the number asked for.
    """
    if attempt is None:
        return status.attempt
    if not 1 <= attempt <= status.attempt:
        raise NoSuchJob(f"job {status.id} has no attempt {attempt}")
    return attempt

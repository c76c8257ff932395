"""`jobctl logs`: what a job wrote to its standard output and error, also while it writes."""

from __future__ import annotations

import os

from jobctl.cli import output, summon, waiting
from jobctl.cli.streaming import Sink, Source
from jobctl.errors import NoSuchJob, UsageError
from jobctl.store import home, selection, status_reader

TYPE_CHECKING = False
if TYPE_CHECKING:
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
            output.write_line(layout.output(job, 1, max(number, 1), name))
        return 0
    if not follow or attempt is not None:
        if number:
            for name, sink in sinks.items():
                Source(layout.output(job, 1, number, name)).copy(sink, lines)
        elif not status.finished:
            output.hint(f"job {job} has not started; -f waits for it")
        return 0
    try:
        Follower(layout, job, sinks, lines).to_the_end()
    except KeyboardInterrupt:
        return waiting.interrupted([job])
    return 0


class Follower:
    """Brings the output of one job to where it is wanted, as it comes; attempts follow each other.

    *sinks* are by stream (`stdout`, `stderr`). It goes on where it was left, also after an interruption.
    """

    def __init__(self, layout: Layout, job: int, sinks: dict[str, Sink], lines: int | None = None) -> None:
        """Prepare to follow *job*; of what it has written before, only the last *lines* of each stream if given."""
        from jobctl.store.notify import Watcher  # noqa: PLC0415  # only who follows pays for it

        self._layout = layout
        self._job = job
        self._sinks = sinks
        self._lines = lines
        self._watcher = Watcher([layout.job(job)])
        self._daemon = waiting.Presence(layout)
        self._sources: dict[str, Source] = {}
        self._at = 0

    def to_the_end(self) -> Status:
        """Follow until the job is finished and return its last status.

        Raises:
            NoSuchJob, UnreadableRecord: the job was forgotten or set aside meanwhile.
            OSError: nobody takes the output any more.
        """
        while True:
            status = self.catch_up()
            if status.finished:
                return status
            self._daemon.ensure()
            self._watcher.wait()

    def catch_up(self) -> Status:
        """Bring what there is by now and return the status of the job."""
        # The status first: output that was there when it said finished is then complete.
        status = status_reader.read(self._layout, self._job)
        if status.attempt != self._at:
            self._drain()
            # What had been written before the first look counts for -n; what a later attempt writes is new.
            self._lines = self._lines if self._at == 0 else None
            self._at = status.attempt
            self._watcher.add(self._layout.attempt(self._job, 1, self._at))
            self._sources = {name: Source(self._layout.output(self._job, 1, self._at, name)) for name in self._sinks}
        self._drain()
        return status

    def _drain(self) -> None:
        for name, source in self._sources.items():
            source.copy(self._sinks[name], self._lines)


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

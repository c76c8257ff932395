"""`jobctl logs`: what a job wrote to its standard output and error, also while it writes."""

from __future__ import annotations

import os

from jobctl.cli import output, summon, waiting
from jobctl.cli.standstill import Standstill
from jobctl.cli.streaming import JsonSink, Sink, Source
from jobctl.client import findings
from jobctl.errors import NoSuchJob, UsageError
from jobctl.store import home, selection
from jobctl.store.selection import Target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from jobctl.cli.progress_line import ProgressLine
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
    json: bool = False,
) -> int:
    """Show the output of a job; the parameters are the options of jobctl-status(1)."""
    if json and (raw or path):
        raise UsageError("give either --json, or --raw or --path")
    if lines is not None and lines < 0:
        raise UsageError(f"-n {lines} is negative; it is how many last lines to show")
    layout = home.existing(os.environ)
    target = selection.one_target(layout, selector)
    assert layout is not None  # noqa: S101  # it has found a job in it
    # Both, unless one is asked for.
    streams = [name for name, wanted in (("stdout", stdout), ("stderr", stderr)) if wanted] or ["stdout", "stderr"]
    status = waiting.read(layout, target)
    followed = follow and attempt is None and not path
    sinks: dict[str, Sink] = {name: JsonSink(name) if json else Sink(1, raw=raw) for name in streams}
    if followed and status.tasks is not None and output.is_terminal() and not json:
        from jobctl.cli.following_tasks import TitledSink  # noqa: PLC0415  # only for array jobs

        titles: list[str] = []
        sinks = {name: TitledSink(name, titles, raw=raw) for name in streams}
    if not status.finished:
        summon.ensure(layout, patient=False, silent=follow)
    if followed:
        try:
            follower(layout, target, sinks, lines=lines).to_the_end()
        except KeyboardInterrupt:
            return waiting.interrupted([target])
    elif status.tasks is not None:
        _show_all(layout, status, sinks, lines, attempt, path=path)
    else:
        _show(layout, status, sinks, lines, findings.attempt(status, attempt), path=path)
    if any(sink.escaped for sink in sinks.values()):
        output.hint("escape sequences are shown and not obeyed; --raw gives the terminal what was written")
    return 0


def _show(
    layout: Layout, status: Status, sinks: Mapping[str, Sink], lines: int | None, number: int, *, path: bool
) -> None:
    """Show what an attempt of a job or a task wrote; its *number* is 0 if there is none."""
    for name, sink in sinks.items():
        place = layout.output(status.id, status.task or 1, max(number, 1), name)
        if path:
            output.write_line(place)
        elif number:
            source = Source(place)
            sink.begin(status.id, status.task, number)
            source.copy(sink, lines)
            sink.end()
            source.close()
    if not (number or path or status.finished):
        output.hint(f"job {status.label} has not started; -f waits for it")


def _show_all(
    layout: Layout, job: Status, sinks: Mapping[str, Sink], lines: int | None, attempt: int | None, *, path: bool
) -> None:
    """Show what the tasks of an array job wrote, one after the other; on a terminal each with its name above.

    Raises:
        NoSuchJob: none of them has the attempt asked for.
    """
    from jobctl.store import tasks  # noqa: PLC0415  # only for array jobs

    shown = False
    for task in tasks.each(layout, job):
        number = task.attempt if attempt is None else attempt
        if not 1 <= number <= task.attempt:
            continue
        shown = True
        for name, sink in sinks.items():
            if (
                not (path or isinstance(sink, JsonSink))
                and output.is_terminal()
                and _holds_something(layout.output(job.id, task.task or 1, number, name))
            ):
                output.write_line(f"==> {task.label} {name} <==")
            _show(layout, task, {name: sink}, lines, number, path=path)
    if attempt is not None and not shown:
        raise NoSuchJob(f"no task of job {job.label} has an attempt {attempt}")


def _holds_something(path: str) -> bool:
    try:
        return os.stat(path, follow_symlinks=False).st_size > 0
    except OSError:
        return False


def follower(layout: Layout, target: Target, sinks: dict[str, Sink], **options: Any) -> Follower:
    """Return what follows a job or a task to its end, of an array job all tasks in order; *options* as `Follower`."""
    if target.task is None and waiting.read(layout, target).tasks is not None:
        from jobctl.cli.following_tasks import TasksFollower  # noqa: PLC0415  # only for array jobs

        return TasksFollower(layout, target, sinks, **options)
    return Follower(layout, target, sinks, **options)


class Follower:
    """Brings the output of one job to where it is wanted, as it comes; attempts follow each other.

    *sinks* are by stream (`stdout`, `stderr`). It goes on where it was left, also after an interruption.
    """

    def __init__(
        self,
        layout: Layout,
        target: Target,
        sinks: Mapping[str, Sink],
        *,
        lines: int | None = None,
        line: ProgressLine | None = None,
        earlier: bool = False,
    ) -> None:
        """Prepare to follow a job or one task; how far it is, is shown on *line*.

        Of what it has written before, only the last *lines* of each stream are brought if given, and attempts that
        were over before the first look only with *earlier*.
        """
        from jobctl.store.notify import Watcher  # noqa: PLC0415  # only who follows pays for it

        self._layout = layout
        self._target = target
        self._sinks = sinks
        self._lines = lines
        self._earlier = earlier
        self._watcher = Watcher([layout.job(target.job)])
        self._daemon = waiting.Presence(layout)
        self._line = line
        self._standstill = Standstill(layout, [self._target])
        self._sources: dict[str, Source] = {}
        #: The attempt that is followed, None before the first look.
        self._at: int | None = None

    def to_the_end(self) -> Status:
        """Follow until the job is finished and return its last status.

        Raises:
            NoSuchJob, UnreadableRecord: the job was forgotten or set aside meanwhile.
            OSError: nobody takes the output any more.
        """
        while True:
            status = self.catch_up()
            if self._line is not None:
                self._line.show(status)
            if status.finished:
                return status
            self._daemon.ensure()
            self._standstill.look()
            self._watcher.wait()

    def catch_up(self) -> Status:
        """Bring what there is by now and return the status of the job."""
        # The status first: output that was there when it said finished is then complete.
        status = waiting.read(self._layout, self._target)
        if self._at is None:
            self._begin(0 if self._earlier else status.attempt)
        # Others may have come and gone since the last look.
        for attempt in range(self._at or 0, status.attempt):
            self._drain()
            # Only what had been written before the first look counts for -n.
            self._lines = None
            self._begin(attempt + 1)
        self._drain()
        if status.finished:
            for sink in self._sinks.values():
                sink.end()
        return status

    def _begin(self, attempt: int) -> None:
        """Follow *attempt* from here on, 0 for none yet."""
        job, task = self._target.job, self._target.task
        if self._at:
            output.hint(f"attempt {attempt}" if task is None else f"{self._target}: attempt {attempt}")
        self._leave()
        self._at = attempt
        if attempt:
            self._watcher.add(self._layout.attempt(job, task or 1, attempt))
        for name, sink in self._sinks.items() if attempt else ():
            sink.begin(job, task, attempt)
            self._sources[name] = Source(self._layout.output(job, task or 1, attempt, name))

    def _drain(self) -> None:
        for name, source in self._sources.items():
            source.copy(self._sinks[name], self._lines)

    def _leave(self) -> None:
        """Read no more of the attempt that was followed."""
        for source in self._sources.values():
            source.close()
        self._sources = {}
        if self._at:
            self._watcher.remove(self._layout.attempt(self._target.job, self._target.task or 1, self._at))
        self._at = None

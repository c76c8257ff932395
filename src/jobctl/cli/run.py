"""`jobctl run`: submit, show the output as it comes, exit as the job did. Leaving it leaves the job running."""

from __future__ import annotations

import os
import stat
import sys

from jobctl.cli import leaving, logs, output, submit, waiting
from jobctl.cli.streaming import JsonSink, Sink
from jobctl.client import asking
from jobctl.client.specify import Request
from jobctl.client.waiting import going_on
from jobctl.errors import JobctlError
from jobctl.model import status as model
from jobctl.store import requests, status_reader
from jobctl.store.selection import Target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from jobctl.cli.progress_line import ProgressLine
    from jobctl.model.status import Status
    from jobctl.store.layout import Layout


def run(*, json: bool = False, **options: Any) -> int:
    """Run a job in the foreground; the parameters are the options of jobctl-submit(1), most are fields of `Request`."""
    request = Request(**options)
    order = submit.take_in(request)
    if request.stdin is request.each_line is None and output.is_terminal(2) and _brings_something(0):
        output.hint("standard input is not given to the job; --stdin - freezes it and gives it")
    layout, answer = submit.hand_in(order, request.id_file)
    job = answer.job
    submit.start_daemon(layout, job, may_start=True)
    output.hint(f"job {job}")
    sinks = {name: JsonSink(name) if json else Sink(fd) for name, fd in (("stdout", 1), ("stderr", 2))}
    line = _line(sinks.values()) if output.is_terminal(2) and not json else None
    # Of a job that was there already, only what it writes from here on.
    follower = logs.follower(layout, Target(job=job), sinks, line=line, earlier=not answer.existed)
    leaving.listen()
    try:
        status = _follow(layout, job, follower, line)
        if isinstance(status, int):
            return status
    except KeyboardInterrupt:
        output.warn(f"interrupted; job {job} will be cancelled all the same")
        return 130
    except BrokenPipeError:
        output.warn(f"nobody reads the output any more; {going_on([job])}")
        return 141
    except OSError as failure:
        raise JobctlError(f"{output.explain(failure)}; job {job} goes on, `jobctl logs -f {job}` shows it") from failure
    if json:
        output.write(status_reader.read_raw(layout, job))
    if status.reason not in {None, "exit"}:
        output.warn(f"job {job}: {(status.error or {}).get('message', model.summary(status))}")
    return waiting.exit_status(layout, status)


def _line(sinks: Iterable[Sink]) -> ProgressLine:
    from jobctl.cli.progress_line import ProgressLine  # noqa: PLC0415  # only where somebody sits

    return ProgressLine(sinks)


def _follow(layout: Layout, job: int, follower: logs.Follower, line: ProgressLine | None) -> Status | int:
    """Show what *job* writes to its end, and return that; the exit status if who interrupts us lets it go on."""
    try:
        return follower.to_the_end()
    except KeyboardInterrupt as interruption:
        if line is not None:
            line.clear()
        stop = not isinstance(interruption, leaving.ToldToLeave) and _is_to_stop(job)
        status = follower.catch_up()
        if status.finished:
            return status
        if not stop:
            return waiting.interrupted([job], interruption)
        _ask_to_stop(layout, job)
        return follower.to_the_end()


def _brings_something(fd: int) -> bool:
    """Return whether *fd* is what people bring input by: a pipe, or a file in which more is to be read."""
    try:
        found = os.fstat(fd)
        if stat.S_ISREG(found.st_mode):
            return found.st_size > os.lseek(fd, 0, os.SEEK_CUR)
    except OSError:
        return False
    return stat.S_ISFIFO(found.st_mode) or stat.S_ISSOCK(found.st_mode)


def _is_to_stop(job: int) -> bool:
    """Ask whoever sits at the terminal whether the job is to stop; without one, or without an answer, it is not."""
    if not (sys.stdin.isatty() and output.is_terminal(2)):
        return False
    try:
        output.end_line()  # behind the ^C
        output.ask(f"stop job {job} as well? [y/N]")
        return sys.stdin.readline().strip().lower() in {"y", "yes"}
    except KeyboardInterrupt:
        output.end_line()
        return False


def _ask_to_stop(layout: Layout, job: int) -> None:
    asking.leave(
        layout,
        job,
        "cancel",
        lambda: requests.ask_to_cancel(layout, job, signal=None, now=False, note="interrupted in `jobctl run`"),
    )
    output.hint(f"stopping job {job}; it has ten seconds")

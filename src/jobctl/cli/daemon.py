"""`jobctl daemon …`: start, stop, look at the daemon. It is known here as a program, by its doorbell and its files."""

from __future__ import annotations

import os
import select
import signal

import jobctl
from jobctl.cli import output, serving, skew, summon
from jobctl.cli.streaming import Sink, Source
from jobctl.client import asking
from jobctl.errors import DaemonSilent, JobctlError, NoSuchJob, UsageError
from jobctl.model import states
from jobctl.store import clock, doorbell, home, locks, markers, requests, selection
from jobctl.store.layout import default_home
from jobctl.store.notify import Watcher
from jobctl.store.selection import Filters

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Final

    from jobctl.model.status import Status
    from jobctl.store.layout import Layout

#: Seconds within which a daemon starts to listen, and ends when told to.
_WITHIN: Final = 10.0


def start() -> int:
    """`daemon start`: start it if none runs, and wait until it listens."""
    layout = home.create(os.environ)
    os.environ.pop("JOBCTL_NO_START", None)  # this is the start that was asked for
    summon.summon(layout)
    _await(layout, lambda: doorbell.is_heard(layout), "did not start")
    return 0


def stop(*, cancel_jobs: bool = False, drain: bool = False) -> int:
    """`daemon stop`: end it and leave running jobs running, unless they are to be cancelled or waited for."""
    layout = home.existing(os.environ)
    if layout is None or not _stop(layout, cancel_jobs=cancel_jobs, drain=drain):
        output.hint("no daemon runs")
    elif output.is_terminal(2):
        running = sum(status.state == states.PROCESSING for status in _unfinished(layout))
        jobs = {0: "no job runs", 1: "1 running job goes on"}.get(running, f"{running} running jobs go on")
        output.hint(f"the daemon is stopped; {jobs}, and the next command that needs a daemon starts one")
    return 0


def _stop(layout: Layout, *, cancel_jobs: bool = False, drain: bool = False) -> bool:
    """As `stop`; return False if no daemon runs."""
    if (cancel_jobs or drain) and markers.names(layout):
        # Only a daemon brings about what is asked for.
        summon.summon(layout)
    # One that has been started and does not listen yet holds the lock on the home (see `summon`). In this order: one
    # that has just ceased to be starting is heard by now.
    elif locks.holder(layout.home) is None and not doorbell.is_heard(layout):
        return False
    _await(layout, lambda: doorbell.is_heard(layout), "did not start")
    if cancel_jobs:
        for status in _unfinished(layout):
            _cancel(layout, status.id)
        _await(layout, lambda: not _unfinished(layout), "still has unfinished jobs", within=60.0)
    if drain:
        _await(layout, lambda: not markers.names(layout), "still has unfinished jobs", within=None)
    _end(layout)
    return True


def restart() -> int:
    """`daemon restart`: end it, start the one of this version, which takes the running jobs over."""
    layout = home.existing(os.environ)
    if layout is not None:
        _stop(layout)
    return start()


def status(*, json: bool = False) -> int:
    """`daemon status`: whether it runs, which one it is, and how many jobs it has."""
    layout = home.existing(os.environ)
    running = layout is not None and doorbell.is_heard(layout)
    known = serving.known(layout) if layout is not None and running else {}
    counts: dict[str, int] = {}
    if layout is not None:
        for found in _unfinished(layout):
            counts[found.state] = counts.get(found.state, 0) + 1
    facts: dict[str, Any] = {
        "running": running,
        "pid": serving.process(layout)[0] if layout is not None and running else None,
        "version": known.get("version"),
        "started_at": known.get("started_at"),
        "home": default_home(os.environ) if layout is None else layout.home,
        "config": known.get("config"),
        "processing": counts.get(states.PROCESSING, 0),
        "waiting": sum(counts.values()) - counts.get(states.PROCESSING, 0),
    }
    if json:
        output.write_json({"v": 1, **facts})
        return 0
    for name, fact in facts.items():
        value = ("yes" if fact else "no") if isinstance(fact, bool) else fact
        if output.is_terminal():
            output.write_line(f"{name:>10}  {'' if value is None else value}")
        else:
            output.write_columns(name, value)
    if running and known and known.get("version") != jobctl.__version__:
        output.warn(skew.message(known.get("version")))
    return 0


def run() -> int:
    """`daemon run`: be the daemon, in the foreground, for systemd, launchd and people who want to see it."""
    layout = home.create(os.environ)
    program = summon.program()
    environment = summon.environment(layout)
    if "NOTIFY_SOCKET" in os.environ:
        environment["NOTIFY_SOCKET"] = os.environ["NOTIFY_SOCKET"]
    os.execve(program[0], [*program, "--foreground"], environment)  # that is the point


def logs(*, follow: bool = False, lines: int | None = None) -> int:
    """`daemon logs`: what the daemon has noted."""
    if lines is not None and lines < 0:
        raise UsageError(f"-n {lines} is negative; it is how many last lines to show")
    layout = home.existing(os.environ)
    if layout is None:
        return 0
    source, sink = Source(layout.daemon_log), Sink(1)
    source.copy(sink, lines)
    watcher = Watcher([layout.home])
    try:
        while follow:
            watcher.wait()
            source.copy(sink)
    except KeyboardInterrupt:
        return 130
    return 0


COMMANDS: Final[dict[str, Callable[..., int]]] = {
    "daemon start": start,
    "daemon stop": stop,
    "daemon restart": restart,
    "daemon status": status,
    "daemon run": run,
    "daemon logs": logs,
}


def _cancel(layout: Layout, job: int) -> None:
    try:
        asking.leave(
            layout,
            job,
            "cancel",
            lambda: requests.ask_to_cancel(layout, job, signal=None, now=False, note="the daemon was stopped"),
        )
    except NoSuchJob:
        pass  # It has ended, and was forgotten, since it was looked for.


def _end(layout: Layout) -> None:
    """Send SIGTERM to the daemon and wait until nobody listens.

    Raises:
        JobctlError: it cannot be told which process it is.
        DaemonSilent: it did not end in time.
    """
    pid, is_it = serving.process(layout)
    if pid is None or pid <= 1:
        raise JobctlError(
            f"cannot stop the daemon: {layout.daemon_json} does not say which process it is, nor does its lock; "
            "send SIGTERM to the process that `ps` shows as jobctl's daemon"
        )
    since = clock.steady()
    if hasattr(os, "pidfd_open"):
        _end_process(pid, is_it)
    else:
        os.kill(pid, signal.SIGTERM)
    _await(layout, lambda: not doorbell.is_heard(layout), "did not stop", since=since)


def _end_process(pid: int, is_it: Callable[[], bool]) -> None:
    """Send SIGTERM to *pid* and wait for its end; one that got the number later is left alone."""
    try:
        fd = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        # Asked only now that the descriptor keeps the number from meaning another process.
        if is_it():
            signal.pidfd_send_signal(fd, signal.SIGTERM)
            # Its descriptor can be read when it has ended (pidfd_open(2)).
            select.select([fd], [], [], _WITHIN)
    except (FileNotFoundError, ProcessLookupError):
        return
    finally:
        os.close(fd)


def _unfinished(layout: Layout) -> list[Status]:
    return list(selection.matching(layout, Filters(states=states.UNFINISHED)))


def _await(
    layout: Layout,
    reached: Callable[[], bool],
    complaint: str,
    *,
    within: float | None = _WITHIN,
    since: float | None = None,
) -> None:
    """Return when *reached* holds.

    Raises:
        DaemonSilent: it did not *within* so many seconds *since* then, or since now.
    """
    deadline = None if within is None else (clock.steady() if since is None else since) + within
    watcher = Watcher([layout.home, layout.active])
    while not reached():
        if deadline is not None and clock.steady() > deadline:
            pid = serving.stopped(layout)
            hint = "`jobctl daemon logs` may say why"
            if pid is not None:
                hint = f"a signal has stopped it, and `kill -CONT {pid}` lets it go on"
            raise DaemonSilent(f"the daemon {complaint} within {within:.0f} s; {hint}")
        watcher.wait(0.05)
    watcher.close()

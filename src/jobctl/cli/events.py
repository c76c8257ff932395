"""`jobctl events`: every change of state, numbered; who remembers the last number goes on behind it."""

from __future__ import annotations

import os
from datetime import datetime

from jobctl.cli import output
from jobctl.errors import UsageError
from jobctl.store import home, selection
from jobctl.store.event_reader import Events

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

    from jobctl.store.selection import Target

#: In place of a number: that of the last event there is.
_NOW: Final = "now"
#: What a line for scripts holds.
COLUMNS: Final = ("seq", "at", "id", "task", "from", "to", "reason", "retried", "attempt", "exit_code", "signal")


def run(*, selectors: list[str], follow: bool = False, since: str | None = None, json: bool = False) -> int:
    """Show events; the parameters are the options of jobctl-status(1)."""
    known = None if since is None or since == _NOW else _number(since)
    layout = home.existing(os.environ)
    wanted = set(selection.targets(layout, selectors))
    if layout is None:
        output.hint("no events yet; `jobctl submit COMMAND` makes some")
        return 0
    log = Events(layout, known)
    if since == _NOW:
        for _ in log.read():
            pass  # It was there before.
    watcher = None
    if follow:
        from jobctl.store.notify import Watcher  # noqa: PLC0415  # only who follows pays for it

        watcher = Watcher([layout.home])
    try:
        while True:
            for line, event in log.read():
                if not wanted or _is_about(event, wanted):
                    _write(line, event, json=json)
            _check(known, log.highest)
            known = None
            if watcher is None:
                return 0
            watcher.wait()
    except KeyboardInterrupt:
        return 130


def _check(since: int | None, highest: int) -> None:
    """Say that the number *since* is none of this home's, once; the largest of those is *highest*."""
    if since is not None and highest < since:
        found = f"the last event here is {highest}" if highest else "there are no events here"
        output.warn(f"{found}, so --since {since} is a number of another home; begin with --since 0")


def _write(line: bytes, event: dict[str, Any], *, json: bool) -> None:
    if json:
        output.write(line)
    else:
        _show(event)


def _number(since: str) -> int:
    if not (since.isascii() and since.isdigit()):
        raise UsageError(
            f"--since {since!r} is no number; it is that of the last event that you know, 0 for none, or `now`"
        )
    return int(since)


def _is_about(event: dict[str, Any], wanted: set[Target]) -> bool:
    """Return whether *event* is about one of the jobs *wanted*, or about one of the tasks."""
    if "gap_to" in event:
        return True
    return any(
        target.job == event.get("id") and (target.task is None or target.task == event.get("task")) for target in wanted
    )


def _show(event: dict[str, Any]) -> None:
    if "gap_to" in event:
        # A number in a script's first column goes on counting; that it is a gap is said where people look.
        output.warn(f"events {event['gap_from']} to {event['gap_to']} are gone: they were rotated away")
        return
    if not output.is_terminal():
        output.write_columns(*(event.get(key) for key in COLUMNS))
        return
    task = "" if event.get("task") is None else f".{event['task']}"
    reason = "" if event.get("reason") is None else f" ({_detail(event)})"
    when = datetime.fromisoformat(str(event.get("at"))).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    label = f"{event.get('id')}{task}"
    change = f"{event.get('from')} → {event.get('to')}{reason}"
    output.write_line(f"{event['seq']:>6}  {when}  {label:>6}  {change}")


def _detail(event: dict[str, Any]) -> str:
    if event["reason"] == "exit":
        return f"exit {event.get('exit_code')}"
    if event["reason"] == "signal":
        return f"signal {event.get('signal')}"
    return str(event["reason"])

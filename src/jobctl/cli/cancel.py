"""`jobctl cancel`: ask that jobs end, and wait until it is so."""

from __future__ import annotations

import os

from jobctl.cli import output, waiting
from jobctl.client import asking, signals
from jobctl.errors import UsageError
from jobctl.model import states
from jobctl.model import status as model
from jobctl.store import home, requests, selection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from jobctl.store.layout import Layout
    from jobctl.store.selection import Target


def run(
    *,
    selectors: list[str],
    signal: str | None = None,
    now: bool = False,
    reason: str | None = None,
    no_wait: bool = False,
    name: str | None = None,
    tag: list[str] | None = None,
    queue: str | None = None,
    state: list[str] | None = None,
    all: bool = False,  # noqa: A002  # named as the option
    json: bool = False,
) -> int:
    """Cancel jobs; the parameters are the options of jobctl-cancel(1)."""
    os.umask(0o077)  # the request is for the owner's eyes, whatever the umask
    first = signals.number(signal)
    if now and first is not None:
        raise UsageError("give either --now (SIGKILL at once) or --signal, not both")
    filters = selection.unfinished(name, tag, queue, state, every=all)
    if not selectors and not filters:
        raise UsageError("name the jobs to cancel: an ID, @ for the last one, or --all")
    layout = home.existing(os.environ)
    targets = selection.targets(layout, selectors, filters)
    if layout is None or not targets:
        waiting.tell_done((), "cancelled")
        return 0
    asked = [target for target in targets if _ask(layout, target, first, now=now, note=reason)]
    if asked:
        waiting.Presence(layout).ensure()
        if not no_wait:
            try:
                asked = _await(layout, asked)
            except KeyboardInterrupt:
                output.warn(f"interrupted; {waiting.name(asked)} will be cancelled all the same")
                return 130
    if filters or len(targets) > 1:
        waiting.tell_done(asked, "asked to end" if no_wait else "cancelled")
    if json:
        for target in targets:
            output.write_status(layout, waiting.read(layout, target))
    return 0


def _ask(layout: Layout, target: Target, signal: int | None, *, now: bool, note: str | None) -> bool:
    """Ask that *target* ends; return False, having said so, if it had ended before."""
    status = waiting.read(layout, target)
    if status.finished:
        if status.state != states.CANCELLED:
            output.warn(f"job {target} had ended before: {model.summary(status)}")
        return False
    asking.leave(
        layout,
        target,
        "cancel",
        lambda: requests.ask_to_cancel(layout, target.job, task=target.task, signal=signal, now=now, note=note),
    )
    return True


def _await(layout: Layout, asked: list[Target]) -> list[Target]:
    """Wait until those *asked* have ended; return which are cancelled, having said how the others ended."""
    ends = waiting.until(layout, asked, lambda status: status.finished, explained=False)
    cancelled = []
    for target, ended in zip(asked, ends, strict=True):
        if ended.state == states.CANCELLED:
            cancelled.append(target)
        else:
            output.warn(f"job {ended.label} ended before it could be cancelled: {model.summary(ended)}")
    return cancelled

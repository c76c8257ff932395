"""`jobctl edit`: another priority, queue or limit for jobs that have not started."""

from __future__ import annotations

import os

from jobctl.cli import asking
from jobctl.client.steering import has_unstarted, require_waiting
from jobctl.errors import UsageError
from jobctl.model import limits
from jobctl.model.limits import Limits
from jobctl.model.quantities import parse_duration, parse_size
from jobctl.model.spec import check_label
from jobctl.store import home, queues, requests, selection, status_reader
from jobctl.store.layout import default_config
from jobctl.store.selection import Target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Final

    from jobctl.model.status import Status

#: What takes a limit away.
_NONE: Final = "none"


def run(
    *,
    selectors: list[str],
    priority: int | None = None,
    queue: str | None = None,
    slots: int | None = None,
    max_wait: str | None = None,
    timeout: str | None = None,
    grace: str | None = None,
    memory: str | None = None,
    max_output: str | None = None,
    nice: int | None = None,
    no_wait: bool = False,
    json: bool = False,
) -> int:
    """Edit jobs; the parameters are the options of jobctl-cancel(1)."""
    asking.for_the_owner()
    changed = _limits(timeout=timeout, grace=grace, memory=memory, max_output=max_output, nice=nice)
    document: dict[str, Any] = {"priority": priority, "queue": queue, "slots": slots, "limits": changed or None}
    document = {name: value for name, value in document.items() if value is not None}
    if (wait := _limit(max_wait, parse_duration, "--max-wait")) is not None:
        document["max_wait"] = wait[0]
    _check(document, selectors)
    layout = home.existing(os.environ)
    jobs = selection.select(layout, selectors)
    if layout is None:
        return 0
    if queue is not None:
        queues.check(layout, default_config(os.environ), queue)

    def ask(job: int) -> None:
        require_waiting(job, status_reader.read(layout, job), "edited")
        asking.leave(layout, job, "edit", lambda: requests.steer(layout, job, document))

    done, failure = asking.each(jobs, ask, as_json=json)
    shown = {name: document[name] for name in ("priority", "queue") if name in document}

    def is_so(status: Status) -> bool:
        # Limits and slots are in no status file; the daemon reads them before it starts anything.
        return all(getattr(status, name) == value for name, value in shown.items())

    def reached(status: Status) -> bool:
        return not has_unstarted(status) or is_so(status)

    interrupted = asking.see_it_done(layout, done, None if no_wait else reached)
    if not no_wait and not interrupted:
        late = asking.missed(layout, done, is_so, "edited")
        failure = failure or late
    if json and not interrupted:
        asking.show(layout, [Target(job=job) for job in done])
    return interrupted or failure


def _limits(
    *, timeout: str | None, grace: str | None, memory: str | None, max_output: str | None, nice: int | None
) -> dict[str, Any]:
    """Return the limits that are to be others, None for none; each is checked."""
    found = {
        "timeout": _limit(timeout, parse_duration, "--timeout"),
        "grace": None if grace is None else (parse_duration(grace, "--grace"),),
        "memory": _limit(memory, parse_size, "--memory"),
        "max_output": _limit(max_output, parse_size, "--max-output"),
        "nice": None if nice is None else (nice,),
    }
    changed: dict[str, Any] = {name: value[0] for name, value in found.items() if value is not None}
    limits.check(Limits(**changed))
    return changed


def _check(document: dict[str, Any], selectors: list[str]) -> None:
    if not selectors:
        raise UsageError("name the jobs to edit: an ID, or @ for the last one")
    if not document:
        raise UsageError("say what to edit: --priority, --queue, --slots, --max-wait or a limit")
    if "queue" in document:
        check_label(document["queue"])
    if document.get("slots", 1) < 1:
        raise UsageError(f"a job takes at least one slot, not {document['slots']}")


def _limit(text: str | None, parse: Callable[[str, str], float], what: str) -> tuple[float | None] | None:
    """Return what *text* sets a limit to, None for no limit; or nothing if it was not given."""
    if text is None:
        return None
    return (None if text == _NONE else parse(text, what),)

"""`jobctl why`: why a job waits, or why it failed, on one screen, with what shows it."""

from __future__ import annotations

import os
import signal
from datetime import datetime
from itertools import islice

from jobctl.cli import due, output, serving, summon, unstarted, waiting
from jobctl.cli.tail import last_lines, note
from jobctl.errors import JobctlError
from jobctl.model import differences, order, states
from jobctl.model import status as model
from jobctl.model.lives import Steering
from jobctl.model.why import explain as words
from jobctl.model.why.facts import Known, Line, Need
from jobctl.store import config, doorbell, home, inputs, markers, queues, requests, selection, status_reader
from jobctl.store.layout import default_config

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, Final

    from jobctl.model.dependency import Dependency
    from jobctl.model.spec import Spec
    from jobctl.model.status import Status
    from jobctl.model.why.facts import Explanation
    from jobctl.store.layout import Layout

#: Lines of output that are shown, jobs among which the last success is looked for, failed tasks that are named.
_TAIL: Final = 10
_LOOKED_AT: Final = 2000
_TASKS: Final = 5
_SIGNALS: Final = {number.value: number.name for number in signal.Signals}


def run(*, selector: str, json: bool = False, color: str = "auto") -> int:
    """Explain a job; the parameters are the options of jobctl-status(1)."""
    output.check_color(color)
    layout = home.existing(os.environ)
    target = selection.one_target(layout, selector)
    assert layout is not None  # noqa: S101  # `one` has found a job in it
    status = waiting.read(layout, target)
    if not status.finished:
        summon.ensure(layout, patient=False, silent=True)
    known, found = explain(layout, status)
    if json:
        output.write_json(words.document(status, known, found))
    elif output.is_for_eyes(color):
        from jobctl.cli import render_why  # noqa: PLC0415  # rich, only for eyes

        render_why.show(status, known, found, color)
    else:
        _print(status, known, found)
    return 0


def explain(layout: Layout, status: Status) -> tuple[Known, Explanation]:
    """Return what can be found out about a job and why it is as *status* says."""
    try:
        spec = status_reader.spec(layout, status.id)
        steered = Steering(requests.all_of(layout, status.id, "steer"), hold=spec.hold)
        spec = spec.but(slots=steered.changes.get("slots", spec.slots))
    except JobctlError:
        spec = None
    known = _find_out(layout, status, spec)
    return known, words.explain(status, spec, known, _SIGNALS)


def _print(status: Status, known: Known, found: Explanation) -> None:
    """Print it for scripts: what it is and a tab before each line of it."""
    output.write_columns("job", status.label)
    output.write_columns("state", model.summary(status))
    output.write_columns("why", found.summary)
    for what, text in found.facts:
        output.write_columns(what, text)
    for line in known.tail if known.binary is None else (note(known.binary),):
        output.write_columns(known.stream, line)
    for difference in known.differs:
        output.write_columns("differs", difference.what, difference.then, difference.now)
    if known.success is not None:
        output.write_columns("last success", known.success)
    for advice in found.advice:
        output.write_columns("try", advice)


def _find_out(layout: Layout, status: Status, spec: Spec | None) -> Known:
    facts: dict[str, Any] = {"daemon": doorbell.is_heard(layout), "stopped": serving.stopped(layout)}
    if spec is not None:
        facts["changed_inputs"] = tuple(inputs.changed(layout, status.id, spec))
    if status.state in {states.QUEUED, states.RETRYING}:
        facts |= _of_waiting(layout, status, spec)
    elif status.state == states.PROCESSING:
        facts |= _asked_to_end(layout, status)
        if status.held:
            facts["held_note"] = _held_note(layout, status, spec)
        if status.tasks is not None and status.tasks["pending"]:
            facts["line"] = _line(layout, status)
    elif status.state in {states.FAILED, states.CANCELLED}:
        facts |= _of_ended(layout, status, spec)
    return Known(**facts)


# ── waiting ─────────────────────────────────────────────────────────────────────────────────────────


def _of_waiting(layout: Layout, status: Status, spec: Spec | None) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    if status.held:
        facts["held_note"] = _held_note(layout, status, spec)
    if status.state == states.RETRYING and status.tasks is None:
        facts |= _last_words(layout, status)
    if status.next_attempt_at is not None:
        facts |= {"again_at": _shown(status.next_attempt_at), "again_in": due.left(status.next_attempt_at)}
    if spec is not None:
        facts["needs"] = tuple(_need(layout, dependency) for dependency in spec.after)
        earliest = due.earliest(spec)
        if earliest is not None:
            facts |= {"not_before": _shown(earliest), "not_before_in": due.left(earliest)}
    if status.reason in {"slots", "queue-paused", "resources"}:
        facts["line"] = _line(layout, status)
    return facts


def _held_note(layout: Layout, status: Status, spec: Spec | None) -> str | None:
    note = "it was submitted with --hold" if spec is not None and spec.hold else None
    for request in requests.all_of(layout, status.id, "steer"):
        if request.get("hold") is True:
            by = "jobctl" if request.get("by") == "daemon" else "somebody"
            words = request.get("note")
            when = f" {_shown(request['at'])}" if isinstance(request.get("at"), str) else ""
            note = f"held by {by}{when}" + (f": {words}" if isinstance(words, str) and words else "")
        elif request.get("hold") is False:
            note = None
    return note


def _need(layout: Layout, dependency: Dependency) -> Need:
    label = dependency.label
    try:
        shown = waiting.read(layout, selection.one_target(layout, label))
    except JobctlError as gone:
        return Need(label=label, kind=dependency.kind, state=None, summary=str(gone), met=False)
    summary = model.summary(shown)
    if shown.state == states.PROCESSING and shown.started_at is not None:
        summary += f" since {_shown(shown.started_at)}"
    met = dependency.is_met(shown.state)
    return Need(label=label, kind=dependency.kind, state=shown.state, summary=summary, met=met)


def _line(layout: Layout, status: Status) -> Line:
    try:
        known = queues.load(layout, config.load_for_command(default_config(os.environ)))
    except (JobctlError, OSError):
        known = queues.Queues(configured=config.defaults().queues)
    running, before = [], []
    mine = (_rank(status), status.id)
    for other in _unfinished(layout):
        if other.queue != status.queue or other.id == status.id:
            continue
        if other.state == states.PROCESSING:
            running.append(other.id)
        elif other.reason == "slots" and (_rank(other), other.id) < mine:
            before.append((_rank(other), other.id))
    return Line(
        queue=status.queue,
        slots=known.slots(status.queue),
        paused=known.paused(status.queue),
        running=tuple(running),
        before=tuple(job for _, job in sorted(before)),
    )


def _unfinished(layout: Layout) -> Iterator[Status]:
    for job in markers.names(layout):
        found = selection.read_quietly(layout, job)
        if found is not None:
            yield found


def _rank(status: Status) -> float:
    return order.rank(status.priority, datetime.fromisoformat(status.submitted_at).timestamp())


def _asked_to_end(layout: Layout, status: Status) -> dict[str, Any]:
    request = requests.cancellation(layout, status.id, requests.count(layout, status.id, "retry"))
    if request is None:
        return {}
    note = request.get("note")
    return {"cancel_note": f"{_shown(str(request.get('at')))}" + (f": {note}" if note else "")}


# ── ended ───────────────────────────────────────────────────────────────────────────────────────────


def _of_ended(layout: Layout, status: Status, spec: Spec | None) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    shown = status
    if status.tasks is not None:
        from jobctl.store import tasks  # noqa: PLC0415  # only for array jobs

        failed = tasks.failed(layout, status, _TASKS)
        facts["failed"] = tuple((task.label, _how(task)) for task in failed)
        shown = failed[0] if failed else status
    if shown.attempts and shown.reason not in {"not-started", *_UNSTARTED}:
        facts |= _last_words(layout, shown)
    if spec is not None and shown.reason == "not-started":
        facts["unstarted"], facts["mend"] = unstarted.look(spec)
    if spec is not None and shown.reason not in _UNSTARTED:
        facts |= _compared(layout, status, spec)
    return facts


def _last_words(layout: Layout, status: Status) -> dict[str, Any]:
    """Return the end of what the last attempt wrote: to standard error, or to standard output if nothing there."""
    for stream in ("stderr", "stdout"):
        tail = last_lines(layout.output(status.id, status.task or 1, status.attempt, stream), _TAIL)
        if tail:
            return {"stream": stream, "tail": tail.lines, "binary": tail.binary}
    return {}


_UNSTARTED: Final = frozenset(("dependency-failed", "expired"))


def _how(task: Status) -> str:
    return (task.error or {}).get("message") or model.summary(task)


def _compared(layout: Layout, status: Status, spec: Spec) -> dict[str, Any]:
    """Return the last success of the same name, or without a name of the same command, and what differs from it."""
    for job in islice(selection.newest(layout), _LOOKED_AT):
        other = selection.read_quietly(layout, job) if job != status.id else None
        if other is None or other.state != states.COMPLETED:
            continue
        alike = other.name == status.name if status.name is not None else other.command == status.command
        if alike:
            try:
                frozen = status_reader.spec(layout, job)
            except JobctlError:
                continue
            return {"success": job, "differs": differences.between((status, spec), (other, frozen))}
    return {}


# ── times ───────────────────────────────────────────────────────────────────────────────────────────


def _shown(moment: str) -> str:
    """Return the time of day *moment* as the user's clock shows it."""
    try:
        return datetime.fromisoformat(moment).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    except ValueError:
        return moment

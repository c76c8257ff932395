"""What a job, or what is left of it, waits for."""

from __future__ import annotations

from jobctl.model import states
from jobctl.model.quantities import show_duration
from jobctl.model.why.facts import Explanation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final

    from jobctl.model.spec import Spec
    from jobctl.model.status import Status
    from jobctl.model.why.facts import Known, Need

#: How a job that is depended on must end.
_KINDS: Final = {"ok": "to end well", "any": "to end", "fail": "to end badly"}


def runs(status: Status, spec: Spec | None, known: Known) -> Explanation:
    """Explain a job that runs, of which tasks may wait."""
    if status.held and status.tasks is not None and not status.tasks["processing"]:
        return _held(status, known, "none of its tasks runs, and somebody holds those that are left")
    asked = (("asked to end", known.cancel_note),) if known.cancel_note is not None else ()
    watch = f"jobctl watch {status.label} --logs"
    if status.tasks is None or not (status.tasks["pending"] or status.tasks["retrying"]):
        return Explanation(summary="it runs and waits for nothing", facts=asked, advice=(watch,))
    running, pending, again = (status.tasks[state] for state in ("processing", "pending", "retrying"))
    rest = _rest(status, spec, known) if pending else Explanation(summary="")
    summary = f"{_count(running, 'task')} of it {'runs' if running == 1 else 'run'}"
    if again:
        summary += f", {again} {'waits' if again == 1 else 'wait'} for another attempt"
    if pending:
        summary += f", {pending} {'waits' if pending == 1 else 'wait'} for their turn: {rest.summary}"
    return Explanation(summary=summary, facts=asked + rest.facts, advice=(*rest.advice, watch))


def _rest(status: Status, spec: Spec | None, known: Known) -> Explanation:
    """Explain what those tasks of an array job wait for that have not been started."""
    line, most = known.line, None if spec is None or spec.array is None else spec.array.at_once
    if status.held:
        return _held(status, known, "somebody holds them")
    if most is not None and (status.tasks or {})["processing"] >= most:
        return Explanation(summary=f"it was submitted to run at most {most} at once")
    if line is None:
        return Explanation(summary="all slots of its queue are taken")
    if line.paused:
        return _paused(line.queue)
    facts = (("running beside it", _listed(line.running)),) if line.running else ()
    return Explanation(
        summary=f"queue {line.queue!r} has {_count(line.slots, 'slot')}, all taken",
        facts=facts,
        advice=(f"jobctl queue set {line.queue} --slots {line.slots + 1}",),
    )


def waits(status: Status, spec: Spec | None, known: Known) -> Explanation:
    """Explain a job that has not started, or waits for another attempt."""
    if status.state == states.PENDING:
        return Explanation(summary="no daemon has taken it in yet")
    if status.held:
        return _held(status, known, "somebody holds it")
    if status.state == states.RETRYING:
        return _retries(status, known)
    if status.reason == "resources":
        return _lacks(status, spec, known)
    if status.reason == "slots":
        return _in_line(status, spec, known)
    return _waits_for_others(status, known)


def _waits_for_others(status: Status, known: Known) -> Explanation:
    match status.reason:
        case "dependency":
            left = [need for need in known.needs if not need.met]
            found = Explanation(
                summary=f"it waits for {_count(len(left), 'other job')} to end",
                facts=tuple((f"needs job {need.label} {_KINDS[need.kind]}", need.summary) for need in left),
                advice=(*_about_needs(left), *_without_waiting(status)),
            )
        case "not-before":
            when = known.not_before or "later"
            wait = "" if known.not_before_in is None else f", in {show_duration(known.not_before_in)}"
            summary = f"it may not start before {when}{wait}"
            found = Explanation(summary=summary, advice=_without_waiting(status))
        case "queue-paused":
            found = _paused(status.queue)
        case _:
            found = Explanation(summary="it is about to be started")
    return found


def _held(status: Status, known: Known, summary: str) -> Explanation:
    facts = () if known.held_note is None else (("note", known.held_note),)
    return Explanation(summary=summary, facts=facts, advice=(f"jobctl release {status.label}",))


def _paused(queue: str) -> Explanation:
    return Explanation(
        summary=f"its queue {queue!r} is paused and starts nothing", advice=(f"jobctl queue resume {queue}",)
    )


def _about_needs(needs: Sequence[Need]) -> tuple[str, ...]:
    """Return how to see more of the first of *needs*: how far it is, or why it does not run itself."""
    if not needs or needs[0].state is None:
        return ()
    return (f"jobctl {'watch' if needs[0].state == states.PROCESSING else 'why'} {needs[0].label}",)


def _without_waiting(status: Status) -> tuple[str, ...]:
    """Return how the same is done now: what was asked to wait for is no part of what runs again."""
    return (f"jobctl rerun {status.id} && jobctl cancel {status.id} (runs the same now, as a new job)",)


def _retries(status: Status, known: Known) -> Explanation:
    when = "soon" if known.again_at is None else f"at {known.again_at}"
    if known.again_in is not None:
        when += f", in {show_duration(known.again_in)}"
    failed = (status.error or {}).get("message") or "it failed"
    return Explanation(
        summary=f"attempt {status.attempt} of {status.max_attempts} failed; the next one starts {when}",
        facts=(("attempt failed", failed),),
        advice=(f"jobctl logs {status.label} --attempt {status.attempt}", f"jobctl cancel {status.label}"),
    )


def _lacks(status: Status, spec: Spec | None, known: Known) -> Explanation:
    line = known.line
    if spec is not None and line is not None and spec.slots > line.slots:
        return Explanation(
            summary=f"it needs {spec.slots} slots and its queue {line.queue!r} has {line.slots}",
            advice=(f"jobctl queue set {line.queue} --slots {spec.slots}", f"jobctl edit {status.label} --slots N"),
        )
    return Explanation(
        summary="it could not be started, for example because the disk is full, and is tried again soon",
        advice=("jobctl daemon logs -n 20", "jobctl doctor"),
    )


def _in_line(status: Status, spec: Spec | None, known: Known) -> Explanation:
    line = known.line
    if line is None:
        return Explanation(summary="all slots of its queue are taken")
    facts = [("running", _listed(line.running))]
    if line.before:
        facts.append(("before it in line", _listed(line.before)))
    needs = f" and it needs {spec.slots}" if spec is not None and spec.slots > 1 else ""
    place = "; it is next"
    if line.before:
        place = f", and {_count(len(line.before), 'job')} {'goes' if len(line.before) == 1 else 'go'} first"
    advice = [f"jobctl queue set {line.queue} --slots {line.slots + 1}"]
    if line.before:
        advice.insert(0, f"jobctl edit {status.label} --priority 1")
    elif line.running:
        advice.append(f"jobctl watch {line.running[0]}")
    return Explanation(
        summary=f"queue {line.queue!r} has {_count(line.slots, 'slot')}, all taken{needs}{place}",
        facts=tuple(facts),
        advice=tuple(advice),
    )


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _listed(jobs: Sequence[int], most: int = 12) -> str:
    shown = ", ".join(str(job) for job in jobs[:most])
    return f"{shown} and {len(jobs) - most} more" if len(jobs) > most else shown or "none"

"""The way in: why a job is in the state that it is in, and all of it as a document."""

from __future__ import annotations

from jobctl.model import states
from jobctl.model.why import waiting
from jobctl.model.why.ended import ended
from jobctl.model.why.facts import Explanation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from jobctl.model.spec import Spec
    from jobctl.model.status import Status
    from jobctl.model.why.facts import Known


def explain(status: Status, spec: Spec | None, known: Known, signals: Mapping[int, str]) -> Explanation:
    """Return why *status* is what it is; *spec* is None where it cannot be read, *signals* are those here by number."""
    if status.state == states.COMPLETED:
        found = Explanation(
            summary="it does not wait and it did not fail: it exited with status 0",
            advice=(f"jobctl result {status.label}",),
        )
    elif status.state == states.PROCESSING:
        found = waiting.runs(status, spec, known)
    elif status.state in states.TERMINAL:
        found = ended(status, spec, known, signals)
    else:
        found = waiting.waits(status, spec, known)
    facts = list(found.facts)
    if known.changed_inputs:
        facts += [("input", said) for said in known.changed_inputs]
    advice = list(found.advice)
    if known.binary is not None:
        label = known.failed[0][0] if known.failed else status.label
        shown = f"jobctl logs {label} --{known.stream} | hexdump -C | less"
        advice = [shown, *(line for line in advice if line != f"jobctl logs {label}")]
    if not status.finished and not known.daemon:
        facts.append(("daemon", "none runs, so nothing will change"))
        advice.insert(0, "jobctl daemon start")
    elif not status.finished and known.stopped is not None:
        facts.append(("daemon", f"a signal has stopped it (process {known.stopped}), so nothing will change"))
        advice.insert(0, f"kill -CONT {known.stopped}")
    return found.but(facts=tuple(facts), advice=tuple(advice))


def document(status: Status, known: Known, found: Explanation) -> dict[str, Any]:
    """Return all of it for `--json`."""
    line = known.line
    return {
        "v": 1,
        "id": status.id,
        "task": status.task,
        "state": status.state,
        "reason": status.reason,
        "summary": found.summary,
        "facts": [{"what": what, "is": text} for what, text in found.facts],
        "daemon": known.daemon,
        "line": None if line is None else line.asdict(),
        "needs": [need.asdict() for need in known.needs],
        "next_attempt_at": status.next_attempt_at,
        "stream": known.stream,
        "tail": known.tail,
        "binary": known.binary,
        "last_success": known.success,
        "differs": [difference.asdict() for difference in known.differs],
        "changed_inputs": known.changed_inputs,
        "advice": found.advice,
    }

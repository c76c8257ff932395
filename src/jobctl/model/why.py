"""Why a job waits, or why it failed, in words: from what is known about it, without looking at anything."""

from __future__ import annotations

from jobctl.model import states
from jobctl.model.quantities import show_duration, show_size, write_duration, write_size
from jobctl.model.spec import show_command
from jobctl.model.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Final

    from jobctl.model.differences import Difference
    from jobctl.model.spec import Spec
    from jobctl.model.status import Status


class Need(Value):
    """One job that another one depends on, and how it stands."""

    label: str
    #: How it must end: well, badly, in whatever way.
    kind: str
    state: str | None
    #: How it stands, in a few words.
    summary: str
    met: bool | None


class Line(Value):
    """What stands before a job in its queue."""

    queue: str
    slots: int
    paused: bool
    #: Running jobs that take slots, and waiting ones that go first.
    running: tuple[int, ...] = ()
    before: tuple[int, ...] = ()


class Known(Value):
    """What somebody found out about a job before it is explained; a fact that was not looked for is left out."""

    daemon: bool = True
    line: Line | None = None
    needs: tuple[Need, ...] = ()
    held_note: str | None = None
    #: When it may start at the earliest, and when another attempt does: for people, and in how many seconds.
    not_before: str | None = None
    not_before_in: float | None = None
    again_at: str | None = None
    again_in: float | None = None
    cancel_note: str | None = None
    #: The last lines that it wrote, and where.
    stream: str | None = None
    tail: tuple[str, ...] = ()
    #: How many bytes it wrote there, if they are no text: then there are no lines.
    binary: int | None = None
    #: Failed tasks of an array job, with how they ended.
    failed: tuple[tuple[str, str], ...] = ()
    #: The last success of the same kind, and what is different now.
    success: int | None = None
    differs: tuple[Difference, ...] = ()
    #: What can be seen of why nothing could be executed, and the commands that mend it.
    unstarted: tuple[tuple[str, str], ...] = ()
    mend: tuple[str, ...] = ()
    #: A sentence for each frozen input whose original has changed since.
    changed_inputs: tuple[str, ...] = ()


class Explanation(Value):
    """The answer: one sentence, what shows it, and what can be done."""

    summary: str
    facts: tuple[tuple[str, str], ...] = ()
    advice: tuple[str, ...] = ()


#: What exit statuses mean by convention; programs may mean something else.
_STATUSES: Final = {
    2: "many programs say so of wrong options or arguments",
    126: "a shell says so of a command that it may not execute",
    127: "a shell says so of a command that it does not find",
    128: "a shell says so of an exit with a wrong argument",
    255: "ssh says so of a failed connection, and other programs of any error",
}
_NOT_FOUND: Final = 127
#: What signals mean when nobody here sent them.
_SIGNALS: Final = {
    "SIGKILL": "somebody killed it: often the kernel, for want of memory (see `dmesg` or `journalctl -k`)",
    "SIGSEGV": "it touched memory that is not its own: a bug in it",
    "SIGBUS": "it touched memory that is not there, as with a file that was cut while it was mapped",
    "SIGABRT": "it gave up by itself, as after a failed assertion",
    "SIGFPE": "it divided by zero or the like",
    "SIGILL": "it holds an instruction that this processor does not have",
    "SIGPIPE": "it wrote to a pipe that nobody reads any more",
    "SIGTERM": "somebody asked it to end; not jobctl",
    "SIGHUP": "somebody told it that its terminal is gone; not jobctl",
    "SIGINT": "somebody interrupted it; not jobctl",
    "SIGXFSZ": "it wrote a larger file than `ulimit -f` allows",
    "SIGXCPU": "it used more processor time than `ulimit -t` allows",
}


def explain(status: Status, spec: Spec | None, known: Known, signals: Mapping[int, str]) -> Explanation:
    """Return why *status* is what it is; *spec* is None where it cannot be read, *signals* are those here by number."""
    if status.state == states.COMPLETED:
        found = Explanation(
            summary="it does not wait and it did not fail: it exited with status 0",
            advice=(f"jobctl result {status.label}",),
        )
    elif status.state == states.PROCESSING:
        found = _runs(status, spec, known)
    elif status.state in states.TERMINAL:
        found = _ended(status, spec, known, signals)
    else:
        found = _waits(status, spec, known)
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
    return found.but(facts=tuple(facts), advice=tuple(advice))


def _runs(status: Status, spec: Spec | None, known: Known) -> Explanation:
    if status.held and status.tasks is not None and not status.tasks["processing"]:
        facts = () if known.held_note is None else (("note", known.held_note),)
        summary = "none of its tasks runs, and somebody holds those that are left"
        return Explanation(summary=summary, facts=facts, advice=(f"jobctl release {status.label}",))
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
        facts = () if known.held_note is None else (("note", known.held_note),)
        return Explanation(summary="somebody holds them", facts=facts, advice=(f"jobctl release {status.label}",))
    if most is not None and (status.tasks or {})["processing"] >= most:
        return Explanation(summary=f"it was submitted to run at most {most} at once")
    if line is None:
        return Explanation(summary="all slots of its queue are taken")
    if line.paused:
        summary = f"its queue {line.queue!r} is paused and starts nothing"
        return Explanation(summary=summary, advice=(f"jobctl queue resume {line.queue}",))
    facts = (("running beside it", _listed(line.running)),) if line.running else ()
    return Explanation(
        summary=f"queue {line.queue!r} has {_count(line.slots, 'slot')}, all taken",
        facts=facts,
        advice=(f"jobctl queue set {line.queue} --slots {line.slots + 1}",),
    )


# ── waiting ─────────────────────────────────────────────────────────────────────────────────────────


def _waits(status: Status, spec: Spec | None, known: Known) -> Explanation:
    if status.state == states.PENDING:
        return Explanation(summary="no daemon has taken it in yet")
    if status.held:
        facts = () if known.held_note is None else (("note", known.held_note),)
        return Explanation(summary="somebody holds it", facts=facts, advice=(f"jobctl release {status.label}",))
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
            found = Explanation(
                summary=f"its queue {status.queue!r} is paused and starts nothing",
                advice=(f"jobctl queue resume {status.queue}",),
            )
        case _:
            found = Explanation(summary="it is about to be started")
    return found


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


_KINDS: Final = {"ok": "to end well", "any": "to end", "fail": "to end badly"}


# ── ended ───────────────────────────────────────────────────────────────────────────────────────────


def _ended(status: Status, spec: Spec | None, known: Known, signals: Mapping[int, str]) -> Explanation:
    label, message = status.label, (status.error or {}).get("message") or "nothing is on record about it"
    if status.tasks is not None and known.failed:
        return Explanation(
            summary=f"{status.tasks.get('failed', 0)} of {status.tasks.get('total')} tasks failed",
            facts=known.failed,
            advice=(f"jobctl why {known.failed[0][0]}", f"jobctl retry {label} (runs only what failed)"),
        )
    if status.reason in states.NEVER_RAN or status.reason == "cancelled":
        return _unsettled(status, known, message)
    summary, facts, advice = message, [], [f"jobctl logs {label}", f"jobctl retry {label}"]
    if status.reason == "exit":
        summary = f"its command exited with status {status.exit_code}"
        facts += _if_known("convention", _STATUSES.get(status.exit_code or 0) or _as_signal(status.exit_code, signals))
        if status.exit_code == _NOT_FOUND:
            advice[1] = f"jobctl retry {label}, once the command is there and on the job's PATH"
    elif status.reason == "signal":
        name = signals.get(status.signal or 0, f"signal {status.signal}")
        summary = f"a signal ended its command: {name}"
        facts += _if_known("usual meaning", _SIGNALS.get(name))
        if name == "SIGKILL":
            facts += _if_known("memory", _memory(status))
    elif status.reason in _OPTIONS:
        advice[1] = _with_more(status, spec)
    if status.attempt > 1:
        facts.append(("attempts", f"{status.attempt}, this was the last"))
    return Explanation(summary=summary, facts=tuple(facts), advice=tuple(advice))


def _with_more(status: Status, spec: Spec | None) -> str:
    """Return how to submit a job again with twice the limit that it ended for: as it is, it would end so again."""
    option = _OPTIONS[status.reason or ""]
    name = option.removeprefix("--").replace("-", "_")
    limit = None if spec is None or spec.limits is None else getattr(spec.limits, name)
    if limit is None:
        return f"submit it again with a higher {option}; a retry has the same limit"
    more = write_duration(2 * limit) if name == "timeout" else write_size(2 * limit)
    command = (
        f"-c {show_command((status.shown_command,), shell=False)}" if status.shell else f"-- {status.shown_command}"
    )
    return f"jobctl submit {option} {more} {command}"


#: The options that set the limits which jobs end for.
_OPTIONS: Final = {"timeout": "--timeout", "memory-limit": "--memory", "output-limit": "--max-output"}


def _unsettled(status: Status, known: Known, message: str) -> Explanation:
    """Explain a job that never ran, or of which nobody knows how it ended."""
    label = status.label
    match status.reason:
        case "not-started":
            again = f"jobctl retry {label}" if known.mend else f"mend that, then jobctl retry {label}"
            found = Explanation(
                summary=f"nothing was executed: {message}", facts=known.unstarted, advice=(*known.mend, again)
            )
        case "lost":
            found = Explanation(
                summary=f"nobody knows how it ended: {message}",
                advice=(f"see what it did (jobctl logs {label}), then jobctl retry {label} if it may run again",),
            )
        case "dependency-failed":
            root = (status.error or {}).get("job")
            advice = () if root is None else (f"jobctl why {root}", f"jobctl retry {root} (brings this one back)")
            found = Explanation(summary=f"it never ran: {message}", advice=advice)
        case "expired":
            found = Explanation(summary=f"it never ran: {message}", advice=(f"jobctl retry {label}",))
        case _:
            found = Explanation(summary=message, advice=(f"jobctl retry {label}",))
    return found


def _memory(status: Status) -> str | None:
    used = (status.usage or {}).get("max_rss_bytes")
    return f"it had {show_size(used)} at most" if isinstance(used, int) else None


def _as_signal(code: int | None, signals: Mapping[int, str]) -> str | None:
    """Return what a shell means by an exit status above 128."""
    name = signals.get((code or 0) - 128)
    if name is None:
        return None
    meaning = _SIGNALS.get(name)
    return f"a shell says so of a command that {name} ended" + ("" if meaning is None else f": {meaning}")


def _if_known(name: str, meaning: str | None) -> list[tuple[str, str]]:
    return [] if meaning is None else [(name, meaning)]


# ── as a document ───────────────────────────────────────────────────────────────────────────────────


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


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _listed(jobs: Sequence[int], most: int = 12) -> str:
    shown = ", ".join(str(job) for job in jobs[:most])
    return f"{shown} and {len(jobs) - most} more" if len(jobs) > most else shown or "none"

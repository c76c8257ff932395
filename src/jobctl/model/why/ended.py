"""How a job ended, what that usually means, and what can be done."""

from __future__ import annotations

from jobctl.model import states
from jobctl.model.quantities import show_size, write_duration, write_size
from jobctl.model.spec import show_command
from jobctl.model.why.facts import Explanation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Final

    from jobctl.model.spec import Spec
    from jobctl.model.status import Status
    from jobctl.model.why.facts import Known

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
#: The options that set the limits which jobs end for.
_OPTIONS: Final = {"timeout": "--timeout", "memory-limit": "--memory", "output-limit": "--max-output"}


def ended(status: Status, spec: Spec | None, known: Known, signals: Mapping[int, str]) -> Explanation:
    """Explain how a job ended, or that it never ran."""
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

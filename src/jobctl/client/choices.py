"""The options beyond command, name and environment: each checked, and made a part of the specification.

Only imported when one of them is given, or a rule of the configuration binds.
"""

from __future__ import annotations

import os

from jobctl.client.specify import Order, open_source
from jobctl.errors import UsageError
from jobctl.model import limits, retry
from jobctl.model import spec as model
from jobctl.model.limits import Limits
from jobctl.model.quantities import parse_duration, parse_size
from jobctl.model.retry import Retry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

    from jobctl.client.specify import Request
    from jobctl.model.array import Array
    from jobctl.model.dependency import Dependency, Kind
    from jobctl.model.spec import Spec
    from jobctl.store.enclosure import Enclosure
    from jobctl.store.layout import Layout
    from jobctl.store.once import Rules

#: Priorities are from -this to this.
_HIGHEST_PRIORITY: Final = 1_000_000
#: What does not identify a job by its key as it is written: the contents of what is frozen do instead, or it says
#: nothing about the job.
_NOT_IN_FINGERPRINT: Final = frozenset(
    ("command", "shell", "chdir", "stdin", "inputs", "each_line", "no_check", "id_file", "key")
)


def complete(request: Request, spec: Spec, most: int | None, handed: list[bytes] | None = None) -> Order:
    """Return the order for *spec* with all that *request* asks for beyond it; *most* jobs may be unfinished.

    Lines that are *handed* are those of --each-line, which only names them then.

    Raises:
        UsageError: something is wrong with it.
        NoSuchJob: a job that it is to wait for does not exist.
    """
    array, lines = _array(request, handed)
    spec = spec.but(
        limits=_limits(request),
        retry=_retry(request),
        array=array,
        **_when(request),
        **_feedback(request),
        pty=request.pty,
        key=request.key,
        unique=request.unique,
    )
    if lines and spec.command:
        _check_lines(request, spec, lines)
    advice, guess = (None, None) if array is None else _advice(spec)
    made = Order(spec=spec, enclosed=_enclosed(request, lines), rules=_rules(request, spec, most))
    return made.but(advice=advice, guess=guess)


def _advice(spec: Spec) -> tuple[str | None, str | None]:
    """Return what keeps the tasks of an array job from their items, and what may: a program may ask for them itself."""
    if any("JOBCTL_" in word for word in spec.command):
        return None, None
    if spec.shell:
        write = 'write "$JOBCTL_ITEM", with the quotes, for the item'
        if "{}" in spec.command[-1]:
            return f"{{}} stays as it is in the text of -c; {write}", None
        return None, f"each task runs the same text; {write}"
    if any("{}" in word for word in spec.command):
        return None, None
    return None, "each task runs the same words; {} in one of them stands for the item, which is in $JOBCTL_ITEM too"


def _limits(request: Request) -> Limits | None:
    found: dict[str, Any] = {}
    if request.timeout is not None:
        found["timeout"] = parse_duration(request.timeout, "--timeout")
    if request.grace is not None:
        found["grace"] = parse_duration(request.grace, "--grace")
    if request.memory is not None:
        found["memory"] = parse_size(request.memory, "--memory")
    if request.max_output is not None:
        found["max_output"] = parse_size(request.max_output, "--max-output")
    if request.nice is not None:
        found["nice"] = request.nice
    if request.keep_children:
        found["keep_children"] = True
    if not found:
        return None
    made = Limits(**found)
    limits.check(made)
    return made


def _retry(request: Request) -> Retry | None:
    found = _pauses(request)
    if request.retry_on is not None:
        found["only"] = retry.parse_codes(request.retry_on, "--retry-on")
    if request.no_retry_on is not None:
        found["never"] = retry.parse_codes(request.no_retry_on, "--no-retry-on")
    if found and not request.retries:
        raise UsageError("the options that say how to try again go with --retries N, which says how often")
    if request.retries is not None:
        found["retries"] = request.retries
    if request.on_crash is not None:
        found["on_crash"] = request.on_crash
    if not found:
        return None
    made = Retry(**found)
    retry.check(made)
    return made


def _pauses(request: Request) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if request.retry_delay is not None:
        found["delay"] = parse_duration(request.retry_delay, "--retry-delay")
        # Who asks for longer pauses than the ceiling that is usual has not asked for that ceiling.
        found["max_delay"] = max(found["delay"], Retry.max_delay)
    if request.retry_max_delay is not None:
        found["max_delay"] = parse_duration(request.retry_max_delay, "--retry-max-delay")
        if found["max_delay"] < found.get("delay", 0):
            raise UsageError(f"--retry-max-delay {request.retry_max_delay} is shorter than --retry-delay")
    if request.retry_backoff is not None:
        found["backoff"] = retry.parse_factor(request.retry_backoff)
    return found


def _array(request: Request, handed: list[bytes] | None) -> tuple[Array | None, list[bytes]]:
    if request.array is None and request.each_line is None:
        if request.max_fails is not None:
            raise UsageError("--max-fails goes with --array or --each-line: a plain job has one task")
        return None, []
    from jobctl.model import array  # noqa: PLC0415  # only arrays

    lines: list[bytes] = []
    if request.each_line is None:
        made = array.parse_range(request.array or "")
    elif request.array is not None:
        raise UsageError("give either --array or --each-line: both say which tasks there are")
    else:
        lines, at_once = _lines(request, handed)
        made = array.Array(tasks=len(lines), lines=True, at_once=at_once)
    made = made.but(max_fails=request.max_fails)
    array.check(made)
    return made, lines


def _lines(request: Request, handed: list[bytes] | None) -> tuple[list[bytes], int | None]:
    from jobctl.model.array import split_at_once  # noqa: PLC0415  # only arrays
    from jobctl.store import items  # noqa: PLC0415  # only arrays of lines

    source, at_once = split_at_once(request.each_line or "", "--each-line")
    if handed is not None:
        items.check(handed, source)
        return handed, at_once
    if source == request.stdin == "-":
        raise UsageError("--stdin and --each-line cannot both read standard input: give one of them a file")
    what = "standard input" if source == "-" else source
    fd = open_source(source, "--each-line")
    try:
        return items.read_lines(fd, what), at_once
    except OSError as failure:
        raise UsageError(f"cannot read {what} for --each-line: {failure.strerror}") from None
    finally:
        os.close(fd)


def _check_lines(request: Request, spec: Spec, lines: list[bytes]) -> None:
    """Refuse a line with which the command could not be executed: if the longest one fits, all do."""
    from jobctl.model.array import fill  # noqa: PLC0415  # only arrays

    longest = max(range(len(lines)), key=lambda position: len(lines[position]))
    item = os.fsdecode(lines[longest])
    command = spec.command if spec.shell else fill(spec.command, item)
    # An empty first word is found when it is tried: the others may be fine.
    filled = spec.but(command=command if command[0] else spec.command, env=(*spec.env, ("JOBCTL_ITEM", item)))
    try:
        model.check(filled, arg_max=os.sysconf("SC_ARG_MAX"))
    except UsageError as wrong:
        where = f"line {longest + 1} of --each-line {request.each_line}"
        raise UsageError(f"{where} makes a command that cannot run: {wrong}") from None


def _when(request: Request) -> dict[str, Any]:
    found: dict[str, Any] = {"hold": request.hold}
    if request.queue is not None:
        from jobctl.store import queues  # noqa: PLC0415  # only who names a queue
        from jobctl.store.layout import default_config  # noqa: PLC0415  # as above

        queues.check(_home(), default_config(os.environ), request.queue)
        found["queue"] = request.queue
    if request.priority is not None:
        if abs(request.priority) > _HIGHEST_PRIORITY:
            raise UsageError(f"--priority {request.priority} is not from -{_HIGHEST_PRIORITY} to {_HIGHEST_PRIORITY}")
        found["priority"] = request.priority
    if request.slots is not None:
        found["slots"] = request.slots
    if request.start_in is not None:
        found["start_in"] = parse_duration(request.start_in, "--in")
    if request.at is not None:
        from jobctl.client import local_time  # noqa: PLC0415  # `datetime` is dear

        found["not_before"] = local_time.not_before(request.at)
    if request.max_wait is not None:
        found["max_wait"] = parse_duration(request.max_wait, "--max-wait")
        if found["max_wait"] <= found.get("start_in", -1):
            raise UsageError(f"--max-wait {request.max_wait} is over before --in {request.start_in} lets the job start")
    if request.after_ok or request.after_any or request.after_fail:
        found["after"] = _after(request)
    return found


def _after(request: Request) -> tuple[Dependency, ...]:
    from jobctl.client import after  # noqa: PLC0415  # only who waits for jobs

    layout = _home()
    found: dict[Dependency, None] = {}
    by_kind: dict[Kind, list[str] | None] = {
        "ok": request.after_ok,
        "any": request.after_any,
        "fail": request.after_fail,
    }
    for kind, words in by_kind.items():
        for word in words or ():
            found.update(dict.fromkeys(after.resolve(layout, kind, word)))
    if len(found) > after.MOST:
        raise UsageError(f"the job would wait for {len(found)} others; at most {after.MOST} are possible")
    return tuple(found)


def _feedback(request: Request) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if request.progress_from is not None:
        from jobctl.model.progress import source  # noqa: PLC0415  # regular expressions are dear

        source.check(request.progress_from)
        found["progress_from"] = request.progress_from
    if request.on_finish is not None:
        if not request.on_finish.strip() or "\0" in request.on_finish:
            raise UsageError("--on-finish was given no command; write what /bin/sh is to run")
        found["on_finish"] = request.on_finish
    if request.webhook:
        from jobctl.client import addresses  # noqa: PLC0415  # as above

        found["webhooks"] = tuple(dict.fromkeys(addresses.check_url(url) for url in request.webhook))
    return found


def _enclosed(request: Request, lines: list[bytes]) -> Enclosure | None:
    if not (lines or request.inputs):
        return None
    from jobctl.store.enclosure import Enclosure  # noqa: PLC0415  # only who freezes something

    wanted: tuple[tuple[str, str], ...] = ()
    if request.inputs:
        from jobctl.client import named_inputs  # noqa: PLC0415  # only who freezes files

        wanted = named_inputs.of(request.inputs)
    return Enclosure(lines=tuple(lines), inputs=wanted)


def _rules(request: Request, spec: Spec, most: int | None) -> Rules | None:
    if request.if_active is not None and request.unique is None:
        raise UsageError("--if-active goes with --unique NAME, which says what must not overlap")
    if request.key is None and request.unique is None and most is None:
        return None
    from jobctl.store import once  # noqa: PLC0415  # only whom a rule binds

    if request.if_active is not None and request.if_active not in once.IF_ACTIVE:
        raise UsageError(f"--if-active {request.if_active!r} is none of {', '.join(once.IF_ACTIVE)}")
    return once.Rules(
        key=request.key,
        fingerprint=() if request.key is None else _fingerprint(request, spec),
        unique=request.unique,
        if_active=request.if_active or "skip",
        most=most,
    )


def _fingerprint(request: Request, spec: Spec) -> tuple[tuple[str, str], ...]:
    """Return what identifies the job, as it was written: `@` and `09:00` mean something else a moment later."""
    from jobctl.store import once  # noqa: PLC0415  # as above

    parts: dict[str, object] = {"the command": spec.command, "the directory": spec.cwd}
    if request.each_line is not None:
        parts["--each-line"] = None if spec.array is None else spec.array.at_once
    for name in request.given():
        if name not in _NOT_IN_FINGERPRINT:
            parts[_FLAGS.get(name) or "--" + name.replace("_", "-")] = getattr(request, name)
    return tuple((name, once.digest(repr(value))) for name, value in parts.items())


#: Options that are called otherwise than their parameters.
_FLAGS: Final = {"start_in": "--in"}


def _home() -> Layout | None:
    from jobctl.store import home  # noqa: PLC0415  # only who names what is in it

    return home.existing(os.environ)

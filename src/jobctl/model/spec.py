"""The specification of a job: what to run and how, frozen at submission."""

from __future__ import annotations

from jobctl.errors import UnknownVersion, UnreadableRecord, UsageError
from jobctl.model.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Final, TypeVar

    from jobctl.model.array import Array
    from jobctl.model.dependency import Dependency
    from jobctl.model.inputs import Input
    from jobctl.model.limits import Limits
    from jobctl.model.retry import Retry

    T = TypeVar("T")
    V = TypeVar("V", bound=Value)

#: Version of spec.json.
VERSION: Final = 1

#: The queue that is always there, where a job waits that names none.
DEFAULT_QUEUE: Final = "default"

#: Linux takes at most 32 pages for one argument or variable, its NUL included (execve(2), MAX_ARG_STRLEN).
LONGEST_STRING: Final = 32 * 4096 - 1
#: What jobctl's own variables and the pointers' alignment may add to a job's environment.
_OWN_SHARE: Final = 32 * 1024


class Spec(Value):
    """What `submit` acknowledged. Strings may hold lone surrogates for bytes that are not UTF-8 (PEP 383)."""

    uuid: str
    command: tuple[str, ...]
    cwd: str
    umask: int
    submitted_at: str
    #: Name and value of each variable of the job, in no order.
    env: tuple[tuple[str, str], ...]
    name: str | None = None
    tags: tuple[str, ...] = ()
    queue: str = DEFAULT_QUEUE
    priority: int = 0
    #: Whether the command is text given to `/bin/sh -c`.
    shell: bool = False
    #: Whether the job reads the frozen file `stdin` (else /dev/null).
    stdin: bool = False
    #: When it was submitted on the steady clock of the boot *boot*: what times relative to that are counted from.
    steady: float | None = None
    boot: str | None = None
    #: Slots of its queue that each of its tasks takes.
    slots: int = 1
    #: Not to be started before it is released.
    hold: bool = False
    #: Time of day before which it is not started, and seconds after its submission: at most one of them.
    not_before: str | None = None
    start_in: float | None = None
    #: Seconds after its submission by which it must have started, or it never does.
    max_wait: float | None = None
    #: All of them must be met before it is started.
    after: tuple[Dependency, ...] = ()
    limits: Limits | None = None
    retry: Retry | None = None
    #: None for a job of one task.
    array: Array | None = None
    inputs: tuple[Input, ...] = ()
    #: What makes submitting it twice one job, and what keeps runs of the same kind from overlapping.
    key: str | None = None
    unique: str | None = None
    #: Whether it runs on a terminal of its own.
    pty: bool = False
    #: Where its progress is read from: auto, none, a named format, or a regular expression.
    progress_from: str = "auto"
    #: Shell text that is run when the job is finished, and addresses that are told.
    on_finish: str | None = None
    webhooks: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """Return the content of spec.json."""
        nested = {
            name: None if value is None else value.asdict()
            for name, value in (("limits", self.limits), ("retry", self.retry), ("array", self.array))
        }
        lists = {
            "after": [dependency.asdict() for dependency in self.after],
            "inputs": [frozen.asdict() for frozen in self.inputs],
        }
        return {"v": VERSION, **self.asdict(), "env": dict(self.env), **nested, **lists}

    @property
    def tasks(self) -> int:
        """How many tasks it has."""
        return 1 if self.array is None else self.array.tasks

    @property
    def lends_slots(self) -> bool:
        """Whether another task may have the slot of one that is over before it is on record how that one ended.

        Not where this decides whether any other is started.
        """
        if self.array is None or self.array.max_fails is not None:
            return False
        return self.retry is None or self.retry.on_crash != "hold"

    @property
    def shown_command(self) -> str:
        """The command on one line, for people; arguments are quoted as a shell would need them."""
        return show_command(self.command, shell=self.shell)


def from_document(document: dict[str, Any], path: str) -> Spec:
    """Return the specification in *document*, which was read from *path*. Unknown keys are passed over.

    Raises:
        UnknownVersion: it was written by a jobctl that this one does not know.
        UnreadableRecord: a key is missing or has the wrong type.
    """
    version = document.get("v")
    if version != VERSION:
        raise UnknownVersion(path, version, VERSION)
    try:
        env = _typed(document["env"], dict)
        spec = Spec(
            uuid=_typed(document["uuid"], str),
            command=_strings(document["command"]),
            cwd=_typed(document["cwd"], str),
            umask=_typed(document["umask"], int),
            submitted_at=_typed(document["submitted_at"], str),
            env=tuple((name, _typed(value, str)) for name, value in env.items()),
            name=None if document.get("name") is None else _typed(document["name"], str),
            tags=_strings(document.get("tags", [])),
            queue=_typed(document.get("queue", DEFAULT_QUEUE), str),
            priority=_typed(document.get("priority", 0), int),
            shell=_typed(document.get("shell", False), bool),
            stdin=_typed(document.get("stdin", False), bool),
            **_more(document),
        )
        check(spec, arg_max=None)
    except KeyError as missing:
        raise UnreadableRecord(path, f"it has no {missing.args[0]!r}") from None
    except (TypeError, UsageError) as wrong:
        raise UnreadableRecord(path, str(wrong)) from None
    return spec


def _more(document: dict[str, Any]) -> dict[str, Any]:
    """Return the fields that most jobs leave alone; what is absent has its default."""
    from jobctl.model import array, dependency, inputs, limits, retry  # noqa: PLC0415  # a plain job needs none of them

    found: dict[str, Any] = {}
    for name, kind in _PLAIN_KINDS.items():
        if document.get(name) is not None:
            found[name] = _typed(document[name], kind) if kind is not float else _number(document[name])
    for name, cls, refuse in (
        ("limits", limits.Limits, limits.check),
        ("retry", retry.Retry, retry.check),
        ("array", array.Array, array.check),
    ):
        if document.get(name) is not None:
            found[name] = _value(cls, document[name])
            refuse(found[name])
    found["after"] = tuple(_value(dependency.Dependency, item) for item in _typed(document.get("after", []), list))
    for wanted in found["after"]:
        dependency.check(wanted)
    found["inputs"] = tuple(_value(inputs.Input, item) for item in _typed(document.get("inputs", []), list))
    found["webhooks"] = _strings(document.get("webhooks", []))
    return found


_PLAIN_KINDS: Final[dict[str, type]] = {
    "steady": float,
    "boot": str,
    "slots": int,
    "hold": bool,
    "not_before": str,
    "start_in": float,
    "max_wait": float,
    "key": str,
    "unique": str,
    "pty": bool,
    "progress_from": str,
    "on_finish": str,
}


def check(spec: Spec, arg_max: int | None) -> None:
    """Refuse what no kernel would execute, before anything is stored.

    *arg_max* is the room execve(2) has for arguments and environment together (SC_ARG_MAX), or None
    when the total is not to be checked.

    Raises:
        UsageError: an empty command, a NUL, a variable's name that cannot be, or a size over the limit.
    """
    if not spec.command or not spec.command[0]:
        raise UsageError("no command given: write it after the options, as in `jobctl submit make -j4`")
    total = _OWN_SHARE
    for word in spec.command:
        total += _size("an argument", word)
    for name, value in spec.env:
        if not name or "=" in name:
            raise UsageError(f"{name!r} cannot be the name of a variable: it is empty or holds a =")
        total += _size(f"variable {name}", f"{name}={value}")
    _size("the directory", spec.cwd)
    for label in (spec.name, *spec.tags, spec.queue, spec.key, spec.unique):
        if label is not None:
            check_label(label)
    _check_when(spec)
    _check_who_is_told(spec)
    if arg_max is not None and total > arg_max:
        raise UsageError(
            f"the command and its environment take {total} bytes and the system allows {arg_max}: "
            "pass long lists in a file or by --stdin"
        )


def _check_who_is_told(spec: Spec) -> None:
    if spec.on_finish is not None:
        _size("the command of --on-finish", spec.on_finish)
        if not spec.on_finish.strip():
            raise UsageError("--on-finish was given an empty text; write the commands for /bin/sh")
    if spec.webhooks:
        from jobctl.model import webhook  # noqa: PLC0415  # only who wants to be told pays for it

        webhook.check_all(spec.webhooks)


def _check_when(spec: Spec) -> None:
    if spec.slots < 1:
        raise UsageError(f"a job takes at least one slot, not {spec.slots}")
    for what, seconds in (("--in", spec.start_in), ("--max-wait", spec.max_wait)):
        if seconds is not None and seconds < 0:
            raise UsageError(f"{what} cannot be negative")
    if spec.not_before is not None and spec.start_in is not None:
        raise UsageError("give either --in or --at: both say when the job may start")


def places(environ: Mapping[str, str], name: str) -> list[str]:
    """Return the paths at which execvp(3) looks for command *name*, in its order; without a PATH, where POSIX's is."""
    if "/" in name:
        return [name]
    return [f"{place or '.'}/{name}" for place in environ.get("PATH", "/bin:/usr/bin").split(":")]


def check_label(label: str) -> None:
    """Refuse a name, tag, queue or key that is empty, longer than 200 characters, or holds control characters.

    Raises:
        UsageError: it is one of these.
    """
    if not label or len(label) > 200 or any(ord(char) < 32 or ord(char) == 127 for char in label):
        raise UsageError(
            f"{label[:40]!r} cannot be a name, tag, queue or key: 1 to 200 characters and no control characters"
        )


def show_command(command: tuple[str, ...], *, shell: bool) -> str:
    """Return *command* on one line; what a shell would take apart is quoted.

    Control characters stay as they are: whoever prints it on a terminal makes them visible.
    """
    if shell and len(command) == 3:
        return command[2]
    return " ".join(
        word if word and _PLAIN.issuperset(word) else "'" + word.replace("'", "'\"'\"'") + "'" for word in command
    )


_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789%+,-./:=@_")


def _size(what: str, text: str) -> int:
    if "\0" in text:
        raise UsageError(f"{what} holds a NUL byte, which no command can receive")
    try:
        size = len(text.encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError:
        raise UsageError(f"{what} holds text that stands for no bytes") from None
    if size > LONGEST_STRING:
        raise UsageError(
            f"{what} is {size} bytes long and the system allows {LONGEST_STRING}: pass it in a file or by --stdin"
        )
    # The terminating NUL and the pointer to the string count as well (execve(2)).
    return size + 9


def _typed(value: object, kind: type[T]) -> T:
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise TypeError(f"{value!r:.40} is not {kind.__name__}")
    return value


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"{value!r:.40} is no number")
    return float(value)


def _value(cls: type[V], value: object) -> V:
    """Return *value*, a table of a document, as *cls*, whose annotations say what each field may be."""
    table = _typed(value, dict)
    fields = {}
    for name in cls._fields:
        if name in table:
            fields[name] = _field(str(cls.__annotations__[name]), table[name])
    return cls(**fields)


def _field(kind: str, value: object) -> object:
    """Return *value* as a field with the annotation *kind*."""
    if value is None:
        if "None" not in kind:
            raise TypeError("something is null that cannot be")
        return None
    kind = kind.removesuffix(" | None")
    if kind == "float":
        return _number(value)
    if kind == "tuple[int, ...]":
        return tuple(_typed(item, int) for item in _typed(value, list))
    return _typed(value, {"int": int, "bool": bool}.get(kind, str))


def _strings(value: object) -> tuple[str, ...]:
    return tuple(_typed(item, str) for item in _typed(value, list))

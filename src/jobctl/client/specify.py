"""From the options of `submit` and `run`, or of `jobctl.submit`, to a specification, checked; nothing is stored here.

What most jobs do without is in `choices`, which is imported when one of its options is given.
"""

from __future__ import annotations

import fcntl
import os
import stat

from jobctl.client import origin
from jobctl.errors import CommandNotRunnable, UsageError
from jobctl.model import spec as model
from jobctl.model.spec import Spec
from jobctl.model.value import Value
from jobctl.store import clock, config
from jobctl.store.layout import default_config
from jobctl.store.spool import new_uuid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from jobctl.store.enclosure import Enclosure
    from jobctl.store.once import Rules


class Request(Value):
    """What the options say, as they were written; named as the parameters in cli/declarations/job.py."""

    command: list[str]
    shell: str | None = None
    name: str | None = None
    tag: list[str] | None = None
    chdir: str | None = None
    env: list[str] | None = None
    clean_env: bool = False
    stdin: str | None = None
    inputs: list[str] | None = None
    pty: bool = False
    no_check: bool = False
    array: str | None = None
    each_line: str | None = None
    max_fails: int | None = None
    queue: str | None = None
    priority: int | None = None
    slots: int | None = None
    after_ok: list[str] | None = None
    after_any: list[str] | None = None
    after_fail: list[str] | None = None
    start_in: str | None = None
    at: str | None = None
    hold: bool = False
    max_wait: str | None = None
    timeout: str | None = None
    grace: str | None = None
    memory: str | None = None
    max_output: str | None = None
    nice: int | None = None
    keep_children: bool = False
    retries: int | None = None
    retry_delay: str | None = None
    retry_backoff: str | None = None
    retry_max_delay: str | None = None
    retry_on: str | None = None
    no_retry_on: str | None = None
    on_crash: str | None = None
    key: str | None = None
    unique: str | None = None
    if_active: str | None = None
    progress_from: str | None = None
    on_finish: str | None = None
    webhook: list[str] | None = None
    id_file: str | None = None

    def given(self) -> list[str]:
        """Return the names of the options that were given."""
        return [name for name in self._fields if _is_given(getattr(self, name))]


class Handed(Value):
    """What a program has in its hands where a command line names a file; `Request` says what messages call it."""

    #: Descriptor whose rest becomes the standard input; it stays the program's.
    stdin: int | None = None
    lines: list[bytes] | None = None


class Order(Value):
    """What is to be stored: the specification, what is frozen beside it, and the rules it is stored by."""

    spec: Spec
    enclosed: Enclosure | None = None
    rules: Rules | None = None
    #: What is a mistake, for whoever sits there; a program is warned of it.
    advice: str | None = None
    #: What looks like one and may be meant: for whoever sits there alone.
    guess: str | None = None


#: The options that `specify` itself understands.
_PLAIN: Final = frozenset(
    ("command", "shell", "name", "tag", "chdir", "env", "clean_env", "stdin", "no_check", "id_file")
)


#: Words that people mean for a shell, and commands that have a meaning of their own for them.
_SHELL: Final = frozenset(("|", "||", "&", "&&", ";", "<", ">", ">>", "2>", "2>&1", "&>"))
_MEAN_OTHERWISE: Final = frozenset(("expr", "fd", "find", "test", "["))


def specify(request: Request, umask: int, handed: Handed | None = None) -> Order:
    """Return what *request* asks for, checked; the job has *umask*, and what is *handed* is not read from files.

    Raises:
        UsageError: something in it is wrong, or the command cannot be run.
        NoSuchJob: a job that it is to wait for does not exist.
        InvalidConfig: the configuration has a setting for submissions and cannot be understood.
    """
    command, shell = request.command, request.shell
    if shell is not None:
        if command:
            raise UsageError("give either -c TEXT or a command, not both; -c passes no arguments")
        if not shell.strip():
            raise UsageError("-c was given an empty text; write the commands for /bin/sh")
        command = ["/bin/sh", "-c", shell]
    settings = config.for_submission(default_config(os.environ))
    directory = origin.directory(request.chdir)
    environ = _environ(request.env or [], () if settings is None else settings.leave_out_env, clean=request.clean_env)
    if request.chdir is not None:
        environ["PWD"] = directory
    spec = Spec(
        uuid=new_uuid(),
        command=tuple(command),
        cwd=directory,
        umask=umask,
        submitted_at=clock.now(),
        env=tuple(environ.items()),
        name=request.name,
        tags=tuple(request.tag or ()),
        shell=shell is not None,
        stdin=request.stdin is not None,
        steady=clock.steady(),
        boot=clock.boot_id(),
    )
    most = None if settings is None else settings.max_pending
    plain = Order(spec=spec)
    if most is not None or not _PLAIN.issuperset(request.given()):
        from jobctl.client import choices  # noqa: PLC0415  # see the module's docstring

        plain = choices.complete(request, spec, most, None if handed is None else handed.lines)
    order = _with_stdin(plain, request.stdin, None if handed is None else handed.stdin)
    if shell is None and not _SHELL.isdisjoint(command[1:]):
        order = order.but(guess=_passed_on(command))
    model.check(order.spec, arg_max=os.sysconf("SC_ARG_MAX"))
    is_open = order.spec.array is not None and "{}" in spec.command[0]
    if not (request.no_check or is_open):
        why = origin.why_not_runnable(spec.command[0], directory, environ)
        if why is not None:
            raise CommandNotRunnable(spec.command[0], why)
    return order


def _passed_on(command: list[str]) -> str | None:
    """Return that a word which only a shell understands goes to the *command*, unless that has a meaning for it."""
    if os.path.basename(command[0]) in _MEAN_OTHERWISE:
        return None
    word = next(word for word in command[1:] if word in _SHELL)
    return f"{word!r} is an argument of {command[0]} here, for no shell reads the command; -c TEXT has one run a text"


def open_source(source: str, what: str) -> int:
    """Open *source*, a file or `-` for standard input, for the option *what*.

    Raises:
        UsageError: it cannot be read.
    """
    named = "standard input" if source == "-" else source
    try:
        fd = os.dup(0) if source == "-" else os.open(source, os.O_RDONLY | os.O_CLOEXEC)
    except (OSError, ValueError) as failure:
        why = failure.strerror if isinstance(failure, OSError) else str(failure)
        raise UsageError(f"cannot read {named} for {what}: {why}") from None
    if fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_ACCMODE == os.O_WRONLY:
        os.close(fd)
        raise UsageError(f"cannot read standard input for {what}: it is closed")
    kind = os.fstat(fd).st_mode
    if stat.S_ISDIR(kind) or (source != "-" and stat.S_ISCHR(kind) and os.path.realpath(source) != os.devnull):
        os.close(fd)
        why = "it is a directory" if stat.S_ISDIR(kind) else "it is a device, and may never end"
        raise UsageError(f"cannot read {named} for {what}: {why}")
    return fd


def _with_stdin(order: Order, source: str | None, fd: int | None) -> Order:
    if source is None:
        return order
    from jobctl.store.enclosure import Enclosure  # noqa: PLC0415  # only who freezes something pays for it

    enclosed = order.enclosed or Enclosure()
    return order.but(enclosed=enclosed.but(stdin=open_source(source, "--stdin") if fd is None else fd))


def _is_given(value: object) -> bool:
    return value is not None and value is not False and value != []


def _environ(assignments: list[str], left_out: tuple[str, ...], *, clean: bool) -> dict[str, str]:
    environ = {} if clean else origin.environ()
    for name in left_out:
        environ.pop(name, None)
    for assignment in assignments:
        name, equals, value = assignment.partition("=")
        if not name:
            raise UsageError(f"--env {assignment!r} names no variable: write NAME=VALUE, or NAME to pass yours on")
        if not equals:
            if name not in os.environ:
                raise UsageError(f"--env {name}: it is not set here; write {name}=VALUE, or set it")
            value = os.environ[name]
        environ[name] = value
    return environ

"""`jobctl.submit`: make a command a durable job, from Python."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import os
import tempfile
import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, BinaryIO, Literal

from jobctl.client import hand_in, origin
from jobctl.client.job import Job
from jobctl.client.specify import Request, specify
from jobctl.errors import UsageError
from jobctl.store.enclosure import Enclosure

if TYPE_CHECKING:
    from collections.abc import Iterator

#: A number of seconds, or text such as "90s" or "1h30m".
Duration = float | str
#: A number of bytes, or text such as "512M".
Size = int | str
#: A job, its ID or a selector such as "17.3", or several of them.
Jobs = Job | int | str | Iterable[Job | int | str]
Path = str | os.PathLike[str]


def submit(
    command: Sequence[Path] | str,
    /,
    *,
    shell: bool = False,
    name: str | None = None,
    tags: Iterable[str] = (),
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    clean_env: bool = False,
    stdin: bytes | Path | BinaryIO | None = None,
    inputs: Iterable[Path] | Mapping[str, Path] = (),
    pty: bool = False,
    array: range | None = None,
    each: Iterable[str] | None = None,
    at_once: int | None = None,
    max_fails: int | None = None,
    queue: str | None = None,
    priority: int | None = None,
    slots: int | None = None,
    after_ok: Jobs = (),
    after_any: Jobs = (),
    after_fail: Jobs = (),
    start_in: Duration | None = None,
    start_at: dt.datetime | None = None,
    hold: bool = False,
    max_wait: Duration | None = None,
    timeout: Duration | None = None,
    grace: Duration | None = None,
    memory: Size | None = None,
    max_output: Size | None = None,
    nice: int | None = None,
    keep_children: bool = False,
    retries: int | None = None,
    retry_delay: Duration | None = None,
    retry_backoff: float | None = None,
    retry_max_delay: Duration | None = None,
    retry_on: Iterable[int] = (),
    no_retry_on: Iterable[int] = (),
    on_crash: Literal["fail", "retry", "hold"] | None = None,
    key: str | None = None,
    unique: str | None = None,
    if_active: Literal["skip", "coalesce", "replace"] | None = None,
    progress_from: str | None = None,
    on_finish: str | None = None,
    webhooks: Iterable[str] = (),
    check: bool = True,
    start_daemon: bool = True,
) -> Job:
    """Make *command* a durable job and return it; as `jobctl submit`, whose options the keywords are (jobctl(1)).

    *command* is a list of words, executed as given; or text for /bin/sh with *shell*. The job has the
    environment, the directory and the umask that this process has now, but for:

    * *env*: variables that are set beside them; with *clean_env* it has only these.
    * *cwd*: the directory it runs in.
    * *stdin*: what it reads as standard input, frozen now: bytes, the path of a file, or an open binary file
      (from where it stands to its end).
    * *inputs*: files and directories that are frozen, found under their own names or under those of a mapping.

    A duration is a number of seconds or text such as "90s"; a size is a number of bytes or text such as "512M".
    *array* is the range of the indices of the job's tasks, as in range(100); *each* has an item for each task,
    which takes the place of {} in the command; *at_once* limits either. *start_at* without a zone is local time.
    With a *key* that a job has already, or *unique* while one is active, that job is returned.
    *check* refuses a command that cannot be found. With *start_daemon* a daemon is started if none runs.

    When this returns, the job is on the disk and survives whatever becomes of this process.

    Raises:
        UsageError: something in the request is wrong; nothing was stored. Its message names the option.
        NoSuchJob: a job that it is to wait for does not exist.
        Contradiction: another job has the key; QueueFull: the configuration allows no more jobs.
        SpoolUnusable: it could not be stored; nothing is left of it.
        OutcomeUnknown: it may have been stored; its ID is in `job` of the error.
    """
    if at_once is not None and array is None and each is None:
        raise UsageError("at_once goes with array or each: a plain job has one task")
    with contextlib.ExitStack() as open_files:
        words, text = _command(command, shell=shell)
        request = Request(
            command=words,
            shell=text,
            name=name,
            tag=_texts("tags", tags),
            chdir=None if cwd is None else os.fspath(cwd),
            env=_variables(env or {}),
            clean_env=clean_env,
            inputs=_inputs(inputs),
            pty=pty,
            no_check=not check,
            array=_array(array, at_once),
            each_line=open_files.enter_context(_lines(each, at_once)),
            max_fails=max_fails,
            queue=queue,
            priority=priority,
            slots=slots,
            after_ok=_selectors(after_ok),
            after_any=_selectors(after_any),
            after_fail=_selectors(after_fail),
            start_in=_duration("start_in", start_in),
            at=None if start_at is None else start_at.astimezone().isoformat(),
            hold=hold,
            max_wait=_duration("max_wait", max_wait),
            timeout=_duration("timeout", timeout),
            grace=_duration("grace", grace),
            memory=None if memory is None else str(memory),
            max_output=None if max_output is None else str(max_output),
            nice=nice,
            keep_children=keep_children,
            retries=retries,
            retry_delay=_duration("retry_delay", retry_delay),
            retry_backoff=None if retry_backoff is None else str(retry_backoff),
            retry_max_delay=_duration("retry_max_delay", retry_max_delay),
            retry_on=",".join(map(str, retry_on)) or None,
            no_retry_on=",".join(map(str, no_retry_on)) or None,
            on_crash=on_crash,
            key=key,
            unique=unique,
            if_active=if_active,
            progress_from=progress_from,
            on_finish=on_finish,
            webhook=_texts("webhooks", webhooks),
        )
        order = specify(request, origin.umask())
        source = open_files.enter_context(_frozen(stdin))
        if source is not None:
            enclosed = (order.enclosed or Enclosure()).but(stdin=source)
            order = order.but(spec=order.spec.but(stdin=True), enclosed=enclosed)
        layout, answer = hand_in.hand_in(order, warn=_warn)
    hand_in.wake(layout, answer.job, may_start=start_daemon, warn=_warn)
    return Job(layout, answer.job)


def _command(command: Sequence[Path] | str, *, shell: bool) -> tuple[list[str], str | None]:
    """Return the words of *command*, or the text that the shell is given."""
    if isinstance(command, str):
        if not shell:
            raise UsageError(f"give the command as a list of words, or {command!r:.60} with shell=True")
        return [], command
    if shell:
        raise UsageError("with shell=True the command is one text, not a list of words")
    return [os.fspath(word) for word in command], None


def _texts(what: str, texts: Iterable[str]) -> list[str]:
    if isinstance(texts, str):
        raise UsageError(f"{what} is a list, as in [{texts!r}]")
    return list(texts)


def _variables(env: Mapping[str, str]) -> list[str]:
    for name in env:
        if not name or "=" in name:
            raise UsageError(f"{name!r} cannot be the name of a variable")
    return [f"{name}={value}" for name, value in env.items()]


def _inputs(inputs: Iterable[Path] | Mapping[str, Path]) -> list[str]:
    if isinstance(inputs, Mapping):
        return [f"{name}={os.fspath(path)}" for name, path in inputs.items()]
    # In front of a directory a "=" in a name is none that gives a name.
    if isinstance(inputs, str):
        raise UsageError(f"inputs is a list, as in [{inputs!r}]")
    return [os.path.join(os.curdir, path) for path in inputs]


def _duration(what: str, duration: Duration | None) -> str | None:
    if duration is None or isinstance(duration, str):
        return duration
    if not 0 <= duration < float("inf"):
        raise UsageError(f"{what} is {duration}; it must be a number of seconds, or text such as '90s'")
    return f"{duration:.6f}s"


def _array(indices: range | None, at_once: int | None) -> str | None:
    if indices is None:
        return None
    if not indices or indices.step < 1 or indices.start < 0:
        raise UsageError(f"{indices} are no indices of tasks: they begin at 0 or later and count up")
    text = f"{indices.start}-{indices[-1]}:{indices.step}"
    return text if at_once is None else f"{text}%{at_once}"


@contextlib.contextmanager
def _lines(items: Iterable[str] | None, at_once: int | None) -> Iterator[str | None]:
    """Yield what --each-line is given for *items*."""
    if items is None:
        yield None
        return
    with tempfile.NamedTemporaryFile(suffix=".items") as file:
        for item in _texts("each", items):
            if "\n" in item:
                raise UsageError(f"the item {item!r:.60} has several lines")
            file.write(os.fsencode(item) + b"\n")
        file.flush()
        yield file.name if at_once is None else f"{file.name}%{at_once}"


def _selectors(jobs: Jobs) -> list[str]:
    several = [jobs] if isinstance(jobs, Job | int | str) else jobs
    return [str(job.id if isinstance(job, Job) else job) for job in several]


@contextlib.contextmanager
def _frozen(stdin: bytes | Path | BinaryIO | None) -> Iterator[int | None]:
    """Yield a descriptor of what the job is to read."""
    if stdin is None:
        yield None
    elif isinstance(stdin, bytes | io.BytesIO):
        with tempfile.TemporaryFile() as file:
            file.write(stdin if isinstance(stdin, bytes) else stdin.read())
            file.seek(0)
            yield file.fileno()
    elif isinstance(stdin, str | os.PathLike):
        try:
            fd = os.open(stdin, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as failure:
            raise UsageError(f"cannot read {os.fspath(stdin)} for stdin: {failure.strerror}") from None
        try:
            yield fd
        finally:
            os.close(fd)
    else:
        # What Python has read ahead is not lost: the descriptor is put where the reader stands.
        if stdin.seekable():
            os.lseek(stdin.fileno(), stdin.tell(), os.SEEK_SET)
        yield stdin.fileno()


def _warn(message: str) -> None:
    warnings.warn(message, RuntimeWarning, stacklevel=4)

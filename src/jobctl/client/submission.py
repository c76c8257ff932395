"""`jobctl.submit`: make a command a durable job, from Python."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import os
import tempfile
import uuid
import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, BinaryIO, Literal

from jobctl.client import origin
from jobctl.client.job import Job
from jobctl.client.summon import summon
from jobctl.errors import CommandNotRunnable, OutcomeUnknown, SpoolUnusable, UsageError
from jobctl.model import array as arrays
from jobctl.model import dependency, limits, quantities, retry
from jobctl.model import spec as model
from jobctl.model.spec import Spec
from jobctl.store import clock, doorbell, home, spool

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jobctl.store.layout import Layout

#: A number of seconds, or text such as "90s" or "1h30m".
Duration = float | str
#: A number of bytes, or text such as "512M".
Size = int | str
#: A job, its ID, or several of them.
Jobs = Job | int | Iterable[Job | int]


def submit(
    command: Sequence[str | os.PathLike[str]] | str,
    /,
    *,
    shell: bool = False,
    name: str | None = None,
    tags: Iterable[str] = (),
    cwd: str | os.PathLike[str] | None = None,
    env: Mapping[str, str] | None = None,
    clean_env: bool = False,
    stdin: bytes | str | os.PathLike[str] | BinaryIO | None = None,
    pty: bool = False,
    array: range | None = None,
    at_once: int | None = None,
    max_fails: int | None = None,
    queue: str = "default",
    priority: int = 0,
    slots: int = 1,
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
    retries: int = 0,
    retry_delay: Duration | None = None,
    retry_backoff: float | None = None,
    retry_max_delay: Duration | None = None,
    retry_on: Iterable[int] | None = None,
    no_retry_on: Iterable[int] | None = None,
    on_crash: Literal["fail", "retry", "hold"] = "fail",
    progress_from: str = "auto",
    on_finish: str | None = None,
    webhooks: Iterable[str] = (),
    check: bool = True,
    start_daemon: bool = True,
) -> Job:
    """Make *command* a durable job and return it; the same as `jobctl submit`, whose options the keywords are.

    *command* is a list of words, executed as given; or text for /bin/sh with *shell*. The job has the
    environment, the directory and the umask that this process has now, but for:

    * *env*: variables that are set beside them; with *clean_env* it has only these.
    * *cwd*: the directory it runs in.
    * *stdin*: what it reads as standard input, frozen now: bytes, the path of a file, or an open binary file
      (from where it stands to its end).

    A duration is a number of seconds or text such as "90s"; a size is a number of bytes or text such as "512M".
    *array* is the range of the indices of its tasks, as in range(100). *start_at* without a zone is local time.
    *check* refuses a command that cannot be found. With *start_daemon* a daemon is started if none runs.

    When this returns, the job is on the disk and survives whatever becomes of this process.

    Raises:
        UsageError: something in the request is wrong; nothing was stored.
        SpoolUnusable: it could not be stored; nothing is left of it.
        OutcomeUnknown: it may have been stored; its ID is in `job` of the error.
    """
    words = _words(command, shell=shell)
    directory = origin.directory(None if cwd is None else os.fspath(cwd))
    variables = {**({} if clean_env else origin.environ()), **(env or {})}
    if cwd is not None and "PWD" not in (env or {}):
        variables["PWD"] = directory
    spec = Spec(
        uuid=str(uuid.uuid4()),
        command=words,
        cwd=directory,
        umask=origin.umask(),
        submitted_at=clock.now(),
        steady=clock.steady(),
        boot=clock.boot_id(),
        env=tuple(variables.items()),
        name=name,
        tags=_texts("tags", tags),
        queue=queue,
        priority=priority,
        shell=shell,
        stdin=stdin is not None,
        pty=pty,
        array=_array(array, at_once, max_fails),
        slots=slots,
        hold=hold,
        not_before=_utc(start_at),
        start_in=_seconds("start_in", start_in),
        max_wait=_seconds("max_wait", max_wait),
        after=(*_after("ok", after_ok), *_after("any", after_any), *_after("fail", after_fail)),
        limits=_limits(timeout, grace, memory, max_output, nice, keep_children=keep_children),
        retry=_retry(
            retries,
            delay=retry_delay,
            backoff=retry_backoff,
            max_delay=retry_max_delay,
            only=retry_on,
            never=no_retry_on,
            on_crash=on_crash,
        ),
        progress_from=progress_from,
        on_finish=on_finish,
        webhooks=_texts("webhooks", webhooks),
    )
    model.check(spec, arg_max=os.sysconf("SC_ARG_MAX"))
    if check:
        why = origin.why_not_runnable(words[0], directory, variables)
        if why is not None:
            raise CommandNotRunnable(words[0], why)
    with _frozen(stdin) as source:
        layout, number = _hand_in(spec, source)
    _wake(layout, number, may_start=start_daemon)
    return Job(layout, number)


def _words(command: Sequence[str | os.PathLike[str]] | str, *, shell: bool) -> tuple[str, ...]:
    if isinstance(command, str):
        if not shell:
            raise UsageError(f"give the command as a list of words, or {command!r:.60} with shell=True")
        if not command.strip():
            raise UsageError("the text for the shell is empty")
        return ("/bin/sh", "-c", command)
    if shell:
        raise UsageError("with shell=True the command is one text, not a list of words")
    return tuple(os.fspath(word) for word in command)


def _texts(what: str, texts: Iterable[str]) -> tuple[str, ...]:
    if isinstance(texts, str):
        raise UsageError(f"{what} is a list, as in [{texts!r}]")
    return tuple(texts)


def _seconds(what: str, duration: Duration | None) -> float | None:
    if duration is None:
        return None
    if isinstance(duration, str):
        return quantities.parse_duration(duration, what)
    if not 0 <= duration < float("inf"):
        raise UsageError(f"{what} is {duration}; it must be a number of seconds, or text such as '90s'")
    return float(duration)


def _bytes(what: str, size: Size | None) -> int | None:
    return quantities.parse_size(size, what) if isinstance(size, str) else size


def _utc(at: dt.datetime | None) -> str | None:
    if at is None:
        return None
    return at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _array(indices: range | None, at_once: int | None, max_fails: int | None) -> arrays.Array | None:
    if indices is None:
        if at_once is not None or max_fails is not None:
            raise UsageError("at_once and max_fails go with an array")
        return None
    if indices.start < 0:
        raise UsageError(f"the indices of an array are not negative, as {indices.start} is")
    made = arrays.Array(
        tasks=len(indices), first=indices.start, step=indices.step, at_once=at_once, max_fails=max_fails
    )
    arrays.check(made)
    return made


def _after(kind: dependency.Kind, jobs: Jobs) -> list[dependency.Dependency]:
    several = [jobs] if isinstance(jobs, Job | int) else jobs
    found = [dependency.Dependency(kind=kind, job=job.id if isinstance(job, Job) else job) for job in several]
    layout = home.existing(os.environ)
    for wanted in found:
        # Says that there is no such job.
        Job.find(layout, str(wanted.job))
    return found


def _limits(
    timeout: Duration | None,
    grace: Duration | None,
    memory: Size | None,
    max_output: Size | None,
    nice: int | None,
    *,
    keep_children: bool,
) -> limits.Limits | None:
    pause = _seconds("grace", grace)
    made = limits.Limits(
        timeout=_seconds("timeout", timeout),
        grace=limits.DEFAULT_GRACE if pause is None else pause,
        memory=_bytes("memory", memory),
        max_output=_bytes("max_output", max_output),
        nice=nice,
        keep_children=keep_children,
    )
    limits.check(made)
    return None if made == limits.Limits() else made


def _retry(
    retries: int,
    *,
    delay: Duration | None,
    backoff: float | None,
    max_delay: Duration | None,
    only: Iterable[int] | None,
    never: Iterable[int] | None,
    on_crash: retry.OnCrash,
) -> retry.Retry | None:
    pause, longest = _seconds("retry_delay", delay), _seconds("retry_max_delay", max_delay)
    none = retry.Retry()
    made = retry.Retry(
        retries=retries,
        delay=none.delay if pause is None else pause,
        backoff=none.backoff if backoff is None else backoff,
        max_delay=none.max_delay if longest is None else longest,
        only=None if only is None else tuple(only),
        never=None if never is None else tuple(never),
        on_crash=on_crash,
    )
    retry.check(made)
    return None if made == none else made


@contextlib.contextmanager
def _frozen(stdin: bytes | str | os.PathLike[str] | BinaryIO | None) -> Iterator[int | None]:
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


def _hand_in(spec: Spec, source: int | None) -> tuple[Layout, int]:
    layout, made = home.create_or_find(os.environ)
    try:
        return layout, spool.deposit(layout, spec, source)
    except OutcomeUnknown as unknown:
        doorbell.ring(layout, unknown.job)
        raise
    except OSError as failure:
        if made:
            home.take_back(layout)
        problem = home.unusable(layout, "store the job in", failure)
        raise problem from failure
    except SpoolUnusable:
        if made:
            home.take_back(layout)
        raise


def _wake(layout: Layout, number: int, *, may_start: bool) -> None:
    try:
        if not doorbell.ring(layout, number) and may_start:
            summon(layout)
    except OSError as failure:
        warnings.warn(
            f"job {number} is accepted, but no daemon runs and none could be started ({failure.strerror})",
            RuntimeWarning,
            stacklevel=3,
        )

"""`jobctl.submit`: make a command a durable job, from Python."""

from __future__ import annotations

import os
import warnings
from typing import TYPE_CHECKING, BinaryIO, Literal

from jobctl.client import hand_in, keywords, origin
from jobctl.client.job import Job
from jobctl.client.specify import Handed, Request, specify
from jobctl.errors import UsageError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping, Sequence

    from jobctl.client.keywords import Duration, Jobs, Path, Size


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
    each: Iterable[Path] | None = None,
    at_once: int | None = None,
    max_fails: int | None = None,
    queue: str | None = None,
    priority: int | None = None,
    slots: int | None = None,
    after_ok: Jobs | None = None,
    after_any: Jobs | None = None,
    after_fail: Jobs | None = None,
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
    retry_on: int | Iterable[int] = (),
    no_retry_on: int | Iterable[int] = (),
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
    """Make *command* a durable job and return it; the keywords are the options of jobctl-submit(1).

    When this returns, the job is on the disk and survives whatever becomes of this process; it waits for nothing.
    *command* is a list of words, executed as given; or text for /bin/sh with *shell*. The job has the
    environment, the directory and the umask that this process has now. A duration is a number of seconds, a
    timedelta or text such as "1h30m"; a size is a number of bytes or text such as "512M".

    What it is and has: *name* and *tags* to find it by; *cwd*, the directory it runs in; *env*, variables beside
    those it has, or with *clean_env* all of them; *stdin*, what it reads, frozen now: bytes, the path of a file,
    or an open binary file (from where it stands to its end); *inputs*, files and directories that are frozen,
    which it finds in $JOBCTL_INPUTS under their own names or those of a mapping; *pty*, a terminal of its own.

    Many tasks: *array*, the range of their indices, as in range(100); or *each*, an item for each. The index or
    item takes the place of {} in the command and is in $JOBCTL_ITEM. *at_once* tasks run at the same time at
    most; after *max_fails* that failed none is started.

    When: *queue*, *priority* (higher is earlier), *slots* it takes; *after_ok*, *after_any*, *after_fail*: jobs
    that must have ended well, in any way, or badly; *start_in* a duration or *start_at* a time, local if it has
    no zone; *hold*, until it is released; *max_wait*, after which it expires if it has not started.

    Limits: *timeout* of each attempt; *grace* between the first signal and SIGKILL; *memory* of all its processes;
    *max_output* of each stream; *nice*, 0 to 19; *keep_children*, what it leaves running is not ended with it.

    Again: *retries* after a failure; *retry_delay* before the first, *retry_backoff* times as long before each
    further one, *retry_max_delay* at most; *retry_on*, *no_retry_on*: exit statuses; *on_crash*, what becomes of
    it when nobody can know how it ended.

    Once: with a *key* that the same job has already, that job is returned; while a job is active that has the
    name *unique*, *if_active* returns that one ("skip"), the one that waits ("coalesce"), or cancels it ("replace").

    Feedback: *progress_from*, how its progress is read ("auto", "none", a format, a regular expression);
    *on_finish*, text for /bin/sh that is run when it has ended; *webhooks*, addresses that are told.

    With *check* a command that cannot be found now is refused. With *start_daemon* a daemon is started if none
    runs; that none can be started is a RuntimeWarning, because the job is accepted all the same.

    Raises:
        UsageError: something in the request is wrong; nothing was stored. Its message names the option.
        TypeError: a keyword has a value of another type; nothing was stored.
        NoSuchJob: a job that it is to wait for does not exist.
        Contradiction: another job has the key.
        QueueFull: the configuration allows no more jobs.
        InvalidConfig: the configuration cannot be understood.
        SpoolUnusable: it could not be stored; nothing is left of it.
        OutcomeUnknown: it may have been stored; its ID is in `job` of the error.
    """
    if at_once is not None and array is None and each is None:
        raise UsageError("at_once goes with array or each: a plain job has one task")
    words, script = keywords.command(command, shell=shell)
    each_line, lines = keywords.items(each, at_once)
    request = Request(
        command=words,
        shell=script,
        name=keywords.text("name", name),
        tag=keywords.texts("tags", tags),
        chdir=None if cwd is None else os.fspath(cwd),
        env=keywords.variables(env),
        clean_env=bool(clean_env),
        stdin=None if stdin is None else "stdin",
        inputs=keywords.inputs(inputs),
        pty=bool(pty),
        no_check=not check,
        array=keywords.indices(array, at_once),
        each_line=each_line,
        max_fails=keywords.whole("max_fails", max_fails),
        queue=keywords.text("queue", queue),
        priority=keywords.whole("priority", priority),
        slots=keywords.whole("slots", slots),
        after_ok=keywords.selectors("after_ok", after_ok),
        after_any=keywords.selectors("after_any", after_any),
        after_fail=keywords.selectors("after_fail", after_fail),
        start_in=keywords.duration("start_in", start_in),
        at=keywords.moment("start_at", start_at),
        hold=bool(hold),
        max_wait=keywords.duration("max_wait", max_wait),
        timeout=keywords.duration("timeout", timeout),
        grace=keywords.duration("grace", grace),
        memory=keywords.size("memory", memory),
        max_output=keywords.size("max_output", max_output),
        nice=keywords.whole("nice", nice),
        keep_children=bool(keep_children),
        retries=keywords.whole("retries", retries),
        retry_delay=keywords.duration("retry_delay", retry_delay),
        retry_backoff=None if retry_backoff is None else str(retry_backoff),
        retry_max_delay=keywords.duration("retry_max_delay", retry_max_delay),
        retry_on=keywords.statuses("retry_on", retry_on),
        no_retry_on=keywords.statuses("no_retry_on", no_retry_on),
        on_crash=keywords.text("on_crash", on_crash),
        key=keywords.text("key", key),
        unique=keywords.text("unique", unique),
        if_active=keywords.text("if_active", if_active),
        progress_from=keywords.text("progress_from", progress_from),
        on_finish=keywords.text("on_finish", on_finish),
        webhook=keywords.texts("webhooks", webhooks),
    )
    told: list[str] = []
    with keywords.standard_input(stdin) as source:
        order = specify(request, origin.umask(), Handed(stdin=source, lines=lines))
        layout, answer = hand_in.hand_in(order, warn=told.append)
    hand_in.wake(layout, answer.job, may_start=start_daemon, warn=told.append)
    for message in told if order.advice is None else [order.advice, *told]:
        warnings.warn(message, RuntimeWarning, stacklevel=2)
    return Job(layout, answer.job)

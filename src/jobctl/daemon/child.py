"""The process that becomes the job: steps C1 to C3 between the keeper's fork and execve(2).

It puts its own start on record before it executes anything, so that whatever is killed and whenever the
power goes, no attempt is started twice (docs/internals.md, "Starting").
"""

from __future__ import annotations

import errno
import os
import signal

from jobctl.daemon import chatty, kernel, others, terminal
from jobctl.model import array
from jobctl.model.attempt import Start, Verdict
from jobctl.model.spec import places
from jobctl.store import atomic, clock, doorbell, items, records
from jobctl.store.layout import AttemptFiles

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final, NoReturn

    from jobctl.daemon.cgroup import Group
    from jobctl.model.attempt import Identity
    from jobctl.model.spec import Spec
    from jobctl.store.layout import Layout

#: Exit status of a child that could not become the job; shells use it for the same (sh(1)).
NOT_STARTED = 127
#: Variables that only some jobs have.
_OF_SOME: Final = frozenset(("JOBCTL_ITEM", "JOBCTL_ARRAY_INDEX", "JOBCTL_ARRAY_SIZE", "JOBCTL_INPUTS"))
#: What writing to a pipe without a reader, or beyond the largest size of a file, does beside its error.
_SAID_BY_ERRORS: Final = (signal.SIGPIPE, signal.SIGXFSZ)
#: What the keeper is told when the start is on record.
STARTED = b"S"


class Ready:
    """What a child needs that its keeper can work out before the fork.

    Whatever either of the two does while they share their memory costs a copy of each page that it writes to.
    """

    def __init__(self, layout: Layout, spec: Spec, job: int, task: int, attempt: int, *, keeper: Identity) -> None:
        """Prepare *attempt* of *task*, whose keeper is *keeper*, to be started."""
        self.layout = layout
        self.spec = spec
        self.job = job
        self.task = task
        self.attempt = attempt
        self.directory = layout.attempt(job, task, attempt)
        draft = Start(task=task, attempt=attempt, process=keeper, keeper=keeper, started_at="", steady=0.0)
        self.signals = [number for number in kernel.handled_signals() if number not in _SAID_BY_ERRORS]
        self.draft = records.draft_start(draft)
        #: The command and its environment; or why there are none, which the job is told to have not started because of.
        self.command: tuple[tuple[str, ...], dict[str, str]] | Exception
        try:
            env = environment(layout, spec, job, task, attempt)
            self.command = command_of(spec, env), env
        except Exception as failure:  # noqa: BLE001  # whatever it is, see above
            self.command = failure


def become(ready: Ready, streams: tuple[int, int, int], report: int, group: Group | None = None) -> NoReturn:
    """Become the job. *streams* are its standard input, output and error.

    *group* is its control group, if it has one of its own.

    On the descriptor *report* the keeper is told STARTED once the start is on record, so that it knows
    without any file; and why, if the command cannot be executed. The verdict `not-started` is put on record as well.
    """
    try:
        os.setsid()
        # Those besides are ignored as in the keeper for as long as this writes to pipes whose reader may be killed, and
        # to files that may be limited in size: the error of a call says what would end this process without a word.
        kernel.give_up_signals(ready.signals)
        start = records.finish_start(
            ready.draft,
            pid=os.getpid(),
            birth=others.birth_of_myself(),
            started_at=clock.now(),
            steady=clock.steady(),
            awake=clock.awake(),
        )
        _record(ready, start, report)
    except BaseException as failure:  # noqa: BLE001  # nothing may return from here into the keeper's code
        _tell(report, f"cannot record the start: {failure}".encode("utf-8", "surrogateescape"))
        os._exit(failure.errno or NOT_STARTED if isinstance(failure, OSError) else NOT_STARTED)
    spec = ready.spec
    # From here on it counts as started, whether or not a keeper is left to hear it.
    try:
        if spec.array is None or ready.task == 1:
            # Of an array the daemon shows how many run, at most so often, and looks for that by itself.
            _tell_daemon(ready.layout, ready.job)
        if spec.pty:
            terminal.take_control(streams[1])
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
        _enter_directory(spec.cwd)
        kernel.restore_limits()
        os.umask(spec.umask)
        if group is not None:
            _enter(group)
        if spec.limits is not None and spec.limits.nice:
            be_nice(spec.limits.nice)
        kernel.set_signals(_SAID_BY_ERRORS, ignored=False)
        if isinstance(ready.command, Exception):
            raise ready.command
        execute(*ready.command)
    except BaseException as failure:  # noqa: BLE001  # as above
        os.umask(0o077)
        kernel.set_signals(_SAID_BY_ERRORS, ignored=True)
        _report(ready, explain(spec, failure), report)
    os._exit(NOT_STARTED)


def _record(ready: Ready, start: bytes, report: int) -> None:
    """Put the *start* on record and tell the keeper; on failure it is taken back, whether or not there is a keeper.

    Raises:
        OSError: it is not on record, or the keeper lives and does not know of it: nothing may be executed.
    """
    try:
        records.publish_start(ready.directory, start)
        try:
            atomic.write_all(report, STARTED)
        except BrokenPipeError:
            pass  # Whoever takes the place of the keeper goes by the record.
    except FileExistsError:
        raise
    except OSError as failure:
        try:
            records.withdraw_start(ready.directory)
        except OSError:
            why = f"its start could not be recorded ({failure.strerror})"
            records.publish_verdict(ready.directory, verdict(ready.task, ready.attempt, why, "child"))
        raise


def _tell_daemon(layout: Layout, job: int) -> None:
    """Let the daemon show the job as processing, now that this is true and durable."""
    try:
        doorbell.ring(layout, job)
    except OSError:
        pass  # A hint: the daemon looks by itself.


def command_of(spec: Spec, env: dict[str, str]) -> tuple[str, ...]:
    """Return the command of the task with the environment *env*: with its item wherever a word has `{}`.

    Shell text stays as it is: an item in the midst of it would be read as shell. It has $JOBCTL_ITEM.
    """
    if spec.shell and spec.command[-1].startswith(("-", "+")):
        # Or the shell would take the text for an option.
        return (*spec.command[:-1], "--", spec.command[-1])
    if spec.array is None or spec.shell:
        return spec.command
    return array.fill(spec.command, env["JOBCTL_ITEM"])


def environment(layout: Layout, spec: Spec, job: int, task: int, attempt: int) -> dict[str, str]:
    """Return the environment of a task: the submitter's, and what jobctl(1), ENVIRONMENT names.

    Raises:
        UnreadableRecord, OSError: the frozen line of the task cannot be read.
    """
    directory = layout.attempt(job, task, attempt)
    own = {}
    if spec.array is not None:
        index = str(spec.array.index(task))
        own["JOBCTL_ITEM"] = items.read(layout, job, task) if spec.array.lines else index
        own["JOBCTL_ARRAY_INDEX"] = index
        own["JOBCTL_ARRAY_SIZE"] = str(spec.array.tasks)
    if spec.inputs:
        own["JOBCTL_INPUTS"] = layout.inputs(job)
    # A job that was submitted by a task of an array is not that task.
    env = {name: value for name, value in spec.env if name not in _OF_SOME}
    return {
        **chatty.variables(env, spec.progress_from, pty=spec.pty),
        **env,
        **own,
        "JOBCTL_JOB_ID": str(job),
        "JOBCTL_TASK": str(task),
        "JOBCTL_ATTEMPT": str(attempt),
        "JOBCTL_QUEUE": spec.queue,
        "JOBCTL_NAME": spec.name or "",
        "JOBCTL_HOME": layout.home,
        "JOBCTL_PROGRESS": f"{directory}/{AttemptFiles.PROGRESS}",
        "JOBCTL_RESULT": f"{directory}/{AttemptFiles.RESULT}",
    }


class NotPermitted(Exception):
    """Why the command is not started, in words, though it could be executed."""


def _enter_directory(path: str) -> None:
    try:
        os.chdir(path)
    except OSError as failure:
        raise NotPermitted(f"cannot enter the directory {path}: {failure.strerror}") from None


def _enter(group: Group) -> None:
    try:
        group.enter()
    except OSError as failure:
        raise NotPermitted(f"cannot enter its control group {group.path}: {failure.strerror}") from None


def be_nice(increment: int) -> None:
    """Add *increment* to the nice value of this process, also against other sessions.

    Raises:
        NotPermitted: only root may lower it (nice(2)).
    """
    try:
        value = os.nice(increment)
    except OSError as failure:
        raise NotPermitted(f"cannot change the nice value by {increment}: {failure.strerror}") from None
    try:
        # Where sessions are scheduled as groups, the value of a process counts only within its own (sched(7)).
        with open("/proc/self/autogroup", "wb", buffering=0) as file:
            file.write(b"%d" % value)
    except OSError:
        pass


def execute(command: tuple[str, ...], env: dict[str, str]) -> NoReturn:
    """Execute *command* as execvp(3) does: searched in the PATH of *env*, a script without `#!` by /bin/sh.

    Raises:
        OSError: it cannot be executed.
    """
    try:
        # Where it is found at once there is no error for each directory before it.
        os.execve(_find(command[0], env), command, env)  # running what the user asked for is the point
    except OSError:
        pass  # It is tried and explained as execvp(3) does.
    try:
        os.execvpe(command[0], command, env)  # as above
    except OSError as failure:
        if failure.errno != errno.ENOEXEC:
            raise
    path = _find(command[0], env)
    os.execve("/bin/sh", ["/bin/sh", path, *command[1:]], env)  # as above


def explain(spec: Spec, failure: BaseException) -> str:
    """Return why the command of *spec* could not be started, in words."""
    if isinstance(failure, NotPermitted):
        return str(failure)
    why = (failure.strerror if isinstance(failure, OSError) else None) or str(failure)
    return f"cannot execute {spec.command[0]}: {why}"


def verdict(task: int, attempt: int, message: str, by: str) -> Verdict:
    """Return the verdict on an attempt that could not become its command."""
    return Verdict(
        task=task,
        attempt=attempt,
        reason="not-started",
        error={"code": "not-started", "message": message},
        finished_at=clock.now(),
        steady=clock.steady(),
        by=by,
    )


def _report(ready: Ready, message: str, report: int) -> None:
    _tell(report, message.encode("utf-8", "surrogateescape")[:4000])
    try:
        records.publish_verdict(ready.directory, verdict(ready.task, ready.attempt, message, "child"))
    except OSError:
        pass  # The keeper has room for a verdict and the message.


def _tell(report: int, message: bytes) -> None:
    try:
        atomic.write_all(report, message)
    except OSError:
        pass  # The keeper is gone, and with it whoever could use the message.


def _find(name: str, env: dict[str, str]) -> str:
    return next((path for path in places(env, name) if os.access(path, os.X_OK)), name)

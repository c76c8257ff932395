"""The process that becomes the job: steps C1 to C3 between the keeper's fork and execve(2).

It puts its own start on record before it executes anything, so that whatever is killed and whenever the
power goes, no attempt is started twice (docs/internals.md, "Starting").
"""

from __future__ import annotations

import errno
import os
import signal

# Not by way of their modules: see `prepare`.
from os import X_OK, access, chdir, dup2, execve, getpid, setsid, umask, write

from jobctl.daemon import chatty, kernel, terminal
from jobctl.daemon.kernel import give_up_signals, restore_limits, set_signals
from jobctl.daemon.others import birth_of_myself
from jobctl.model import array
from jobctl.model.attempt import Verdict
from jobctl.model.spec import places
from jobctl.store import atomic, clock, doorbell, items, records
from jobctl.store.layout import AttemptFiles

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final, NoReturn

    from jobctl.daemon.cgroup import Group
    from jobctl.model.attempt import Start
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


class Common:
    """What the tasks of a job have in common, for a keeper that keeps one after the other."""

    def __init__(self, layout: Layout, spec: Spec, job: int) -> None:
        """Work it out for *job*, whose specification is *spec*."""
        self.layout = layout
        self.spec = spec
        self.job = job
        #: What a child gives up. The others are ignored as in the keeper for as long as it writes to pipes whose reader
        #: may be killed, and to files that may be limited in size: the error of a call says what would end it silently.
        self.signals = [number for number in kernel.handled_signals() if number not in _SAID_BY_ERRORS]
        # A job that was submitted by a task of an array is not that task.
        env = {name: value for name, value in spec.env if name not in _OF_SOME}
        if spec.inputs:
            env["JOBCTL_INPUTS"] = layout.inputs(job)
        self._text = {
            **chatty.variables(env, spec.progress_from, pty=spec.pty),
            **env,
            "JOBCTL_JOB_ID": str(job),
            "JOBCTL_QUEUE": spec.queue,
            "JOBCTL_NAME": spec.name or "",
            "JOBCTL_HOME": layout.home,
        }
        # The same as bytes, once a task has asked for it: that is where a job is told what cannot be encoded.
        self._env: dict[bytes, bytes] = {}

    def item(self, task: int) -> str | None:
        """Return what stands for `{}` in the command of *task*, None where it is no task of an array.

        Raises:
            UnreadableRecord, OSError: its frozen line cannot be read.
        """
        tasks = self.spec.array
        if tasks is None:
            return None
        return items.read(self.layout, self.job, task) if tasks.lines else str(tasks.index(task))

    def environment(self, task: int, attempt: int, item: str | None) -> dict[bytes, bytes]:
        """Return the environment of *task*, whose *item* is this: the submitter's, and what jobctl(1) names.

        Raises:
            UnicodeEncodeError: there is text in it that stands for no bytes.
        """
        directory = self.layout.attempt(self.job, task, attempt)
        own = {
            "JOBCTL_TASK": str(task),
            "JOBCTL_ATTEMPT": str(attempt),
            "JOBCTL_PROGRESS": f"{directory}/{AttemptFiles.PROGRESS}",
            "JOBCTL_RESULT": f"{directory}/{AttemptFiles.RESULT}",
        }
        tasks = self.spec.array
        if tasks is not None and item is not None:
            own["JOBCTL_ITEM"] = item
            own["JOBCTL_ARRAY_INDEX"] = str(tasks.index(task))
            own["JOBCTL_ARRAY_SIZE"] = str(tasks.tasks)
        # Copies that lie side by side: a use of each writes to the page that it is on.
        self._env = self._env or _encoded(self._text)
        return {**self._env, **_encoded(own)}


def _encoded(env: dict[str, str]) -> dict[bytes, bytes]:
    return {os.fsencode(name): os.fsencode(value) for name, value in env.items()}


def prepare(
    common: Common, start: Start, streams: tuple[int, int, int], report: int, group: Group | None = None
) -> Callable[[], NoReturn]:
    """Return what the process is to call that is forked to become the job.

    *start* goes on record, with number and birth of that process. *streams* are its standard input, output and error,
    *group* is its control group, if it has one of its own.

    On the descriptor *report* the keeper is told STARTED once the start is on record, so that it knows
    without any file; and why, if the command cannot be executed. The verdict `not-started` is put on record as well.

    Between fork(2) and execve(2) each page that is written to has to be copied, and CPython notes in some page what it
    finds behind a name. So as much as can be is worked out and looked up here.
    """
    spec = common.spec
    stdin, stdout, stderr = streams
    signals, cwd, mask, pty = common.signals, spec.cwd, spec.umask, spec.pty
    nice = 0 if spec.limits is None else spec.limits.nice
    # Of an array the daemon shows how many run, at most so often, and looks for that by itself.
    is_announced = spec.array is None or start.task == 1
    execute = _execution_of(common, start)
    directory = common.layout.attempt(common.job, start.task, start.attempt)
    record = records.prepare_start(directory, start)

    def become() -> NoReturn:
        try:
            setsid()
            give_up_signals(signals)
            _record(record, directory, start, report)
        except BaseException as failure:  # noqa: BLE001  # nothing may return from here into the keeper's code
            _tell(report, f"cannot record the start: {failure}".encode("utf-8", "surrogateescape"))
            os._exit(failure.errno or NOT_STARTED if isinstance(failure, OSError) else NOT_STARTED)
        # From here on it counts as started, whether or not a keeper is left to hear it.
        try:
            if is_announced:
                _tell_daemon(common.layout, common.job)
            if pty:
                terminal.take_control(stdout)
            dup2(stdin, 0)
            dup2(stdout, 1)
            dup2(stderr, 2)
            _enter_directory(cwd)
            restore_limits()
            umask(mask)
            if group is not None:
                _enter(group)
            if nice:
                be_nice(nice)
            set_signals(_SAID_BY_ERRORS, ignored=False)
            execute()
        except BaseException as failure:  # noqa: BLE001  # as above
            umask(0o077)
            set_signals(_SAID_BY_ERRORS, ignored=True)
            _report(directory, start, explain(spec, failure), report)
        os._exit(NOT_STARTED)

    return become


def _record(record: Callable[[int, int], None], directory: str, start: Start, report: int) -> None:
    """Put the start on record and tell the keeper; on failure it is taken back, whether or not there is a keeper.

    Raises:
        OSError: it is not on record, or the keeper lives and does not know of it: nothing may be executed.
    """
    try:
        record(getpid(), birth_of_myself())
        try:
            write(report, STARTED)
        except BrokenPipeError:
            pass  # Whoever takes the place of the keeper goes by the record.
    except FileExistsError:
        raise
    except OSError as failure:
        try:
            records.withdraw_start(directory)
        except OSError:
            why = f"its start could not be recorded ({failure.strerror})"
            records.publish_verdict(directory, verdict(start.task, start.attempt, why, "child"))
        raise


def _tell_daemon(layout: Layout, job: int) -> None:
    """Let the daemon show the job as processing, now that this is true and durable."""
    try:
        doorbell.ring(layout, job)
    except OSError:
        pass  # A hint: the daemon looks by itself.


def command_of(spec: Spec, item: str | None) -> tuple[str, ...]:
    """Return the command of a task: with its *item*, if it has one, wherever a word has `{}`.

    Shell text stays as it is: an item in the midst of it would be read as shell. It has $JOBCTL_ITEM.
    """
    if spec.shell and spec.command[-1].startswith(("-", "+")):
        # Or the shell would take the text for an option.
        return (*spec.command[:-1], "--", spec.command[-1])
    if item is None or spec.shell:
        return spec.command
    return array.fill(spec.command, item)


class NotPermitted(Exception):
    """Why the command is not started, in words, though it could be executed."""


def _enter_directory(path: str) -> None:
    try:
        chdir(path)
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


def _execution_of(common: Common, start: Start) -> Callable[[], NoReturn]:
    try:
        item = common.item(start.task)
        return execution(command_of(common.spec, item), common.environment(start.task, start.attempt, item))
    except Exception as failure:  # noqa: BLE001  # whatever it is, the job is told to have not started because of it
        why = failure

    def fail() -> NoReturn:
        raise why

    return fail


def execution(command: tuple[str, ...], env: dict[bytes, bytes]) -> Callable[[], NoReturn]:
    """Return what executes *command* as execvp(3) does: searched in the PATH of *env*, without `#!` by /bin/sh.

    It raises OSError if it cannot be executed.
    """
    paths = _places(env, command[0])

    def execute() -> NoReturn:
        for path in paths:
            # Where it is found at once there is no error for each directory before it.
            if access(path, X_OK):
                try:
                    execve(path, command, env)  # running what the user asked for is the point
                except OSError:
                    break  # It is tried and explained as execvp(3) does.
        _search(command, env)

    return execute


def _search(command: tuple[str, ...], env: dict[bytes, bytes]) -> NoReturn:
    try:
        os.execvpe(command[0], command, env)  # as above
    except OSError as failure:
        if failure.errno != errno.ENOEXEC:
            raise
    path = next((path for path in _places(env, command[0]) if access(path, X_OK)), command[0])
    os.execve("/bin/sh", ["/bin/sh", path, *command[1:]], env)  # as above


def _places(env: dict[bytes, bytes], name: str) -> list[str]:
    path = env.get(b"PATH")
    return places({} if path is None else {"PATH": os.fsdecode(path)}, name)


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


def _report(directory: str, start: Start, message: str, report: int) -> None:
    _tell(report, message.encode("utf-8", "surrogateescape")[:4000])
    try:
        records.publish_verdict(directory, verdict(start.task, start.attempt, message, "child"))
    except OSError:
        pass  # The keeper has room for a verdict and the message.


def _tell(report: int, message: bytes) -> None:
    try:
        atomic.write_all(report, message)
    except OSError:
        pass  # The keeper is gone, and with it whoever could use the message.

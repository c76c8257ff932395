"""`jobctl.job`, `jobctl.jobs` and what they return: a job as an object that reads and asks, and holds nothing."""

from __future__ import annotations

import os
import warnings
from typing import TYPE_CHECKING, Any, Literal

from jobctl.client import again, asking, findings, signals, steering, waiting
from jobctl.client.summon import summon
from jobctl.errors import Contradiction, JobFailed, UnreadableRecord, UsageError
from jobctl.store import home, requests, selection, status_reader, tasks

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self

    from jobctl.model.status import Status
    from jobctl.store.layout import Layout


class Job:
    """A job by its ID. Every answer is read from the disk when it is asked for; the daemon need not run.

    `jobctl.submit`, `jobctl.job` and `jobctl.jobs` make them. Two that mean the same job are equal.
    """

    __slots__ = ("_told", "id", "layout")

    def __init__(self, layout: Layout, number: int) -> None:
        #: Where everything of it lies.
        self.layout = layout
        self._told = False
        #: The ID, as `jobctl submit` prints it.
        self.id = number

    @classmethod
    def find(cls, layout: Layout | None, selector: str) -> Self:
        """Return the job that *selector* names in the home *layout*, None: a home that there is not.

        Raises:
            UsageError: it is not understood, or names several.
            NoSuchJob: it names none.
        """
        number = selection.one(layout, selector)
        assert layout is not None  # noqa: S101  # `one` has found a job in it
        return cls(layout, number)

    def status(self) -> Status:
        """Return how the job stands now: the keys of its status file (jobctl-files(5), STATUS FILE) as attributes.

        Raises:
            NoSuchJob: it was removed.
            UnreadableRecord, UnknownVersion: its status file cannot be read.
        """
        return status_reader.read(self.layout, self.id)

    def progress(self) -> dict[str, Any] | None:
        """Return what the job last reported of its progress, with the keys of `progress` in the status file."""
        return self.status().progress

    def wait(self, timeout: float | None = None) -> Status:
        """Block until the job is finished, at most *timeout* seconds, and return how it ended; see `result` also.

        A daemon is started if none runs. Interrupting this leaves the job running. Any number of threads may
        wait; `asyncio.to_thread(job.wait)` waits without blocking a loop.

        Raises:
            WaitTimedOut: the time ran out; the job goes on. It is a TimeoutError.
            NoSuchJob: it was removed meanwhile.
        """
        (status,) = waiting.until(
            self.layout, [self.id], lambda status: status.finished, tend=self.tend, timeout=timeout
        )
        return status

    def tasks(self) -> list[Status]:
        """Return how each task of an array job stands now, in order; of a plain job, how the job does.

        Raises:
            NoSuchJob, UnreadableRecord, UnknownVersion: as `status`.
        """
        status = self.status()
        return [status] if status.tasks is None else list(tasks.each(self.layout, status))

    def result(self, timeout: float | None = None, *, task: int | None = None, check: bool = True) -> bytes:
        """Wait for the job as `wait` does and return its result, byte for byte.

        That is what it left in $JOBCTL_RESULT, else its standard output; of an array job, those of all tasks in
        order, or that of one *task*, which are numbered from 1. With *check* a job or task that was not completed
        raises instead, as subprocess.run(check=True) does.

        Raises:
            JobFailed: it failed or was cancelled; the error has its `status`.
            NeverRan: it ended without having run.
            NoSuchJob: there is no such task.
            WaitTimedOut: the time ran out; the job goes on.
            UsageError: the result is a directory; `result_path` says where.
        """
        status = self.wait(timeout)
        if task is not None:
            status = self._task(task)
        if check and status.state != "completed":
            raise JobFailed(status)
        if status.tasks is None:
            return _read(findings.result(self.layout, status, None))
        return b"".join(_read(findings.result(self.layout, each, None)) for each in self.tasks() if each.result)

    def result_path(self, *, task: int | None = None) -> str:
        """Return where the result of the job, or of one *task*, lies; it may be a directory.

        Raises:
            NoResultYet: it is not finished.
            NeverRan: it ended without having run.
            NoSuchJob: there is no such task.
            UsageError: the result of an array job is in no one place.
        """
        status = self.status() if task is None else self._task(task)
        if status.tasks is not None:
            raise UsageError(f"job {self.id} has {status.tasks['total']} tasks, and each has a result: name the task")
        return findings.result(self.layout, status, None)

    def logs(
        self, stream: Literal["stdout", "stderr"] = "stdout", *, task: int | None = None, attempt: int | None = None
    ) -> bytes:
        """Return what the job has written to *stream* so far, in its last *attempt* or the one named, byte for byte.

        Of an array job that is what all its tasks have written, one after the other, or one *task*. What has not
        started has written nothing.

        Raises:
            NoSuchJob: there is no such task or attempt.
            UsageError: there is no such stream.
        """
        if stream not in {"stdout", "stderr"}:
            raise UsageError(f"{stream!r} is neither 'stdout' nor 'stderr'")
        parts = [self._task(task)] if task is not None else self.tasks()
        return b"".join(self._written(part, stream, findings.attempt(part, attempt)) for part in parts)

    def cancel(self, *, signal: int | str | None = None, now: bool = False, reason: str | None = None) -> bool:
        """Ask that the job ends, and return whether that was asked in time: False if it had ended before.

        The request is durable on return; `wait` waits until it is so. *signal* comes first instead of
        SIGTERM, *now* is SIGKILL at once, *reason* is kept in the status.

        Raises:
            UsageError: there is no such signal, or *signal* and *now* are both given.
            NoSuchJob: it was removed.
            SpoolUnusable: it could not be asked.
        """
        number = signals.number(signal)
        if now and number is not None:
            raise UsageError("give either now (SIGKILL at once) or signal, not both")
        if self.status().finished:
            return False
        asking.leave(
            self.layout,
            self.id,
            "cancel",
            lambda: requests.ask_to_cancel(self.layout, self.id, signal=number, now=now, note=reason),
        )
        self.tend()
        return True

    def retry(self, *, tasks: Iterable[int] | None = None, all_tasks: bool = False) -> Self:
        """Give the finished job new attempts, with the same ID and beside the earlier ones, and return the job.

        Of an array job the tasks that failed run again, or those named by *tasks*, or with *all_tasks* all of
        them. The request is durable before this waits until a daemon has taken it in; what `wait` and `result`
        tell afterwards is of the new attempts.

        Raises:
            NotNow: the job is not finished, or being retried already.
            NoSuchJob: it was removed, or there is no such task.
            Contradiction: no task of it failed.
            DaemonSilent: no daemon has acted on it within half a minute; it will when one runs.
        """
        named = None if tasks is None else {self._task(task).task for task in tasks}
        before = self.status()
        document = again.request(self.layout, before, {None} if named is None else named, all_tasks=all_tasks)
        if document is None:
            raise Contradiction(f"cannot retry job {self.id}: no task of it failed; all_tasks runs them all again")
        asked = asking.leave(
            self.layout, self.id, "retry", lambda: requests.retry(self.layout, self.id, before.retried, document)
        )
        self.tend()
        asking.see_it_done(self.layout, [self.id], lambda status: status.retried >= asked, tend=self.tend)
        return self

    def rerun(self) -> Self:
        """Submit a new job from the frozen specification and inputs of this one, and return it; durable as by `submit`.

        Raises:
            NoSuchJob: this one was removed.
            QueueFull, SpoolUnusable, OutcomeUnknown: as `submit`.
        """
        new = type(self)(self.layout, again.rerun(self.layout, self.id))
        requests.tell(self.layout, new.id)
        new.tend()
        return new

    def hold(self, reason: str | None = None) -> None:
        """Keep the job from starting until it is released; *reason* is kept. The request is durable on return.

        Raises:
            NotNow: it runs.
            Contradiction: it is finished.
        """
        steering.require_waiting(self.id, self.status(), "held")
        steering.hold(self.layout, self.id, held=True, note=reason)
        self.tend()

    def release(self) -> None:
        """Let the job start that was held. The request is durable on return.

        Raises:
            NotNow: it runs.
            Contradiction: it is finished.
        """
        steering.require_waiting(self.id, self.status(), "released")
        steering.hold(self.layout, self.id, held=False)
        self.tend()

    def __eq__(self, other: object) -> bool:
        """Compare by home and ID."""
        return isinstance(other, Job) and (other.id, other.layout.home) == (self.id, self.layout.home)

    def __hash__(self) -> int:
        """Hash by home and ID."""
        return hash((self.id, self.layout.home))

    def __repr__(self) -> str:
        """Show the ID."""
        return f"<jobctl.Job {self.id}>"

    def _task(self, number: int) -> Status:
        return tasks.read(self.layout, selection.one_target(self.layout, f"{self.id}.{number}"))

    def _written(self, status: Status, stream: str, attempt: int) -> bytes:
        if not attempt:
            return b""
        return _read(self.layout.output(self.id, status.task or 1, attempt, stream))

    def tend(self) -> None:
        """Start a daemon if none runs; that there can be none is said once, and the wait goes on."""
        try:
            summon(self.layout)
        except OSError as failure:
            if not self._told:
                self._told = True
                why = f"no daemon runs and none could be started ({failure.strerror}); job {self.id} waits for one"
                warnings.warn(why, RuntimeWarning, stacklevel=2)


def job(selector: int | str, /) -> Job:
    """Return the job with this ID, or the one that *selector* names: "17", "@" for the last submitted, "@~2".

    Raises:
        NoSuchJob: there is none.
        UsageError: the selector is not understood.
    """
    return Job.find(home.existing(os.environ), str(selector))


def jobs(
    *,
    name: str | None = None,
    tags: Iterable[str] = (),
    queue: str | None = None,
    states: Iterable[str] = (),
) -> list[Job]:
    """Return all jobs in order of ID, or those that match: *name* is a pattern, *tags* must all be there.

    Raises:
        UsageError: there is no such state.
    """
    layout = home.existing(os.environ)
    if layout is None:
        return []
    wanted = selection.filters(name, tuple(tags), queue, tuple(states), every=True)
    return [Job(layout, number) for number in selection.select(layout, [], wanted)]


def _read(path: str) -> bytes:
    """Return what a job has left at *path*, where it may have put anything; nothing if there is nothing.

    Raises:
        UsageError: it is a directory.
        UnreadableRecord: it cannot be read.
    """
    if os.path.isdir(path):
        raise UsageError(f"{path} is a directory; look into it by result_path()")
    try:
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NOFOLLOW | os.O_NONBLOCK)) as file:
            return file.read()
    except FileNotFoundError:
        return b""
    except OSError as failure:
        raise UnreadableRecord(path, failure.strerror or str(failure), "look at it with `ls -ld`") from None

"""`jobctl.JobExecutor`: jobs as futures, for concurrent.futures.wait, as_completed and asyncio.wrap_future."""

from __future__ import annotations

import concurrent.futures
import threading
from typing import TYPE_CHECKING, Any

from jobctl.client.submission import submit
from jobctl.errors import JobFailed, NoSuchJob, UnknownVersion, UnreadableRecord
from jobctl.store import clock, markers
from jobctl.store.notify import Watcher

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence
    from types import TracebackType
    from typing import Self

    from jobctl.client.job import Job
    from jobctl.model.status import Status

#: Seconds after which every job is looked at, whatever the markers say: they are hints.
_LOOK_EVERY = 10.0


class JobFuture(concurrent.futures.Future["Status"]):
    """The future of a job. It is done when the job is finished; the job does not depend on it.

    `concurrent.futures.wait` and `as_completed` take it, and `await asyncio.wrap_future(future)` gives the result;
    there, whatever cancels the awaiting (`asyncio.timeout`, say) cancels the job.
    """

    def __init__(self, job: Job) -> None:
        super().__init__()
        #: The job itself.
        self.job = job

    def result(self, timeout: float | None = None) -> Any:
        """Return the result of the job, byte for byte, read from the disk when it is asked for.

        Raises:
            TimeoutError: the job was not finished within *timeout* seconds; it goes on.
            JobFailed: it failed; `exception()` returns the same.
            NoSuchJob: it was removed before it was known how it ended.
            CancelledError: it was cancelled, by whomever.
        """
        super().result(timeout)
        return self.job.result()

    def cancel(self) -> bool:
        """Ask that the job ends, also when it runs, and return whether it had not ended; see Job.cancel.

        The future is done, and cancelled, when the job is.
        """
        return self.job.cancel()

    def running(self) -> bool:
        """Return whether the job runs."""
        return not self.done() and self.job.status().state == "processing"

    def settle(self, status: Status) -> None:
        """Be done, because the job ended as *status*; the executor calls it."""
        if status.state == "cancelled":
            super().cancel()
            self.set_running_or_notify_cancel()
        elif status.state == "completed":
            self.set_result(status)
        else:
            self.set_exception(JobFailed(status))


class JobExecutor:
    """Submits jobs and gives a future for each. *defaults* are keywords of `jobctl.submit` for all of them.

    As a context manager it waits at the end for all of its jobs, as the executors of concurrent.futures do.
    The jobs are as durable as any: they survive this process, and another one finds them by their IDs.
    """

    def __init__(self, **defaults: Any) -> None:
        self._defaults = defaults
        self._lock = threading.Lock()
        self._waiting: dict[Job, JobFuture] = {}
        self._thread: threading.Thread | None = None
        self._closed = False

    def submit(self, command: Sequence[str | os.PathLike[str]] | str, /, **options: Any) -> JobFuture:
        """Submit a job as `jobctl.submit` does and return its future.

        Raises:
            RuntimeError: the executor was shut down.
            JobctlError: as `jobctl.submit`.
        """
        if self._closed:
            raise RuntimeError("cannot submit a job: the executor was shut down")
        return self.watch(submit(command, **{**self._defaults, **options}))

    def watch(self, job: Job) -> JobFuture:
        """Return a future of *job*, whoever submitted it.

        Raises:
            NoSuchJob, UnreadableRecord, UnknownVersion: it has no status that can be read.
        """
        with self._lock:
            future = self._waiting.setdefault(job, JobFuture(job))
            status = job.status()
            if status.finished:
                del self._waiting[job]
            elif self._thread is None:
                # A daemon thread: it must not keep the process from ending, and the jobs do without it.
                self._thread = threading.Thread(target=self._follow, name="jobctl-executor", daemon=True)
                self._thread.start()
        if status.finished and not future.done():
            future.settle(status)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002  # as Executor
        """Take no more jobs; cancel those that are not finished if *cancel_futures*; wait for them if *wait*."""
        self._closed = True
        with self._lock:
            futures = list(self._waiting.values())
        if cancel_futures:
            for future in futures:
                future.cancel()
        if wait:
            concurrent.futures.wait(futures)

    def __enter__(self) -> Self:
        """Return the executor."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Shut down, and wait for all jobs."""
        self.shutdown()

    def _follow(self) -> None:
        """Settle the futures of the jobs that end, until none is left.

        A job that is finished has no marker: one look at their directory tells of all jobs, however many.
        """
        watcher = Watcher()
        look_at = clock.steady() + _LOOK_EVERY
        try:
            while True:
                with self._lock:
                    waiting = list(self._waiting)
                    if not waiting:
                        self._thread = None
                        return
                homes = {job.layout.home: job.layout for job in waiting}
                try:
                    for layout in homes.values():
                        watcher.add(layout.active)
                    marked = {home: set(markers.names(layout)) for home, layout in homes.items()}
                except OSError:
                    marked = {home: set() for home in homes}  # It cannot be told now: the jobs themselves say.
                everybody = clock.steady() >= look_at
                if everybody:
                    look_at = clock.steady() + _LOOK_EVERY
                for job in waiting:
                    if everybody or job.id not in marked[job.layout.home]:
                        self._look(job)
                waiting[0].tend()
                watcher.wait()
        finally:
            watcher.close()

    def _look(self, job: Job) -> None:
        try:
            status = job.status()
        except (NoSuchJob, UnreadableRecord, UnknownVersion) as gone:
            with self._lock:
                future = self._waiting.pop(job)
            future.set_exception(gone)
            return
        except OSError:
            return  # It cannot be told now.
        if status.finished:
            with self._lock:
                future = self._waiting.pop(job)
            future.settle(status)

"""The output of an array job while its tasks run: that of each task, in their order, as one would have written it."""

from __future__ import annotations

from jobctl.cli import output
from jobctl.cli.logs import Follower
from jobctl.cli.streaming import Sink
from jobctl.store import status_reader
from jobctl.store.selection import Target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from jobctl.model.status import Status


class TasksFollower(Follower):
    """Follows the first task that is not over, and then the next: what others have written meanwhile is in their files.

    So it has the files of one task open, however many there are. A task that never ran is passed over.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Prepare to follow all tasks of a job; the parameters are those of `Follower`."""
        super().__init__(*arguments, **options)
        self._job = self._target.job
        self._tasks = status_reader.spec(self._layout, self._job).tasks
        self._target = Target(job=self._job, task=1)

    def catch_up(self) -> Status:
        """Bring what there is by now, up to the first task that is not over, and return the status of the job."""
        # The job first: when it is finished all of its tasks are.
        job = status_reader.read(self._layout, self._job)
        while (task := self._target.task or 1) <= self._tasks:
            if not super().catch_up().finished:
                # What comes from here on comes whole: only what had been written before was asked for in part.
                self._lines = None
                break
            self._leave()
            self._target = Target(job=self._job, task=task + 1)
        return job


class TitledSink(Sink):
    """For a terminal: names the task and the stream above what comes, wherever that changes, as tail(1) names files."""

    def __init__(self, stream: str, titles: list[str], *, raw: bool) -> None:
        """Begin with *stream* (`stdout`, `stderr`) of no task yet; *titles* are shared by those of one terminal."""
        super().__init__(1, raw=raw)
        self._stream = stream
        self._titles = titles
        self._title = ""

    def begin(self, job: int, task: int | None, attempt: int) -> None:
        """Say that what is written from here on is of this *task*."""
        super().begin(job, task, attempt)
        self._title = f"==> {job}.{task} {self._stream} <=="

    def write(self, data: bytes) -> None:
        """Bring *data* out, below the name of what it is of."""
        if self._titles[-1:] != [self._title]:
            self._titles[:] = [self._title]
            output.write_line(self._title)
        super().write(data)

"""How far the running jobs are, as far as anything tells, and how long those took that completed."""

from __future__ import annotations

from jobctl.daemon import progress
from jobctl.daemon.history import History
from jobctl.model import states
from jobctl.store import running

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from jobctl.daemon.job import Job, Run
    from jobctl.daemon.surroundings import Clock
    from jobctl.store.layout import Layout


class Following:
    """Follows every running attempt of a job of one task, and counts the tasks of the others."""

    def __init__(self, layout: Layout, clock: Clock) -> None:
        """Begin with nothing to follow."""
        self._clock = clock
        self._trackers = progress.Trackers()
        self._counts: dict[int, progress.Tasks] = {}
        self._history = History(layout)
        self._layout = layout
        self._told: set[int] | None = None

    def look(
        self, jobs: Mapping[int, Job], runs: Mapping[tuple[int, int], Run]
    ) -> Iterator[tuple[int, dict[str, Any] | None]]:
        """Yield the `progress` of each job of which it is another one now; a bounded number of them."""
        now = self._clock.steady()
        for key, run in runs.items():
            if run.job in self._counts or key in self._trackers:
                continue
            job = jobs[run.job]
            if job.is_array:
                self._counts[run.job] = progress.Tasks(self._clock)
            elif run.start is not None:
                self._trackers.add(key, self._tracker(job, run))
        for (number, _), shown in self._trackers.look(now):
            yield number, shown
        for number, counts in list(self._counts.items()):
            array = jobs.get(number)
            if array is None:
                del self._counts[number]
                continue
            array.recount()
            if array.status.tasks is not None:
                yield number, counts.look(now, array.status.tasks)
        self._history.save(now)
        self._tell_which_run(jobs, runs)

    def _tell_which_run(self, jobs: Mapping[int, Job], runs: Mapping[tuple[int, int], Run]) -> None:
        """Say which jobs run where there are so many that whoever draws some of them cannot look at all."""
        if len(jobs) <= running.FEW:
            return
        now = {run.job for run in runs.values()}
        if now == self._told:
            return
        try:
            running.write(self._layout, now)
        except OSError:
            return  # It is worth no more than another try.
        self._told = now

    def drop(self, run: Run) -> None:
        """Follow *run* no more."""
        self._trackers.drop(run.key)

    def ended(self, job: Job) -> None:
        """Note how long *job* took, if it completed."""
        self._counts.pop(job.status.id, None)
        status = job.status
        seconds = (status.usage or {}).get("wall_s")
        if status.state == states.COMPLETED and seconds is not None:
            self._history.note(status.name, status.command, status.cwd, seconds)

    def _tracker(self, job: Job, run: Run) -> progress.Tracker:
        assert run.start is not None  # noqa: S101  # only what has started is followed
        shown = job.status
        return progress.Tracker(
            run.directory,
            job.plan.progress_from,
            self._clock,
            pid=run.start.process.pid,
            started=run.start.steady,
            expected=self._history.expected(shown.name, shown.command, shown.cwd),
        )

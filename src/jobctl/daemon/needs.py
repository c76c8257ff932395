"""What jobs need of other jobs: whether it is met, and who is to be looked at again when a job ends."""

from __future__ import annotations

from jobctl.model import states
from jobctl.model.value import Value
from jobctl.store import presence, records, status_reader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from jobctl.daemon.job import Job
    from jobctl.model.dependency import Dependency
    from jobctl.store.layout import Layout


class Impossible(Value):
    """A need that can no longer be met: which, and the first job that did not end as it should."""

    needed: int
    root: str
    message: str


class Needs:
    """The dependencies of the jobs of one home."""

    def __init__(self, layout: Layout, jobs: Mapping[int, Job]) -> None:
        """Look among *jobs*, the unfinished ones that the daemon knows, and else in the spool."""
        self._layout = layout
        self._jobs = jobs
        self._waiting: dict[int, set[int]] = {}

    def look(self, number: int, job: Job) -> tuple[str, ...] | Impossible:
        """Return what *job* still waits for, as selectors; it is named by `waiting_for` when one of those ends."""
        left = []
        for need in job.unmet:
            state = self._state(need)
            # One that is forgotten was as it should be if the job has run before: it is retried now.
            met = job.status.attempt > 0 if state is None else need.is_met(state)
            if met is False:
                return self._impossible(need, state)
            if met is None:
                left.append(need)
                self._waiting.setdefault(need.job, set()).add(number)
        # What was met once is not looked at again: a job may need a thousand others, which end one by one.
        job.unmet = tuple(left)
        return tuple(need.label for need in left)

    def waiting_for(self, ended: int) -> set[int]:
        """Return the jobs that waited for *ended* or for a task of it; who still does must look again."""
        return self._waiting.pop(ended, set())

    def _state(self, need: Dependency) -> str | None:
        """Return the state of what is needed, None if it is gone."""
        job = self._jobs.get(need.job)
        if job is not None:
            return job.status.state if need.task is None or not job.is_array else job.tasks.state(need.task)
        try:
            shown = status_reader.read(self._layout, need.job)
        except status_reader.UNREADABLE:
            if presence.is_there(self._layout.marker(need.job)):
                return states.PENDING  # It is there, or about to be: not the time to say that it never will be.
            return None
        if need.task is None or shown.tasks is None or not shown.finished:
            return shown.state
        return self._state_of_task(need.job, need.task)

    def _state_of_task(self, job: int, task: int) -> str:
        made = [attempt for number, attempt in records.attempts(self._layout, job) if number == task]
        verdict = records.outcome(self._layout.attempt(job, task, made[-1]), task, made[-1]) if made else None
        return states.CANCELLED if verdict is None else states.TRANSITIONS[states.PROCESSING, verdict.event]

    def _impossible(self, need: Dependency, state: str | None) -> Impossible:
        wanted = "to end badly" if need.kind == "fail" else "to end well"
        if state is None:
            message = f"it needs job {need.label} {wanted}, which was forgotten"
            return Impossible(needed=need.job, root=need.label, message=message)
        root = need.label
        try:
            shown = status_reader.read(self._layout, need.job)
        except status_reader.UNREADABLE:
            shown = None
        error = (None if shown is None else shown.error) or {}
        if error.get("code") == "dependency-failed":
            root = error.get("job", root)
            message = f"it needs job {need.label} {wanted}, which never ran because job {root} did not end as needed"
        else:
            detail = f": {error['message']}" if error.get("message") and need.task is None else ""
            verb = "was" if state == states.CANCELLED else "has"
            message = f"it needs job {need.label} {wanted}, which {verb} {state}{detail}"
        return Impossible(needed=need.job, root=root, message=message)

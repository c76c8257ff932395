"""`--after-ok`, `--after-any`, `--after-fail`: from selectors to the jobs and tasks that are waited for."""

from __future__ import annotations

from jobctl.errors import NoSuchJob, UsageError
from jobctl.model.dependency import Dependency
from jobctl.model.ids import parse_selector
from jobctl.store import records, selection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from jobctl.model.dependency import Kind
    from jobctl.store.layout import Layout

#: Jobs that one job may wait for.
MOST: Final = 10_000


def resolve(layout: Layout | None, kind: Kind, words: str) -> list[Dependency]:
    """Return what *words*, selectors with commas between them, name as things to wait for in the way of *kind*.

    Raises:
        UsageError: one is not understood.
        NoSuchJob: one names no job, or no task of it.
    """
    found = []
    if ":" in words:
        raise UsageError(f"--after-{kind} {words!r} is not understood: write several jobs with commas, as in 17,18")
    for word in words.split(","):
        selector = parse_selector(word.strip())
        first, last = selector.first, selector.last
        if layout is None or first is None or last is None:
            found += [Dependency(kind=kind, job=job) for job in selection.select(layout, [selector.text])]
        elif selector.task is not None:
            for task in range(selector.task, (selector.last_task or selector.task) + 1):
                found.append(_task(layout, kind, first, task))
        elif last - first >= MOST:
            raise UsageError(f"{selector.text!r} names more than {MOST} jobs; no job can wait for so many")
        else:
            found += [_job(layout, kind, job) for job in range(first, last + 1)]
    return found


def _job(layout: Layout, kind: Kind, job: int) -> Dependency:
    # Each by itself: of a range too, none may be missing in silence.
    selection.select(layout, [str(job)])
    return Dependency(kind=kind, job=job)


def _task(layout: Layout, kind: Kind, job: int, task: int) -> Dependency:
    selection.select(layout, [str(job)])
    tasks = records.spec(layout, job).tasks
    if task > tasks:
        raise NoSuchJob(f"job {job} has no task {task}: it has {tasks}")
    return Dependency(kind=kind, job=job, task=task)

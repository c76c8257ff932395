"""`--after-ok`, `--after-any`, `--after-fail`: from selectors to the jobs and tasks that are waited for."""

from __future__ import annotations

from jobctl.errors import NoSuchJob
from jobctl.model.dependency import Dependency
from jobctl.model.ids import parse_selector
from jobctl.store import records, selection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from jobctl.model.dependency import Kind
    from jobctl.store.layout import Layout


def resolve(layout: Layout | None, kind: Kind, words: str) -> list[Dependency]:
    """Return what *words*, selectors with commas between them, name as things to wait for in the way of *kind*.

    Raises:
        UsageError: one is not understood.
        NoSuchJob: one names no job, or no task of it.
    """
    found = []
    for word in words.split(","):
        selector = parse_selector(word.strip())
        if selector.task is None or layout is None or selector.first is None:
            jobs = selection.select(layout, [selector.text])
            found += [Dependency(kind=kind, job=job) for job in jobs]
            continue
        job, task = selector.first, selector.task
        selection.select(layout, [str(job)])
        tasks = records.spec(layout, job).tasks
        if task > tasks:
            raise NoSuchJob(f"job {job} has no task {task}: it has {tasks}")
        found.append(Dependency(kind=kind, job=job, task=task))
    return found

"""Which jobs the selectors and filters of a command mean."""

from __future__ import annotations

import os

from jobctl.errors import NoSuchJob, UsageError
from jobctl.model import states
from jobctl.model.ids import parse_id, parse_selector
from jobctl.model.value import Value
from jobctl.store import markers, sequence, status_reader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from collections.abc import Set as AbstractSet
    from typing import Final, TypeVar

    from jobctl.model.ids import Selector
    from jobctl.model.status import Status
    from jobctl.store.layout import Layout

    T = TypeVar("T")


#: How `codec` writes the key; a file that others have written so that it is not found is parsed.
_STATE: Final = b'"state":"'


class Target(Value):
    """What a selector names: a job or, with a *task*, one of the tasks of an array job."""

    job: int
    task: int | None = None

    def __str__(self) -> str:
        """Return the selector that names it."""
        return f"{self.job}" if self.task is None else f"{self.job}.{self.task}"


class Filters(Value):
    """What a set of jobs must have in common; a field that is None or empty asks for nothing."""

    name: str | None = None
    tags: tuple[str, ...] = ()
    queue: str | None = None
    states: tuple[str, ...] = ()
    #: Whether every job is meant that the others leave.
    every: bool = False

    def __bool__(self) -> bool:
        """Return whether anything is asked for."""
        return self != Filters()


def filters(
    name: str | None,
    tags: Sequence[str] | None,
    queue: str | None,
    wanted: Sequence[str] | None = None,
    *,
    among: Sequence[str] = states.STATES,
    every: bool = False,
) -> Filters:
    """Return what the options --name, --tag, --queue, --state and --all of a command ask for.

    Raises:
        UsageError: a state that is *wanted* is none of those *among* which it must be.
    """
    return Filters(name=name, tags=tuple(tags or ()), queue=queue, states=known_states(wanted, among), every=every)


def unfinished(
    name: str | None,
    tags: Sequence[str] | None,
    queue: str | None,
    wanted: Sequence[str] | None = None,
    *,
    every: bool = False,
) -> Filters:
    """As `filters`, for what waits for jobs or works on them: only those that are not finished."""
    asked = filters(name, tags, queue, wanted, among=states.UNFINISHED, every=every)
    return asked.but(states=states.UNFINISHED) if asked and not asked.states else asked


def known_states(wanted: Sequence[str] | None, among: Sequence[str] = states.STATES) -> tuple[str, ...]:
    """Return the states *wanted* by name; several may be written with commas between them.

    Raises:
        UsageError: one is none of those *among* which it must be.
    """
    named = tuple(state for word in wanted or () for state in word.split(","))
    for state in named:
        if state not in among:
            raise UsageError(f"--state {state!r} is none of {', '.join(among)}")
    return named


def targets(layout: Layout | None, selectors: Sequence[str], filters: Filters | None = None) -> list[Target]:
    """Return the jobs and tasks that *selectors* name and the jobs that match *filters*, in order, each once.

    A set that matches nothing is empty; *layout* is None where there is no home and so no job. The only task
    of a job that is no array job is the job itself.

    Raises:
        UsageError: a selector is not understood.
        NoSuchJob: a selector names no job, or no task of it.
        UnreadableRecord, UnknownVersion: a selector names a task of a job that cannot be read.
    """
    parsed = [parse_selector(part) for word in selectors for part in word.split(",")]
    if layout is None:
        if parsed:
            raise NoSuchJob(f"there is no job {parsed[0].text}: nothing was ever submitted in this home")
        return []
    chosen = {target for selector in parsed for target in _named(layout, selector)}
    if filters:
        chosen.update(Target(job=status.id) for status in matching(layout, filters))
    return sorted(chosen, key=lambda target: (target.job, target.task or 0))


def select(layout: Layout | None, selectors: Sequence[str], filters: Filters | None = None) -> list[int]:
    """As `targets`, for a command that takes whole jobs.

    Raises:
        UsageError: also if a selector names a task of an array job.
    """
    found = targets(layout, selectors, filters)
    for target in found:
        if target.task is not None:
            raise UsageError(f"{target} is one task and this command takes whole jobs; write {target.job}")
    return [target.job for target in found]


def one(layout: Layout | None, selector: str) -> int:
    """Return the one job that *selector* names, for a command that takes a whole job.

    Raises:
        UsageError: it is not understood, or names several, or a task of an array job.
        NoSuchJob, UnreadableRecord, UnknownVersion: as `targets`.
    """
    return _only(select(layout, [selector]), selector)


def one_target(layout: Layout | None, selector: str) -> Target:
    """Return the one job or task that *selector* names.

    Raises:
        UsageError: it is not understood, or names several.
        NoSuchJob, UnreadableRecord, UnknownVersion: as `targets`.
    """
    return _only(targets(layout, [selector]), selector)


def _only(found: list[T], selector: str) -> T:
    if len(found) > 1:
        raise UsageError(f"{selector!r} names {len(found)} jobs and this command takes one")
    return found[0]


def matching(layout: Layout, filters: Filters) -> Iterator[Status]:
    """Yield the status of every job that matches *filters*, in ascending order of ID.

    Only unfinished jobs are read if only unfinished states are asked for.
    """
    from fnmatch import fnmatchcase  # noqa: PLC0415  # its regular expressions are dear, and rarely needed

    only_active = bool(filters.states) and set(states.UNFINISHED).issuperset(filters.states)
    jobs: Iterable[int] = markers.names(layout) if only_active else all_ids(layout)
    for job in _perhaps_in(layout, jobs, filters.states) if filters.states else jobs:
        status = read_quietly(layout, job)
        if (
            status is not None
            and (filters.name is None or fnmatchcase(status.name or "", filters.name))
            and set(filters.tags).issubset(status.tags)
            and (filters.queue is None or status.queue == filters.queue)
            and (not filters.states or status.state in filters.states)
        ):
            yield status


def _perhaps_in(layout: Layout, jobs: Iterable[int], wanted: tuple[str, ...]) -> Iterator[int]:
    """Yield *jobs* but those that are in another state than those *wanted*: seen by a glance at each one's status.

    Of a hundred thousand jobs few have failed, and to read and parse each as it should be takes five seconds. In the
    text of a value every quote has a backslash before it, and what may hold keys of others comes behind the state.
    """
    texts = tuple(f'{state}"'.encode("ascii") for state in wanted)
    for job, head in status_reader.glances(layout, jobs):
        _, found, rest = head.partition(_STATE)
        if not found or rest.startswith(texts):
            yield job


def all_ids(layout: Layout) -> list[int]:
    """Return the IDs of all jobs in ascending order: a look at every name of the spool."""
    return sorted(job for job in map(parse_id, os.listdir(layout.spool)) if job is not None)


def newest(layout: Layout, besides: AbstractSet[int] = frozenset()) -> Iterator[int]:
    """Yield the IDs of the jobs there are, the last submitted first, without a look at all of them.

    Those *besides* are passed over, whether or not they are there.
    """
    misses = 0
    for job in range(sequence.last_id(layout), 0, -1):
        if job in besides:
            continue
        if status_reader.exists(layout, job):
            misses = 0
            yield job
        else:
            misses += 1
            if misses > 1000:  # a long row was forgotten: from here a look at all names is cheaper
                yield from (other for other in reversed(all_ids(layout)) if other < job and other not in besides)
                return


def read_quietly(layout: Layout, job: int) -> Status | None:
    """Return the status of *job*, or None if it has none that can be read: for lists, where others matter too."""
    try:
        return status_reader.read(layout, job)
    except status_reader.UNREADABLE:
        return None


def _named(layout: Layout, selector: Selector) -> list[Target]:
    if selector.back is not None:
        for position, job in enumerate(newest(layout)):
            if position == selector.back:
                return [Target(job=job)]
        raise NoSuchJob(f"there is no job {selector.text}: fewer were submitted here")
    first, last = selector.first or 0, selector.last or 0
    if first == last:
        if not status_reader.exists(layout, first):
            # Says what became of it, where that is known.
            status_reader.read_raw(layout, first)
        return [Target(job=first)] if selector.task is None else _tasks(layout, first, selector)
    if last - first > 1_000_000:
        raise UsageError(f"selector {selector.text!r} spans more than a million jobs")
    found = [Target(job=job) for job in range(first, last + 1) if status_reader.exists(layout, job)]
    if not found:
        raise NoSuchJob(f"there is no job in {selector.text}")
    return found


def _tasks(layout: Layout, job: int, selector: Selector) -> list[Target]:
    spec = status_reader.spec(layout, job)
    first, last = selector.task or 1, selector.last_task or selector.task or 1
    if first > spec.tasks:
        there = "its only task is 1" if spec.tasks == 1 else f"its tasks are 1 to {spec.tasks}"
        raise NoSuchJob(f"job {job} has no task {first}: {there}")
    if spec.array is None:
        return [Target(job=job)]
    return [Target(job=job, task=task) for task in range(first, min(last, spec.tasks) + 1)]

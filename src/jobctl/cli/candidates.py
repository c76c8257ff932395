"""What there is to choose from where the help of a command writes SELECTOR, QUEUE, TAG and the like."""

from __future__ import annotations

import os
from itertools import islice

from jobctl.client.steering import has_unstarted
from jobctl.errors import JobctlError
from jobctl.model import states
from jobctl.model import status as model
from jobctl.model.spec import DEFAULT_QUEUE
from jobctl.store import home, markers, selection
from jobctl.store.layout import default_config

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Final

    from jobctl.model.status import Status
    from jobctl.store.layout import Layout

    #: A word and what it is about.
    Word = tuple[str, str]

#: How many of the newest jobs, or tasks of a job, are looked at, and how many characters tell what a job is.
_MOST: Final = 100
_SHOWN: Final = 40

#: The states that a command can do something with, where that is not all of them.
_STATES: Final = {
    **dict.fromkeys(("cancel", "edit", "hold", "release", "watch", "wait"), states.UNFINISHED),
    **dict.fromkeys(("retry", "clean"), states.TERMINAL),
}
#: Whether a command is about a job, beside its state.
_IS_MEANT: Final[dict[str, Callable[[Status], bool]]] = {
    "hold": lambda status: has_unstarted(status) and not status.held,
    "release": lambda status: status.held,
    "edit": has_unstarted,
}
#: Commands that take one task of a job.
_OF_TASKS: Final = frozenset(("submit", "run", "status", "wait", "result", "logs", "why", "cancel", "retry", "events"))


def of(kind: str, command: str, before: list[str], current: str) -> Iterable[Word]:
    """Return what may stand where the help of *command* writes *kind*; the words *before* stand there already.

    Of what begins otherwise than *current* some may be left out.
    """
    if kind.islower() and "|" in kind:
        return [(word, "") for word in kind.split("|")]
    sources: dict[str, Callable[[], Iterable[Word]]] = {
        "SELECTOR": lambda: _selectors(command, before, current),
        "TAG": lambda: _once(tag for status in _newest() for tag in status.tags),
        "QUEUE": _queues,
        "NAME": lambda: _queues() if command.startswith("queue ") else (),
        "GLOB": lambda: _once(status.name for status in _newest() if status.name),
        "STATE": lambda: ((state, "") for state in states.STATES if _is_possible(state, command)),
        "SIGNAL": _signals,
        "NAME[=VALUE]": lambda: ((name, "") for name in sorted(os.environ)),
        "KEY": lambda: _settings() if command.startswith("config ") else (),
        "auto|none|FORMAT|REGEX": _sources,
        "TOPIC": _topics,
        "ID": lambda: ((label, "") for label in _deliveries() if label not in before),
    }
    return sources[kind]() if kind in sources else ()


def _is_possible(state: str, command: str) -> bool:
    # `wait --state` names what is waited for, which may be anything.
    return command == "wait" or state in _STATES.get(command, states.STATES)


def _selectors(command: str, before: list[str], current: str) -> Iterator[Word]:
    """Yield jobs and tasks for *command*; those that others are to wait for are written with commas between them."""
    among, begun = before, current
    earlier = ""
    if command in {"submit", "run"}:
        first, comma, begun = current.rpartition(",")
        earlier, among = first + comma, first.split(",")
    wanted = _STATES.get(command, states.STATES)
    job, dot, task = begun.partition(".")
    if dot:
        found = _tasks(job, task) if command in _OF_TASKS else iter(())
    else:
        found = _unfinished() if wanted == states.UNFINISHED else _newest()
    is_meant = _IS_MEANT.get(command)
    for status in found:
        if status.label not in among and status.state in wanted and (is_meant is None or is_meant(status)):
            what = f"{(status.name or status.shown_command)[:_SHOWN]}, " if status.task is None else ""
            yield earlier + status.label, what + model.summary(status)


def _tasks(job: str, begun: str) -> Iterator[Status]:
    """Yield the tasks of the array job with the ID *job* whose numbers begin as *begun*."""
    from jobctl.store import tasks  # noqa: PLC0415  # only where a task is written

    layout = home.existing(os.environ)
    (target,) = selection.targets(layout, [job])
    assert layout is not None  # noqa: S101  # it has found a job in it
    status = selection.read_quietly(layout, target.job)
    total = 0 if status is None or status.tasks is None else status.tasks["total"]
    fitting = (number for number in range(1, total + 1) if str(number).startswith(begun))
    for number in islice(fitting, _MOST):
        yield tasks.read(layout, selection.Target(job=target.job, task=number))


def _newest() -> Iterator[Status]:
    """Yield the newest jobs, the last submitted first."""
    layout = home.existing(os.environ)
    if layout is not None:
        yield from _read(layout, islice(selection.newest(layout), _MOST))


def _unfinished() -> Iterator[Status]:
    layout = home.existing(os.environ)
    if layout is not None:
        yield from _read(layout, reversed(markers.names(layout)[-_MOST:]))


def _read(layout: Layout, jobs: Iterable[int]) -> Iterator[Status]:
    for job in jobs:
        status = selection.read_quietly(layout, job)
        if status is not None:
            yield status


def _queues() -> Iterator[Word]:
    """Yield the queues that are set up, and those of jobs, in that order."""
    from jobctl.store import config, queues  # noqa: PLC0415  # only where a queue is written

    layout = home.existing(os.environ)
    known = [DEFAULT_QUEUE]
    try:
        settings = config.load(default_config(os.environ))
        there = queues.Queues(configured=settings.queues) if layout is None else queues.load(layout, settings)
        known = there.names()
    except (JobctlError, OSError):
        pass  # Said by the command itself.
    yield from _once([*known, *(status.queue for status in _newest())])


def _once(words: Iterable[str]) -> list[Word]:
    """Return each of *words* once."""
    return [(word, "") for word in dict.fromkeys(words)]


def _signals() -> Iterator[Word]:
    import signal  # noqa: PLC0415  # dear

    yield from ((each.name.removeprefix("SIG"), "") for each in signal.Signals)


def _settings() -> Iterator[Word]:
    from jobctl.store.settings import SETTINGS  # noqa: PLC0415  # only where a key is written

    for setting in SETTINGS:
        names = [queue for queue, _ in _queues()] if "*" in setting.name else [""]
        yield from ((setting.name.replace("*", name), setting.help) for name in names)


def _sources() -> Iterator[Word]:
    from jobctl.model.progress.source import AUTO, FORMATS, NONE  # noqa: PLC0415  # only where one is written

    yield from ((AUTO, "whatever is recognised"), (NONE, "only what is reported"), *FORMATS.items())


def _topics() -> Iterator[Word]:
    from jobctl.cli.manual import PAGES  # noqa: PLC0415  # only where one is written
    from jobctl.cli.words import COMMANDS, GROUPS  # noqa: PLC0415  # as above

    yield from ((names[-1], f"the page {page}") for page, names in PAGES.items())
    yield from ((name, about) for name, (about, _, _) in COMMANDS.items() if " " not in name)
    yield from GROUPS.items()


def _deliveries() -> Iterator[str]:
    from jobctl.store import outbox  # noqa: PLC0415  # only where one is written

    layout = home.existing(os.environ)
    if layout is not None:
        for job in islice(selection.newest(layout), _MOST):
            yield from map(str, outbox.of_job(layout, job))

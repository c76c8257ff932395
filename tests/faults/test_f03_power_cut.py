"""F3: the power goes at any moment of a life of jobs; whatever the disk has then, promises are kept.

The mutants at the end are the same code with one thing left out. Each must be caught, or the search is worth nothing.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jobctl.daemon import intake
from jobctl.errors import JobctlError
from jobctl.model.array import Array
from jobctl.model.dependency import Dependency
from jobctl.model.retry import Retry
from jobctl.store import atomic, clock, codec, ends, home, records, requests, status_reader, status_writer
from support.powercut import Moment, Recorder, states
from support.sample import part_of
from support.stepped import Stepped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from jobctl.model.attempt import Start
    from support.powercut import Name, State
    from support.sample import Sample

    Mutation = Callable[[pytest.MonkeyPatch], None]

FAULT = "F3"

#: Where states are made: thousands of small files, which need not survive anything.
QUICK = Path("/dev/shm") if os.access("/dev/shm", os.W_OK) else None
#: States that are tried of each model in the short form; the long one tries all there are.
HOW_MANY = 250
FINISHED = {"completed", "failed", "cancelled"}


class Broken(AssertionError):
    """A promise is broken after a power cut."""


def live(daemon: Stepped, recorder: Recorder) -> None:
    """A job that is retried and completes, an array of which a task fails, one that is cancelled, one that waits.

    Before them one whose child is killed when its start has its name, and nobody has made sure of it yet.
    """
    layout = daemon.layout

    def submit(**more: Any) -> int:
        job = daemon.submit(**more)
        recorder.mark("acknowledged", job)
        return job

    def rest(*jobs: int) -> None:
        for _ in range(4):
            daemon.step(*jobs, look=True)
            daemon.clock.seconds += 0.3

    def start(job: int, task: int = 1, attempt: int = 1) -> None:
        # As a keeper does before it lets anything be executed.
        atomic.sync_directory(layout.job(job))
        daemon.children.record_start(daemon.children.pid_of(layout.attempt(job, task, attempt)))
        recorder.mark("executed", (job, task, attempt))
        rest(job)

    def end(job: int, task: int = 1, attempt: int = 1, *, exit_code: int = 0) -> None:
        daemon.children.end(daemon.children.pid_of(layout.attempt(job, task, attempt)), exit_code=exit_code)
        rest(job)

    cut_short = submit()
    rest(cut_short)
    atomic.sync_directory(layout.job(cut_short))
    daemon.children.name_start(daemon.children.pid_of(layout.attempt(cut_short, 1, 1)))
    rest(cut_short)
    # Now its start has been shown, and counts.
    recorder.mark("executed", (cut_short, 1, 1))
    first = submit(retry=Retry(retries=1, delay=0))
    rest(first)
    start(first)
    end(cut_short)
    end(first, exit_code=1)
    start(first, attempt=2)
    end(first, attempt=2)
    array = submit(array=Array(tasks=3))
    rest(array)
    start(array, 1)
    start(array, 2)
    end(array, 1)
    end(array, 2, exit_code=1)
    start(array, 3)
    end(array, 3)
    dependent = submit(after=(Dependency(kind="ok", job=array),))
    rest(dependent)
    requests.retry(layout, array, 0, {"by": "user", "after": {"2": 1}, "unstarted": False})
    recorder.mark("asked", (array, "retry"))
    rest(array, dependent)
    start(array, 2, 2)
    end(array, 2, 2)
    cancelled = submit(hold=True)
    requests.ask_to_cancel(layout, cancelled, signal=None, now=False, note=None)
    recorder.mark("asked", (cancelled, "cancel"))
    rest(cancelled)


def record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Recorder:
    with monkeypatch.context() as patch:
        daemon = Stepped(home.create({"JOBCTL_HOME": str(tmp_path / "home")}))
        recorder = Recorder(daemon.layout.home, patch)
        write = status_writer.write

        def shown(layout: Any, status: Any) -> None:
            write(layout, status)
            recorder.mark("shown", (status.id, status.state, status.retried))

        patch.setattr(status_writer, "write", shown)
        live(daemon, recorder)
        daemon.events.close()
    return recorder


class After:
    """What is found in *place* after the power came back, against what was promised in the *past*."""

    def __init__(self, place: Path, past: list[Moment]) -> None:
        self.place = place
        self.past = past

    def facts(self, what: str) -> list[Any]:
        return [moment.facts for moment in self.past if moment.what == what]

    def check(self) -> None:
        """Start a daemon there, in another boot, and demand every promise."""
        self.what_was_acknowledged_is_there()
        self.every_file_is_whole()
        self.layout = home.create({"JOBCTL_HOME": str(self.place)})
        self.daemon = Stepped(self.layout)
        try:
            for _ in range(6):
                self.daemon.look()
                self.daemon.clock.seconds += 0.3
            self.what_was_shown_as_finished_is()
            self.what_was_asked_is_done()
            self.nothing_is_executed_twice()
        except JobctlError as unreadable:
            raise Broken(f"P1: {unreadable}") from None
        finally:
            for *_, lock in self.daemon.children.keepers.values():
                os.close(lock)
            self.daemon.events.close()

    def what_was_acknowledged_is_there(self) -> None:
        for job in self.facts("acknowledged"):
            if not (self.place / "spool" / str(job) / "spec.json").exists():
                raise Broken(f"P1: job {job} was acknowledged and is gone")

    def every_file_is_whole(self) -> None:
        for path in self.place.rglob("*.json"):
            if "tmp" not in path.parts:
                try:
                    json.loads(path.read_bytes())
                except ValueError:
                    raise Broken(f"P6: {path.relative_to(self.place)} is {path.read_bytes()!r:.60}") from None

    def what_was_shown_as_finished_is(self) -> None:
        shown = {job: (state, retried) for job, state, retried in self.facts("shown")}
        for job, (state, retried) in shown.items():
            now = status_reader.read(self.layout, job)
            if state in FINISHED and now.retried == retried and now.state != state:
                raise Broken(f"P7: job {job} was shown as {state} and is {now.state}")

    def what_was_asked_is_done(self) -> None:
        for job, what in self.facts("asked"):
            now = status_reader.read(self.layout, job)
            if what == "retry" and now.retried == 0:
                raise Broken(f"job {job} was to be retried, and nothing says so")
            if what == "cancel" and now.state != "cancelled":
                raise Broken(f"job {job} was to be cancelled and is {now.state}")

    def nothing_is_executed_twice(self) -> None:
        started = {directory for directory, *_ in self.daemon.children.keepers.values()}
        for job, task, attempt in self.facts("executed"):
            if self.layout.attempt(job, task, attempt) in started:
                raise Broken(f"P3: attempt {task}.{attempt} of job {job} was executed and is started again")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "mutant" in metafunc.fixturenames:
        metafunc.parametrize("mutant", part_of(metafunc.config).deal([*MUTANTS, *OF_RECOVERY]))


def search(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    ordered: bool,
    choose: Callable[[range], Iterable[int]] | None = None,
    every: int = 1,
    recovery: Mutation | None = None,
    stop: bool = False,
) -> tuple[int, int, list[str]]:
    """Return how many states there are, how many were tried, and what was broken.

    *choose* says which of all that there are; without it one of *every* so many is tried. *recovery* changes the code
    after the power cut. With *stop* the first broken promise is enough.
    """
    recorder = record(tmp_path, monkeypatch)
    chosen = None if choose is None else set(choose(range(sum(1 for _ in states(recorder, ordered=ordered)))))
    there = tried = 0
    broken: list[str] = []
    with monkeypatch.context() as patch:
        patch.setattr(clock, "boot_id", lambda: "another-boot")
        patch.setattr(atomic, "_sync", lambda fd: None)  # no state is made of the recovery itself
        if recovery is not None:
            recovery(patch)
        for number, (at, state, changes, written) in enumerate(states(recorder, ordered=ordered)):
            there += 1
            if number % every if chosen is None else number not in chosen:
                continue
            tried += 1
            place = QUICK / f"{tmp_path.parent.name}.{tmp_path.name}.{os.getpid()}" if QUICK else tmp_path / "after"
            state.make(place, changes, written=written)
            try:
                After(place, [entry for entry in recorder.log[:at] if isinstance(entry, Moment)]).check()
            except Broken as found:
                broken.append(f"{found} (state {number}, after {_describe(recorder, at, changes, state)})")
                if stop:
                    break
            finally:
                shutil.rmtree(place)
    return there, tried, broken


def _describe(recorder: Recorder, at: int, changes: list[Name], state: State) -> str:
    return f"{at} of {len(recorder.log)}, {len(changes)} of {len(state.pending)} changes of names"


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("ordered", [True, False], ids=["ordered", "posix"])
def test_whatever_a_power_cut_leaves_promises_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sample: Sample, *, ordered: bool
) -> None:
    there, tried, broken = search(
        tmp_path, monkeypatch, ordered=ordered, choose=lambda found: sample.of(found, HOW_MANY)
    )
    print(f"F3: {'ordered' if ordered else 'posix'}: {there} states, {tried} tried, {len(broken)} violations")
    assert broken == []


#: Of how many states one is tried at first for a mutant.
_FEW = 25


def _nothing(*_: Any, **__: Any) -> None:
    """What a mutant does instead."""


def _write_unsynced(path: str, data: bytes, **_: Any) -> None:
    fd = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    os.write(fd, data)
    os.close(fd)


def _start_unsynced(directory: str, start: Start) -> Callable[[int, int], None]:
    def record(pid: int, birth: int) -> None:
        known = start.but(process=start.process.but(pid=pid, birth=birth))
        _write_unsynced(f"{directory}/start.json", codec.encode(known.document()))

    return record


def _in_atomic(name: str, mutant: Callable[..., Any]) -> Mutation:
    return lambda monkeypatch: monkeypatch.setattr(atomic, name, mutant)


#: What is left out of the life, and how.
MUTANTS: dict[str, Mutation] = {
    "no directory is synced": _in_atomic("sync_directory", _nothing),
    "nothing is synced": _in_atomic("_sync", _nothing),
    "the content of new files is not synced": _in_atomic("write_new", _write_unsynced),
    "a status file is not synced before it gets its name": lambda patch: patch.setattr(
        status_writer.atomic, "replace", lambda path, data, **_: _replace_unsynced(path, data)
    ),
    "a start is not synced": lambda patch: patch.setattr(records, "prepare_start", _start_unsynced),
    "a verdict is not synced": lambda patch: patch.setattr(
        records,
        "publish_verdict",
        lambda directory, record: _write_unsynced(f"{directory}/final.json", codec.encode(record.document())),
    ),
    "a start is shown without a look whether it is durable": lambda patch: patch.setattr(records, "confirm", _nothing),
    "an end without an attempt is not on record": lambda patch: patch.setattr(ends, "publish", _nothing),
    "requests are not synced": lambda patch: patch.setattr(requests.atomic, "publish_record", _write_unsynced),
}
#: What is left out of the recovery.
OF_RECOVERY: dict[str, Mutation] = {
    "the spool is not looked at after a reboot": lambda patch: patch.setattr(intake, "_mark_unfinished", _nothing),
    "a retried job is taken for finished": lambda patch: patch.setattr(intake, "_is_over", lambda *_: True),
}


def _replace_unsynced(path: str, data: bytes) -> None:
    temporary = f"{path}.{os.getpid()}.tmp"
    _write_unsynced(temporary, data)
    os.rename(temporary, path)


@pytest.mark.timeout(1200)
def test_each_mutant_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mutant: str) -> None:
    if mutant in MUTANTS:
        MUTANTS[mutant](monkeypatch)
    # A few states of everywhere first, and all of them only if those show nothing: it may be wrong near the end only.
    for every, ordered in itertools.product((_FEW, 1), (True, False)):
        place = tmp_path / f"{every} {ordered}"
        place.mkdir()
        if search(
            place,
            monkeypatch,
            ordered=ordered,
            every=every,
            recovery=OF_RECOVERY.get(mutant),
            stop=True,
        )[2]:
            print(f"F3: caught: {mutant}")
            return
    pytest.fail(f"nobody noticed that {mutant}")

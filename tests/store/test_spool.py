"""A job is handed over whole and durably, or not at all."""

from __future__ import annotations

import errno
import fcntl
import itertools
import json
import os
import stat
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from jobctl.errors import NotNow, OutcomeUnknown
from jobctl.store import atomic, markers, records, sequence, spool, status_reader
from store import make
from store.calls import CHANGES
from store.children import in_child, in_children

if TYPE_CHECKING:
    from jobctl.store.layout import Layout
    from store.calls import Calls

DATA = bytes(range(256)) * 9000


def with_stdin(layout: Layout, data: bytes = b"frozen\n") -> int:
    """Submit a job that reads *data*."""
    path = Path(layout.home).with_name("stdin")
    path.write_bytes(data)
    with path.open("rb") as source:
        return spool.deposit(layout, make.spec(stdin=True), source.fileno())


def contents(layout: Layout) -> list[str]:
    """What there is in the home beside what belongs to every home, and the sequence."""
    every = {"version", "doorbell", "spool", "spool/tmp", "active", "corrupt", "sequence"}
    return sorted(set(make.tree(layout.home)) - every)


# ── what there is afterwards ───────────────────────────────────────────────────────────────────────


def test_a_submitted_job_is_its_specification_a_pending_status_and_a_marker(layout: Layout) -> None:
    job = spool.deposit(layout, make.spec(name="nightly"))
    assert job == 1
    assert contents(layout) == ["active/1", "spool/1", "spool/1/spec.json", "spool/1/status.json"]
    assert records.spec(layout, job) == make.spec(name="nightly")
    status = status_reader.read(layout, job)
    assert (status.id, status.state, status.name) == (1, "pending", "nightly")
    assert status.status_path == layout.status(job)
    assert markers.names(layout) == [1]


def test_both_documents_are_one_line_of_json(layout: Layout) -> None:
    job = spool.deposit(layout, make.spec())
    for path in (layout.spec(job), layout.status(job)):
        raw = Path(path).read_bytes()
        assert raw.isascii()
        assert raw.count(b"\n") == 1
        assert raw.endswith(b"}\n")
        assert json.loads(raw)["v"] == 1


def test_the_environment_is_only_in_the_specification(layout: Layout) -> None:
    job = spool.deposit(layout, make.spec(env=(("TOKEN", "hunter2"),)))
    assert b"hunter2" in Path(layout.spec(job)).read_bytes()
    assert b"hunter2" not in Path(layout.status(job)).read_bytes()


@pytest.mark.parametrize("umask", [0, 0o022, 0o027, 0o077])
def test_a_job_is_for_its_owner_only_whatever_the_umask(layout: Layout, umask: int) -> None:
    def submit() -> int:
        os.umask(umask)
        return with_stdin(layout)

    job = in_child(submit)
    modes = {name: oct(stat.S_IMODE(mode)) for name, mode in make.tree(layout.job(job)).items()}
    assert modes == {"spec.json": "0o600", "status.json": "0o600", "stdin": "0o600"}
    assert stat.S_IMODE(os.stat(layout.job(job)).st_mode) == 0o700
    assert stat.S_IMODE(os.stat(layout.marker(job)).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(layout.sequence).st_mode) == 0o600


# ── standard input ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("data", [b"", b"x", DATA, b"no newline", b"\0\xff\n"], ids=len)
def test_standard_input_is_frozen_byte_for_byte(layout: Layout, data: bytes) -> None:
    job = with_stdin(layout, data)
    Path(layout.home).with_name("stdin").write_bytes(b"changed after the submission")
    assert Path(layout.stdin(job)).read_bytes() == data


def test_standard_input_may_come_from_a_pipe_in_pieces(layout: Layout) -> None:
    reading, writing = os.pipe()

    def write() -> None:
        for start in range(0, len(DATA), 99_991):
            atomic.write_all(writing, DATA[start : start + 99_991])
        os.close(writing)

    writer = Thread(target=write)
    writer.start()
    job = spool.deposit(layout, make.spec(stdin=True), reading)
    writer.join()
    os.close(reading)
    assert Path(layout.stdin(job)).read_bytes() == DATA


def test_a_job_without_standard_input_has_no_such_file(layout: Layout) -> None:
    job = spool.deposit(layout, make.spec())
    assert not os.path.lexists(layout.stdin(job))


def test_standard_input_that_cannot_be_read_is_no_job(layout: Layout, tmp_path: Path) -> None:
    source = os.open(tmp_path, os.O_RDONLY)
    with pytest.raises(IsADirectoryError):
        spool.deposit(layout, make.spec(stdin=True), source)
    os.close(source)
    assert contents(layout) == []


# ── in which order ─────────────────────────────────────────────────────────────────────────────────


def test_everything_is_on_the_disk_before_the_job_is_published_and_its_name_after(
    layout: Layout, store_calls: Calls
) -> None:
    job = with_stdin(layout)
    story = store_calls.story(*CHANGES)
    published = story.index(f"rename spool/{job}")
    for name in ("spec.json", "stdin", "status.json"):
        path = f"spool/tmp/new/{name}"
        written = max(position for position, line in enumerate(story) if line == f"write {path}")
        assert written < story.index(f"fsync {path}") < story.index("fsync spool/tmp/new") < published
    assert story[published:] == [f"rename spool/{job}", "fsync spool"]
    assert story.count(f"rename spool/{job}") == 1


def test_a_job_is_marked_before_it_is_published(layout: Layout, store_calls: Calls) -> None:
    job = spool.deposit(layout, make.spec())
    story = store_calls.story("open", "rename")
    assert story.index(f"open active/{job}") < story.index(f"rename spool/{job}")


def test_until_it_is_published_a_job_is_held_so_that_nobody_takes_it_for_abandoned(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = atomic.move_directory
    tried = []

    def move(source: str, target: str) -> None:
        fd = os.open(source, os.O_RDONLY)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            tried.append("held")
        os.close(fd)
        real(source, target)

    monkeypatch.setattr(atomic, "move_directory", move)
    job = spool.deposit(layout, make.spec())
    assert tried == ["held"]
    fd = os.open(layout.job(job), os.O_RDONLY)
    fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(fd)


def test_no_descriptor_stays_open(layout: Layout, store_calls: Calls) -> None:
    def is_open(fd: int) -> bool:
        try:
            os.fstat(fd)
        except OSError:
            return False
        return True

    before = {fd for fd in range(100) if is_open(fd)}
    spool.deposit(layout, make.spec())
    store_calls.fail(lambda call: call.name == "rename")
    with pytest.raises(OSError, match="No space left"):
        spool.deposit(layout, make.spec())
    assert {fd for fd in range(100) if is_open(fd)} == before


# ── when something fails ───────────────────────────────────────────────────────────────────────────


def outcome(layout: Layout) -> int | OSError | OutcomeUnknown:
    """Submit a job and return its ID, or what went wrong."""
    try:
        return with_stdin(layout)
    except (OSError, OutcomeUnknown) as failure:
        return failure


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EROFS])
def test_whichever_change_fails_there_is_no_job_or_one_whose_outcome_is_unknown(
    layout: Layout, store_calls: Calls, number: int
) -> None:
    refused = unknown = 0
    for position in itertools.count():
        before = contents(layout)
        store_calls.fail_at(position, number=number)
        came_of_it = outcome(layout)
        story = store_calls.story(*CHANGES)
        match came_of_it:
            case OutcomeUnknown(job=job):
                assert story[-2:] == [f"rename spool/{job}", "fsync spool"]
                assert f"job {job} " in str(came_of_it)
                assert status_reader.read(layout, job).state == "pending"
                assert records.spec(layout, job) == make.spec(stdin=True)
                unknown += 1
            case OSError(errno=found):
                assert (found, contents(layout)) == (number, before), story
                refused += 1
            case int(job):
                assert status_reader.read(layout, job).state == "pending"
                break
    # Three files written and synced, directory made and synced, sequence, rename; then the spool.
    assert (refused, unknown) == (10, 1)


def test_whichever_file_cannot_be_opened_there_is_no_job_or_one_whose_outcome_is_unknown(
    layout: Layout, store_calls: Calls
) -> None:
    refused = unknown = 0
    # The first opening is in the test below.
    for position in itertools.count(1):
        before = contents(layout)
        store_calls.fail_at(position, ("open",), errno.EMFILE)
        match outcome(layout):
            case OutcomeUnknown(job=job):
                assert status_reader.read(layout, job).state == "pending"
                unknown += 1
            case OSError():
                assert contents(layout) == before, store_calls.story("open")
                refused += 1
            case int():
                break
    assert (refused, unknown) == (6, 1)


def test_a_staging_directory_that_cannot_be_opened_is_taken_away(layout: Layout, store_calls: Calls) -> None:
    store_calls.fail_at(0, ("open",), errno.EMFILE)
    with pytest.raises(OSError, match="Too many open files"):
        spool.deposit(layout, make.spec())
    assert contents(layout) == []


def test_an_id_that_was_not_used_is_not_used_later(layout: Layout, store_calls: Calls) -> None:
    store_calls.fail(lambda call: call.name == "rename")
    with pytest.raises(OSError, match="No space left"):
        spool.deposit(layout, make.spec())
    store_calls.succeed()
    assert spool.deposit(layout, make.spec()) == 2


def test_an_interrupted_submission_leaves_nothing_behind(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(markers, "make", interrupted)
    with pytest.raises(KeyboardInterrupt):
        spool.deposit(layout, make.spec())
    assert contents(layout) == []


@pytest.mark.parametrize("where", ["move_directory", "sync_directory"])
def test_a_submission_that_is_interrupted_behind_its_publication_names_the_job(
    layout: Layout, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    real = getattr(atomic, where)

    def interrupted(path: str, *more: str) -> None:
        real(path, *more)
        if where == "move_directory" or path == layout.spool:
            raise KeyboardInterrupt

    monkeypatch.setattr(atomic, where, interrupted)
    with pytest.raises(OutcomeUnknown, match="job 1 may have been accepted: interrupted"):
        spool.deposit(layout, make.spec())
    assert status_reader.read(layout, 1).state == "pending"
    assert markers.names(layout) == [1]


def test_a_job_never_takes_the_place_of_another(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    job = spool.deposit(layout, make.spec(name="first"))
    monkeypatch.setattr(sequence, "next_id", lambda _: job)
    with pytest.raises(OSError, match="not empty"):
        spool.deposit(layout, make.spec(name="second"))
    assert status_reader.read(layout, job).name == "first"
    assert os.listdir(layout.staging) == []


def test_a_submission_that_fails_leaves_the_marker_of_the_job_that_has_its_id(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = spool.deposit(layout, make.spec())
    monkeypatch.setattr(sequence, "next_id", lambda _: job)
    with pytest.raises(OSError, match="not empty"):
        spool.deposit(layout, make.spec())
    assert markers.names(layout) == [job]


# ── many at once ───────────────────────────────────────────────────────────────────────────────────


def test_jobs_of_many_submitters_at_once_are_all_there_and_whole(layout: Layout) -> None:
    def submit(number: int) -> list[int]:
        return [spool.deposit(layout, make.spec(name=f"{number}.{turn}")) for turn in range(3)]

    submitted = in_children(20, submit)
    jobs = sorted(job for own in submitted for job in own)
    assert jobs == list(range(1, 61))
    assert markers.names(layout) == jobs
    assert os.listdir(layout.staging) == []
    for number, own in enumerate(submitted):
        for turn, job in enumerate(own):
            assert records.spec(layout, job).name == status_reader.read(layout, job).name == f"{number}.{turn}"


def test_a_submission_that_another_one_holds_up_for_too_long_leaves_nothing(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sequence, "_PATIENCE", 0.1)
    held = sequence.hold(layout)
    with pytest.raises(NotNow):
        spool.deposit(layout, make.spec())
    os.close(held)
    assert os.listdir(layout.spool) == ["tmp"]
    assert os.listdir(layout.staging) == os.listdir(layout.active) == []

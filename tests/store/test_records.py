"""The records of the attempts of a job, and the lock that says whether one is in flight."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jobctl.errors import UnknownVersion, UnreadableRecord
from jobctl.model.attempt import Identity, Start, Verdict
from jobctl.store import atomic, codec, records
from jobctl.store.layout import AttemptFiles
from store import make
from store.children import in_child, in_children
from support.wait import until

if TYPE_CHECKING:
    from jobctl.store.layout import Layout
    from store.calls import Calls

PROCESS = Identity(pid=4711, birth=123456, boot="0f6f3f0c-1f44-4b8c-a9f1-60a7f1f0b0a1", namespace=4026531836)
START = Start(
    task=1, attempt=1, process=PROCESS, keeper=PROCESS.but(pid=4710), started_at=make.NOON, steady=12.5, awake=1e-7
)
VERDICT = Verdict(task=1, attempt=1, reason="exit", exit_code=0, finished_at=make.NOON, by="keeper")


@pytest.fixture
def attempt(layout: Layout) -> str:
    """The directory of the first attempt of a job."""
    directory = layout.attempt(make.job(layout), 1, 1)
    records.make_attempt(directory)
    return directory


def is_free(directory: str) -> bool:
    """Whether another process gets the lock."""

    def look() -> bool:
        lock = records.try_lock(directory)
        return lock is not None

    free = in_child(look)
    assert isinstance(free, bool)
    return free


# ── records ────────────────────────────────────────────────────────────────────────────────────────


def test_a_specification_is_read_as_it_was_submitted(layout: Layout) -> None:
    job = make.job(layout, name="nightly")
    assert records.spec(layout, job) == make.spec(name="nightly")


def test_a_job_without_a_specification_is_not_there(layout: Layout) -> None:
    with pytest.raises(FileNotFoundError):
        records.spec(layout, 17)


def test_an_attempt_has_neither_start_nor_verdict_at_first(attempt: str) -> None:
    assert records.start(attempt) is None
    assert records.verdict(attempt) is None


def test_a_start_is_recorded_once_and_stands(attempt: str) -> None:
    make.publish_start(attempt, START)
    with pytest.raises(FileExistsError):
        make.publish_start(attempt, START.but(steady=99.0))
    assert records.start(attempt) == START
    assert os.listdir(attempt) == ["start.json"]


def test_a_start_that_came_to_nothing_can_be_taken_back_and_made_again(attempt: str) -> None:
    make.publish_start(attempt, START)
    records.withdraw_start(attempt)
    assert records.start(attempt) is None
    make.publish_start(attempt, START.but(steady=99.0))
    assert records.start(attempt) == START.but(steady=99.0)


def test_a_verdict_is_recorded_once_and_stands(attempt: str) -> None:
    records.publish_verdict(attempt, VERDICT)
    with pytest.raises(FileExistsError):
        records.publish_verdict(attempt, VERDICT.but(exit_code=7))
    assert records.verdict(attempt) == VERDICT
    assert os.listdir(attempt) == ["final.json"]


@pytest.mark.parametrize(("name", "content"), [("start.json", b""), ("start.json", b"{}"), ("final.json", b"\0\0")])
def test_a_damaged_record_is_unreadable_and_not_missing(attempt: str, name: str, content: bytes) -> None:
    Path(attempt, name).write_bytes(content)
    with pytest.raises(UnreadableRecord, match=f"{attempt}/{name}"):
        (records.start if name == "start.json" else records.verdict)(attempt)


def test_a_record_of_another_version_is_refused_by_name(attempt: str) -> None:
    Path(attempt, "final.json").write_bytes(codec.encode({**VERDICT.document(), "v": 2}))
    with pytest.raises(UnknownVersion, match="it has version 2"):
        records.verdict(attempt)


@pytest.mark.parametrize("name", ["start.json", "final.json"])
def test_a_link_that_the_job_put_in_place_of_a_record_is_not_followed(attempt: str, name: str) -> None:
    os.symlink("/etc/hostname", f"{attempt}/{name}")
    with pytest.raises(UnreadableRecord):
        (records.start if name == "start.json" else records.verdict)(attempt)


def test_of_two_starts_at_once_one_is_recorded(attempt: str) -> None:
    def start(number: int) -> bool:
        try:
            make.publish_start(attempt, START.but(steady=float(number)))
        except FileExistsError:
            return False
        return True

    won = in_children(10, start)
    assert won.count(True) == 1
    found = records.start(attempt)
    assert found is not None
    assert found.steady == won.index(True)


def test_a_start_is_on_the_disk_when_it_is_recorded(layout: Layout, attempt: str, store_calls: Calls) -> None:
    make.publish_start(attempt, START)
    where = os.path.relpath(attempt, layout.home)
    assert store_calls.story("fsync", "link") == [
        f"fsync {where}/start.json.tmp",
        f"link {where}/start.json",
        f"fsync {where}",
    ]


# ── the verdict in its reserved room ───────────────────────────────────────────────────────────────


def test_a_verdict_takes_the_room_that_was_reserved_for_it(attempt: str) -> None:
    os.close(atomic.reserve(f"{attempt}/{AttemptFiles.RESERVE}", 4096))
    records.fulfil_verdict(attempt, VERDICT)
    assert records.verdict(attempt) == VERDICT
    assert os.listdir(attempt) == ["final.json"]


def test_a_verdict_for_which_no_room_was_reserved_is_recorded_all_the_same(attempt: str) -> None:
    records.fulfil_verdict(attempt, VERDICT)
    assert records.verdict(attempt) == VERDICT


def test_a_verdict_that_stands_is_not_replaced_through_the_reserved_room(attempt: str) -> None:
    records.publish_verdict(attempt, VERDICT)
    os.close(atomic.reserve(f"{attempt}/{AttemptFiles.RESERVE}", 4096))
    with pytest.raises(FileExistsError):
        records.fulfil_verdict(attempt, VERDICT.but(exit_code=7))
    assert records.verdict(attempt) == VERDICT


def test_the_reserved_room_is_not_looked_for_behind_a_link(attempt: str, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(b"kept")
    os.symlink(tmp_path / "elsewhere", f"{attempt}/{AttemptFiles.RESERVE}")
    records.fulfil_verdict(attempt, VERDICT)
    assert records.verdict(attempt) == VERDICT
    assert (tmp_path / "elsewhere").read_bytes() == b"kept"


def test_the_reserved_room_is_not_used_where_it_has_a_second_name(attempt: str, tmp_path: Path) -> None:
    (tmp_path / "mine").write_bytes(b"kept")
    os.link(tmp_path / "mine", f"{attempt}/{AttemptFiles.RESERVE}")
    records.fulfil_verdict(attempt, VERDICT)
    assert records.verdict(attempt) == VERDICT
    assert (tmp_path / "mine").read_bytes() == b"kept"


def test_a_fifo_in_the_place_of_the_reserved_room_makes_nobody_wait(attempt: str) -> None:
    os.mkfifo(f"{attempt}/{AttemptFiles.RESERVE}")

    def fulfil() -> bool:
        signal.alarm(10)
        records.fulfil_verdict(attempt, VERDICT)
        return True

    assert in_child(fulfil)
    assert records.verdict(attempt) == VERDICT


def test_an_attempt_whose_directory_is_a_file_has_no_lock_of_ours(layout: Layout) -> None:
    os.mkdir(layout.job(1))
    with open(layout.attempt(1, 1, 1), "wb"):
        pass
    with pytest.raises(UnreadableRecord, match="not a lock of ours"):
        records.try_lock(layout.attempt(1, 1, 1))


# ── attempts ───────────────────────────────────────────────────────────────────────────────────────


def test_attempts_are_found_in_their_order(layout: Layout) -> None:
    job = make.job(layout)
    for task, attempt in ((1, 10), (1, 2), (2, 1), (1, 1), (10, 1)):
        records.make_attempt(layout.attempt(job, task, attempt))
    assert records.attempts(layout, job) == [(1, 1), (1, 2), (1, 10), (2, 1), (10, 1)]


def test_what_is_no_attempt_is_passed_over(layout: Layout) -> None:
    job = make.job(layout)
    for name in ("1", "1.", ".1", "1.0", "0.1", "01.1", "1.1.1", "1.x", "inputs", "cancel.json"):
        os.mkdir(f"{layout.job(job)}/{name}")
    assert records.attempts(layout, job) == []


def test_attempts_of_a_job_that_is_not_there_cannot_be_found(layout: Layout) -> None:
    with pytest.raises(FileNotFoundError):
        records.attempts(layout, 17)


def test_the_directory_of_an_attempt_is_made_once_and_for_its_owner_only(attempt: str) -> None:
    Path(attempt, "kept").touch()
    records.make_attempt(attempt)
    assert os.listdir(attempt) == ["kept"]
    assert stat.S_IMODE(os.stat(attempt).st_mode) == 0o700


def test_what_killed_writers_of_records_left_is_taken_away_and_nothing_of_the_jobs(attempt: str) -> None:
    ours = ("start.json.4711.0a1b2c3d.tmp", "final.json.4711.0a1b2c3d.tmp", AttemptFiles.RESERVE)
    others = ("start.json", "final.json", "lock", "stdout", "result", "data.tmp", "start.tmp", "final.json.bak")
    for name in (*ours, *others):
        Path(attempt, name).touch()
    records.clear_unfinished(attempt)
    assert sorted(os.listdir(attempt)) == sorted(others)


def test_what_cannot_be_taken_away_is_in_nobodys_way(attempt: str) -> None:
    os.mkdir(f"{attempt}/{AttemptFiles.RESERVE}")
    Path(attempt, "start.json.4711.0a1b2c3d.tmp").touch()
    records.clear_unfinished(attempt)
    assert os.listdir(attempt) == [AttemptFiles.RESERVE]


def test_records_and_output_are_brought_to_the_disk_on_demand(attempt: str, layout: Layout, store_calls: Calls) -> None:
    Path(attempt, "stdout").touch()
    records.confirm(attempt)
    records.confirm_file(f"{attempt}/stdout")
    where = os.path.relpath(attempt, layout.home)
    assert store_calls.story("fsync") == [f"fsync {where}", f"fsync {where}/stdout"]


def test_a_disk_that_does_not_confirm_a_record_is_reported(attempt: str, store_calls: Calls) -> None:
    store_calls.fail(lambda call: call.name == "fsync", errno.EIO)
    with pytest.raises(OSError, match="Input/output error"):
        records.confirm(attempt)


# ── the lock ───────────────────────────────────────────────────────────────────────────────────────


def test_a_lock_is_held_until_its_descriptor_is_closed(attempt: str) -> None:
    lock = records.try_lock(attempt)
    assert lock is not None
    assert records.try_lock(attempt) is None
    assert not is_free(attempt)
    os.close(lock)
    assert is_free(attempt)


def test_the_file_of_a_lock_stays_and_is_for_its_owner_only(attempt: str) -> None:
    for _ in range(2):
        lock = records.try_lock(attempt)
        assert lock is not None
        os.close(lock)
    assert os.listdir(attempt) == ["lock"]
    assert stat.S_IMODE(os.stat(f"{attempt}/lock").st_mode) == 0o600


def test_a_lock_is_not_inherited_by_what_is_executed(attempt: str) -> None:
    lock = records.try_lock(attempt)
    assert lock is not None
    assert not os.get_inheritable(lock)
    os.close(lock)


def test_a_lock_lives_on_in_a_forked_child_until_that_closes_its_copy(attempt: str) -> None:
    lock = records.try_lock(attempt)
    assert lock is not None
    close_reading, close_writing = os.pipe()
    said_reading, said_writing = os.pipe()
    child = os.fork()
    if child == 0:
        # Close the copy when told to, say so, and go on living until the other end is closed.
        os.close(close_writing)
        os.read(close_reading, 1)
        os.close(lock)
        os.write(said_writing, b"x")
        os.read(close_reading, 1)
        os._exit(0)
    os.close(lock)
    assert records.try_lock(attempt) is None
    os.write(close_writing, b"x")
    assert os.read(said_reading, 1) == b"x"
    again = records.try_lock(attempt)
    assert again is not None
    for fd in (again, close_reading, close_writing, said_reading, said_writing):
        os.close(fd)
    assert os.waitpid(child, 0) == (child, 0)


def test_a_lock_is_free_when_its_holder_was_killed(attempt: str) -> None:
    def lock_and_die() -> int | None:
        return records.try_lock(attempt)

    assert in_child(lock_and_die) is not None
    assert is_free(attempt)


def test_of_many_at_once_one_gets_the_lock(attempt: str, tmp_path: Path) -> None:
    tally = str(tmp_path / "tally")

    def try_it(_: int) -> bool:
        held = records.try_lock(attempt) is not None
        with open(tally, "ab") as file:
            file.write(b"x")
        # Nobody ends, and so lets go, before everybody has tried.
        until(lambda: os.path.getsize(tally) == 10, "the others to try")
        return held

    assert in_children(10, try_it).count(True) == 1


@pytest.mark.parametrize(("call", "number"), [("open", errno.EMFILE), ("flock", errno.ENOLCK)])
def test_a_lock_of_which_nothing_can_be_told_now_is_neither_free_nor_held(
    attempt: str, store_calls: Calls, monkeypatch: pytest.MonkeyPatch, call: str, number: int
) -> None:
    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(os if call == "open" else fcntl, call, fail)
        with pytest.raises(OSError, match=os.strerror(number)):
            records.try_lock(attempt)
    assert store_calls.still_open == []


def test_a_lock_that_was_not_got_leaves_no_descriptor(attempt: str, store_calls: Calls) -> None:
    lock = records.try_lock(attempt)
    assert lock is not None
    assert records.try_lock(attempt) is None
    assert len(store_calls.still_open) == 1
    os.close(lock)


@pytest.mark.parametrize("kind", ["link", "directory", "socket"])
def test_something_else_in_place_of_the_lock_is_refused(attempt: str, tmp_path: Path, kind: str) -> None:
    if kind == "link":
        os.symlink(tmp_path / "elsewhere", f"{attempt}/lock")
    elif kind == "socket":
        os.mknod(f"{attempt}/lock", stat.S_IFSOCK | 0o600)
    else:
        os.mkdir(f"{attempt}/lock")
    with pytest.raises(UnreadableRecord, match="it is not a lock of ours"):
        records.try_lock(attempt)
    assert not (tmp_path / "elsewhere").exists()

"""Forgetting jobs: whole or not at all, never the IDs, never what somebody needs."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jobctl.model.dependency import Dependency
from jobctl.store import (
    clock,
    markers,
    outbox,
    removal,
    requests,
    retention,
    sequence,
    spool,
    status_reader,
    status_writer,
)
from store import make

if TYPE_CHECKING:
    from jobctl.store.layout import Layout
    from store.calls import Calls


def clean(layout: Layout, *jobs: int) -> int:
    """Forget *jobs* and return the bytes that were freed."""
    moved, refused = retention.forget(layout, jobs)
    assert refused == {}
    return sum(freed for place in moved for freed in removal.removing(place))


def another_boot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sequence, "boot_id", lambda: "another-boot")


def test_a_forgotten_job_is_gone_and_the_others_are_not(layout: Layout) -> None:
    jobs = [make.job(layout, "completed") for _ in range(3)]
    clean(layout, jobs[0], jobs[2])
    assert [status_reader.exists(layout, job) for job in jobs] == [False, True, False]
    assert os.listdir(layout.staging) == []


def test_a_job_that_is_gone_already_is_passed_over(layout: Layout) -> None:
    job = make.job(layout, "completed")
    clean(layout, job)
    assert clean(layout, job, 99) == 0


def test_an_id_is_not_used_again_when_all_was_forgotten_and_the_machine_restarted(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    clean(layout, *[make.job(layout, "completed") for _ in range(5)])
    another_boot(monkeypatch)
    assert sequence.last_id(layout) == 5
    assert spool.deposit(layout, make.spec()) == 6


@pytest.mark.parametrize("left", [b"", b"00000000000000000002 an-earlier-boot\n", None], ids=["empty", "old", "gone"])
def test_an_id_is_not_used_again_whatever_a_power_cut_left_of_the_sequence(
    layout: Layout, monkeypatch: pytest.MonkeyPatch, left: bytes | None
) -> None:
    clean(layout, *[make.job(layout, "completed") for _ in range(5)])
    if left is None:
        os.unlink(layout.sequence)
    else:
        Path(layout.sequence).write_bytes(left)
    another_boot(monkeypatch)
    assert sequence.last_id(layout) == 5
    assert sequence.next_id(layout) == 6


def test_where_ids_end_is_durable_before_a_job_is_moved_and_the_move_before_anything_is_removed(
    layout: Layout, store_calls: Calls
) -> None:
    job = make.job(layout, "completed")
    whole = sorted(os.listdir(layout.job(job)))
    store_calls.made.clear()
    (moved,), _ = retention.forget(layout, [job])
    names = [call.name for call in store_calls.made if call.name in {"rename", "fsync", "unlink", "rmdir"}]
    assert names == ["fsync", "rename", "fsync", "rename", "fsync", "fsync"]
    assert sorted(os.listdir(moved)) == whole


def test_nothing_is_forgotten_when_the_ids_cannot_be_made_durable(layout: Layout, store_calls: Calls) -> None:
    job = make.job(layout, "completed")
    store_calls.fail(lambda call: call.name == "fsync", errno.EIO)
    with pytest.raises(OSError, match="Input/output"):
        retention.forget(layout, [job])
    assert status_reader.exists(layout, job)


def test_on_a_full_disk_all_but_the_newest_job_is_forgotten_and_that_one_when_there_is_room(
    layout: Layout, store_calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = [make.job(layout, "completed") for _ in range(3)]
    store_calls.fail(lambda call: call.name == "write", errno.ENOSPC)
    moved, refused = retention.forget(layout, jobs)
    assert (len(moved), list(refused)) == (2, [jobs[2]])
    assert "until there is room" in str(refused[jobs[2]])
    Path(layout.sequence).write_bytes(b"")
    another_boot(monkeypatch)
    assert sequence.last_id(layout) == jobs[2]
    store_calls.succeed()
    clean(layout, jobs[2])
    assert sequence.next_id(layout) == jobs[2] + 1


def test_a_process_that_dies_at_any_step_leaves_a_job_whole_or_out_of_sight(layout: Layout, store_calls: Calls) -> None:
    position = 0
    while True:
        job = make.job(layout, "completed")
        names = ("rename", "fsync", "unlink", "rmdir", "open", "write")
        store_calls.fail_at(position, names, errno.EIO)
        try:
            clean(layout, job)
        except OSError:
            pass
        else:
            break
        finally:
            store_calls.succeed()
        if status_reader.exists(layout, job):
            assert status_reader.read(layout, job).finished
            assert sorted(os.listdir(layout.job(job))) == ["spec.json", "status.json"]
        position += 1
    assert position > 5


def test_what_is_closed_even_to_its_owner_is_removed(layout: Layout, tmp_path: Path) -> None:
    job = make.job(layout, "completed")
    frozen = Path(layout.job(job), "inputs", "deep")
    frozen.mkdir(parents=True)
    (frozen / "file").write_bytes(b"x")
    (frozen / "file").chmod(0o400)
    for directory in (frozen, frozen.parent):
        directory.chmod(0o500)
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").touch()
    Path(layout.job(job), "link").symlink_to(outside)
    if os.geteuid() == 0:
        # The superuser is not kept out; whether the way was opened is seen by the modes that rmdir met.
        modes = []
        real = os.rmdir
        os.rmdir = lambda path, *, dir_fd: (
            modes.append(os.stat(path, dir_fd=dir_fd).st_mode & 0o777),
            real(path, dir_fd=dir_fd),
        )[1]
        try:
            clean(layout, job)
        finally:
            os.rmdir = real
        assert set(modes) == {0o700}
    else:
        clean(layout, job)
    assert not status_reader.exists(layout, job)
    assert (outside / "kept").exists()


def test_the_room_that_is_freed_is_counted_once_for_each_file(layout: Layout, tmp_path: Path) -> None:
    job = make.job(layout, "completed")
    Path(layout.job(job), "big").write_bytes(b"x" * 1_000_000)
    os.link(Path(layout.job(job), "big"), tmp_path / "another-name")
    small = retention.size(layout.job(job))
    os.unlink(tmp_path / "another-name")
    assert retention.size(layout.job(job)) >= small + 1_000_000
    assert clean(layout, job) >= 1_000_000


def test_a_job_that_somebody_retries_meanwhile_stays_whole(layout: Layout) -> None:
    job = make.job(layout, "failed")
    requests.retry(layout, job, 0, {"by": "user", "after": {}, "unstarted": True})
    moved, refused = retention.forget(layout, [job])
    assert moved == []
    assert str(refused[job]) == f"job {job} was not forgotten: something is asked of it"
    assert status_reader.read(layout, job).state == "failed"
    # A request that was taken in keeps nothing.
    status_writer.write(layout, status_reader.read(layout, job).but(retried=1))
    clean(layout, job)


def test_a_job_of_whose_end_somebody_is_still_to_be_told_stays_whole(layout: Layout) -> None:
    job = make.job(layout, "failed")
    label = outbox.Label(job=job, number=1)
    outbox.put(layout, label, outbox.Delivery(kind="command", target="true", message="m", body={}))
    moved, refused = retention.forget(layout, [job])
    assert (moved, list(refused)) == ([], [job])
    assert outbox.read(layout, label).target == "true"
    outbox.forget(layout, label)
    clean(layout, job)


def test_a_job_of_which_it_cannot_be_told_whether_it_is_wanted_is_where_it_was(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = make.job(layout, "failed")

    def refuse(*_: object) -> bool:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    monkeypatch.setattr(outbox, "is_waiting", refuse)
    with pytest.raises(OSError, match="Too many open files"):
        retention.forget(layout, [job])
    assert status_reader.read(layout, job).state == "failed"
    assert os.listdir(layout.staging) == []


@pytest.mark.parametrize("content", [b"", b"{", None], ids=["empty", "cut", "gone"])
def test_a_job_whose_status_cannot_be_understood_is_not_forgotten(layout: Layout, content: bytes | None) -> None:
    job = make.job(layout, "failed")
    path = Path(layout.status(job))
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    moved, refused = retention.forget(layout, [job])
    assert (moved, list(refused)) == ([], [job])
    assert os.path.exists(layout.spec(job))


def test_an_unfinished_job_is_never_forgotten(layout: Layout) -> None:
    jobs = [make.job(layout, state) for state in ("pending", "queued", "processing", "retrying")]
    moved, refused = retention.forget(layout, jobs)
    assert (moved, len(refused)) == ([], 4)
    assert all(status_reader.exists(layout, job) for job in jobs)


def test_what_a_job_that_has_not_started_waits_for_is_needed(layout: Layout) -> None:
    first, second, third = (make.job(layout, "completed") for _ in range(3))
    after = (Dependency(kind="ok", job=first), Dependency(kind="any", job=second, task=3))
    waiting = make.job(layout, "queued", after=after)
    make.job(layout, "processing", after=(Dependency(kind="ok", job=third),))
    assert retention.needed(layout) == {first: waiting, second: waiting}


class Rounds:
    """A `Retention` whose steady clock the test moves."""

    def __init__(self, layout: Layout) -> None:
        self.now = 0.0
        self.retention = retention.Retention(layout, lambda: self.now)

    def until_nothing(self, retain: float | None) -> list[int]:
        found: list[int] = []
        for _ in range(50):
            found += self.retention.work(retain)
        return found


def old(layout: Layout, state: str = "completed", *, days: float) -> int:
    job = make.job(layout, state)
    status = status_reader.read(layout, job)
    status_writer.write(layout, status.but(finished_at=clock.ago(days * 86400)))
    return job


def test_what_ended_longer_ago_is_forgotten_and_nothing_else(layout: Layout) -> None:
    ancient = old(layout, days=40)
    lately = old(layout, days=20)
    running = old(layout, "processing", days=40)
    touched = old(layout, days=40)
    markers.touch(layout, touched)
    needed = old(layout, days=40)
    make.job(layout, "queued", after=(Dependency(kind="ok", job=needed),))
    assert Rounds(layout).until_nothing(30 * 86400.0) == [ancient]
    assert [status_reader.exists(layout, job) for job in (lately, running, touched, needed)] == [True] * 4
    assert os.listdir(layout.staging) == []


def test_a_job_that_is_not_finished_is_not_even_moved_for_a_moment_though_its_mark_is_lost(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = old(layout, "processing", days=40)
    markers.drop(layout, running)

    def move(*_: str) -> None:
        raise AssertionError("it was moved")

    monkeypatch.setattr(retention.atomic, "move_directory", move)
    assert Rounds(layout).until_nothing(30 * 86400.0) == []


def test_without_a_setting_nothing_is_forgotten(layout: Layout) -> None:
    job = old(layout, days=4000)
    assert Rounds(layout).until_nothing(None) == []
    assert status_reader.exists(layout, job)


def test_a_little_is_done_at_a_time_and_the_spool_is_not_looked_at_again_for_a_while(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "_LOOKED_AT", 3)
    jobs = {old(layout, days=2) for _ in range(7)}
    rounds = Rounds(layout)
    first = rounds.retention.work(86400.0)
    assert len(first) <= 3
    assert set(first + rounds.until_nothing(86400.0)) == jobs
    later = old(layout, days=2)
    assert rounds.until_nothing(86400.0) == []
    rounds.now = 3600.0
    assert rounds.until_nothing(86400.0) == [later]


def test_a_job_with_many_files_is_removed_over_several_looks(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "_REMOVED", 2)
    job = old(layout, days=2)
    for number in range(10):
        Path(layout.job(job), f"file{number}").touch()
    rounds = Rounds(layout)
    assert rounds.retention.work(86400.0) == [job]
    assert len(os.listdir(layout.staging)) == 1
    rounds.until_nothing(86400.0)
    assert os.listdir(layout.staging) == []

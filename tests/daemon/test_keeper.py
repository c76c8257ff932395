"""A real keeper in a process of its own, without a daemon, and with trouble where it is put."""

from __future__ import annotations

import errno
import os
import resource
from typing import TYPE_CHECKING, Any

import pytest

from jobctl.daemon import keeper, processes
from jobctl.model.spec import Spec
from jobctl.store import atomic, doorbell, records, requests, spool
from support import stepped
from support.wait import until

if TYPE_CHECKING:
    from pathlib import Path
    from typing import NoReturn

    from jobctl.store.layout import Layout


def keep(layout: Layout, *command: str) -> tuple[str, int]:
    """Submit *command*, let a keeper run it, and return the attempt's directory and the keeper's exit status."""
    spec = Spec(uuid="u", command=command, cwd="/", umask=0o22, submitted_at="x", env=(("PATH", os.defpath),))
    job = spool.deposit(layout, spec)
    directory = layout.attempt(job, 1, 1)
    records.make_attempt(directory)
    lock = records.try_lock(directory)
    assert lock is not None
    pid = processes.fork_into(lambda: keeper.keep(layout, stepped.run_of(layout, job), lock))
    os.close(lock)
    return directory, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def test_a_keeper_records_start_and_verdict_and_lets_the_lock_go(layout: Layout) -> None:
    directory, status = keep(layout, "sh", "-c", "echo out; echo err >&2; exit 7")
    start, verdict = records.start(directory), records.verdict(directory)
    assert status == 0
    assert start is not None
    assert verdict is not None
    assert (verdict.reason, verdict.exit_code, verdict.by) == ("exit", 7, "keeper")
    assert sorted(os.listdir(directory)) == ["final.json", "lock", "start.json", "stderr", "stdout"]
    again = records.try_lock(directory)
    assert again is not None
    os.close(again)


def test_what_a_job_wrote_is_on_the_disk_before_its_verdict(
    layout: Layout, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Or a power cut could leave a job that is known to have completed, and nothing of its output."""
    story = tmp_path / "story"

    def note(what: str, path: str) -> None:
        with story.open("a") as file:
            file.write(f"{what} {os.path.basename(path)}\n")

    fsync, rename = os.fsync, os.rename

    def watched_fsync(fd: int) -> None:
        note("fsync", os.readlink(f"/proc/self/fd/{fd}"))
        fsync(fd)

    def watched_rename(source: str, target: str) -> None:
        note("rename", target)
        rename(source, target)

    monkeypatch.setattr(os, "fsync", watched_fsync)
    monkeypatch.setattr(os, "rename", watched_rename)
    keep(layout, "sh", "-c", "echo out; echo err >&2")
    lines = story.read_text().splitlines()
    assert lines.index("fsync stdout") < lines.index("rename final.json")
    assert lines.index("fsync stderr") < lines.index("rename final.json")


def test_a_signal_that_ended_the_job_is_in_the_verdict(layout: Layout) -> None:
    verdict = records.verdict(keep(layout, "sh", "-c", "kill -9 $$")[0])
    assert verdict is not None
    assert (verdict.reason, verdict.signal, verdict.exit_code) == ("signal", 9, None)


def test_a_command_that_cannot_be_executed_has_not_started(layout: Layout) -> None:
    directory, status = keep(layout, "/nowhere/to/be/found")
    verdict = records.verdict(directory)
    assert status == 0
    assert verdict is not None
    assert (verdict.reason, verdict.exit_code) == ("not-started", None)
    assert verdict.error is not None
    assert "/nowhere/to/be/found" in verdict.error["message"]


@pytest.mark.parametrize("recorded", [True, False], ids=["after it was visible", "before"])
def test_a_start_that_cannot_be_recorded_is_as_if_it_had_never_been_tried(
    layout: Layout, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *, recorded: bool
) -> None:
    real = records.publish_start

    def publish_start(directory: str, start: bytes) -> None:
        if recorded:
            real(directory, start)
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(records, "publish_start", publish_start)
    directory, status = keep(layout, "touch", str(tmp_path / "ran"))
    assert status == errno.EIO
    assert not (tmp_path / "ran").exists()
    assert (records.start(directory), records.verdict(directory)) == (None, None)


def test_a_keeper_that_may_write_no_file_as_large_as_it_needs_says_so(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = keeper.keep

    def limited(*arguments: Any) -> NoReturn:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
        real(*arguments)

    monkeypatch.setattr(keeper, "keep", limited)
    directory, status = keep(layout, "true")
    assert status == errno.EFBIG
    assert (records.start(directory), records.verdict(directory)) == (None, None)


def test_a_ring_that_fails_does_not_keep_the_job_from_running(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    def ring(*_: object) -> bool:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(doorbell, "ring", ring)
    verdict = records.verdict(keep(layout, "true")[0])
    assert verdict is not None
    assert verdict.exit_code == 0


def test_a_verdict_is_recorded_where_nothing_else_can_be_written(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The room for it was reserved before the start: no new file is needed."""
    real = atomic.write_new

    def write_new(path: str, data: bytes, *, durable: bool = True) -> None:
        if "final.json" in path:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(path, data, durable=durable)

    monkeypatch.setattr(atomic, "write_new", write_new)
    verdict = records.verdict(keep(layout, "sh", "-c", "exit 3")[0])
    assert verdict is not None
    assert verdict.exit_code == 3


def test_a_request_made_before_the_start_ends_the_job_with_its_signal(layout: Layout) -> None:
    spec = Spec(uuid="u", command=("sleep", "1000"), cwd="/", umask=0o22, submitted_at="x", env=(("PATH", os.defpath),))
    job = spool.deposit(layout, spec)
    directory = layout.attempt(job, 1, 1)
    records.make_attempt(directory)
    requests.ask_to_cancel(layout, job, signal=None, now=False, note=None)
    lock = records.try_lock(directory)
    assert lock is not None
    processes.fork_into(lambda: keeper.keep(layout, stepped.run_of(layout, job), lock))
    os.close(lock)
    verdict = until(lambda: records.verdict(directory), "the verdict", within=5)
    assert verdict is not None
    assert (verdict.reason, verdict.signal) == ("cancelled", 15)
    os.wait()

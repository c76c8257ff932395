"""A real keeper in a process of its own, without a daemon, and with trouble where it is put."""

from __future__ import annotations

import errno
import os
import resource
import stat
from typing import TYPE_CHECKING, Any

import pytest

from jobctl.daemon import keeper, processes
from jobctl.model.attempt import Start
from jobctl.model.spec import Spec
from jobctl.store import atomic, doorbell, records, requests, spool
from store import make
from support import stepped
from support.wait import until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import NoReturn

    from jobctl.store.layout import Layout


def keep(
    layout: Layout,
    *command: str,
    umask: int = 0o22,
    name: str | None = None,
    before: Callable[[], None] = lambda: None,
) -> tuple[str, int]:
    """Submit *command*, let a keeper run it, and return the attempt's directory and the keeper's exit status.

    What is to be done *before* the keeper begins is done when the attempt's directory is there.
    """
    env = (("PATH", os.defpath),)
    spec = Spec(uuid="u", name=name, command=command, cwd="/", umask=umask, submitted_at="x", env=env)
    job = spool.deposit(layout, spec)
    directory = layout.attempt(job, 1, 1)
    records.make_attempt(directory)
    lock = records.try_lock(directory)
    assert lock is not None
    before()
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


def story_of(layout: Layout, monkeypatch: pytest.MonkeyPatch, place: Path, *command: str) -> list[str]:
    """Let a keeper run *command*; return what it and its child brought to the disk and which names they gave."""
    story = place / "story"

    def watched(what: str, real: Callable[..., None]) -> Callable[..., None]:
        def call(first: int | str, *more: str) -> None:
            path = os.readlink(f"/proc/self/fd/{first}") if isinstance(first, int) else more[0]
            real(first, *more)
            with story.open("a") as file:
                file.write(f"{what} {os.path.basename(path)}\n")

        return call

    for name in ("fsync", "rename", "link"):
        monkeypatch.setattr(os, name, watched(name, getattr(os, name)))
    keep(layout, *command)
    return story.read_text().splitlines()


def test_what_a_job_wrote_is_on_the_disk_before_its_verdict(
    layout: Layout, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Or a power cut could leave a job that is known to have completed, and nothing of its output."""
    story = story_of(layout, monkeypatch, tmp_path, "sh", "-c", "echo out; echo err >&2")
    assert story.index("fsync stdout") < story.index("rename final.json")
    assert story.index("fsync stderr") < story.index("rename final.json")


def test_an_attempt_is_found_again_after_a_power_cut_before_anything_of_it_is_executed(
    layout: Layout, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Its start is in a directory of which the name must be on the disk as well."""
    story = story_of(layout, monkeypatch, tmp_path, "/nowhere/to/be/found")
    # The directory of job 1, that of its attempt, and after both the verdict of the child that could not execute.
    assert story.index("fsync 1") < story.index("link final.json")
    assert story.index("link start.json") < story.index("fsync 1.1") < story.index("link final.json")


def test_an_attempt_that_was_started_before_is_not_started_by_a_keeper(layout: Layout, tmp_path: Path) -> None:
    start = Start(task=1, attempt=1, process=stepped.NOBODY, keeper=stepped.NOBODY, started_at=stepped.NOON, steady=1.0)
    directory = layout.attempt(1, 1, 1)

    def started_before() -> None:
        make.publish_start(directory, start)

    _, status = keep(layout, "touch", str(tmp_path / "ran"), before=started_before)
    assert status == errno.EEXIST
    assert not (tmp_path / "ran").exists()
    assert (records.start(directory), records.verdict(directory)) == (start, None)


@pytest.mark.parametrize("umask", [0, 0o777])
@pytest.mark.parametrize("command", ["true", "/nowhere/to/be/found"])
def test_records_and_output_are_for_their_owner_whatever_umask_there_is(
    layout: Layout, umask: int, command: str
) -> None:
    """That of whoever started the daemon, and that of the job: under 0777 nobody but root could read them again."""
    with atomic.Umask(umask):
        directory, status = keep(layout, command, umask=umask)
    assert status == 0
    modes = {name: stat.S_IMODE(os.stat(f"{directory}/{name}").st_mode) for name in os.listdir(directory)}
    # The lock is the daemon's, here that of this test.
    assert modes == dict.fromkeys(["final.json", "start.json", "stderr", "stdout"], 0o600) | {"lock": modes["lock"]}


def test_a_keeper_whose_directory_is_another_one_by_then_records_nothing_there(layout: Layout) -> None:
    """In a home that was made anew it is that of another job."""
    directory = layout.attempt(1, 1, 1)
    _, status = keep(layout, "sh", "-c", 'mv "$1" "$1.away" && mkdir "$1"', "sh", directory)
    assert status == keeper.BROKEN
    assert os.listdir(directory) == []


@pytest.mark.parametrize("number", [errno.EMFILE, errno.EIO])
def test_a_keeper_that_cannot_see_what_is_asked_of_its_job_keeps_it_all_the_same(
    layout: Layout, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(requests, "of_task", refuse)
    directory, status = keep(layout, "sh", "-c", "exit 3")
    verdict = records.verdict(directory)
    assert status == 0
    assert verdict is not None
    assert (verdict.reason, verdict.exit_code, verdict.by) == ("exit", 3, "keeper")


def test_whoever_writes_to_the_output_writes_at_its_end(layout: Layout) -> None:
    directory, _ = keep(layout, "sh", "-c", "cat /proc/self/fdinfo/1 /proc/self/fdinfo/2")
    with open(f"{directory}/stdout", encoding="ascii") as stdout:
        flags = [int(line.split()[1], 8) for line in stdout if line.startswith("flags:")]
    assert [flag & os.O_APPEND for flag in flags] == [os.O_APPEND] * 2


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


def test_a_job_whose_name_stands_for_no_bytes_has_not_started_and_is_not_tried_again_and_again(layout: Layout) -> None:
    """A program in Python can give it one; nothing else of the job's tells of it but JOBCTL_NAME."""
    directory, status = keep(layout, "true", name="\ud800")
    verdict = records.verdict(directory)
    assert status == 0
    assert verdict is not None
    assert verdict.reason == "not-started"
    assert verdict.error is not None
    assert "surrogates not allowed" in verdict.error["message"]


@pytest.mark.parametrize("recorded", [True, False], ids=["after it was visible", "before"])
def test_a_start_that_cannot_be_recorded_is_as_if_it_had_never_been_tried(
    layout: Layout, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *, recorded: bool
) -> None:
    real = records.prepare_start

    def prepare_start(directory: str, start: Start) -> Callable[[int, int], None]:
        record = real(directory, start)

        def fail(pid: int, birth: int) -> None:
            if recorded:
                record(pid, birth)
            raise OSError(errno.EIO, "Input/output error")

        return fail

    monkeypatch.setattr(records, "prepare_start", prepare_start)
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


def test_a_damaged_request_ends_the_job_also_where_it_leads_nowhere(layout: Layout) -> None:
    """The daemon takes it for one, and so must a keeper, or the two tell different things of the job."""

    def damage() -> None:
        os.symlink("/nowhere/to/be/found", layout.cancel(1, 0))

    verdict = records.verdict(keep(layout, "sleep", "5", before=damage)[0])
    assert verdict is not None
    assert verdict.reason == "cancelled"

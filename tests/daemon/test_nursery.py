"""A real nursery, and the keepers that it forks."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jobctl.daemon import kernel, launch
from jobctl.daemon.launch import Children
from jobctl.daemon.nursery import Nursery
from jobctl.model.array import Array
from jobctl.model.limits import Limits
from jobctl.model.spec import Spec
from jobctl.store import records, spool
from support import stepped
from support.processes import alive
from support.wait import until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jobctl.store.layout import Layout

pytestmark = pytest.mark.skipif(not kernel.can_clone(), reason="there is no nursery here")


@pytest.fixture
def children() -> Iterator[Children]:
    """What a daemon has: a nursery, and keepers, of which none may be left at the end."""
    children = Children(nursery := Nursery())
    yield children
    assert not children._ways
    (children._nursery or nursery).close()
    kill_nursery()


def start(
    layout: Layout, children: Children, *command: str, array: Array | None = None, **more: Any
) -> tuple[str, int]:
    """Let a keeper run *command*; return the attempt's directory and the keeper's process ID."""
    path = (("PATH", os.defpath),)
    spec = Spec(uuid="u", command=command, cwd="/", umask=0o22, submitted_at="x", env=path, array=array)
    job = spool.deposit(layout, spec)
    run = stepped.run_of(layout, job, **more)
    records.make_attempt(run.directory)
    lock = records.try_lock(run.directory)
    assert lock is not None
    try:
        return run.directory, children.start_keeper(layout, run, lock)
    finally:
        os.close(lock)


def await_free(children: Children, pid: int) -> None:
    """Wait until the keeper *pid* says that it is free."""
    until(lambda: (pid, True) in children.heard(), f"keeper {pid} to be free")


def all_said(children: Children, pid: int) -> list[bool]:
    """Return all that the keeper *pid* says until it is free: for each whether it is that."""
    said: list[bool] = []

    def listen() -> bool:
        said.extend(is_free for who, is_free in children.heard() if who == pid)
        return said[-1:] == [True]

    until(listen, f"keeper {pid} to be free")
    return said


def let_end(children: Children, pid: int) -> int:
    """Let the keeper *pid* end as soon as it is free; return its exit status."""
    await_free(children, pid)
    dismiss_free(children)
    return wait_for(children, pid)


def dismiss_free(children: Children) -> None:
    """Let all that are free end, as if none had been ordered for long."""
    children.dismiss_free(0.0)
    children.dismiss_free(1000.0)


def wait_for(children: Children, pid: int) -> int:
    """Reap the keeper *pid* when it has ended; return its exit status."""
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    ended = kernel.peek(pid)
    assert ended is not None
    children.reap(pid)
    return ended.exit_code if ended.exit_code is not None else -(ended.signal or 0)


def exit_code_of(directory: str) -> int | None:
    verdict = records.verdict(directory)
    assert verdict is not None
    return verdict.exit_code


def test_a_keeper_of_the_nursery_is_a_child_of_who_asked_and_holds_the_lock(layout: Layout, children: Children) -> None:
    directory, pid = start(layout, children, "sh", "-c", "while [ ! -e go ]; do sleep 0.01; done; exit 7")
    until(lambda: records.start(directory), "the start")
    assert records.try_lock(directory) is None
    found = records.start(directory)
    assert found is not None
    # Neither the lock nor the way by which the daemon gives orders.
    assert len(descriptors(found.process.pid)) == 3
    os.kill(found.process.pid, signal.SIGKILL)
    assert let_end(children, pid) == 0
    verdict = records.verdict(directory)
    assert verdict is not None
    assert verdict.signal == signal.SIGKILL


def test_the_nursery_and_its_keepers_hold_no_directory_back(
    layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    children = Children(nursery := Nursery())
    directory, keeper = start(layout, children, "sleep", "1000")
    until(lambda: records.start(directory), "the start")
    assert {os.readlink(f"/proc/{process}/cwd") for process in (nursery._pid, keeper)} == {"/"}
    found = records.start(directory)
    assert found is not None
    until(lambda: comm_of(found.process.pid).startswith("sleep"), "the command to be executed")
    os.kill(found.process.pid, signal.SIGKILL)
    nursery.close()
    assert let_end(children, keeper) == 0


def descriptors(pid: int, command: str = "sh") -> list[str]:
    """What the process *pid* has open, once it has executed its *command*."""
    until(lambda: comm_of(pid).startswith(command), "the command to be executed")
    return [os.readlink(f"/proc/{pid}/fd/{name}") for name in os.listdir(f"/proc/{pid}/fd")]


def test_a_nursery_that_was_killed_is_begun_anew(layout: Layout, children: Children) -> None:
    first, pid = start(layout, children, "true")
    assert let_end(children, pid) == 0
    kill_nursery()
    second, pid = start(layout, children, "true")
    assert let_end(children, pid) == 0
    assert records.verdict(first) is not None
    assert records.verdict(second) is not None


def test_a_nursery_that_a_signal_has_stopped_goes_on_and_forks_what_was_ordered(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The daemon waited for it ten seconds, in which nothing was settled."""
    # For who does not let it go on; whether that takes long is not asked here.
    monkeypatch.setattr("jobctl.daemon.nursery._PATIENCE", 3)
    children = Children(nursery := Nursery())
    for code in (6, 7):
        os.kill(nursery._pid, signal.SIGSTOP)
        until(lambda: state_of(nursery._pid) == "T", "it to stop")
        # The look that keepers are let go on by does not keep it from being seen.
        children.wake_stopped()
        directory, pid = start(layout, children, "sh", "-c", f"exit {code}")
        assert let_end(children, pid) == 0
        assert exit_code_of(directory) == code
    nursery.close()
    kill_nursery()


def test_a_nursery_that_is_gone_is_not_told_to_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its number may mean any process by then."""
    with subprocess.Popen(["true"]) as gone:
        pass
    monkeypatch.setattr(os, "kill", lambda *_: pytest.fail("somebody was sent a signal"))
    kernel.let_go_on(gone.pid)


def test_a_nursery_that_took_too_long_is_given_up_with_what_it_answers_later(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its answer was taken for the one to the next order: from then on every keeper was known by another's number."""
    monkeypatch.setattr("jobctl.daemon.nursery._PATIENCE", 0.3)
    monkeypatch.setattr(kernel, "let_go_on", lambda _: None)
    children = Children(slow := Nursery())
    os.kill(slow._pid, signal.SIGSTOP)
    with pytest.raises(OSError, match="nursery"):
        start(layout, children, "sh", "-c", "exit 6")
    os.kill(slow._pid, signal.SIGCONT)
    assert os.waitstatus_to_exitcode(os.waitpid(slow._pid, 0)[1]) != 0
    # The keeper that it forked all the same has nobody to say that it is free to.
    late = until(lambda: records.start(layout.attempt(1, 1, 1)), "the start")
    assert late is not None
    assert os.waitstatus_to_exitcode(os.waitpid(late.keeper.pid, 0)[1]) == 0
    directory, pid = start(layout, children, "sh", "-c", "exit 7")
    assert let_end(children, pid) == 0
    assert [exit_code_of(path) for path in (layout.attempt(1, 1, 1), directory)] == [6, 7]
    assert children._nursery is not None
    children._nursery.close()
    kill_nursery()


def test_a_keeper_that_is_free_keeps_the_next_attempt_of_whichever_job(layout: Layout, children: Children) -> None:
    first, pid = start(layout, children, "sh", "-c", "echo first; exit 3")
    await_free(children, pid)
    # Whoever looks now finds an attempt that is over and that nobody holds.
    lock = records.try_lock(first)
    assert lock is not None
    os.close(lock)
    second, again = start(layout, children, "sh", "-c", "echo second; exit 4")
    assert again == pid
    assert let_end(children, pid) == 0
    assert (exit_code_of(first), exit_code_of(second)) == (3, 4)
    assert [Path(directory, "stdout").read_text() for directory in (first, second)] == ["first\n", "second\n"]


def test_a_free_keeper_that_a_signal_has_stopped_goes_on_when_it_is_handed_a_job(
    layout: Layout, children: Children
) -> None:
    """The job that it was handed waited for as long as it was stopped, and so for ever."""
    _, pid = start(layout, children, "true")
    await_free(children, pid)
    os.kill(pid, signal.SIGSTOP)
    directory, again = start(layout, children, "sh", "-c", "exit 4")
    assert again == pid
    assert let_end(children, pid) == 0
    assert exit_code_of(directory) == 4


def test_a_keeper_holds_the_lock_of_the_attempt_that_it_was_handed_and_no_other(
    layout: Layout, children: Children
) -> None:
    _, pid = start(layout, children, "true")
    await_free(children, pid)
    directory, again = start(layout, children, "sleep", "1000")
    assert again == pid
    assert records.try_lock(directory) is None
    until(lambda: records.start(directory), "the start")
    found = records.start(directory)
    assert found is not None
    assert len(descriptors(found.process.pid, "sleep")) == 3
    os.kill(found.process.pid, signal.SIGKILL)
    assert let_end(children, pid) == 0


def test_a_free_keeper_that_was_killed_is_handed_nothing(layout: Layout, children: Children) -> None:
    _, first = start(layout, children, "true")
    await_free(children, first)
    os.kill(first, signal.SIGKILL)
    assert wait_for(children, first) == -signal.SIGKILL
    directory, second = start(layout, children, "sh", "-c", "exit 5")
    assert second != first
    assert let_end(children, second) == 0
    assert exit_code_of(directory) == 5


def test_a_keeper_that_is_killed_with_an_order_on_its_way_leaves_an_attempt_that_can_be_started(
    layout: Layout, children: Children, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As if it were stopped only when it was let go on.
    monkeypatch.setattr(kernel, "let_go_on", lambda _: None)
    _, first = start(layout, children, "true")
    await_free(children, first)
    os.kill(first, signal.SIGSTOP)
    until(lambda: state_of(first) == "T", "it to stop")
    directory, again = start(layout, children, "touch", str(Path(layout.home, "ran")))
    assert again == first
    assert records.try_lock(directory) is None
    os.kill(first, signal.SIGKILL)
    assert wait_for(children, first) == -signal.SIGKILL
    lock = records.try_lock(directory)
    assert lock is not None
    os.close(lock)
    assert (records.start(directory), Path(layout.home, "ran").exists()) == (None, False)


def test_a_free_keeper_ends_with_the_daemon(layout: Layout) -> None:
    children = Children(nursery := Nursery())
    _, pid = start(layout, children, "true")
    await_free(children, pid)
    nursery.close()
    # As the end of the daemon's process does.
    children._ways[pid].close()
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def test_a_keeper_that_has_ended_is_heard_no_more_though_a_process_being_forked_has_a_copy_of_its_way(
    layout: Layout, children: Children
) -> None:
    """A sender of deliveries, say: what it has not closed yet stayed among what is heard, and ended the turn early."""
    _, pid = start(layout, children, "sleep", "1000")
    copy = os.dup(children._ways[pid].fileno())
    os.kill(pid, signal.SIGKILL)
    assert wait_for(children, pid) == -signal.SIGKILL
    assert list(children.heard()) == []
    os.close(copy)


class Deaf:
    """An epoll(7) that takes nothing in, as one has that was made by a user who has too many."""

    def register(self, fd: int, events: int) -> None:
        raise OSError(errno.ENOSPC, "deaf")

    def unregister(self, fd: int) -> None:
        raise FileNotFoundError


def test_nothing_is_forked_for_a_keeper_that_could_not_be_heard(
    layout: Layout, children: Children, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(children, "_heard", Deaf())
        with pytest.raises(OSError, match="deaf"):
            start(layout, children, "true")
    lock = records.try_lock(layout.attempt(1, 1, 1))
    assert lock is not None
    os.close(lock)


def test_a_keeper_whose_job_may_leave_processes_behind_is_not_free_while_there_are_any(
    layout: Layout, children: Children
) -> None:
    """They would be taken for those of the next job: measured with it, and ended with it."""
    directory, pid = start(layout, children, "sh", "-c", "sleep 1000 & echo $!", limits=Limits(keep_children=True))
    assert wait_for(children, pid) == 0
    assert list(children.heard()) == []
    os.kill(int(Path(directory, "stdout").read_text()), signal.SIGKILL)


def test_a_keeper_has_no_more_open_after_many_attempts_than_after_one(layout: Layout, children: Children) -> None:
    counts = []
    for _ in range(5):
        _, pid = start(layout, children, "true")
        await_free(children, pid)
        counts.append(len(os.listdir(f"/proc/{pid}/fd")))
    dismiss_free(children)
    assert wait_for(children, pid) == 0
    assert len(set(counts)) == 1


def comm_of(pid: int) -> str:
    return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8")


def state_of(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]


def kill_nursery() -> None:
    """Kill the one that this process has, and reap it."""
    with open(f"/proc/self/task/{os.getpid()}/children", encoding="ascii") as file:
        for pid in map(int, file.read().split()):
            with open(f"/proc/{pid}/comm", encoding="ascii") as name:
                if name.read() == "jobctl-nursery\n":
                    os.kill(pid, signal.SIGKILL)
                    os.waitpid(pid, 0)


def test_the_nursery_ends_with_the_daemon() -> None:
    ours = "import os, sys; from jobctl.daemon.nursery import Nursery; print(Nursery()._pid); sys.stdout.flush()"
    done = subprocess.run([sys.executable, "-c", ours], capture_output=True, check=True, text=True, timeout=60)
    until(lambda: not alive(int(done.stdout)), "the nursery to end")


def test_a_keeper_imports_nothing_so_that_an_upgrade_under_it_does_no_harm(layout: Layout) -> None:
    """Also where it has to end what the job has left running, and to measure it."""
    code = """
import os, select, sys
from jobctl.daemon import beginning
from jobctl.daemon.launch import Children
from support import stepped
from test_nursery import start
from jobctl.model.limits import Limits
from jobctl.store.layout import Layout
sys.meta_path.clear()
nursery = beginning.nursery()
children = Children(nursery)
directory, pid = start(Layout(sys.argv[1]), children, "sh", "-c", "sleep 1000 & exit 3")
while not list(children.heard()):
    select.select([children.fd], [], [])
second, pid = start(Layout(sys.argv[1]), children, "sh", "-c", "exit 4")
children._ways.clear()
os._exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"""
    path = os.pathsep.join((os.path.dirname(__file__), os.path.dirname(os.path.dirname(__file__))))
    environ = {**os.environ, "PYTHONPATH": path}
    done = subprocess.run(
        [sys.executable, "-c", code, layout.home], env=environ, capture_output=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert [exit_code_of(layout.attempt(job, 1, 1)) for job in (1, 2)] == [3, 4]


def test_keepers_that_are_free_are_kept_for_ten_seconds_in_case_other_jobs_come(
    layout: Layout, children: Children
) -> None:
    both = {start(layout, children, "true")[1] for _ in range(2)}
    until(lambda: not list(children.heard()) and len(children._free) == 2, "both to be free")
    children.dismiss_free(100.0)
    children.dismiss_free(109.9)
    spare, last = children._free
    _, again = start(layout, children, "true")
    # Who has waited longest is the first that is not needed.
    assert ({spare, last}, again) == (both, last)
    await_free(children, again)
    children.dismiss_free(109.9)
    children.dismiss_free(110.0)
    assert wait_for(children, spare) == 0
    # From when there was nothing for it on, however long it has worked before.
    children.dismiss_free(119.8)
    assert [*children._free] == [again]
    children.dismiss_free(119.9)
    assert wait_for(children, again) == 0


def test_a_keeper_that_was_stopped_when_it_was_to_end_ends(layout: Layout, children: Children) -> None:
    _, pid = start(layout, children, "true")
    await_free(children, pid)
    children.dismiss_free(100.0)
    os.kill(pid, signal.SIGSTOP)
    until(kernel.has_stopped_children, "the keeper to be stopped")
    children.dismiss_free(110.0)
    children.wake_stopped()
    assert wait_for(children, pid) == 0


def test_of_the_keepers_that_are_free_only_a_few_are_kept(layout: Layout, children: Children) -> None:
    many = [start(layout, children, "true")[1] for _ in range(launch._MOST_SPARE + 2)]
    until(lambda: not list(children.heard()) and len(children._free) == len(many), "all to be free")
    longest = [*children._free][:2]
    children.dismiss_free(100.0)
    assert len(children._free) == launch._MOST_SPARE
    assert [wait_for(children, pid) for pid in longest] == [0, 0]
    dismiss_free(children)
    assert not children._free


def test_a_keeper_of_an_array_says_that_nothing_runs_any_more_before_it_records_how_it_ended(
    layout: Layout, children: Children
) -> None:
    """So the next task need not wait for the disk; whoever counts on the verdict waits for it (`Spec.lends_slots`)."""
    said = []
    for array in (Array(tasks=2), Array(tasks=2, max_fails=1), None):
        _, pid = start(layout, children, "true", array=array)
        said.append(all_said(children, pid))
    dismiss_free(children)
    assert wait_for(children, pid) == 0
    assert said == [[False, True], [True], [True]]

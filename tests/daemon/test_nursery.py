"""A real nursery, and the keepers that it forks."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jobctl.daemon import kernel
from jobctl.daemon.launch import Children
from jobctl.daemon.nursery import Nursery
from jobctl.model.spec import Spec
from jobctl.store import records, spool
from support import stepped
from support.processes import alive
from support.wait import until

if TYPE_CHECKING:
    from jobctl.store.layout import Layout

pytestmark = pytest.mark.skipif(not kernel.can_clone_for_parent(), reason="there is no nursery here")


def start(layout: Layout, children: Children, *command: str) -> tuple[str, int]:
    """Let a keeper be forked that runs *command*; return the attempt's directory and the keeper's process ID."""
    spec = Spec(uuid="u", command=command, cwd="/", umask=0o22, submitted_at="x", env=(("PATH", os.defpath),))
    job = spool.deposit(layout, spec)
    run = stepped.run_of(layout, job)
    records.make_attempt(run.directory)
    lock = records.try_lock(run.directory)
    assert lock is not None
    try:
        return run.directory, children.start_keeper(layout, run, lock)
    finally:
        os.close(lock)


def test_a_keeper_of_the_nursery_is_a_child_of_who_asked_and_holds_the_lock(layout: Layout) -> None:
    nursery = Nursery()
    directory, pid = start(layout, Children(nursery), "sh", "-c", "while [ ! -e go ]; do sleep 0.01; done; exit 7")
    nursery.close()
    until(lambda: records.start(directory), "the start")
    assert records.try_lock(directory) is None
    found = records.start(directory)
    assert found is not None
    assert not [path for path in descriptors(found.process.pid) if path.startswith(layout.home + "/spool/1/1.1/lock")]
    os.kill(found.process.pid, signal.SIGKILL)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    verdict = records.verdict(directory)
    assert verdict is not None
    assert verdict.signal == signal.SIGKILL


def test_the_nursery_and_its_keepers_hold_no_directory_back(
    layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    nursery = Nursery()
    directory, keeper = start(layout, Children(nursery), "sleep", "1000")
    until(lambda: records.start(directory), "the start")
    assert {os.readlink(f"/proc/{process}/cwd") for process in (nursery._pid, keeper)} == {"/"}
    found = records.start(directory)
    assert found is not None
    os.kill(found.process.pid, signal.SIGKILL)
    nursery.close()
    os.waitpid(keeper, 0)


def descriptors(pid: int) -> list[str]:
    """What the process *pid* has open, once it has executed its command."""
    until(lambda: "sh" in os.readlink(f"/proc/{pid}/exe"), "the command to be executed")
    return [os.readlink(f"/proc/{pid}/fd/{name}") for name in os.listdir(f"/proc/{pid}/fd")]


def test_a_nursery_that_was_killed_is_begun_anew(layout: Layout) -> None:
    children = Children(Nursery())
    first, pid = start(layout, children, "true")
    os.waitpid(pid, 0)
    kill_nursery()
    second, pid = start(layout, children, "true")
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert records.verdict(first) is not None
    assert records.verdict(second) is not None
    assert children._nursery is not None
    children._nursery.close()


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
import os, sys
from jobctl.daemon import beginning
from jobctl.daemon.launch import Children
from support import stepped
from test_nursery import start
from jobctl.model.limits import Limits
from jobctl.store.layout import Layout
sys.meta_path.clear()
nursery = beginning.nursery()
directory, pid = start(Layout(sys.argv[1]), Children(nursery), "sh", "-c", "sleep 1000 & exit 3")
os._exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"""
    path = os.pathsep.join((os.path.dirname(__file__), os.path.dirname(os.path.dirname(__file__))))
    environ = {**os.environ, "PYTHONPATH": path}
    done = subprocess.run(
        [sys.executable, "-c", code, layout.home], env=environ, capture_output=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, b"")
    verdict = records.verdict(layout.attempt(1, 1, 1))
    assert verdict is not None
    assert verdict.exit_code == 3

"""The daemon as a program, with trouble while it begins."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from jobctl.daemon import program
from jobctl.store import doorbell
from support.stepped import Stepped
from support.wait import until

if TYPE_CHECKING:
    from jobctl.store.layout import Layout

#: A daemon of which one function fails the first time.
TROUBLED = """
import sys
from jobctl.daemon import program

holder, name = eval(sys.argv[1]), sys.argv[2]
real, tries = getattr(holder, name), []

def once(*arguments):
    tries.append(1)
    if len(tries) == 1:
        raise OSError(5, "Input/output error")
    return real(*arguments)

setattr(holder, name, once)
status = program.main([])
sys.exit(status or (len(tries) < 2))
"""
#: A daemon that cannot give its lock back.
CLINGING = """
import sys
import filelock
from jobctl.daemon import program

def refuse(*_):
    raise OSError(30, "Read-only file system")

filelock.FileLock.release = refuse
sys.exit(program.main([]))
"""


def ended(layout: Layout, script: str, *arguments: str) -> int:
    """Let a daemon that is *script* begin and stop; return its exit status."""
    daemon = subprocess.Popen(
        [sys.executable, "-c", script, *arguments], env={"JOBCTL_HOME": layout.home, "PATH": "/usr/bin:/bin"}
    )
    try:
        until(lambda: doorbell.is_heard(layout) or daemon.poll() is not None, "a daemon")
        daemon.terminate()
        return daemon.wait(timeout=20)
    finally:
        daemon.kill()
        daemon.wait()


@pytest.mark.parametrize(
    ("holder", "name"),
    [
        ("program.os", "chdir"),
        ("program.home", "create"),
        ("program.aside", "is_ours"),
        ("program.HomeLock", "_found"),
        ("program", "Children"),
        ("program", "Doorbell"),
    ],
)
def test_a_disk_in_trouble_for_a_moment_keeps_no_daemon_away(layout: Layout, holder: str, name: str) -> None:
    assert ended(layout, TROUBLED, holder, name) == 0


def test_a_daemon_that_cannot_give_its_lock_back_has_stopped_as_it_was_told_to(layout: Layout) -> None:
    assert ended(layout, CLINGING) == 0
    assert ended(layout, TROUBLED, "program.os", "chdir") == 0, "its lock has gone with it"


def test_a_daemon_that_leaves_takes_in_what_came_before_it_ceased_to_listen(
    daemon: Stepped, monkeypatch: pytest.MonkeyPatch
) -> None:
    close, late = doorbell.Doorbell.close, []
    unasked: Any = None  # which is only asked to rest after an error

    def closing(bell: doorbell.Doorbell) -> None:
        if not late:
            # Its submitter hears somebody listen, and so starts nobody.
            late.append(daemon.submit())
            assert doorbell.is_heard(daemon.layout)
        close(bell)

    monkeypatch.setattr(doorbell.Doorbell, "close", closing)
    program._leave(daemon.engine, doorbell.Doorbell(daemon.layout), daemon.layout, unasked)
    assert daemon.children.started == [(late[0], 1)]

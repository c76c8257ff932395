"""The tree of a job: who belongs to it, whatever happens while that is being looked at."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jobctl.daemon import others, tree
from support.wait import until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jobctl.daemon.others import Process


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere orphans are not given to us, nor told of")
def test_a_descendant_that_begins_during_the_look_and_whose_parent_ends_meanwhile_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """So does each that forks twice to be a daemon; the job's slot would be another's while it runs."""
    child = subprocess.Popen(["sleep", "1000"])
    everybody = others.everybody
    looks = 0

    def unseen_at_first() -> Iterator[Process]:
        nonlocal looks
        looks += 1
        return (process for process in everybody() if looks > 1 or process.pid != child.pid)

    monkeypatch.setattr(others, "everybody", unseen_at_first)
    try:
        assert child.pid in {process.pid for process in tree.descendants(os.getpid())}
    finally:
        child.kill()
        child.wait()


#: Ends its first thread; another one goes on.
HEADLESS = """
import ctypes, threading, time
threading.Thread(target=time.sleep, args=(1000,)).start()
print("ready", flush=True)
ctypes.CDLL(None).pthread_exit(None)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux shows such a process as a zombie")
def test_a_process_lives_whose_first_thread_has_ended_while_others_run() -> None:
    child = subprocess.Popen([sys.executable, "-c", HEADLESS], stdout=subprocess.PIPE)
    try:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        until(lambda: b"Z" in Path(f"/proc/{child.pid}/stat").read_bytes().rpartition(b")")[2], "its end")
        assert child.pid in {process.pid for process in tree.descendants(os.getpid())}
    finally:
        child.kill()
        child.communicate()

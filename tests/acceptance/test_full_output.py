"""Standard output that takes nothing: every command says so, and what was done meanwhile is not kept to itself."""

from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from support.installed import Home

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full, which takes nothing"),
]
#: What only answers.
ANSWERS = (
    *("status", "status 1", "status --json", "status --json 1", "wait --json 1", "result 1", "logs 1", "why 1"),
    *("watch 1", "events", "queue", "daemon status", "daemon logs", "config path", "--version", "clean --dry-run"),
)


def to_full(home: Home, *words: str) -> subprocess.CompletedProcess[bytes]:
    with open("/dev/full", "wb") as full:
        return subprocess.run(
            [home.command, *words],
            env=home.environ,
            cwd=home.base,
            stdin=subprocess.DEVNULL,
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
            timeout=30,
        )


def test_an_answer_that_nothing_takes_is_an_error_that_says_so(home: Home) -> None:
    home.ok("submit", "--wait", "echo", "out")
    for words in ANSWERS:
        done = to_full(home, *words.split())
        said = (done.returncode, done.stderr)
        assert said == (125, b"jobctl: standard output: No space left on device\n"), (words, said)


def test_a_job_whose_id_nothing_takes_is_named_on_standard_error_and_runs(home: Home) -> None:
    first = home.submit("true")
    home.await_state(first, "completed")
    for words in (("submit", "true"), ("submit", "--json", "true"), ("rerun", "1"), ("rerun", "--json", "1")):
        done = to_full(home, *words)
        assert done.returncode == 3, (words, done)
        named = re.match(rb"jobctl: job ([0-9]+) may have been accepted: ", done.stderr)
        assert named, (words, done)
        home.await_state(int(named[1]), "completed")
    done = to_full(home, "run", "echo", "out")
    assert done.returncode == 125
    assert b"cannot write to standard output: No space left on device; job 6 goes on" in done.stderr
    assert home.await_state(6, "completed")

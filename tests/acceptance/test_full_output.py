"""Standard output that takes nothing: every command says so, and what was done meanwhile is not kept to itself."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from support.installed import shell

if TYPE_CHECKING:
    from support.installed import Home

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full, which takes nothing"),
]
#: Standard outputs that take nothing, and why.
MUTE = pytest.mark.parametrize(
    ("mute", "why"), [(">/dev/full", b"No space left on device"), (">&-", b"it is closed")], ids=["full", "closed"]
)
#: What only answers.
ANSWERS = (
    *("status", "status 1", "status --json", "status --json 1", "wait --json 1", "result 1", "logs 1", "why 1"),
    *("watch 1", "events", "queue", "daemon status", "daemon logs", "config path", "--version", "clean --dry-run"),
    *("help", "--help", "submit --help"),
)


@MUTE
def test_an_answer_that_nothing_takes_is_an_error_that_says_so(home: Home, mute: str, why: bytes) -> None:
    home.ok("submit", "--wait", "echo", "out")
    for words in ANSWERS:
        done = shell(home, f"jobctl {words} {mute} || exit $?")
        said = (done.returncode, done.stderr)
        assert said == (125, b"jobctl: cannot write to standard output: " + why + b"\n"), (words, said)


@MUTE
@pytest.mark.parametrize("form", ["", "--json"], ids=["id", "json"])
@pytest.mark.parametrize("command", ["submit {} true", "rerun {} 1 2"])
def test_a_job_whose_id_nothing_takes_is_named_on_standard_error_and_runs_and_no_other_is_made(
    home: Home, mute: str, why: bytes, form: str, command: str
) -> None:
    for _ in range(2):
        home.ok("submit", "--wait", "true")
    done = shell(home, f"jobctl {command.format(form)} {mute} || exit $?")
    assert done.returncode == 3
    assert done.stderr.startswith(b"jobctl: job 3 may have been accepted: ")
    assert why in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert home.await_state(3, "completed")
    assert home.ok("status", "-q", "--all") == b"1\n2\n3\n"


@MUTE
def test_run_names_the_job_whose_output_nothing_takes_and_it_goes_on(home: Home, mute: str, why: bytes) -> None:
    done = shell(home, f"jobctl run -c 'echo text; until [ -e end ]; do sleep 0.02; done' {mute} || exit $?")
    said = b"; job 1 goes on, `jobctl logs -f 1` shows it\n"
    assert done.stderr == b"jobctl: cannot write to standard output: " + why + said
    assert done.returncode == 125
    assert home.status(1)["state"] == "processing"
    (home.base / "end").touch()
    home.await_state(1, "completed")

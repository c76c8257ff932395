"""What somebody at a terminal is told beside the answer, and what nobody else is."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.installed import COMMAND
from support.terminal import Terminal
from support.wait import until

if TYPE_CHECKING:
    from support.installed import Home

WIDE = 200


def told(home: Home, *arguments: str, status: int = 0) -> str:
    """Return what `jobctl` with *arguments* shows on a terminal."""
    with Terminal(home, *arguments, columns=WIDE) as terminal:
        assert terminal.end() == status, terminal.look()
        return terminal.look()


def shell(home: Home, script: str, *, status: int = 0) -> str:
    """Return what *script*, with `jobctl` as its first argument, shows on a terminal."""
    with Terminal(home, "-c", script, COMMAND, columns=WIDE, program="/bin/sh") as terminal:
        assert terminal.end() == status, terminal.look()
        return terminal.look()


def fill(home: Home) -> int:
    """Let a job take the only slot there is."""
    home.config.write_text("[queues.default]\nslots = 1\n")
    job = home.submit("sleep", "1000")
    home.await_state(job, "processing")
    return job


def catches(process: subprocess.Popen[bytes], number: signal.Signals) -> bool:
    """Return whether *process* handles the signal *number* itself (proc(5), SigCgt)."""
    for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
        if line.startswith("SigCgt:"):
            return bool(int(line.split()[1], 16) >> (number - 1) & 1)
    return False


# ── run and wait ────────────────────────────────────────────────────────────────────────────────────


def test_run_says_that_what_is_piped_to_it_does_not_reach_the_job(home: Home) -> None:
    (home.base / "full").write_text("hi\n")
    (home.base / "empty").touch()
    hint = "standard input is not given to the job"
    assert hint in shell(home, 'echo hi | "$0" run cat')
    assert hint in shell(home, '"$0" run cat < full')
    assert hint not in shell(home, '"$0" run cat < empty; "$0" run cat < /dev/null; "$0" run cat')
    assert hint not in shell(home, 'echo hi | "$0" run --stdin - cat; echo hi | "$0" run --each-line - echo')


@pytest.mark.parametrize("command", [["run", "true"], ["submit", "-W", "true"], ["wait", "2"], ["logs", "-f", "2"]])
def test_who_waits_is_told_once_why_nothing_starts(home: Home, command: list[str]) -> None:
    running = fill(home)
    if "2" in command:
        home.submit("true")
    with Terminal(home, *command, columns=WIDE) as terminal:
        terminal.see(f"job 2 waits: queue 'default' has 1 slot, all taken; it is next; running: {running}")
        home.ok("cancel", str(running))
        assert terminal.end() == 0
        assert terminal.look().count("waits:") == 1


def test_who_waits_for_what_runs_is_told_nothing(home: Home) -> None:
    running = fill(home)
    home.submit("true")
    said = told(home, "wait", "--all", "--timeout", "1500ms", status=124)
    assert "waits:" not in said
    assert f"`jobctl cancel {running} 2` stops them" in said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("command", [["run"], ["submit", "-W"]])
def test_who_is_told_to_leave_says_that_the_job_goes_on_and_how_it_is_stopped(
    home: Home, command: list[str], number: signal.Signals
) -> None:
    script = "echo ready; exec sleep 1000"
    process = subprocess.Popen(
        [COMMAND, *command, "-c", script], env=home.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() in {b"ready\n", b"1\n"}
    home.await_state(1, "processing")
    until(lambda: catches(process, number), "the command to listen")
    process.send_signal(number)
    assert process.communicate(timeout=20)[1] == b"jobctl: told to end; job 1 goes on; `jobctl cancel 1` stops it\n"
    assert process.returncode == 128 + number
    assert home.status(1)["state"] == "processing"

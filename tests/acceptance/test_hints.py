"""What somebody at a terminal is told beside the answer, and what nobody else is."""

from __future__ import annotations

import contextlib
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.installed import COMMAND
from support.receiver import Receiver
from support.terminal import Terminal
from support.wait import is_watching, until

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


def holds(process: subprocess.Popen[str], path: str) -> bool:
    """Return whether *process* has the file *path* open, and waits for something."""
    opened = Path(f"/proc/{process.pid}/fd")
    links = []
    for link in opened.iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile
            links.append(str(link.readlink()))
    state = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0]
    return path in links and is_watching(process.pid) and state == "S"


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


# ── words ───────────────────────────────────────────────────────────────────────────────────────────


def test_the_name_of_a_job_in_place_of_its_id_is_answered_with_both(home: Home) -> None:
    home.run("submit", "-W", "-n", "closed", "true")
    plain = "jobctl: 'closed' does not name a job, but job 1 is called so: write 1"
    for command in (["logs"], ["result"], ["why"], ["edit", "-p", "1"], ["submit", "--after-ok", "closed", "true"]):
        done = home.run(*command, *([] if "submit" in command else ["closed"]))
        assert (done.returncode, done.stderr.decode()) == (2, f"{plain}\n"), command
    for name in ("status", "cancel", "wait", "hold", "retry", "clean"):
        assert home.run(name, "closed").stderr.decode() == f"{plain}, or --name closed\n", name
    assert b"write an ID" in home.run("status", "nobody").stderr


def test_a_command_without_the_job_it_needs_says_how_jobs_are_named(home: Home) -> None:
    for name in ("logs", "result", "why"):
        done = home.run(name)
        assert (done.returncode, done.stdout) == (2, b"")
        assert b"name the job: an ID, or @ for the last one" in done.stderr, name


def test_no_command_at_all_is_answered_with_those_of_every_day(home: Home) -> None:
    done = home.run()
    assert (done.returncode, done.stdout) == (2, b"")
    for word in (b"submit", b"status", b"logs -f", b"jobctl help recipes"):
        assert word in done.stderr
    assert len(done.stderr.splitlines()) < 24
    assert all(len(line) <= 80 for line in done.stderr.splitlines())


@pytest.mark.parametrize(
    ("words", "meant"),
    [("ls", "status"), ("kill 3", "cancel"), ("rm 3", "clean"), ("tail -f 3", "logs -f"), ("log 3", "logs"),
     ("info 3", "status ID"), ("add make", "submit"), ("queues", "queue"), ("queue add gpu", "queue set")],
)  # fmt: skip
def test_a_word_of_another_tool_is_answered_with_ours(home: Home, words: str, meant: str) -> None:
    done = home.run(*words.split())
    assert done.returncode == 2
    assert f"`jobctl {meant}" in done.stderr.decode()
    assert "Did you mean" not in done.stderr.decode()


def test_words_of_the_shell_are_named_as_such(home: Home) -> None:
    for command in (["cd", "/tmp"], ["."], ["source", "x"], ["export", "A=1"], ["ulimit", "-n", "9"]):
        done = home.run("submit", *command)
        assert done.returncode == 2
        assert b"it is a word of the shell and no program (-c TEXT" in done.stderr, command


def test_a_word_that_was_meant_for_a_shell_is_pointed_at_on_a_terminal(home: Home) -> None:
    hint = "here, for no shell reads the command; -c TEXT"
    assert f"'|' is an argument of echo {hint}" in told(home, "submit", "echo", "hi", "|", "cat")
    assert hint not in told(home, "submit", "find", ".", "-exec", "echo", "{}", ";")
    assert hint not in told(home, "submit", "-c", "echo hi | cat")
    home.ok("submit", "echo", "hi", "|", "cat")


# ── sets of jobs ────────────────────────────────────────────────────────────────────────────────────


def test_of_a_set_it_is_said_to_which_jobs_it_was_done_and_that_there_are_none(home: Home) -> None:
    fill(home)
    jobs = [home.submit("-n", "set", "true") for _ in range(2)]
    for job in jobs:
        home.await_state(job, "queued")
    for verb, past in (("hold", "held"), ("release", "released"), ("cancel", "cancelled")):
        assert f"2 jobs {past}: 2 3" in told(home, verb, "--name", "set"), verb
        assert "no job matches" in told(home, verb, "--name", "nope"), verb
        home.ok(verb, "--name", "nope")
    assert "2 jobs retried: 2 3" in told(home, "retry", "--state", "cancelled")
    assert "no job matches" in told(home, "retry", "--name", "nope")
    assert told(home, "cancel", "3") == ""


def test_cleaning_everything_is_asked_for_at_a_terminal_and_nowhere_else(home: Home) -> None:
    home.run("submit", "-W", "true")
    with Terminal(home, "clean", columns=WIDE) as terminal:
        terminal.see("forget 1 finished job and its result")
        terminal.type("\n")
        assert terminal.end() == 0
        assert "nothing was forgotten" in terminal.look()
    assert home.status(1)["state"] == "completed"
    assert "1 job is forgotten" in told(home, "clean", "--yes")
    home.run("submit", "-W", "true")
    assert "[y/N]" not in told(home, "clean", "2")
    home.run("submit", "-W", "true")
    home.ok("clean")
    assert not (home.path / "spool" / "3").exists()


def test_a_job_of_whose_end_somebody_is_to_be_told_is_kept_and_it_is_said_whom(home: Home) -> None:
    with Receiver(500) as receiver:
        home.run("submit", "-W", "--webhook", receiver.url, "true")
        until(lambda: b"HTTP 500" in home.ok("deliveries"), "the failure to be on record")
        done = home.run("clean", "1")
        assert done.returncode == 75
        for words in (receiver.url, "HTTP 500", "given up about four days", "`jobctl deliveries redeliver 1:1`"):
            assert words in done.stderr.decode()
        assert receiver.url in told(home, "clean", "--state", "completed")


# ── times ───────────────────────────────────────────────────────────────────────────────────────────


def test_when_a_job_starts_is_said_at_submission_and_shown_afterwards(home: Home) -> None:
    assert "job 1 starts 2099-01-02 03:04:00, in " in told(home, "submit", "--at", "2099-01-02 03:04", "true")
    home.await_state(1, "queued")
    assert "queued (not before 02 Jan 2099 03:04)" in told(home, "status")
    assert "starts  2099-01-02 03:04:00, in " in told(home, "status", "1")
    home.submit("--retries", "1", "--retry-delay", "1h", "false")
    home.await_state(2, "retrying")
    assert "retrying (again at " in told(home, "status")
    assert "next attempt  " in told(home, "status", "2")


# ── the daemon ──────────────────────────────────────────────────────────────────────────────────────


def test_who_stops_the_daemon_is_told_what_goes_on(home: Home) -> None:
    fill(home)
    said = told(home, "daemon", "stop")
    assert "1 running job goes on, and the next command that needs a daemon starts one" in said
    assert "no daemon runs" in told(home, "daemon", "stop")
    assert "goes on" not in told(home, "daemon", "restart")


def test_a_configuration_that_cannot_be_used_is_named_by_every_command_on_a_terminal(home: Home) -> None:
    wrong = f"cannot use {home.config}, line 2: queues.default.slots is 'three'; it must be a whole number"
    home.config.write_text("[queues.default]\nslots = 'three'\n")
    assert wrong in told(home, "submit", "sleep", "1000")
    home.await_daemon()
    until(lambda: wrong in (home.path / "daemon.json").read_text(), "the daemon to have seen it")
    for command in (["submit", "true"], ["status"], ["logs", "1"]):
        assert told(home, *command).count(wrong) == 1, command
    home.ok("status")
    home.config.write_text("")
    until(lambda: wrong not in (home.path / "daemon.json").read_text(), "the daemon to have seen that it is mended")
    assert wrong not in told(home, "status")


# ── tables and pages ────────────────────────────────────────────────────────────────────────────────


def test_only_new_events_are_shown_to_who_asks_from_now_on(home: Home) -> None:
    home.run("submit", "-W", "true")
    assert home.ok("events", "--since", "now") == b""
    follower = subprocess.Popen(
        [COMMAND, "events", "-f", "--since", "now"], env=home.environ, stdout=subprocess.PIPE, text=True
    )
    try:
        until(lambda: holds(follower, str(home.path / "events.jsonl")), "the follower to have read what there is")
        home.run("submit", "-W", "true")
        assert follower.stdout is not None
        assert follower.stdout.readline().split("\t")[2] == "2"
    finally:
        follower.kill()
        follower.communicate()
    assert home.run("events", "--since", "later").returncode == 2


def test_of_what_finished_as_much_is_shown_as_fits(home: Home) -> None:
    for _ in range(9):
        home.submit("true")
    home.run("wait", "1-9")
    held = home.submit("--hold", "true")
    home.await_state(held, "queued")
    with Terminal(home, "status", columns=WIDE, rows=10) as terminal:
        assert terminal.end() == 0
        seen = terminal.look()
    assert f"{held}  queued" in seen
    assert "3 more have finished; `jobctl status -n 20` shows them" in seen
    assert seen.count("completed") == 6
    assert told(home, "status", "-n", "20").count("completed") == 9


def test_a_long_command_stays_in_its_column_and_a_path_in_one_piece(home: Home) -> None:
    job = home.submit("--hold", "true", "word " * 40)
    home.ok("cancel", str(job))
    with Terminal(home, "status", str(job), columns=60, rows=40) as terminal:
        terminal.end()
        lines = terminal.look().splitlines()
    (first,) = [number for number, line in enumerate(lines) if line.lstrip().startswith("command  ")]
    column = lines[first].index("true")
    assert lines[first + 1].startswith(" " * column + "word")
    assert not any(line.lstrip().startswith("result") for line in lines)

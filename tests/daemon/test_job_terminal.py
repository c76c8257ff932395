"""The terminal of a job, by a real keeper; and what it answers."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobctl.daemon import chatty, keeper, processes
from jobctl.daemon.answers import Answers
from jobctl.model.spec import Spec
from jobctl.store import records, spool
from support.stepped import run_of
from support.wait import until

if TYPE_CHECKING:
    from jobctl.model.attempt import Verdict
    from jobctl.store.layout import Layout


def begin(
    layout: Layout, *command: str, env: tuple[tuple[str, str], ...] = (), stdin: int | None = None, **more: Any
) -> tuple[Path, int]:
    """Let a keeper run *command* on a terminal; return the attempt's directory and the keeper."""
    facts = {"uuid": "u", "cwd": "/", "umask": 0o22, "submitted_at": "x", "env": (("PATH", os.environ["PATH"]), *env)}
    spec = Spec(**facts, command=command, pty=True, stdin=stdin is not None, **more)
    job = spool.deposit(layout, spec, stdin)
    directory = layout.attempt(job, 1, 1)
    records.make_attempt(directory)
    lock = records.try_lock(directory)
    assert lock is not None
    pid = processes.fork_into(lambda: keeper.keep(layout, run_of(layout, job), lock))
    os.close(lock)
    return Path(directory), pid


def run(layout: Layout, *command: str, **more: Any) -> tuple[bytes, Verdict]:
    """Let a keeper run *command* on a terminal to its end; return its output and its verdict."""
    directory, pid = begin(layout, *command, **more)
    assert os.waitpid(pid, 0)[1] == 0
    verdict = records.verdict(str(directory))
    assert verdict is not None
    return (directory / "stdout").read_bytes(), verdict


def test_a_job_with_a_terminal_has_one_everywhere(layout: Layout) -> None:
    script = "test -t 0 && test -t 1 && test -t 2 && echo to the terminal >/dev/tty && stty size && echo err >&2"
    output, verdict = run(layout, "sh", "-c", script)
    assert (output, verdict.exit_code) == (b"to the terminal\n24 80\nerr\n", 0)


def test_the_size_is_that_of_the_submitter(layout: Layout) -> None:
    output, _ = run(layout, "stty", "size", env=(("COLUMNS", "132"), ("LINES", "43")))
    assert output == b"43 132\n"
    assert run(layout, "stty", "size", env=(("COLUMNS", "-1"), ("LINES", "99999")))[0] == b"24 80\n"


def test_every_byte_arrives_and_the_exit_status_too(layout: Layout) -> None:
    output, verdict = run(layout, "sh", "-c", "head -c 3000000 /dev/zero | tr '\\0' x; printf end; exit 7")
    assert (len(output), output[-4:], verdict.exit_code) == (3_000_003, b"xend", 7)


def test_what_is_left_running_is_killed_and_holds_nothing_up(layout: Layout) -> None:
    output, verdict = run(layout, "sh", "-c", "trap '' HUP; sleep 600 & printf end; exit 3")
    assert (output, verdict.exit_code) == (b"end", 3)


def test_a_job_that_closes_its_streams_can_still_write_to_its_terminal(layout: Layout) -> None:
    output, _ = run(layout, "sh", "-c", "exec <&- >&- 2>&-; echo back > /dev/tty")
    assert output == b"back\n"


def test_input_that_was_frozen_comes_before_the_terminal(layout: Layout) -> None:
    Path(layout.home, "in").write_bytes(b"frozen\n")
    with Path(layout.home, "in").open("rb") as source:
        assert run(layout, "cat", stdin=source.fileno())[0] == b"frozen\n"


ASKING = """
import os, sys, termios, tty
before = termios.tcgetattr(0)
tty.setcbreak(0)
for question, end in (("\\x1b[6n", "R"), ("\\x1b[c", "c"), ("\\x1b]11;?\\x1b\\\\", "\\\\")):
    os.write(1, question.encode())
    answer = b""
    while not answer.endswith(end.encode()):
        answer += os.read(0, 1)
    os.write(2, repr(answer).encode() + b" ")
"""


def test_a_program_that_asks_its_terminal_is_answered(layout: Layout) -> None:
    output, verdict = run(layout, sys.executable, "-c", ASKING)
    assert verdict.exit_code == 0
    assert b"b'\\x1b[1;1R'" in output
    assert b"b'\\x1b[?62;22c'" in output
    assert b"rgb:0000/0000/0000" in output


def test_a_keeper_that_is_killed_hangs_the_terminal_up(layout: Layout) -> None:
    directory, pid = begin(layout, "sh", "-c", "echo on; sleep 60")
    until(lambda: (directory / "stdout").exists() and (directory / "stdout").read_bytes() == b"on\n", "output")
    start = records.start(str(directory))
    assert start is not None
    job = psutil.Process(start.process.pid)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    until(lambda: not job.is_running() or job.status() == psutil.STATUS_ZOMBIE, "the job to be hung up")


# ── answers ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        (b"\x1b[6n", b"\x1b[1;1R"),
        (b"\x1b[?6n", b"\x1b[?1;1R"),
        (b"\x1b[5n", b"\x1b[0n"),
        (b"\x1b[c", b"\x1b[?62;22c"),
        (b"\x1b[0c", b"\x1b[?62;22c"),
        (b"\x1b[>c", b"\x1b[>0;0;0c"),
        (b"\x1b[=c", b"\x1bP!|00000000\x1b\\"),
        (b"\x1b[>0q", b"\x1bP>|jobctl\x1b\\"),
        (b"\x1b]10;?\x07", b"\x1b]10;rgb:ffff/ffff/ffff\x07"),
        (b"\x1b]11;?\x1b\\", b"\x1b]11;rgb:0000/0000/0000\x1b\\"),
        (b"\x1b]4;7;?\x07", b"\x1b]4;7;rgb:0000/0000/0000\x07"),
        (b"\x1bP+q544e;524742\x1b\\", b"\x1bP0+r544e;524742\x1b\\"),
        (b"\x1bP$qm\x1b\\", b"\x1bP0$r\x1b\\"),
        (b"\x1b[?2026$p", b"\x1b[?2026;0$y"),
        (b"\x1b[18t", b"\x1b[8;24;80t"),
        (b"\x1b[14t", b"\x1b[4;384;640t"),
        (b"text \x1b[31m45%\x1b[0m \x1b]0;title\x07 \x1b]11;#fff\x07", b""),
        (b"\x1b[6n and \x1b[c", b"\x1b[1;1R\x1b[?62;22c"),
    ],
)
def test_a_question_is_answered_however_it_is_cut(asked: bytes, answer: bytes) -> None:
    assert Answers(24, 80).to(asked) == answer
    slowly = Answers(24, 80)
    assert b"".join(slowly.to(bytes([byte])) for byte in asked) == answer


@given(st.lists(st.one_of(st.binary(max_size=20), st.sampled_from([b"\x1b[", b"\x1b]", b"\x1bP", b"\x1b[6n"]))))
def test_no_output_breaks_the_answers(pieces: list[bytes]) -> None:
    answers = Answers(24, 80)
    for piece in pieces:
        answers.to(piece)
    assert len(answers._held) <= 256


# ── the environment ────────────────────────────────────────────────────────────────────────────────


def test_variables_that_make_programs_speak_are_set_unless_the_user_has_set_them_or_says_no() -> None:
    added = chatty.variables({"PYTHONUNBUFFERED": ""}, "auto", pty=False)
    assert "PYTHONUNBUFFERED" not in added
    assert added["PIP_PROGRESS_BAR"] == "raw"
    assert chatty.variables({}, "none", pty=False) == {}
    assert chatty.variables({"TERM": "vt100"}, "none", pty=True)["PAGER"] == "cat"
    assert "TERM" not in chatty.variables({"TERM": "vt100"}, "none", pty=True)

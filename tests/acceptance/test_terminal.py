"""What a person sees and types: status, watch, run and cancel on a terminal."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.terminal import Terminal
from support.wait import until

if TYPE_CHECKING:
    from support.installed import Home

CONTROL_C = "\x03"
#: Clears the screen, sets the title, writes to the clipboard, moves up, asks for the cursor, rings, spoofs a line.
HOSTILE = r"\033[2J\033]0;owned\007\033]52;c;aGk=\007\033[9A\033[6n\007safe\rfake \302\233 \342\200\256 end"


def shown(home: Home, *arguments: str, status: int = 0, columns: int = 80) -> str:
    with Terminal(home, *arguments, columns=columns) as terminal:
        assert terminal.end() == status
        return terminal.look()


@pytest.mark.parametrize(
    "arguments",
    [("status",), ("status", "--name", "nothing"), ("status", "--since", "0s"), ("status", "-n", "0")],
    ids=" ".join,
)
def test_a_table_without_rows_is_no_error(home: Home, arguments: tuple[str, ...]) -> None:
    home.run("submit", "-W", "true")
    assert "bug" not in shown(home, *arguments)


@pytest.mark.parametrize("columns", [80, 200])
def test_the_table_fits_the_terminal_and_only_the_command_gives_way(home: Home, columns: int) -> None:
    home.run("submit", "-W", "-n", "a name", "sh", "-c", "exit 3 # " + "x" * 300)
    head, row = shown(home, "status", columns=columns).splitlines()
    assert head.split() == ["ID", "STATE", "NAME", "SUBMITTED", "TIME", "COMMAND"]
    assert row.startswith(" 1  failed (exit 3)  a name")
    assert len(row) <= columns
    assert row.endswith("…")


@pytest.mark.parametrize("columns", [40, 60])
def test_however_narrow_the_terminal_ids_and_times_are_whole(home: Home, columns: int) -> None:
    for name in ("first name of many", "\u65e5\u672c\u8a9e\u306e\u540d\u524d"):
        home.run("submit", "-W", "-n", name, "sh", "-c", "exit 3 # " + "x" * 300)
    head, *rows = shown(home, "status", columns=columns).splitlines()
    assert head.split()[:4] == ["ID", "STATE", "NAME", "TIME"]
    assert [row.split()[0] for row in rows] == ["1", "2"]
    for row in rows:
        assert "failed (exit 3)" in row
        assert re.search(r" \d\S*s  ", row), row


def test_a_page_is_wrapped_between_words_and_a_path_is_not(home: Home) -> None:
    home.run("submit", "-W", "-n", "n", "--array", "1-3", "-c", "test $JOBCTL_ITEM != 2 || exit 9")
    page = shown(home, "status", "1", columns=40)
    assert re.search(r"(?m)^ +tasks  3: 2 completed, 1 failed$", page)
    assert re.search(r"(?m)^ +why  1 of 3 tasks failed, the$\n^ {11}first is", page), page


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("submit", "--array", "1-2", "true"), "each task runs the same words; {} in one of them stands for the item"),
        (("submit", "--array", "1-2", "-c", "true"), 'each task runs the same text; write "$JOBCTL_ITEM"'),
        (("submit", "--array", "1-2", "-c", "echo {}"), "{} stays as it is in the text of -c"),
        (("wait", "--tag", "none"), "nothing to wait for: no job that matches is unfinished"),
    ],
    ids=" ".join,
)
def test_what_may_be_a_mistake_is_said_to_who_sits_there_and_to_nobody_else(
    home: Home, words: tuple[str, ...], hint: str
) -> None:
    home.run("submit", "-W", "true")
    assert hint in shown(home, *words, columns=200)
    home.ok(*words)


@pytest.mark.parametrize("command", [("echo", "{}"), ("sh", "-c", "echo $JOBCTL_ITEM")], ids=" ".join)
def test_nothing_is_said_of_an_array_whose_tasks_differ(home: Home, command: tuple[str, ...]) -> None:
    assert shown(home, "submit", "--array", "1-2", *command) == "1"


def test_a_tilde_that_no_shell_has_replaced_is_pointed_out(home: Home) -> None:
    with Terminal(home, "daemon", "status", columns=120, JOBCTL_HOME="~/jobs") as terminal:
        terminal.end()
        assert "begins with a ~ that no shell has replaced" in terminal.look()
    home.ok("daemon", "status", env={"JOBCTL_HOME": "~/jobs"})


def test_one_job_is_a_page(home: Home) -> None:
    home.run("submit", "-W", "-n", "a name", "sh", "-c", "exit 3")
    page = shown(home, "status", "1")
    assert "failed (exit 3)" in page
    assert "exited with status 3" in page
    assert "sh -c 'exit 3'" in page


@pytest.mark.parametrize("arguments", [("logs", "1"), ("result", "1")], ids=" ".join)
def test_the_output_of_a_job_cannot_drive_the_terminal(home: Home, arguments: tuple[str, ...]) -> None:
    home.run("submit", "-W", "printf", HOSTILE)
    with Terminal(home, *arguments, columns=200) as terminal:
        terminal.end()
        assert set(terminal.received) <= {*range(32, 127), *b"\r\n"}
        assert "\\x1b[2J" in terminal.look()


@pytest.mark.parametrize("arguments", [("logs", "1"), ("result", "1"), ("logs", "-f", "1")], ids=" ".join)
def test_what_is_no_text_is_not_poured_over_the_terminal_and_a_pipe_gets_it_exactly(
    home: Home, arguments: tuple[str, ...]
) -> None:
    home.run("submit", "-W", "head", "-c", "3000", "/bin/true")
    assert shown(home, *arguments).strip() == "(binary, not shown; a file or a pipe gets it as it is)"
    assert home.ok(*arguments) == Path("/bin/true").read_bytes()[:3000]


def test_colours_are_noise_in_a_glance_and_shown_exactly_by_logs(home: Home) -> None:
    home.run("submit", "-W", "-c", r"printf '\033[31mred\033[0m\n' >&2; exit 1")
    assert "  red\n" in shown(home, "why", "1").replace(" \n", "\n")
    page = shown(home, "logs", "1")
    assert "\\x1b[31mred\\x1b[0m" in page
    assert "--raw" in page


def test_names_and_arguments_cannot_drive_the_terminal(home: Home) -> None:
    home.run("submit", "-W", "echo", "\x1b[2J\x9b\u202e\x07")
    for arguments in (["status"], ["status", "1"], ["watch", "1"], ["status", "\x1b[2J"]):
        with Terminal(home, *arguments) as terminal:
            terminal.end()
            for sequence in (b"\x1b[2J", b"\xc2\x9b", b"\xe2\x80\xae", b"\x07"):
                assert sequence not in terminal.received


def test_watch_shows_jobs_change_and_ends_with_the_last(home: Home) -> None:
    home.submit("-n", "gate", "-c", "while [ ! -e go ]; do sleep 0.05; done; exit 4")
    with Terminal(home, "watch", "--exit-status", "1") as terminal:
        terminal.see("processing")
        (home.base / "go").touch()
        assert terminal.end() == 4
        assert "failed (exit 4)" in terminal.look()


def test_watch_without_a_selector_shows_new_jobs_too_and_ends_with_q(home: Home) -> None:
    home.submit("-n", "first", "sleep", "1000")
    with Terminal(home, "watch") as terminal:
        terminal.see("first")
        home.submit("-n", "second", "sleep", "1000")
        terminal.see("second")
        terminal.type("q")
        assert terminal.end() == 0
    assert home.status(1)["state"] == "processing"


def test_a_dumb_terminal_gets_lines(home: Home) -> None:
    home.run("submit", "-W", "true")
    with Terminal(home, "watch", "1", term="dumb") as terminal:
        terminal.end()
        assert b"\x1b" not in terminal.received


def test_who_interrupts_run_is_asked_and_a_no_leaves_the_job(home: Home) -> None:
    with Terminal(home, "run", "-c", "echo ready; sleep 1000") as terminal:
        terminal.see("ready")
        terminal.type(CONTROL_C)
        terminal.see("[y/N]")
        terminal.type("\n")
        assert terminal.end() == 130
        assert "job 1 goes on" in terminal.look()
    assert home.status(1)["state"] == "processing"


def test_a_yes_stops_the_job_and_loses_nothing_of_its_output(home: Home) -> None:
    script = 'trap "echo cleaning up; exit 5" TERM; echo ready; while :; do sleep 0.05; done'
    with Terminal(home, "run", "-c", script) as terminal:
        terminal.see("ready")
        terminal.type(CONTROL_C)
        terminal.see("[y/N]")
        terminal.type("y\n")
        assert terminal.end() == 5
        assert "cleaning up" in terminal.look()
    assert home.status(1)["state"] == "cancelled"


def test_a_job_that_ended_during_the_question_is_shown_to_its_end(home: Home) -> None:
    with Terminal(
        home, "run", "-c", "echo ready; while [ ! -e go ]; do sleep 0.05; done; echo the end; exit 6"
    ) as terminal:
        terminal.see("ready")
        terminal.type(CONTROL_C)
        terminal.see("[y/N]")
        (home.base / "go").touch()
        until(lambda: home.status(1)["state"] == "failed", "the job to end")
        terminal.type("y\n")
        assert terminal.end() == 6
        assert "the end" in terminal.look()

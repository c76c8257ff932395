"""Completion: what a shell offers when Tab is pressed, in real shells; and that it is quick and never in the way."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jobctl.cli import compile, words  # noqa: A004  # a module of ours
from support.debian import need_tools
from support.installed import COMMAND, Home
from support.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

pytestmark = pytest.mark.acceptance

#: How each shell is started without what its user configured, and told of the completion.
SHELLS: Mapping[str, tuple[list[str], str]] = {
    "bash": (["--norc", "--noprofile", "-i"], 'eval "$(jobctl completion bash)"'),
    "zsh": (["-f", "-i"], 'autoload -Uz compinit; compinit -D; eval "$(jobctl completion zsh)"'),
    "fish": (["--no-config", "--interactive"], "jobctl completion fish | source"),
}


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A home with jobs in several states, for all who only look."""
    home = Home(tmp_path_factory.mktemp("stocked"))
    home.run("submit", "-W", "-n", "backup", "-t", "nightly", "false")
    home.submit("-n", "build", "-t", "two words", "sleep", "600")
    home.await_state(2, "processing")
    (home.base / "wanted-file").touch()
    (home.base / "wanted-place").mkdir()
    yield home
    home.destroy()


def offered(home: Home, *line: str) -> tuple[str, dict[str, str]]:
    """Return what is to be completed at the end of *line*, and the words with what they are about."""
    kind, *lines = home.ok("complete-words", *line).decode().splitlines()
    return kind, dict(each.split("\t") for each in lines)


def test_the_words_are_compiled_from_typers_declarations() -> None:
    assert Path(words.__file__).read_text(encoding="utf-8").split() == compile.words().split()


@pytest.fixture(scope="module")
def steered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A home with an array job, a job that is held, one that waits, names of all sorts, and a queue without jobs."""
    home = Home(tmp_path_factory.mktemp("steered"))
    home.run("submit", "-W", "--array", "1-12", "--max-fails", "1", "-c", 'test "$JOBCTL_ITEM" != 2')
    home.ok("queue", "set", "gpu", "--slots", "2")
    home.ok("queue", "pause", "default")
    home.submit("-n", "it's", "-t", "env:prod", "--hold", "true")
    home.submit("-n", "a:b c", "-t", 'say "x"', "--on-finish", "true", "true")
    for job in (2, 3):
        home.await_state(job, "queued")
    (home.base / "odd:name x").touch()
    yield home
    home.destroy()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (["hold", ""], ["3"]),
        (["release", ""], ["2"]),
        (["edit", ""], ["3", "2"]),
        (["retry", ""], ["1"]),
        (["clean", ""], ["1"]),
        (["cancel", "--state", ""], ["pending", "queued", "processing", "retrying"]),
        (["clean", "--state="], ["--state=completed", "--state=failed", "--state=cancelled"]),
        (["wait", "--state", "f"], ["failed"]),
        (["logs", "1.1"], ["1.1", "1.10", "1.11", "1.12"]),
        (["retry", "1.1", "1.1"], ["1.10", "1.11", "1.12"]),
        (["hold", "1."], []),
        (["logs", "2."], []),
        (["submit", "--after-ok", "1,"], ["1,3", "1,2"]),
        (["submit", "--after-any=3,1.2"], ["--after-any=3,1.2"]),
        (["submit", "-q", ""], ["default", "gpu"]),
        (["queue", "set", "g"], ["gpu"]),
        (["config", "set", "queues.g"], ["queues.gpu.slots"]),
        (["submit", "--key", ""], []),
        (["submit", "--progress-from", "c"], ["count", "columns"]),
        (["help", "con"], ["concepts", "configuration", "config"]),
    ],
    ids=" ".join,
)
def test_what_is_offered_is_what_the_command_can_take(steered: Home, line: list[str], expected: list[str]) -> None:
    assert list(offered(steered, *line)[1]) == expected


def test_a_task_is_offered_with_how_it_stands(steered: Home) -> None:
    assert offered(steered, "result", "1.2")[1] == {"1.2": "failed (exit 1)"}


@pytest.mark.parametrize("option", ["--stdin", "--input", "--each-line", "--id-file"])
def test_files_are_offered_wherever_a_file_is_named(stocked: Home, option: str) -> None:
    assert [offered(stocked, "submit", *words)[0] for words in ([option, "w"], [f"{option}=w"])] == ["files", "files"]


@pytest.mark.parametrize(
    ("line", "kind", "expected"),
    [
        (["wa"], "words", ["watch", "wait"]),
        (["daemon", "sta"], "words", ["start", "status"]),
        (["wait", ""], "words", ["2"]),
        (["result", ""], "words", ["2", "1"]),
        (["result", "2", ""], "words", ["1"]),
        (["cancel", "--rea"], "words", ["--reason"]),
        (["cancel", "--signal", "HU"], "words", ["HUP"]),
        (["status", "--state=f"], "words", ["--state=failed"]),
        (["status", "--tag", ""], "words", ["two words", "nightly"]),
        (["status", "--name", "b"], "words", ["build", "backup"]),
        (["status", "--color", ""], "words", ["auto", "always", "never"]),
        (["wait", "--queue", ""], "words", ["default"]),
        (["completion", "b"], "words", ["bash"]),
        (["config", "set", "q"], "words", ["queues.default.slots"]),
        (["submit", "--stdin", ""], "files", []),
        (["submit", "-C", ""], "directories", []),
        (["submit", "--chdir=w"], "directories", []),
        (["submit", ""], "command 2", []),
        (["submit", "-n", "x", "make", "--"], "command 4", []),
        (["submit", "--name=x", "--", "ls", ""], "command 4", []),
        (["nonsense", ""], "words", []),
        (["submit", "--bogus", "-"], "words", list(words.COMMANDS["submit"][1])),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_what_fits_is_offered_in_order(stocked: Home, line: list[str], kind: str, expected: list[str]) -> None:
    found, about = offered(stocked, *line)
    assert (found, list(about)) == (kind, expected)


def test_a_job_is_offered_with_its_name_and_how_it_stands(stocked: Home) -> None:
    assert offered(stocked, "logs", "")[1] == {"2": "build, processing", "1": "backup, failed (exit 1)"}


def test_what_would_drive_a_terminal_is_offered_escaped_or_not_at_all(home: Home) -> None:
    home.submit("--no-start", "-t", "\u202eevil", "-c", "printf '\x1b]0;x\x07'")
    assert "\\x1b" in offered(home, "logs", "")[1]["1"]
    assert offered(home, "status", "--tag", "")[1] == {}


def test_without_a_home_or_with_one_that_is_refused_nothing_is_offered_and_nothing_said(home: Home) -> None:
    assert offered(home, "wait", "") == ("words", {})
    assert not home.path.exists()
    home.path.mkdir(mode=0o777)
    home.path.chmod(0o777)
    assert offered(home, "wait", "") == ("words", {})


# ── in the shells ──────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest, stocked: Home) -> Iterator[Terminal]:
    """An interactive shell with the completion of jobctl."""
    yield from _interactive(request.param, stocked)


@pytest.fixture(params=SHELLS)
def shell_of_the_steered(request: pytest.FixtureRequest, steered: Home) -> Iterator[Terminal]:
    """As `shell`."""
    yield from _interactive(request.param, steered)


def _interactive(shell: str, home: Home) -> Iterator[Terminal]:
    need_tools(shell)
    options, told = SHELLS[shell]
    path = f"{Path(COMMAND).parent}:{os.environ.get('PATH', '/usr/bin:/bin')}"
    user = home.base / "user"
    user.mkdir(exist_ok=True)
    env = {"PATH": path, "HOME": str(user), "PS1": "> ", "XDG_CONFIG_HOME": str(user)}
    terminal = Terminal(home, *options, program=shutil.which(shell) or "", columns=100, **env)
    with terminal:
        terminal.type(f"{told}; echo re''ady\n")
        terminal.see("ready")
        yield terminal


def test_in_a_shell_commands_options_jobs_tags_files_and_the_jobs_own_command_are_completed(shell: Terminal) -> None:
    shell.type("jobctl res\t")
    shell.see("jobctl result")
    shell.type("\x15jobctl result \t\t")
    shell.see("build, processing")
    shell.see("backup, failed (exit 1)")
    shell.type("\x15true; jobctl wait \t")
    shell.see("jobctl wait 2")
    shell.type("\x15jobctl cancel --rea\t")
    shell.see("jobctl cancel --reason")
    shell.type("\x15jobctl status --state=fai\t")
    shell.see("--state=failed")
    shell.type("\x15jobctl submit --stdin wanted-f\t")
    shell.see("--stdin wanted-file")
    shell.type("\x15jobctl submit -C wanted-\t")
    shell.see("-C wanted-place/")
    shell.type("\x15jobctl submit -n x cat wanted-f\t")
    shell.see("cat wanted-file")
    shell.type("\x15jobctl submit -- sha256s\t")
    shell.see("-- sha256sum")


def test_in_a_shell_a_word_with_a_space_is_completed_as_one_word(shell: Terminal) -> None:
    shell.type("jobctl status -q --tag two\t")
    shell.see("words")
    shell.type("\n")
    shell.see("\n2")


def test_in_a_shell_colons_quotes_and_commas_are_completed_as_they_are_typed(shell_of_the_steered: Terminal) -> None:
    for typed, seen in (
        ("status --tag env:p", "--tag env:prod"),
        ("status --tag=env:", "--tag=env:prod"),
        ("status --tag 'sa", "--tag 'say \"x\"'"),
        ('cancel --name "a:b', '--name "a:b c"'),
        ("cancel --name=a:b\\ ", "--name=a:b\\ c"),
        ("cancel --name it", "--name it\\'s"),
        ("submit --after-ok 1,3,", "--after-ok 1,3,2"),
        ("submit --stdin=odd", "name\\ x"),
        ("submit --stdin 'odd:", "--stdin 'odd:name x'"),
    ):
        shell_of_the_steered.type(f"\x15jobctl {typed}\t")
        shell_of_the_steered.see(seen)

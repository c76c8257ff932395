"""The recipes of jobctl(7), as they are printed, do what is said of them."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from support import manual
from support.debian import need_tools
from support.installed import COMMAND
from support.wait import is_watching, until

if TYPE_CHECKING:
    from collections.abc import Sequence

    from support.installed import Home

pytestmark = pytest.mark.acceptance

PAGE = "jobctl.7"
#: Recipes of the shell: those that begin with a comment.
SCRIPTS = {
    text.partition("\n")[0].removeprefix("# "): text
    for part in ("Shell", "GPUs", "Notifications")
    for text in manual.displays(manual.part("RECIPES", part, page=PAGE))
    if text.startswith("# ")
}


#: The shells that scripts for sh(1) meet.
SHELLS = (["dash"], ["bash", "--posix"], ["busybox", "sh"])


def with_command(home: Home) -> dict[str, str]:
    """Return the environment of *home* with `jobctl` on the PATH."""
    path = f"{Path(COMMAND).parent}:{os.environ.get('PATH', '/usr/bin:/bin')}"
    return {**home.environ, "PATH": path}


def run(home: Home, title: str, shell: Sequence[str] = ("/bin/sh",)) -> str:
    """Run the recipe with *title* by *shell* in a directory of its own and return what it prints."""
    done = subprocess.run(
        [*shell, "-c", SCRIPTS[title]],
        env={**with_command(home), "USER": "me"},
        cwd=home.base,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        timeout=100,
    )
    assert (done.returncode, done.stderr) == (0, ""), done
    return done.stdout


@pytest.mark.parametrize("title", SCRIPTS)
def test_shellcheck_finds_nothing_wrong_with_a_recipe(title: str) -> None:
    need_tools("shellcheck")
    checked = subprocess.run(
        ["shellcheck", "--shell=sh", "--severity=warning", "-"],
        input=SCRIPTS[title],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (checked.returncode, checked.stdout) == (0, "")


def test_there_is_a_test_for_every_recipe_of_the_shell() -> None:
    assert list(SCRIPTS) == [
        "submit, do something else, then go on with the result",
        "one job for each line",
        "a command for each word, two at a time",
        "each step if the one before it ended well",
        "commands for later, from a here-document",
        "a job that ends with its script",
        "two cards, four runs, two at a time",
        "a queue for each card",
        "tell me when it is over",
    ]


def test_a_script_goes_on_with_the_result(home: Home) -> None:
    (home.base / "names").write_text("b\na\nb\n")
    assert run(home, "submit, do something else, then go on with the result") == "meanwhile\n"
    assert (home.base / "names.sorted").read_text() == "a\nb\n"


def test_a_loop_submits_a_job_for_each_line_of_its_list(home: Home) -> None:
    for name in ("one", "two words", "three"):
        (home.base / name).write_text(name)
    (home.base / "list").write_text("one\ntwo words\nthree\n")
    run(home, "one job for each line")
    assert {path.name for path in home.base.glob("*.gz")} == {"one.gz", "two words.gz", "three.gz"}


@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
def test_what_other_tools_are_used_for_is_done_in_every_shell(home: Home, shell: list[str]) -> None:
    need_tools(shell[0])
    assert run(home, "a command for each word, two at a time", shell) == "a\nb c\nd\n"
    run(home, "each step if the one before it ended well", shell)
    assert (home.base / "whole").read_text() == "1\n2\n3\n"
    assert run(home, "commands for later, from a here-document", shell) == "as it was: me\n"


def test_two_cards_are_used_by_two_tasks_at_a_time(home: Home) -> None:
    job = int(run(home, "two cards, four runs, two at a time"))
    home.run("wait", str(job))
    cards = [home.ok("result", f"{job}.{task}").decode() for task in range(1, 5)]
    assert cards == [f"CUDA_VISIBLE_DEVICES={card}\n" for card in (1, 0, 1, 0)]
    queues = [line.split("\t") for line in home.ok("queue", "list").decode().splitlines()]
    assert ["gpu", "2"] in [columns[:2] for columns in queues]


def test_each_card_has_a_queue_of_its_own(home: Home) -> None:
    job = int(run(home, "a queue for each card"))
    assert b"CUDA_VISIBLE_DEVICES=1\n" in home.ok("result", "--wait", str(job))
    assert home.status(job)["queue"] == "gpu1"


def test_somebody_is_told_when_it_is_over(home: Home) -> None:
    job = int(run(home, "tell me when it is over"))
    file = home.base / "finished"
    until(lambda: file.exists() and file.read_text() == f"{job} completed\n", "the command to have run")


#: What scripts are run by, and how `trap` is used in them.
TRAPPING = (["dash"], ["bash"], ["bash", "--posix"], ["busybox", "sh"], ["zsh"])


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
@pytest.mark.parametrize("shell", TRAPPING, ids=" ".join)
def test_a_job_ends_with_its_script_by_whatever_signal(home: Home, shell: list[str], number: signal.Signals) -> None:
    need_tools(shell[0])
    with subprocess.Popen(
        [*shell, "-c", SCRIPTS["a job that ends with its script"]],
        env=with_command(home),
        cwd=home.base,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # An ignored signal cannot be trapped, and whoever runs the tests may ignore some.
        preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),  # noqa: PLW1509  # there are no threads here
    ) as script:
        home.start_record(1)
        script.send_signal(number)
        _, told = script.communicate(timeout=60)
    assert script.returncode == 128 + number
    assert told == b""
    assert home.status(1)["state"] == "cancelled"


@pytest.mark.parametrize("shell", TRAPPING, ids=" ".join)
def test_the_script_that_its_job_ends_with_ends_as_the_job_did_and_in_silence(home: Home, shell: list[str]) -> None:
    need_tools(shell[0])
    for command, status in (("true", 0), ("false", 1)):
        text = SCRIPTS["a job that ends with its script"].replace("sleep 600", command)
        done = subprocess.run(
            [*shell, "-c", text], env=with_command(home), cwd=home.base, capture_output=True, check=False, timeout=60
        )
        assert (done.returncode, done.stdout, done.stderr) == (status, b"", b"")


# ── make ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def project(home: Home) -> Path:
    """A directory with the Makefile of the page, and a program that makes `model` of `data` unless it is to fail."""
    need_tools("make")
    folder = home.base / "project"
    folder.mkdir()
    (text,) = manual.displays(manual.part("RECIPES", "Makefiles", page=PAGE))
    # make(1) wants a tab where a page shows a display.
    (folder / "Makefile").write_text(text.replace("        ", "\t"))
    program = "#!/bin/sh\necho begun >>../log\n[ ! -e ../stuck ] || until [ -e ../go ]; do sleep 0.02; done\n"
    (folder / "train").write_text(f"{program}[ ! -e ../broken ] && cp data model && echo made >>../log\n")
    (folder / "train").chmod(0o755)
    (folder / "data").write_text("first")
    return folder


def make(home: Home, project: Path) -> subprocess.Popen[bytes]:
    """Begin `make model`."""
    return subprocess.Popen(
        ["make", "model"], env=with_command(home), cwd=project, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def log(home: Home) -> list[str]:
    """Return what the program has noted: `begun` and `made`."""
    file = home.base / "log"
    return file.read_text().split() if file.exists() else []


def test_make_builds_what_is_missing_or_older_than_its_input_and_nothing_else(home: Home, project: Path) -> None:
    def made() -> int:
        with make(home, project) as process:
            assert process.wait(timeout=60) == 0, process.communicate()
        assert (project / "model").read_text() == (project / "data").read_text()
        return log(home).count("made")

    assert made() == 1
    assert made() == 1, "it was up to date"
    (project / "data").write_text("second")
    os.utime(project / "data", (later := (project / "model").stat().st_mtime + 1, later))
    assert made() == 2, "its input was newer"
    os.utime(project / "model", (later + 1, later + 1))
    assert made() == 2, "it was up to date again"
    (project / "model").unlink()
    assert made() == 3, "it was gone"


def test_make_tries_again_what_failed(home: Home, project: Path) -> None:
    (home.base / "broken").touch()
    with make(home, project) as process:
        assert process.wait(timeout=60) == 2
    (home.base / "broken").unlink()
    with make(home, project) as process:
        assert process.wait(timeout=60) == 0
    assert log(home) == ["begun", "begun", "made"]


def test_of_two_makes_at_once_the_second_joins_the_job_of_the_first(home: Home, project: Path) -> None:
    (home.base / "stuck").touch()
    with make(home, project) as first:
        until(lambda: log(home) == ["begun"], "the first to begin")
        with make(home, project) as second:
            until(lambda: _follows_a_job(second.pid), "the second to have joined")
            (home.base / "go").touch()
            assert [first.wait(timeout=60), second.wait(timeout=60)] == [0, 0]
    assert log(home) == ["begun", "made"]
    assert [json.loads(line)["id"] for line in home.ok("status", "--json", "--all").splitlines()] == [1]


def _follows_a_job(pid: int) -> bool:
    """Return whether a command below the process *pid* waits for a job: it watches files then."""
    with contextlib.suppress(psutil.Error, OSError):
        for process in psutil.Process(pid).children(recursive=True):
            if is_watching(process.pid):
                return True
    return False

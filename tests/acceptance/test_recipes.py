"""The recipes of jobctl(7), as they are printed, do what is said of them."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support import manual
from support.debian import need_tools
from support.installed import COMMAND
from support.wait import until

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


def run(home: Home, title: str, shell: Sequence[str] = ("/bin/sh",), *, told: str = "") -> str:
    """Run the recipe with *title* by *shell* in a directory of its own and return what it prints.

    All it says besides is one line that holds what is to be *told*.
    """
    path = f"{Path(COMMAND).parent}:{os.environ.get('PATH', '/usr/bin:/bin')}"
    done = subprocess.run(
        [*shell, "-c", SCRIPTS[title]],
        env={**home.environ, "PATH": path, "USER": "me"},
        cwd=home.base,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        timeout=100,
    )
    assert done.returncode == 0, done
    assert [told in line for line in done.stderr.splitlines()] == ([True] if told else []), done
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
    assert run(home, "a job that ends with its script", shell, told="job 5 goes on") == "it goes on: 124\n"
    assert home.status(5)["state"] == "cancelled"


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


def test_a_second_make_joins_the_job_of_the_first(home: Home) -> None:
    need_tools("make")
    (text,) = manual.displays(manual.part("RECIPES", "Makefiles", page=PAGE))
    # make(1) wants a tab where a page shows a display.
    (home.base / "Makefile").write_text(text.replace("        ", "\t"))
    (home.base / "train").write_text('#!/bin/sh\necho "$@" >>trained\n')
    (home.base / "train").chmod(0o755)
    (home.base / "data").touch()
    path = f"{Path(COMMAND).parent}:{os.environ.get('PATH', '/usr/bin:/bin')}"
    for _ in range(2):
        made = subprocess.run(
            ["make", "model"], env={**home.environ, "PATH": path}, cwd=home.base, capture_output=True, check=False
        )
        assert made.returncode == 0, made
    assert (home.base / "trained").read_text() == "data\n"
    assert [json.loads(line)["id"] for line in home.ok("status", "--json", "--all").splitlines()] == [1]

"""README.md says what is so: what its sessions show, where its links lead, which commands it names."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from jobctl.cli import app
from support.debian import need_tools

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.acceptance
@pytest.mark.timeout(400)  # two videos are made
def test_the_sessions_and_the_picture_of_the_readme_are_what_happens_now() -> None:
    need_tools("bash", "ffmpeg", "jq", "make")
    checked = subprocess.run(
        [sys.executable, ROOT / "docs" / "tour.py", "--check"], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stderr


def test_every_link_of_the_readme_leads_to_a_file() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert "docs/watch.svg" in links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_what_the_readme_has_for_every_wish_is_a_command_with_its_options() -> None:
    table = README[README.index("## I want to") : README.index("## Beside others")]
    wishes = [shlex.split(line.partition(" > ")[0]) for line in re.findall(r"`(jobctl [^`]+)`", table)]
    assert len(wishes) > 20
    for _, *words in wishes:
        command = typer.main.get_command(app.app)
        while hasattr(command, "commands"):
            command = command.commands[words.pop(0)]
        # Raises if there is no such option, or something is missing.
        command.make_context(command.name, words)


def test_every_command_that_the_readme_names_exists() -> None:
    named = set(re.findall(r"\bjobctl ([a-z]+)", README))
    known = set(typer.main.get_command(app.app).commands)
    assert {"submit", "status", "doctor"} <= named
    assert named & {"does", "is", "on"} == set(), "a word behind the name that is no command would hide one that is not"
    assert named <= known

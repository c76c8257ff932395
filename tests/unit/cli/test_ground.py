"""Colours on a light ground."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from rich.color import Color
from rich.style import Style

import jobctl
from jobctl.cli import ground
from jobctl.cli.render import STYLES, console


def luminance(color: Color) -> float:
    parts = [part / 255 for part in color.get_truecolor()]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize(
    ("said", "light"),
    [("0;15", True), ("0;default;15", True), ("0;7", True), ("15;0", False), ("15;default;0", False), ("", False)],
)
def test_a_terminal_says_on_which_ground_it_draws(said: str, light: bool) -> None:
    assert ground.is_light({"COLORFGBG": said}) is light
    assert ground.is_light({}) is False


@pytest.mark.parametrize("name", ground.ON_LIGHT)
def test_every_colour_for_a_light_ground_stands_out_from_white(name: str) -> None:
    color = Style.parse(ground.ON_LIGHT[name]).color
    assert color is not None
    assert 1.05 / (luminance(color) + 0.05) >= 4.5


def test_every_colour_that_is_drawn_has_one_for_a_light_ground() -> None:
    sources = [place.read_text() for place in Path(jobctl.__file__).parent.glob("cli/render*.py")]
    named = {style for text in sources for style in re.findall(r'style="([a-z ]+)"', text)}
    named |= {
        style for text in sources for style in re.findall(r'"((?:bold |dim )?(?:cyan|yellow|green|magenta|red))"', text)
    }
    assert {"dim", "yellow"} <= named
    assert {*named, *STYLES.values()} <= {*ground.ON_LIGHT, "bold", "not bold default"}


def test_the_terminal_of_the_answer_takes_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLORFGBG", "0;15")
    assert console("always").get_style("bold cyan") == Style.parse("bold color(24)")
    monkeypatch.setenv("COLORFGBG", "15;0")
    assert console("always").get_style("bold cyan") == Style.parse("bold cyan")

"""Only terminals that are known to take it are told of progress and title."""

from __future__ import annotations

import pytest

from jobctl.cli.osc import Beside

NOBODY = [
    {},
    {"TERM": "xterm-256color"},
    {"TERM_PROGRAM": "ghostty", "TMUX": "/tmp/tmux"},
    {"WT_SESSION": "1", "STY": "1"},
    {"TERM_PROGRAM": "ghostty", "TERM": "screen-256color"},
    {"TERM_PROGRAM": "iTerm.app"},
]


@pytest.mark.parametrize("environ", NOBODY)
def test_a_terminal_that_is_not_known_gets_nothing(environ: dict[str, str]) -> None:
    beside = Beside(environ)
    assert not beside
    assert beside.begin() + beside.show(45, failed=False, running=True, what="jobctl 17") + beside.end() == ""


@pytest.mark.parametrize("environ", [{"TERM_PROGRAM": "mintty"}, {"WT_SESSION": "x"}, {"ConEmuANSI": "ON"}])
def test_a_known_one_gets_progress_and_at_the_end_none(environ: dict[str, str]) -> None:
    beside = Beside(environ)
    assert beside.show(45.6, failed=False, running=True, what="w") == "\x1b]9;4;1;45\x1b\\"
    assert beside.show(45.6, failed=False, running=True, what="w") == ""
    assert beside.show(50, failed=True, running=True, what="w") == "\x1b]9;4;2;50\x1b\\"
    assert beside.show(None, failed=False, running=True, what="w") == "\x1b]9;4;3;0\x1b\\"
    assert beside.show(None, failed=False, running=False, what="w") == "\x1b]9;4;0;0\x1b\\"
    assert beside.end() == "\x1b]9;4;0;0\x1b\\"


def test_one_that_keeps_titles_gets_ours_and_its_own_back() -> None:
    beside = Beside({"KITTY_WINDOW_ID": "1"})
    assert beside.begin() == "\x1b[22;2t"
    assert beside.show(45, failed=False, running=True, what="jobctl 17") == "\x1b]2;45 % jobctl 17\x1b\\"
    assert beside.end() == "\x1b[23;2t"

"""Exit statuses and codes are what scripts depend on: each error has its own, and the tree in errors.py shows them."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from jobctl import errors
from jobctl.cli import app
from jobctl.errors import JobctlError
from support import errors as tree

CLASSES = tree.classes()
BY_NAME = pytest.mark.parametrize("error", CLASSES, ids=lambda error: error.__name__)


@BY_NAME
def test_every_error_has_an_exit_status_that_is_neither_success_nor_a_signal(error: type[JobctlError]) -> None:
    assert isinstance(error.exit_status, int)
    assert 1 < error.exit_status < 128


@BY_NAME
def test_every_error_has_a_code_of_its_own(error: type[JobctlError]) -> None:
    assert "code" in vars(error), "it has that of its base"
    assert re.fullmatch("[a-z]+(-[a-z]+)*", error.code)


def test_no_two_errors_have_the_same_code() -> None:
    counts = Counter(error.code for error in CLASSES)
    assert [code for code, count in counts.items() if count > 1] == []


@pytest.mark.parametrize(
    "error",
    [error for error in CLASSES if JobctlError not in {error, *error.__bases__}],
    ids=lambda error: error.__name__,
)
def test_a_kind_of_an_error_exits_as_that_error_does(error: type[JobctlError]) -> None:
    assert error.exit_status == error.__bases__[0].exit_status


def test_the_docstring_of_errors_shows_every_class_with_its_status_and_code_and_no_other() -> None:
    documented = [line for line in (errors.__doc__ or "").splitlines() if re.search(r"\(\d+ [a-z-]+\)$", line)]
    assert documented == [_shown(JobctlError), *_branches(JobctlError, "")]


def test_every_way_to_fail_is_in_errors_py() -> None:
    assert [error.__name__ for error in CLASSES if error.__module__ != "jobctl.errors"] == []


def test_the_help_names_every_exit_status_and_no_other() -> None:
    named = {int(number) for number in re.findall(r"\b\d+\b", app.app.info.epilog or "")}
    assert named == {error.exit_status for error in CLASSES} | {0, 130}


def _branches(parent: type[JobctlError], before: str) -> list[str]:
    lines = []
    children = [child for child in tree.children(parent) if child.__module__ == "jobctl.errors"]
    for child in children:
        branch, below = ("└── ", "    ") if child is children[-1] else ("├── ", "│   ")
        lines += [before + branch + _shown(child), *_branches(child, before + below)]
    return lines


def _shown(error: type[JobctlError]) -> str:
    return f"{error.__name__} ({error.exit_status} {error.code})"

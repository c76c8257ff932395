"""How a fault test is chosen and repeated: `--fault F12`, `--seed N`, `--long`, `--part 3/10` (see tests/fault)."""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING

import pytest

from support.disk import Disk, own_mounts
from support.inject import Rig
from support.sample import Part, Sample, part_of, wants_all

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.installed import Home

#: Read here, because the fixture of tests/conftest.py takes such variables away from each test.
SEED = os.environ.get("JOBCTL_TEST_SEED")


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("faults")
    group.addoption("--fault", help="only the tests of this row of docs/internals.md, Faults")
    group.addoption("--seed", type=int, help="repeat the run that printed this seed")
    group.addoption("--long", action="store_true", help="every point, not a sample of them")
    group.addoption("--part", type=Part.parse, help="one of equal parts of the long form: 1/10, 2/10, … 10/10")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    fault = config.getoption("fault", None)
    if fault:
        items[:] = [item for item in items if _row(item) == fault]
    if wants_all(config):
        for item in items:
            if _row(item) is not None:
                # What a test says of itself is for its short form, and `--timeout 0` gives way to it.
                item.add_marker(pytest.mark.timeout(0), append=False)


def _row(item: pytest.Item) -> str | None:
    return getattr(getattr(item, "module", None), "FAULT", None)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what each row measured, `F12: …`: what tests print that pass is not shown by itself."""
    figures = {
        (int(row[1:]), line)
        for report in terminalreporter.getreports("passed")
        for line in report.capstdout.splitlines()
        for row, colon, rest in [line.partition(":")]
        if colon and row[:1] == "F" and row[1:].isdigit() and not rest.startswith(" seed ")
    }
    if figures:
        terminalreporter.section("faults")
        for _, line in sorted(figures):
            terminalreporter.line(line)


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """What chooses the sample; printed, so that a failure can be repeated."""
    given = request.config.getoption("seed", None)
    chosen = given if given is not None else int(SEED) if SEED else random.SystemRandom().randrange(2**32)
    fault, part = getattr(request.module, "FAULT", "F?"), part_of(request.config)
    form = "" if not wants_all(request.config) else " --long" if part.of == 1 else f" --part {part.number}/{part.of}"
    print(f"{fault}: seed {chosen}; again with `tests/fault {fault} --seed {chosen}{form}`")
    return chosen


@pytest.fixture
def is_long(request: pytest.FixtureRequest) -> bool:
    """Whether every point is wanted."""
    return wants_all(request.config)


@pytest.fixture
def sample(request: pytest.FixtureRequest, seed: int, *, is_long: bool) -> Sample:
    """What chooses the points or cases that a test tries."""
    return Sample(seed, is_long=is_long, part=part_of(request.config))


@pytest.fixture
def rig(home: Home) -> Iterator[Rig]:
    """A home whose processes are met at system calls."""
    made = Rig(home)
    yield made
    made.kill()


@pytest.fixture
def disk(request: pytest.FixtureRequest, home: Home) -> Iterator[Disk]:
    """A disk of the kind that the test is given, or of a kind and so many names, with the home on it."""
    kind, names = request.param if isinstance(request.param, tuple) else (request.param, None)
    with own_mounts():
        made = Disk(kind, home.base, names)
        try:
            home.path = made.where / "home"
            yield made
        finally:
            home.destroy()
            made.close()

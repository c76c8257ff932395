"""Every row of the fault tests is there, is described, and says what it measured."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent.parent
INTERNALS = (TESTS.parent / "docs" / "internals.md").read_text()
ROWS = [f"F{number}" for number in range(1, 17)]


@pytest.mark.parametrize("row", ROWS)
def test_a_row_is_described_and_prints_figures_that_end_up_in_the_summary(row: str) -> None:
    modules = [path.read_text() for path in sorted((TESTS / "faults").glob("test_*.py"))]
    own = [text for text in modules if re.search(f'^FAULT = "{row}"$', text, re.MULTILINE)]
    assert own, row
    assert re.search(rf"^\| {row} \|", INTERNALS, re.MULTILINE)
    for text in own:
        assert re.search(rf'print\(\s*f?"{row}: ', text), text[:100]

"""One submission of very many tasks."""

from __future__ import annotations

import os
import tempfile
from typing import TYPE_CHECKING

from bench import floors
from bench.measure import in_turns, process
from bench.place import EMPTY, JOBCTL, Place
from bench.report import compare

if TYPE_CHECKING:
    from bench.measure import Competitor
    from bench.report import Section


def run(*, quick: bool) -> list[Section]:
    """Measure arrays by number and by lines, of as many tasks as are to be submitted at once."""
    with Place() as place, tempfile.NamedTemporaryFile("w", suffix=".lines") as lines:
        lines.writelines(f"/data/frame-{number:06d}.png\n" for number in range(10_000))
        lines.flush()
        place.start()
        place.jobctl("queue", "pause", "default")
        by_number = [JOBCTL, "submit", "--array", "1-10000", "--", "true"]
        by_line = [JOBCTL, "submit", "--each-line", lines.name, "--", "convert", "{}", "{}.jpg"]
        competitors: dict[str, Competitor] = {
            floors.PYTHON: lambda: process(EMPTY, place.environ),
            "**jobctl submit --array 1-10000**": lambda: process(by_number, place.environ),
            "**jobctl submit --each-line** 10,000 lines": lambda: process(by_line, place.environ),
        }
        results = in_turns(competitors, 5 if quick else 30)
        files = sum(len(found) for _, _, found in os.walk(place.layout.job(1)))
    note = f"To reach: 0.5 s, one publication. An array of 10,000 tasks is {files} files until its first task starts."
    return [compare("Submit 10,000 tasks at once", results, floors.PYTHON, note)]

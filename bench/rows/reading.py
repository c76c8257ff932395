"""The commands that scripts call in loops about one finished job, in a pipe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench import floors
from bench.measure import in_turns, process
from bench.place import EMPTY, JOBCTL, Place
from bench.report import compare

if TYPE_CHECKING:
    from bench.measure import Competitor
    from bench.report import Section

COMMANDS = (
    ("status", "1"),
    ("status", "1", "--json"),
    ("wait", "1"),
    ("result", "1"),
)


def run(*, quick: bool) -> list[Section]:
    """Measure each of them, and `progress` as a job calls it."""
    with Place() as place:
        place.start()
        place.jobctl("submit", "--wait", "--", "sh", "-c", 'echo 42 > "$JOBCTL_RESULT"; echo hello')
        report = place.base / "progress"
        inside = {**place.environ, "JOBCTL_JOB_ID": "1", "JOBCTL_PROGRESS": str(report)}
        competitors: dict[str, Competitor] = {
            floors.PYTHON: lambda: process(EMPTY, place.environ),
            **{
                "jobctl " + " ".join(words): lambda words=words: process([JOBCTL, *words], place.environ)  # type: ignore[misc]  # a default is how a loop's value is kept
                for words in COMMANDS
            },
            "jobctl progress 3/10 (in a job)": lambda: process([JOBCTL, "progress", "3/10"], inside),
        }
        results = in_turns(competitors, 20 if quick else 100)
    return [compare("One finished job", results, floors.PYTHON, "To reach: 1.6 × an empty Python.")]

"""`jobctl submit -- true`: the whole process, durable when it ends, beside floors and peers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench import floors, peers
from bench.measure import in_turns, process
from bench.place import JOBCTL, Place
from bench.report import compare

if TYPE_CHECKING:
    from bench.measure import Competitor
    from bench.report import Section


def run(*, quick: bool) -> list[Section]:
    """Measure submissions to a paused queue, so that nothing but the submission runs."""
    with Place() as place, peers.all_of(place.base) as others:
        place.start()
        place.jobctl("queue", "pause", "default")
        ours: dict[str, Competitor] = {
            "**jobctl submit -- true**": lambda: process([JOBCTL, "submit", "--", "true"], place.environ),
        }
        theirs = {peer.name: peer.submit for peer in others if not peer.is_slow}
        slow = {peer.name: peer.submit for peer in others if peer.is_slow}
        results = in_turns({**floors.floors(place.base), **ours, **theirs}, 20 if quick else 100)
        if slow:
            results |= in_turns(slow, 3 if quick else 20)
    note = "To reach: 1.4 × an empty Python. Of the peers none has made the job durable when it answers."
    return [compare("Submit", results, floors.PYTHON, note)]

"""Follow a job from its first poll to its end, and hold every single poll against what status.json promises."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from support.wait import until

if TYPE_CHECKING:
    from collections.abc import Iterable

    from support.installed import Home

#: How far on its way a job is that is never retried: these numbers only grow.
_STAGE = {"pending": 0, "queued": 1, "processing": 2, "completed": 3, "failed": 3, "cancelled": 3}
_OVER = 3

#: What scripts rely on. A fact that is not known is null, never left out.
_DOCUMENTED = (
    "v id uuid name tags queue priority state reason held command cwd submitted_at queued_at started_at finished_at "
    "attempt max_attempts next_attempt_at progress exit_code signal error result output usage tasks attempts "
    "waiting_on status_path poll_after_ms daemon_seen_at"
)
_KEYS = frozenset(_DOCUMENTED.split())

#: What never changes while a job lives.
_FIXED = ("id", "uuid", "name", "command", "cwd", "submitted_at", "status_path")


class Journey:
    """What the polls of one job saw, in order; a poll that is not what was promised is an error at once."""

    def __init__(self, job: int) -> None:
        self.job = job
        self.states: list[str] = []
        self.last: dict[str, Any] = {}

    def see(self, raw: bytes) -> None:
        """Take in one poll: the bytes of one status document."""
        document = strict(raw)
        assert document.keys() >= _KEYS, (self.job, sorted(_KEYS - document.keys()))
        assert (document["v"], document["id"]) == (1, self.job), document
        state = document["state"]
        assert state in _STAGE, document
        if self.last:
            changed = [key for key in _FIXED if document[key] != self.last[key]]
            assert not changed, (changed, self.last, document)
            assert state == self.states[-1] or _STAGE[state] > _STAGE[self.states[-1]], (self.states, document)
        assert document["started_at"] is not None or state != "processing", document
        over = _STAGE[state] == _OVER
        assert (document["finished_at"] is not None) == over, document
        assert over or (document["exit_code"], document["signal"]) == (None, None), document
        assert (document["poll_after_ms"] is None) == over, document
        if not self.states or self.states[-1] != state:
            self.states.append(state)
        self.last = document

    @property
    def over(self) -> bool:
        """Whether the last poll saw the end."""
        return bool(self.states) and _STAGE[self.states[-1]] == _OVER

    @property
    def seen_unfinished(self) -> bool:
        """Whether the first poll saw the job on its way."""
        return bool(self.states) and _STAGE[self.states[0]] < _OVER


def follow(home: Home, job: int, *, journey: Journey | None = None, within: float = 60.0) -> Journey:
    """Poll *job* to its end, by `jobctl status --json` and by its status file, and return what the polls saw."""
    seen = journey or Journey(job)
    # The file first: it can be read within microseconds after `submit` returned.
    path = home.path / "spool" / str(job) / "status.json"

    def look() -> bool:
        seen.see(path.read_bytes())
        seen.see(home.ok("status", "--json", str(job)))
        return seen.over

    until(look, f"job {job} to be over", within=within)
    return seen


def see_all(home: Home, journeys: dict[int, Journey]) -> None:
    """Poll all jobs of *home* at once, once, by `jobctl status --json --all`."""
    for raw in home.ok("status", "--json", "--all").splitlines():
        job = strict(raw)["id"]
        journeys.setdefault(job, Journey(job)).see(raw)


def strict(raw: bytes) -> dict[str, Any]:
    """Return the JSON document that is all of *raw*: ASCII, no NaN, no key twice."""
    text = raw.decode("ascii")
    document = json.loads(text, parse_constant=_refuse, object_pairs_hook=_without_duplicates)
    assert isinstance(document, dict), document
    return document


def _refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is not JSON")


def _without_duplicates(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    listed = list(pairs)
    document = dict(listed)
    assert len(document) == len(listed), f"a key stands twice: {listed}"
    return document

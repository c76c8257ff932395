"""What must hold of every job, whatever is asked of it and is killed: each look is held against those before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

FINISHED = frozenset(("completed", "failed", "cancelled"))
#: How far one attempt of a plain job has come; the next one is queued when its time has come.
_STAGE = {"pending": 0, "processing": 1, "retrying": 2, "queued": 3}
_OVER = 4


class Promises:
    """What readers were shown of each job."""

    def __init__(self) -> None:
        self._shown: dict[int, tuple[tuple[int, int, int], str]] = {}

    def see(self, job: int, state: str, *, retried: int, attempt: int, is_array: bool) -> None:
        """Take in that *job* is shown so; what takes back what was shown before is an error."""
        stage = _OVER if state in FINISHED else _STAGE[state]
        if is_array and state == "processing":
            stage = _STAGE["queued"]  # Some of its tasks wait, others run.
        now = (retried, 0 if is_array else attempt, stage)
        before, was = self._shown.get(job, (now, state))
        assert now >= before, f"job {job} was {was} {before} and is {state} {now}"
        assert state == was or stage != _OVER or now > before, f"job {job} had {was} and has {state}"
        self._shown[job] = now, state

    def forget(self, job: int) -> None:
        """Take in that *job* was cleaned."""
        self._shown.pop(job, None)


def follow_events(events: Iterable[dict[str, Any]]) -> None:
    """Demand that every one of *events* goes on from where the one before it went to, and that no number is missing."""
    at: dict[tuple[int, int | None], tuple[str, int]] = {}
    for number, event in enumerate(events, 1):
        assert event["seq"] == number, f"event {number} has the number {event['seq']}"
        task, retried = event["task"], event["retried"]
        before, life = at.get((event["id"], task), ("pending" if task is None else "queued", retried))
        if task is not None and retried > life:
            assert before in FINISHED, (event, before)
            before = "queued"  # It begins anew with the job, which says so.
        assert event["from"] == before, (event, before)
        at[event["id"], task] = event["to"], retried

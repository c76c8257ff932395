"""What the requests about a job amount to: how often it began anew, and how it was steered.

Pure: it is handed the requests in their order. One that is damaged (an empty table) asks for nothing, but counts.
"""

from __future__ import annotations

from jobctl.model.ids import parse_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Final

    Request = Mapping[str, Any]

#: What `edit` may change of a limit, in the names of model/limits.py.
_LIMITS: Final = ("timeout", "grace", "memory", "max_output", "nice")


class Lives:
    """The lives of a job: the first from its submission, another one with each request to retry it by hand.

    A request names the tasks it means, each with the number of the last attempt it had made (`after`; 0: none), and
    says whether all that have made none are meant too (`unstarted`). So it can be read any number of times.
    """

    __slots__ = ("_granted", "_unstarted", "number")

    def __init__(self, retries: Sequence[Request]) -> None:
        """Take in the requests to retry, the first first."""
        #: The number of the present life, 0 for the first.
        self.number = len(retries)
        self._granted: dict[int, tuple[int, int]] = {}
        self._unstarted = 0
        for life, request in enumerate(retries, 1):
            after = request.get("after")
            for name, attempt in after.items() if isinstance(after, dict) else ():
                task = parse_id(name)
                if task is not None and isinstance(attempt, int) and attempt >= 0:
                    self._granted[task] = (attempt, life)
            if request.get("unstarted") is True:
                self._unstarted = life

    def of(self, task: int) -> tuple[int, int]:
        """Return the last attempt of *task* before its present life, and the number of that life."""
        attempt, life = self._granted.get(task, (0, self._unstarted))
        return attempt, life if attempt else max(life, self._unstarted)

    @property
    def named_unstarted(self) -> list[int]:
        """The tasks that were given a life by name when they had made no attempt."""
        return [task for task, (attempt, _) in self._granted.items() if attempt == 0]

    @property
    def of_unstarted(self) -> int:
        """The number of the present life of the tasks that have made no attempt."""
        return self._unstarted

    def grants_since(self, life: int) -> bool:
        """Return whether anything was granted after *life*."""
        return self._unstarted > life or any(given > life for _, given in self._granted.values())


class Steering:
    """How a job was steered since its submission: the later request counts."""

    __slots__ = ("cancelled", "changes", "count", "held", "held_for", "limits", "note")

    def __init__(self, requests: Sequence[Request], *, hold: bool) -> None:
        """Take in the requests to steer, the first first; *hold* is how the job was submitted."""
        self.count = len(requests)
        self.held = hold
        #: Why it is held, in somebody's words.
        self.note: str | None = None
        #: What was edited: priority, queue, slots, max_wait. None takes the last one or a limit away.
        self.changes: dict[str, Any] = {}
        self.limits: dict[str, Any] = {}
        #: Tasks about which there is a request to cancel.
        self.cancelled: tuple[int, ...] = ()
        #: Lost attempts for which the job was held by the daemon, as `task.attempt`.
        self.held_for: tuple[str, ...] = ()
        for request in requests:
            self._take(request)

    def _take(self, request: Request) -> None:
        hold, note, lost = request.get("hold"), request.get("note"), request.get("for")
        if isinstance(hold, bool):
            self.held = hold
            self.note = note if hold and isinstance(note, str) else None
        if isinstance(lost, str):
            self.held_for += (lost,)
        task = request.get("cancel")
        if isinstance(task, int):
            self.cancelled += (task,)
        for name, least in (("priority", None), ("slots", 1), ("max_wait", 0)):
            value = request.get(name)
            if isinstance(value, (int, float)) and _is_number(value) and (least is None or value >= least):
                self.changes[name] = value
        if request.get("max_wait", 0) is None:
            self.changes["max_wait"] = None
        if isinstance(request.get("queue"), str):
            self.changes["queue"] = request["queue"]
        limits = request.get("limits")
        for name, value in limits.items() if isinstance(limits, dict) else ():
            if name in _LIMITS and (_is_number(value) or (value is None and name != "grace")):
                self.limits[name] = value


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)

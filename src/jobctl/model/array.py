"""The tasks of an array job: how many, their indices, how many at once.

Tasks are numbered from 1, as in `17.3`; their index is what the user counts by.
"""

from __future__ import annotations

from jobctl.errors import UsageError
from jobctl.model.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

#: Tasks that one job may have. A million costs the daemon some 100 MB when all of them fail.
MOST_TASKS: Final = 1_000_000


class Array(Value):
    """What makes a job an array job."""

    tasks: int
    #: Index of task 1, and from one task's index to the next.
    first: int = 0
    step: int = 1
    #: Whether the item of a task is a line of the frozen file `items`; else it is the index.
    lines: bool = False
    #: Tasks that may run at once, None: as many as there are slots.
    at_once: int | None = None
    #: Failed tasks after which no other is started, None: all are.
    max_fails: int | None = None

    def index(self, task: int) -> int:
        """Return the index of *task*."""
        return self.first + (task - 1) * self.step


def check(array: Array) -> None:
    """Refuse an array that cannot be.

    Raises:
        UsageError: no task, too many, or a number that is not positive.
    """
    if not 1 <= array.tasks <= MOST_TASKS:
        raise UsageError(f"an array has 1 to {MOST_TASKS} tasks, and this one would have {array.tasks}")
    if array.step < 1:
        raise UsageError(f"the step of an array is at least 1, not {array.step}")
    if array.at_once is not None and array.at_once < 1:
        raise UsageError("% in an array is followed by how many tasks may run at once, at least 1")
    if array.max_fails is not None and array.max_fails < 1:
        raise UsageError("--max-fails is at least 1")

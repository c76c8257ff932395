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
#: Indices have at most so many digits, so that every JSON reader keeps them exact (RFC 8259, section 6).
_MOST_DIGITS: Final = 15


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


def parse_range(text: str) -> Array:
    """Return the array that *text* means: `0-99`, `0-99:10` (every tenth), `0-99%4` (four at once), `1-9:2%3`.

    Raises:
        UsageError: it is none of these, or runs backwards, or has too many tasks.
    """
    indices, at_once = split_at_once(text, "--array")
    bounds, colon, step = indices.partition(":")
    first, dash, last = bounds.partition("-")
    numbers = [_number(part) for part in (first, last, step if colon else "1")]
    low, high, by = numbers
    if not dash or low is None or high is None or by is None:
        raise UsageError(
            f"--array {text!r} is not understood: write the first and the last index, as in 0-99, "
            "with a step as in 0-99:10, with how many may run at once as in 0-99%4; --each-line takes any list"
        )
    if low > high:
        raise UsageError(f"--array {text!r} runs backwards: write {high}-{low}")
    if by == 0:
        raise UsageError(f"--array {text!r} has a step of 0; it is at least 1")
    array = Array(tasks=(high - low) // by + 1, first=low, step=by, at_once=at_once)
    check(array)
    return array


def split_at_once(text: str, what: str) -> tuple[str, int | None]:
    """Return *text*, the value of option *what*, without the `%MAX` at its end, and MAX.

    Raises:
        UsageError: MAX is not a number from 1.
    """
    rest, percent, most = text.rpartition("%")
    if not percent:
        return text, None
    number = _number(most)
    if not number:
        raise UsageError(f"{what} {text!r}: behind the % stands how many tasks may run at once, at least 1")
    return rest, number


def fill(command: tuple[str, ...], item: str) -> tuple[str, ...]:
    """Return *command* with *item* wherever a word has `{}`; it stays part of the one word, whatever it holds."""
    return tuple(word.replace("{}", item) for word in command)


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


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else None

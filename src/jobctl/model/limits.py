"""What an attempt may use before it is ended, and how it is ended."""

from __future__ import annotations

from jobctl.errors import UsageError
from jobctl.model.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

#: Seconds from the first signal to SIGKILL where nobody says otherwise; docker(1) has the same.
DEFAULT_GRACE: Final = 10.0


class Limits(Value):
    """The limits of one attempt; None is none."""

    #: Seconds that the attempt may run, on a clock that does not jump.
    timeout: float | None = None
    #: Seconds from the first signal to SIGKILL.
    grace: float = DEFAULT_GRACE
    #: Bytes of memory of the whole tree.
    memory: int | None = None
    #: Bytes that standard output and standard error may hold, each.
    max_output: int | None = None
    #: What is added to the nice value (nice(2)).
    nice: int | None = None
    #: Whether processes that outlive the command are left running when it ends by itself.
    keep_children: bool = False


def check(limits: Limits) -> None:
    """Refuse limits that cannot be.

    Raises:
        UsageError: one of them is out of its range.
    """
    for what, number, least in (
        ("--timeout", limits.timeout, 0.001),
        ("--grace", limits.grace, 0),
        ("--memory", limits.memory, 1),
        ("--max-output", limits.max_output, 1),
    ):
        if number is not None and number < least:
            raise UsageError(f"{what} must be more than nothing: write how much, or leave it out")
    if limits.nice is not None and not -20 <= limits.nice <= 19:
        raise UsageError(f"--nice {limits.nice} is not from -20 to 19")

"""What a job waits for: other jobs or tasks, and how they must have ended."""

from __future__ import annotations

from jobctl.errors import UsageError
from jobctl.model import states
from jobctl.model.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final, Literal

    Kind = Literal["ok", "any", "fail"]

KINDS: Final[tuple[Kind, ...]] = ("ok", "any", "fail")


class Dependency(Value):
    """One job, or one task of it, that must have ended: well (ok), badly (fail), or in whatever way (any)."""

    kind: Kind
    job: int
    task: int | None = None

    @property
    def label(self) -> str:
        """The selector of what is waited for."""
        return f"{self.job}" if self.task is None else f"{self.job}.{self.task}"

    def is_met(self, state: str) -> bool | None:
        """Return whether *state* of what is waited for meets this; None while it can still do either.

        A job that was cancelled has ended badly.
        """
        if state not in states.TERMINAL:
            return None
        return self.kind == "any" or (self.kind == "ok") == (state == states.COMPLETED)


def check(dependency: Dependency) -> None:
    """Refuse a dependency that cannot be.

    Raises:
        UsageError: its kind is none, or it names no job.
    """
    if dependency.kind not in KINDS:
        raise UsageError(f"{dependency.kind!r} is none of {', '.join(KINDS)}")
    if dependency.job < 1 or (dependency.task is not None and dependency.task < 1):
        raise UsageError(f"{dependency.label} names no job")

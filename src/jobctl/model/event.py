"""One transition of a job or of a task of an array job, as the event log reports it."""

from __future__ import annotations

from jobctl.model.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from jobctl.model.states import State


class Step(Value):
    """From one state to another, with the facts of the attempt that it is about."""

    id: int
    #: The task of an array job; None for the job itself.
    task: int | None = None
    before: State
    to: State
    reason: str | None = None
    #: How often the job had been retried by hand, and the attempt.
    retried: int = 0
    attempt: int
    exit_code: int | None = None
    signal: int | None = None

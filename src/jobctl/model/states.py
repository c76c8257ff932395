"""The seven states of a job, the table of legal steps, and the one function that takes a step.

*That* a job ended is its state; *how* it ended is its reason. No other module decides what may follow what.
"""

from __future__ import annotations

from jobctl.errors import IllegalTransition

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final, Literal

    State = Literal["pending", "queued", "processing", "retrying", "completed", "failed", "cancelled"]
    Event = Literal["accept", "start", "succeed", "fail", "defer", "due", "cancel", "retry"]
    Reason = Literal[
        "slots",
        "dependency",
        "not-before",
        "held",
        "queue-paused",
        "resources",
        "exit",
        "signal",
        "timeout",
        "memory-limit",
        "output-limit",
        "not-started",
        "lost",
        "dependency-failed",
        "expired",
        "cancelled",
    ]

#: Durable, not yet seen by a daemon.
PENDING: Final = "pending"
#: Accepted; waits for what its reason says.
QUEUED: Final = "queued"
#: Its start is on record; the command runs, or ran and is being settled.
PROCESSING: Final = "processing"
#: Failed, waits for the next attempt.
RETRYING: Final = "retrying"
#: Ended with exit status 0.
COMPLETED: Final = "completed"
#: Ended in any other way that was not asked for.
FAILED: Final = "failed"
#: Ended because somebody asked for it, or because it could never run.
CANCELLED: Final = "cancelled"

#: A daemon has seen the job and validated it.
ACCEPT: Final = "accept"
#: The start record of an attempt is durable.
START: Final = "start"
#: The attempt ended with exit status 0.
SUCCEED: Final = "succeed"
#: The attempt failed and none is left.
FAIL: Final = "fail"
#: The attempt failed and another will follow.
DEFER: Final = "defer"
#: The time of the next attempt has come.
DUE: Final = "due"
#: The job was cancelled, or can no longer run.
CANCEL: Final = "cancel"
#: `jobctl retry`: the same ID, another attempt.
RETRY: Final = "retry"

STATES: Final[tuple[State, ...]] = (
    PENDING,
    QUEUED,
    PROCESSING,
    RETRYING,
    COMPLETED,
    FAILED,
    CANCELLED,
)
EVENTS: Final[tuple[Event, ...]] = (ACCEPT, START, SUCCEED, FAIL, DEFER, DUE, CANCEL, RETRY)
TERMINAL: Final[tuple[State, ...]] = (COMPLETED, FAILED, CANCELLED)

UNFINISHED: Final[tuple[State, ...]] = tuple(state for state in STATES if state not in TERMINAL)

TRANSITIONS: Final[dict[tuple[State, Event], State]] = {
    (PENDING, ACCEPT): QUEUED,
    (QUEUED, START): PROCESSING,
    (PROCESSING, SUCCEED): COMPLETED,
    (PROCESSING, FAIL): FAILED,
    (PROCESSING, DEFER): RETRYING,
    (RETRYING, DUE): QUEUED,
    (PENDING, CANCEL): CANCELLED,
    (QUEUED, CANCEL): CANCELLED,
    (PROCESSING, CANCEL): CANCELLED,
    (RETRYING, CANCEL): CANCELLED,
    (COMPLETED, RETRY): QUEUED,
    (FAILED, RETRY): QUEUED,
    (CANCELLED, RETRY): QUEUED,
}

#: Reasons that say that a job never ran, or that nobody can know how it ended (exit status 126).
NEVER_RAN: Final[frozenset[str]] = frozenset(("not-started", "lost", "dependency-failed", "expired"))


def step(job: str, state: State, event: Event) -> State:
    """Return the state that *event* leads to from *state*.

    *job* is only for the message.

    Raises:
        IllegalTransition: the table has no such step.
    """
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise IllegalTransition(job, state, event) from None

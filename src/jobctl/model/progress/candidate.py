"""What may be a fraction of work done, found in one line."""

from __future__ import annotations

from jobctl.model.value import Value


class Candidate(Value):
    """What may be a fraction, and what speaks for it."""

    #: 0 to 100.
    percent: float
    done: float | None = None
    total: float | None = None
    unit: str | None = None
    #: What stands before it, as people read it.
    label: str | None = None
    #: What is the same in each line of one and the same bar; what is the same in bars of one kind.
    key: tuple[str, ...]
    style: tuple[str, ...]
    #: How much speaks for it: the more, the fewer lines are needed. With 0 it is none, but shows that there are parts.
    weight: int
    #: Whether it counts parts, each of which may have a bar of its own.
    parts: bool = False
    #: Whether it says that the last of what it counts only begins.
    begins: bool = False
    #: Whether its label names one activity of perhaps several, with nothing that speaks of the whole.
    activity: bool = False

"""What somebody found out about a job before it is explained, and the explanation."""

from __future__ import annotations

from jobctl.model.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from jobctl.model.differences import Difference


class Need(Value):
    """One job that another one depends on, and how it stands."""

    label: str
    #: How it must end: well, badly, in whatever way.
    kind: str
    state: str | None
    #: How it stands, in a few words.
    summary: str
    met: bool | None


class Line(Value):
    """What stands before a job in its queue."""

    queue: str
    slots: int
    paused: bool
    #: Running jobs that take slots, and waiting ones that go first.
    running: tuple[int, ...] = ()
    before: tuple[int, ...] = ()


class Known(Value):
    """What somebody found out about a job before it is explained; a fact that was not looked for is left out."""

    daemon: bool = True
    #: Which process the daemon is, if a signal has stopped it.
    stopped: int | None = None
    line: Line | None = None
    needs: tuple[Need, ...] = ()
    held_note: str | None = None
    #: When it may start at the earliest, and when another attempt does: for people, and in how many seconds.
    not_before: str | None = None
    not_before_in: float | None = None
    again_at: str | None = None
    again_in: float | None = None
    cancel_note: str | None = None
    #: The last lines that it wrote, and where.
    stream: str | None = None
    tail: tuple[str, ...] = ()
    #: How many bytes it wrote there, if they are no text: then there are no lines.
    binary: int | None = None
    #: Failed tasks of an array job, with how they ended.
    failed: tuple[tuple[str, str], ...] = ()
    #: The last success of the same kind, and what is different now.
    success: int | None = None
    differs: tuple[Difference, ...] = ()
    #: What can be seen of why nothing could be executed, and the commands that mend it.
    unstarted: tuple[tuple[str, str], ...] = ()
    mend: tuple[str, ...] = ()
    #: A sentence for each frozen input whose original has changed since.
    changed_inputs: tuple[str, ...] = ()


class Explanation(Value):
    """The answer: one sentence, what shows it, and what can be done."""

    summary: str
    facts: tuple[tuple[str, str], ...] = ()
    advice: tuple[str, ...] = ()

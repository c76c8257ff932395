"""The status of a job: the public document `status.json`, as a typed immutable value.

Times are RFC 3339 in UTC with microseconds. An absent fact is None, never a missing key.
"""

from __future__ import annotations

from jobctl.errors import UnknownVersion, UnreadableRecord
from jobctl.model import states
from jobctl.model.spec import show_command
from jobctl.model.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

    from jobctl.model.spec import Spec
    from jobctl.model.states import State

#: Version of status.json.
VERSION: Final = 1

#: Hint for polling loops in milliseconds, by state; a state that is over has none.
_POLL_AFTER_MS: Final[dict[str, int]] = {
    states.PENDING: 200,
    states.QUEUED: 1000,
    states.PROCESSING: 1000,
    states.RETRYING: 1000,
}

NoneType: Final = type(None)  # as in `types`, which is dear to import
#: What a key may hold, and the items of a list in it, where that is not text or nothing.
_KINDS: Final[dict[str, tuple[tuple[type, ...], type]]] = {
    "id": ((int,), object),
    "task": ((int, NoneType), object),
    "uuid": ((str,), object),
    "tags": ((list,), str),
    "queue": ((str,), object),
    "priority": ((int,), object),
    "state": ((str,), object),
    "held": ((bool,), object),
    "command": ((list,), str),
    "shell": ((bool,), object),
    "attempt": ((int,), object),
    "max_attempts": ((int,), object),
    "retried": ((int,), object),
    "progress": ((dict, NoneType), object),
    "exit_code": ((int, NoneType), object),
    "signal": ((int, NoneType), object),
    "error": ((dict, NoneType), object),
    "result": ((dict, NoneType), object),
    "output": ((dict, NoneType), object),
    "usage": ((dict, NoneType), object),
    "tasks": ((dict, NoneType), object),
    "attempts": ((list,), dict),
    "waiting_on": ((list,), str),
}


class Status(Value):
    """What users and scripts read of a job. jobctl-files(5), STATUS FILE, says what its keys mean."""

    id: int
    #: The task that it is about, where it is about one and not about the job: in no status file.
    task: int | None = None
    uuid: str
    name: str | None
    tags: tuple[str, ...]
    queue: str
    priority: int
    state: State
    reason: str | None = None
    held: bool = False
    command: tuple[str, ...]
    shell: bool
    cwd: str
    submitted_at: str
    queued_at: str | None = None
    started_at: str | None = None
    finished_at: str | None = None
    attempt: int = 0
    max_attempts: int = 1
    #: How often `jobctl retry` gave it new attempts.
    retried: int = 0
    next_attempt_at: str | None = None
    progress: dict[str, Any] | None = None
    exit_code: int | None = None
    signal: int | None = None
    error: dict[str, str] | None = None
    result: dict[str, Any] | None = None
    output: dict[str, str] | None = None
    usage: dict[str, Any] | None = None
    tasks: dict[str, int] | None = None
    attempts: tuple[dict[str, Any], ...] = ()
    waiting_on: tuple[str, ...] = ()
    status_path: str
    daemon_seen_at: str | None = None

    def document(self) -> dict[str, Any]:
        """Return the content of status.json, or what is shown in its form of one task."""
        document = {"v": VERSION, **self.asdict(), "poll_after_ms": _POLL_AFTER_MS.get(self.state)}
        if self.task is None:
            del document["task"]
        return document

    @property
    def label(self) -> str:
        """The selector of what it is about."""
        return f"{self.id}" if self.task is None else f"{self.id}.{self.task}"

    @property
    def finished(self) -> bool:
        """Whether the state is one of completed, failed, cancelled."""
        return self.state in states.TERMINAL

    @property
    def shown_command(self) -> str:
        """The command on one line, for people."""
        return show_command(self.command, shell=self.shell)


def first(job: int, spec: Spec, status_path: str) -> Status:
    """Return the status that `submit` leaves for *job*: pending."""
    return Status(
        id=job,
        uuid=spec.uuid,
        name=spec.name,
        tags=spec.tags,
        queue=spec.queue,
        priority=spec.priority,
        state=states.PENDING,
        held=spec.hold,
        max_attempts=1 if spec.retry is None else 1 + spec.retry.retries,
        tasks=None if spec.array is None else counts(spec.array.tasks),
        waiting_on=tuple(dependency.label for dependency in spec.after),
        command=spec.command,
        shell=spec.shell,
        cwd=spec.cwd,
        submitted_at=spec.submitted_at,
        status_path=status_path,
    )


def counts(total: int, **others: int) -> dict[str, int]:
    """Return the numbers of an array's tasks by state, of *total* those that are not among *others* pending."""
    found = {"total": total, "pending": total - sum(others.values()), "processing": 0, "completed": 0, "failed": 0}
    return {**found, "cancelled": 0, "retrying": 0, **others}


def from_document(document: dict[str, Any], path: str) -> Status:
    """Return the status in *document*, which was read from *path*. Unknown keys are passed over.

    Raises:
        UnknownVersion: it was written by a jobctl that this one does not know.
        UnreadableRecord: a key is missing or the state is none.
    """
    version = document.get("v")
    if version != VERSION:
        raise UnknownVersion(path, version, VERSION)
    known = {name: document[name] for name in Status._fields if name in document}
    for name, value in known.items():
        kinds, of = _KINDS.get(name, ((str, NoneType), object))
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            raise UnreadableRecord(path, f"{name!r} is {value!r:.40}")
        if isinstance(value, list):
            if not all(isinstance(item, of) for item in value):
                raise UnreadableRecord(path, f"{name!r} holds what does not belong there")
            known[name] = tuple(value)
    if known.get("state") not in states.STATES:
        raise UnreadableRecord(path, "it has no state")
    try:
        return Status(**known)
    except TypeError as wrong:
        raise UnreadableRecord(path, str(wrong)) from None


def exit_status(status: Status) -> int:
    """Return the exit status of a command that exits as the finished job did (jobctl(1), EXIT STATUS).

    128+n when signal n ended it, 126 when it never ran or its outcome is lost. A job that was cancelled
    and yet exited 0 gives 143, as if SIGTERM had ended it: 0 would say that it was completed.
    """
    if status.state == states.COMPLETED:
        return 0
    if status.reason in states.NEVER_RAN:
        return 126
    if status.signal is not None:
        return 128 + status.signal
    if status.exit_code is None:
        return 126
    return status.exit_code or 143


def summary(status: Status) -> str:
    """Return how the job stands in a few words: `failed (exit 7)`, `queued (slots)`, `completed`."""
    detail = status.reason
    if status.reason == "exit":
        detail = f"exit {status.exit_code}"
    elif status.reason == "signal" or (status.reason == "cancelled" and status.signal):
        detail = f"signal {status.signal}"
    return status.state if detail is None or detail == status.state else f"{status.state} ({detail})"

"""What is on record about one attempt: its start and its end, and what the end means for the job."""

from __future__ import annotations

from jobctl.errors import UnknownVersion, UnreadableRecord
from jobctl.model import moment, states
from jobctl.model.value import Value

NoneType = type(None)  # as in `types`, which is dear to import

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final, Self

    from jobctl.model.states import Event

#: Version of start.json and final.json.
VERSION: Final = 1


class Identity(Value):
    """Which process is meant, in a way that another process with the same number does not match.

    `birth` is field 22 of /proc/PID/stat in clock ticks (proc(5)), `boot` the boot ID,
    `namespace` the inode of the PID namespace that the number belongs to (0 where there is none).
    """

    pid: int
    birth: int
    boot: str
    namespace: int


class Start(Value):
    """The content of start.json: written by the process that becomes the job, durable before its execve(2)."""

    task: int
    attempt: int
    process: Identity
    keeper: Identity
    #: Time of day, for people.
    started_at: str
    #: Seconds on the steady clock, for the time that passed within one boot.
    steady: float
    #: Seconds on the clock that stands still while the machine sleeps, for its limits.
    awake: float | None = None

    def document(self) -> dict[str, Any]:
        """Return the content of start.json."""
        return {
            "v": VERSION,
            **self.asdict(),
            "process": self.process.asdict(),
            "keeper": self.keeper.asdict(),
        }

    @classmethod
    def from_document(cls, document: dict[str, Any], path: str) -> Self:
        """Return the start in *document*, which was read from *path*.

        Raises:
            UnknownVersion, UnreadableRecord: it is not one.
        """
        known = _known(cls, document, path)
        try:
            for who in ("process", "keeper"):
                known[who] = Identity(**_checked(known[who], path))
            return cls(**known)
        except (TypeError, KeyError) as wrong:
            raise UnreadableRecord(path, str(wrong)) from None


class Verdict(Value):
    """The content of final.json: how an attempt ended. Written once, by the holder of the attempt's lock."""

    task: int
    attempt: int
    reason: str
    exit_code: int | None = None
    signal: int | None = None
    error: dict[str, str] | None = None
    #: Time of day, for people.
    finished_at: str
    usage: dict[str, Any] | None = None
    #: When it ended, or was found to be lost, on the steady clock of the boot it was started in; None in another one.
    steady: float | None = None
    #: Who wrote it: keeper, child (exec failed) or daemon (recovery).
    by: str

    def document(self) -> dict[str, Any]:
        """Return the content of final.json."""
        return {"v": VERSION, **self.asdict()}

    @classmethod
    def from_document(cls, document: dict[str, Any], path: str) -> Self:
        """Return the verdict in *document*, which was read from *path*.

        Raises:
            UnknownVersion, UnreadableRecord: it is not one.
        """
        known = _known(cls, document, path)
        try:
            verdict = cls(**known)
        except TypeError as wrong:
            raise UnreadableRecord(path, str(wrong)) from None
        return verdict

    @property
    def event(self) -> Event:
        """The step that a job takes whose last attempt ended so."""
        if self.reason == "cancelled":
            return states.CANCEL
        if self.reason == "exit" and self.exit_code == 0:
            return states.SUCCEED
        return states.FAIL


def of_exit(*, task: int, attempt: int, exit_code: int | None, signal: int | None, **more: Any) -> Verdict:
    """Return the verdict on an attempt that ended by itself, from its exit code or the signal that ended it."""
    error = None
    if signal is not None:
        error = {"code": "signal", "message": f"ended by signal {signal}"}
    elif exit_code:
        error = {"code": "exit", "message": f"exited with status {exit_code}"}
    return Verdict(
        task=task,
        attempt=attempt,
        reason="exit" if signal is None else "signal",
        exit_code=exit_code,
        signal=signal,
        error=error,
        **more,
    )


def _known(cls: type[Value], document: dict[str, Any], path: str) -> dict[str, Any]:
    version = document.get("v")
    if version != VERSION:
        raise UnknownVersion(path, version, VERSION)
    return _checked({name: document[name] for name in cls._fields if name in document}, path)


def _checked(known: dict[str, Any], path: str) -> dict[str, Any]:
    """Return what is *known* if each value is of its kind: a job may have written it, and what follows relies on it."""
    if not isinstance(known, dict):
        raise UnreadableRecord(path, f"{known!r:.40} is no process")
    for name, value in known.items():
        # What comes from a document is of exactly these types.
        kind = type(value)
        if kind not in _KINDS[name] or (kind is int and not 0 <= value < _MOST.get(name, 2**63)):
            raise UnreadableRecord(path, f"{name!r} is {value!r:.40}")
        if name in _STAMPS and not moment.is_stamp(value):
            raise UnreadableRecord(path, f"{name!r} is {value!r:.40}, which is no time")
    return known


#: Of which kind the parts of the records are.
_KINDS: Final[dict[str, tuple[type, ...]]] = {
    "task": (int,),
    "attempt": (int,),
    "process": (dict,),
    "keeper": (dict,),
    "pid": (int,),
    "birth": (int,),
    "boot": (str,),
    "namespace": (int,),
    "started_at": (str,),
    "steady": (int, float, NoneType),
    "awake": (int, float, NoneType),
    "reason": (str,),
    "exit_code": (int, NoneType),
    "signal": (int, NoneType),
    "error": (dict, NoneType),
    "finished_at": (str,),
    "usage": (dict, NoneType),
    "by": (str,),
}
_STAMPS: Final = frozenset(("started_at", "finished_at"))
#: What numbers are below.
_MOST: Final = {"exit_code": 256, "signal": 128, "pid": 2**31}

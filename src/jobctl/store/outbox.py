"""What is to be told of the ends of jobs, to whom, and what came of it: durable, until it was delivered or given up.

`spool/17/deliveries/1.json` says what to tell whom, written once before the end of the job is shown. The mark
`outbox/17.1` says that it waits; the daemon looks at marks only, so that what was delivered costs nothing.
`1.tries.json` says what came of it, written by whoever holds the lock of `1.json`.
"""

from __future__ import annotations

import fcntl
import os

from jobctl.errors import NoSuchJob, UnreadableRecord
from jobctl.model.ids import parse_id
from jobctl.model.value import Value
from jobctl.store import atomic, codec, doorbell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final, Literal

    from jobctl.store.layout import Layout

    Kind = Literal["webhook", "command"]
    #: Another one after every change of a mark.
    Stamp = tuple[int, int]

VERSION: Final = 1

#: What came of a delivery so far.
WAITING: Final = "waiting"
DELIVERED: Final = "delivered"
FAILED: Final = "failed"

#: Content of the mark of a delivery that somebody wants to be made again, whatever came of it before.
_AGAIN: Final = b"again\n"


class Label(Value):
    """Which delivery is meant: `17:1` is the first about job 17."""

    job: int
    number: int

    def __str__(self) -> str:
        """Return what people type."""
        return f"{self.job}:{self.number}"


class Delivery(Value):
    """What is to be told to whom."""

    kind: Kind
    #: An address, or shell text.
    target: str
    #: The same in every try and in no other delivery, on whatever machine: receivers know repetitions by it.
    message: str
    body: dict[str, Any]


class Tries(Value):
    """What came of a delivery so far."""

    state: str = WAITING
    tries: int = 0
    #: Time of day of the last try, for people, and what it came to.
    last_at: str | None = None
    result: str | None = None
    #: When it is tried next: for people, and on the steady clock of the boot it was decided in.
    next_at: str | None = None
    due: float | None = None
    boot: str | None = None


def parse_label(text: str) -> Label | None:
    """Return the delivery that *text* names, or None."""
    job, colon, number = text.partition(":")
    first, second = parse_id(job), parse_id(number)
    return Label(job=first, number=second) if colon and first and second else None


def put(layout: Layout, label: Label, delivery: Delivery) -> None:
    """Let *delivery* wait, durably. One that is on record already stays as it is, and waits again.

    Raises:
        OSError: it may not be on record.
    """
    atomic.make_directory(layout.deliveries(label.job), exist_ok=True)
    try:
        atomic.publish_record(
            layout.delivery(label.job, label.number), codec.encode({"v": VERSION, **delivery.asdict()})
        )
    except FileExistsError:
        if tries(layout, label).state != WAITING:
            return
    _mark(layout, label, b"")


def ask_again(layout: Layout, label: Label) -> None:
    """Have the delivery made again, now, and tell the daemon.

    Raises:
        NoSuchJob: there is no such delivery.
        OSError: it could not be noted.
    """
    if not os.path.lexists(layout.delivery(label.job, label.number)):
        raise NoSuchJob(f"there is no delivery {label}; `jobctl deliveries` lists them")
    _mark(layout, label, _AGAIN)
    doorbell.ring(layout)


def _mark(layout: Layout, label: Label, content: bytes) -> None:
    atomic.make_directory(layout.outbox, exist_ok=True)
    atomic.replace(layout.pending_delivery(label.job, label.number), content, durable=False)
    atomic.sync_directory(layout.outbox)


def changed_at(layout: Layout) -> int:
    """Return a number that changes whenever a delivery begins or ceases to wait; 0 if none ever has."""
    try:
        return os.stat(layout.outbox).st_mtime_ns
    except FileNotFoundError:
        return 0


def waiting(layout: Layout) -> dict[Label, Stamp]:
    """Return the deliveries that wait, each with the stamp of its mark."""
    found: dict[Label, Stamp] = {}
    try:
        names = os.listdir(layout.outbox)
    except FileNotFoundError:
        return found
    for name in names:
        label = parse_label(name.replace(".", ":", 1))
        if label is not None:
            try:
                mark = os.lstat(f"{layout.outbox}/{name}")
            except FileNotFoundError:
                continue
            found[label] = (mark.st_ino, mark.st_mtime_ns)
    return found


def is_waiting(layout: Layout, job: int) -> bool:
    """Return whether somebody is still to be told of an end of *job*."""
    return any(label.job == job for label in waiting(layout))


def of_job(layout: Layout, job: int) -> list[Label]:
    """Return all deliveries about *job*, in order."""
    try:
        names = os.listdir(layout.deliveries(job))
    except (FileNotFoundError, NotADirectoryError):
        return []
    numbers = (parse_id(name.removesuffix(".json")) for name in names if name.endswith(".json"))
    return [Label(job=job, number=number) for number in sorted(number for number in numbers if number is not None)]


def read(layout: Layout, label: Label) -> Delivery:
    """Return what is to be told to whom.

    Raises:
        FileNotFoundError: there is no such delivery.
        UnreadableRecord: its record cannot be understood.
    """
    path = layout.delivery(label.job, label.number)
    document = codec.read(path)
    try:
        delivery = Delivery(**{name: document[name] for name in Delivery._fields})
    except KeyError as missing:
        raise UnreadableRecord(path, f"it has no {missing.args[0]!r}") from None
    sound = isinstance(document["body"], dict) and isinstance(document["target"], str)
    if document.get("v") != VERSION or not sound:
        raise UnreadableRecord(path, "it is no delivery")
    return delivery


def tries(layout: Layout, label: Label) -> Tries:
    """Return what came of a delivery so far; what cannot be understood says nothing.

    Raises:
        OSError: it cannot be told now.
    """
    try:
        document = codec.read(layout.delivery(label.job, label.number, "tries.json"))
        known = Tries(**{name: document[name] for name in Tries._fields if name in document})
    except (FileNotFoundError, NotADirectoryError, UnreadableRecord):
        return Tries()
    kinds: tuple[tuple[object, tuple[type, ...]], ...] = ((known.tries, (int,)), (known.due, (int, float, type(None))))
    return known if all(isinstance(value, kind) for value, kind in kinds) else Tries()


def is_wanted_again(layout: Layout, label: Label) -> bool:
    """Return whether somebody asked for a delivery to be made now, whatever came of it before."""
    try:
        return codec.read_bytes(layout.pending_delivery(label.job, label.number)) == _AGAIN
    except (OSError, UnreadableRecord):
        return False


class Turn:
    """The right to make one delivery: whoever holds it is alone with it, whatever becomes of the daemon."""

    def __init__(self, layout: Layout, label: Label) -> None:
        """Take it.

        Raises:
            BlockingIOError: somebody has it.
            FileNotFoundError: there is no such delivery, perhaps no such job any more.
        """
        self._layout = layout
        self._label = label
        path = layout.delivery(label.job, label.number)
        self._fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._fd)
            raise

    def save(self, known: Tries) -> None:
        """Put on record what came of it, durably; it waits no more unless *known* says so.

        Raises:
            OSError: it may not be on record; then it will be made again.
        """
        job, number = self._label.job, self._label.number
        atomic.replace(self._layout.delivery(job, number, "tries.json"), codec.encode({"v": VERSION, **known.asdict()}))
        if known.state != WAITING:
            atomic.sync_directory(self._layout.deliveries(job))
            forget(self._layout, self._label)
        else:
            # The daemon looks at marks: it learns of the next try by this one, while other deliveries still go on.
            _mark(self._layout, self._label, b"")

    def give_up(self) -> None:
        """Let somebody else have it."""
        os.close(self._fd)


def forget(layout: Layout, label: Label) -> None:
    """Let a delivery wait no more."""
    try:
        os.unlink(layout.pending_delivery(label.job, label.number))
    except FileNotFoundError:
        pass

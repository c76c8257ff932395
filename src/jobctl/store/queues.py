"""The queues there are: what `config.toml` says of them, and over it what `jobctl queue` changed (`queues.json`)."""

from __future__ import annotations

from contextlib import contextmanager

from jobctl.errors import Contradiction, NotNow, UnknownVersion, UnreadableRecord, UsageError
from jobctl.model.spec import DEFAULT_QUEUE, check_label
from jobctl.model.value import Value
from jobctl.store import atomic, codec, config, doorbell
from jobctl.store.settings import MOST_SLOTS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, Final

    from jobctl.store.config import Config
    from jobctl.store.layout import Layout

#: Version of queues.json.
VERSION: Final = 1
#: Seconds within which another writer is done.
_WITHIN: Final = 10.0
#: What to do about queues.json when it is damaged.
_REMEDY: Final = "mend it or move it away: without it the configuration alone holds"


class Change(Value):
    """What `jobctl queue` has changed of one queue."""

    #: None: as configured.
    slots: int | None = None
    paused: bool = False

    def document(self) -> dict[str, Any]:
        """Return the entry in queues.json."""
        return {"slots": self.slots, "paused": self.paused}


class Queues(Value):
    """What holds for each queue now. One that nobody has set up has one slot and is not paused."""

    configured: tuple[tuple[str, int], ...]
    changed: tuple[tuple[str, Change], ...] = ()
    #: The queues whose slots the file of the configuration has.
    written: tuple[str, ...] = ()

    def slots(self, name: str) -> int:
        """Return how many slots the queue *name* has."""
        changed = dict(self.changed).get(name)
        return dict(self.configured).get(name, 1) if changed is None or changed.slots is None else changed.slots

    def slots_from(self, name: str) -> str:
        """Return who says how many slots the queue *name* has: `set` (`jobctl queue set`), `config`, or `default`."""
        changed = dict(self.changed).get(name)
        if changed is not None and changed.slots is not None:
            return "set"
        return "config" if name in self.written else "default"

    def paused(self, name: str) -> bool:
        """Return whether the queue *name* starts nothing at present."""
        changed = dict(self.changed).get(name)
        return changed is not None and changed.paused

    def known(self, name: str) -> bool:
        """Return whether somebody has set up the queue *name*."""
        return name in self.names()

    def names(self) -> list[str]:
        """Return the names of the queues that are set up, `default` first."""
        others = {name for name, _ in (*self.configured, *self.changed)} - {DEFAULT_QUEUE}
        return [DEFAULT_QUEUE, *sorted(others)]


def load(layout: Layout, settings: Config) -> Queues:
    """Return the queues as *settings* and `queues.json` have them.

    Raises:
        UnreadableRecord, UnknownVersion: the file is damaged, or of a later jobctl.
        OSError: it cannot be read now.
    """
    return Queues(configured=settings.queues, changed=tuple(_read(layout).items()), written=settings.written)


def check(layout: Layout | None, path: str, name: str) -> None:
    """Refuse the queue *name* if there is none; *layout* is None where there is no home, *path* the configuration.

    Raises:
        UsageError: there is none.
        UnreadableRecord, UnknownVersion, InvalidConfig: it cannot be told, because a file cannot be understood.
    """
    if name == DEFAULT_QUEUE:
        return
    settings = config.load_for_command(path)
    there = Queues(configured=settings.queues) if layout is None else load(layout, settings)
    if not there.known(name):
        raise UsageError(
            f"there is no queue {name!r}; make one with `jobctl queue set NAME --slots N`, "
            f"or submit to `{DEFAULT_QUEUE}`"
        )


def change(layout: Layout, name: str, *, slots: int | None = None, paused: bool | None = None) -> None:
    """Give the queue *name* other *slots*, or pause or resume it, durably; the daemon is told.

    Raises:
        UsageError: there cannot be a queue of that name.
        NotNow: another command is changing queues and does not end.
        UnreadableRecord, UnknownVersion: as `load`; nothing was changed.
        OSError: it could not be written.
    """
    check_label(name)
    with _writing(layout):
        changes = _read(layout)
        entry = changes.get(name, Change())
        if slots is not None:
            entry = entry.but(slots=slots)
        if paused is not None:
            entry = entry.but(paused=paused)
        _write(layout, {**changes, name: entry})


def remove(layout: Layout, name: str) -> None:
    """Forget what was changed of the queue *name*; the daemon is told.

    Raises:
        Contradiction: nothing was.
        NotNow, UnreadableRecord, UnknownVersion, OSError: as `change`.
    """
    with _writing(layout):
        changes = _read(layout)
        if changes.pop(name, None) is None:
            raise Contradiction(f"there is no queue {name!r} to remove")
        _write(layout, changes)


@contextmanager
def _writing(layout: Layout) -> Iterator[None]:
    """Let no other command change queues meanwhile."""
    import filelock  # noqa: PLC0415  # only who changes a queue pays for it

    lock = filelock.FileLock(layout.queues_lock, mode=0o600, fallback_to_soft=False)
    try:
        lock.acquire(timeout=_WITHIN, poll_interval=0.02)
    except filelock.Timeout:
        raise NotNow(f"another command has been changing the queues for {_WITHIN:.0f} s; try again") from None
    try:
        yield
    finally:
        lock.release()


def _write(layout: Layout, changes: dict[str, Change]) -> None:
    entries = {name: entry.document() for name, entry in sorted(changes.items())}
    atomic.replace(layout.queues, codec.encode({"v": VERSION, "queues": entries}))
    atomic.sync_directory(layout.home)
    doorbell.ring(layout)


def _read(layout: Layout) -> dict[str, Change]:
    try:
        document = codec.read(layout.queues)
    except FileNotFoundError:
        return {}
    if document.get("v") != VERSION:
        raise UnknownVersion(layout.queues, document.get("v"), VERSION)
    entries = document.get("queues")
    if not isinstance(entries, dict):
        raise UnreadableRecord(layout.queues, "it has no 'queues'", _REMEDY)
    return {name: _entry(layout, name, entry) for name, entry in entries.items()}


def _entry(layout: Layout, name: str, entry: object) -> Change:
    table: dict[str, Any] = entry if isinstance(entry, dict) else {"paused": None}
    slots, paused = table.get("slots"), table.get("paused", False)
    if not isinstance(paused, bool) or not (slots is None or is_number_of_slots(slots)):
        raise UnreadableRecord(layout.queues, f"what it says of queue {name!r} is not understood", _REMEDY)
    return Change(slots=slots, paused=paused)


def is_number_of_slots(value: object) -> bool:
    """Return whether a queue may have *value* slots."""
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MOST_SLOTS

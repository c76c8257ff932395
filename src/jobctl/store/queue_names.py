"""Which queues there are, for whoever submits to one: `default`, those of `queue set`, those of the configuration."""

from __future__ import annotations

from jobctl.errors import UsageError
from jobctl.store import codec, config

TYPE_CHECKING = False
if TYPE_CHECKING:
    from jobctl.store.layout import Layout

DEFAULT = "default"


def check(layout: Layout | None, path: str, queue: str) -> None:
    """Refuse *queue* if there is none of this name; *layout* is None where there is no home, *path* the configuration.

    Raises:
        UsageError: there is none.
        UnreadableRecord, InvalidConfig: it cannot be told, because a file cannot be understood.
    """
    if queue != DEFAULT and queue not in known(layout, path):
        raise UsageError(
            f"there is no queue {queue!r}; make one with `jobctl queue set NAME --slots N`, or submit to `default`"
        )


def known(layout: Layout | None, path: str) -> set[str]:
    """Return the names of all queues."""
    found = {DEFAULT, *(name for name, _ in config.load(path).queues)}
    if layout is not None:
        try:
            queues = codec.read(layout.queues).get("queues")
        except FileNotFoundError:
            queues = None
        if isinstance(queues, dict):
            found.update(queues)
    return found

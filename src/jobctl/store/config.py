"""The configuration: `config.toml`, read by the daemon. Without one, every setting has its default."""

from __future__ import annotations

import os

from jobctl.errors import InvalidConfig, UsageError
from jobctl.model.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: Slots that a queue may have; more would only be a slip of the pen.
MOST_SLOTS = 100_000
#: The settings that `submit` looks at.
_OF_SUBMIT = (b"max_pending", b"leave_out_env")


class Config(Value):
    """What the configuration says."""

    #: Name and slots of each queue that has its own; `default` always has.
    queues: tuple[tuple[str, int], ...]
    #: Seconds after its end for which a job is kept, None: until somebody forgets it.
    retain: float | None = None
    #: Who else is told of the end of every job: addresses, and shell text.
    webhooks: tuple[str, ...] = ()
    on_finish: str | None = None
    #: What webhooks are signed with, several while one takes the place of another.
    secrets: tuple[str, ...] = ()
    #: Jobs that may be unfinished before `submit` refuses another one, None: any number.
    max_pending: int | None = None
    #: Variables of the submitter's environment that no job is given.
    leave_out_env: tuple[str, ...] = ()

    def slots(self, queue: str) -> int:
        """Return how many jobs of *queue* run at once; a queue that is not configured has one slot."""
        return dict(self.queues).get(queue, 1)

    def paused(self, queue: str) -> bool:  # noqa: ARG002  # the configuration pauses none
        """Return False: queues are paused by `jobctl queue pause`."""
        return False


def defaults() -> Config:
    """Return the configuration of somebody who has none: as many slots as this process may use CPUs."""
    return Config(queues=(("default", usable_cpus()),))


def usable_cpus() -> int:
    """Return the number of CPUs this process may run on (sched_getaffinity(2)), at least one."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) or 1
    return os.cpu_count() or 1


def load(path: str) -> Config:
    """Return the configuration in the file *path*, or the defaults if there is no such file.

    Raises:
        InvalidConfig: it is not TOML, has an unknown key, or a value that is not allowed.
        OSError: it cannot be read.
    """
    try:
        with open(path, "rb") as file:
            return _understand(file.read(), path)
    except FileNotFoundError:
        return defaults()


def for_submission(path: str) -> Config | None:
    """Return the configuration in *path* if it has a setting that `submit` follows, else None.

    To see that it has none costs one failed open, or one look through the bytes.

    Raises:
        InvalidConfig: it seems to have one, and cannot be understood or read.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as failure:
        raise InvalidConfig(f"cannot read {path}: {failure}") from None
    try:
        found = b""
        while chunk := os.read(fd, 65536):
            found += chunk
    except OSError as failure:
        raise InvalidConfig(f"cannot read {path}: {failure.strerror}") from None
    finally:
        os.close(fd)
    return _understand(found, path) if any(name in found for name in _OF_SUBMIT) else None


def _understand(content: bytes, path: str) -> Config:
    import tomllib  # noqa: PLC0415  # it is dear, and `submit` rarely needs it

    try:
        document = tomllib.loads(content.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise InvalidConfig(f"cannot read {path}: {wrong}") from None
    _only(document, ("queues", "retain", "max_pending", "leave_out_env", "notify"), path, "the top level")
    slots = dict(defaults().queues)
    for queue, settings in _table(document.get("queues", {}), path, "queues").items():
        where = f"queues.{queue}"
        _only(_table(settings, path, where), ("slots",), path, where)
        number = _table(settings, path, where).get("slots", slots.get(queue, 1))
        if not isinstance(number, int) or isinstance(number, bool) or not 1 <= number <= MOST_SLOTS:
            raise InvalidConfig(
                f"cannot use {path}: {where}.slots is {number!r}; it must be a whole number from 1 to {MOST_SLOTS}"
            )
        slots[queue] = number
    return Config(
        queues=tuple(slots.items()),
        retain=_duration(document.get("retain"), path, "retain"),
        max_pending=_max_pending(document.get("max_pending"), path),
        leave_out_env=_leave_out_env(document.get("leave_out_env", []), path),
        **_notify(_table(document.get("notify", {}), path, "notify"), path),
    )


def _notify(table: dict[str, object], path: str) -> dict[str, Any]:
    """Return who is told of the end of every job, and the secrets for it."""
    if not table:
        return {}
    from jobctl.model import webhook  # noqa: PLC0415  # `submit`, which reads this too, has no use for it

    _only(table, ("webhooks", "on_finish", "secret"), path, "notify")
    secret, on_finish = table.get("secret", []), table.get("on_finish")
    found = {
        "webhooks": _texts(table.get("webhooks", []), path, "notify.webhooks"),
        "secrets": _texts([secret] if isinstance(secret, str) else secret, path, "notify.secret"),
    }
    try:
        webhook.check_all(found["webhooks"])
        for text in found["secrets"]:
            webhook.key(text)
    except UsageError as wrong:
        raise InvalidConfig(f"cannot use {path}: {wrong}") from None
    if on_finish is not None and (not isinstance(on_finish, str) or not on_finish.strip()):
        raise InvalidConfig(f"cannot use {path}: notify.on_finish is {on_finish!r}; it must be commands for /bin/sh")
    return {**found, "on_finish": on_finish}


def _texts(value: object, path: str, where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise InvalidConfig(f"cannot use {path}: {where} must be an array of texts")
    return tuple(value)


def _duration(value: object, path: str, where: str) -> float | None:
    if value is None:
        return None
    from jobctl.model.quantities import parse_duration  # noqa: PLC0415  # `submit`, which reads this too, has none

    if not isinstance(value, str):
        raise InvalidConfig(f'cannot use {path}: {where} is {value!r}; it must be a duration in quotes, as in "30d"')
    try:
        return parse_duration(value, where)
    except UsageError as wrong:
        raise InvalidConfig(f"cannot use {path}: {wrong}") from None


def _max_pending(value: object, path: str) -> int | None:
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 1):
        raise InvalidConfig(f"cannot use {path}: max_pending is {value!r}; it must be a whole number from 1")
    return value


def _leave_out_env(value: object, path: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(name, str) and name for name in value):
        raise InvalidConfig(
            f"cannot use {path}: leave_out_env is {value!r}; it must be a list of names of variables, as in "
            '["AWS_SECRET_ACCESS_KEY"]'
        )
    return tuple(value)


def _table(value: object, path: str, where: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise InvalidConfig(f"cannot use {path}: {where} is {value!r}; it must be a table, as in [{where}]")
    return value


def _only(table: dict[str, object], known: tuple[str, ...], path: str, where: str) -> None:
    for key in table:
        if key not in known:
            raise InvalidConfig(f"cannot use {path}: {where} has no setting {key!r}; there is {', '.join(known)}")

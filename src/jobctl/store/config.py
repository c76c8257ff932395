"""The configuration: `config.toml`. Without one, every setting has its default (store/settings.py has them all)."""

from __future__ import annotations

import os

from jobctl.errors import InvalidConfig, SpoolUnusable, UsageError
from jobctl.model.spec import DEFAULT_QUEUE
from jobctl.model.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    #: The parts of a key: ("queues", "gpu", "slots").
    Keys = tuple[str, ...]

#: The settings that `submit` looks at.
_OF_SUBMIT = (b"max_pending", b"leave_out_env")
_BARE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")


class Config(Value):
    """What the configuration says."""

    #: Name and slots of each queue that has its own; `default` always has.
    queues: tuple[tuple[str, int], ...]
    #: Key and value of every other setting that the file has.
    others: tuple[tuple[Keys, object], ...] = ()
    #: The queues whose slots the file itself has.
    written: tuple[str, ...] = ()

    def slots(self, queue: str) -> int:
        """Return how many jobs of *queue* run at once; a queue that is not configured has one slot."""
        return dict(self.queues).get(queue, 1)

    def paused(self, queue: str) -> bool:  # noqa: ARG002  # the configuration pauses none
        """Return False: queues are paused by `jobctl queue pause`."""
        return False

    @property
    def retain(self) -> float | None:
        """Seconds after its end for which a job is kept, None: until somebody forgets it."""
        return self._given("retain")  # type: ignore[no-any-return]  # settings.py says of what kind it is

    @property
    def max_pending(self) -> int | None:
        """Jobs that may be unfinished before `submit` refuses another one, None: any number."""
        return self._given("max_pending")  # type: ignore[no-any-return]  # settings.py says of what kind it is

    @property
    def leave_out_env(self) -> tuple[str, ...]:
        """Variables of the submitter's environment that no job is given."""
        return self._given("leave_out_env", default=())  # type: ignore[no-any-return]  # settings.py says of what kind it is

    @property
    def webhooks(self) -> tuple[str, ...]:
        """Addresses that are told of the end of every job."""
        return self._given("notify", "webhooks", default=())  # type: ignore[no-any-return]  # settings.py says of what kind it is

    @property
    def on_finish(self) -> str | None:
        """Shell text that is run at the end of every job."""
        return self._given("notify", "on_finish")  # type: ignore[no-any-return]  # settings.py says of what kind it is

    @property
    def secrets(self) -> tuple[str, ...]:
        """What webhooks are signed with, several while one takes the place of another."""
        return self._given("notify", "secret", default=())  # type: ignore[no-any-return]  # settings.py says of what kind it is

    def value(self, *keys: str) -> object:
        """Return the value of the setting with the parts *keys* of its key, or its default."""
        from jobctl.store import settings  # noqa: PLC0415  # `submit`, which reads this too, has no use for it

        if keys[0] == "queues" and keys[-1] == "slots":
            return self.slots(keys[1])
        setting = settings.find(keys)
        assert setting is not None, keys  # noqa: S101  # the caller names one that there is
        return dict(self.others).get(keys, setting.default)

    def _given(self, *keys: str, default: object = None) -> Any:
        return dict(self.others).get(keys, default)


def defaults() -> Config:
    """Return the configuration of somebody who has none: as many slots as this process may use CPUs."""
    return Config(queues=((DEFAULT_QUEUE, usable_cpus()),))


def usable_cpus() -> int:
    """Return the number of CPUs this process may run on (sched_getaffinity(2)), at least one."""
    if hasattr(os, "sched_getaffinity"):
        try:
            return len(os.sched_getaffinity(0)) or 1
        except OSError:
            pass  # A kernel that does not tell is no reason to serve nobody.
    return os.cpu_count() or 1


def load(path: str) -> Config:
    """Return the configuration in the file *path*, or the defaults if there is no such file.

    Raises:
        InvalidConfig: it is not TOML, has an unknown key, or a value that is not allowed.
        OSError: it cannot be read.
    """
    try:
        with open(path, "rb") as file:
            content = file.read()
    except FileNotFoundError:
        return defaults()
    return parse(content, path)


def load_for_command(path: str) -> Config:
    """As `load`, for a command, which does not try again when it cannot be read.

    Raises:
        InvalidConfig: as `load`, or it cannot be read.
        SpoolUnusable: whoever asks may not read it.
    """
    try:
        return load(path)
    except OSError as failure:
        raise _unreadable(path, failure) from None


def for_submission(path: str) -> Config | None:
    """Return the configuration in *path* if it has a setting that `submit` follows, else None.

    To see that it has none costs one failed open, or one look through the bytes.

    Raises:
        InvalidConfig: it seems to have one, and cannot be understood or read.
        SpoolUnusable: as `load_for_command`.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as failure:
        raise _unreadable(path, failure) from None
    try:
        found = b""
        while chunk := os.read(fd, 65536):
            found += chunk
    except OSError as failure:
        raise _unreadable(path, failure) from None
    finally:
        os.close(fd)
    return parse(found, path) if any(name in found for name in _OF_SUBMIT) else None


def _unreadable(path: str, failure: OSError | ValueError) -> InvalidConfig | SpoolUnusable:
    why = (failure.strerror if isinstance(failure, OSError) else None) or str(failure)
    if not isinstance(failure, PermissionError):
        return InvalidConfig(f"cannot read {path}: {why}; look at it with `ls -ld`")
    home = os.environ.get("HOME", "")
    if home and path.startswith(home):
        # As after `sudo -u somebody` or `runuser -u somebody`, which leave HOME as it was.
        return SpoolUnusable(f"cannot read {path}: {why}; HOME is {home}: set it to a directory of yours")
    return SpoolUnusable(f"cannot read {path}: {why}; look at it with `ls -ld`, or set JOBCTL_CONFIG")


def parse(content: bytes, path: str) -> Config:
    """Return the configuration that *content* is, which is or will be in the file *path*.

    Raises:
        InvalidConfig: as `load`.
    """
    slots, others, written = dict(defaults().queues), [], []
    for keys, value in given(content, path):
        if keys[0] == "queues" and keys[-1] == "slots":
            slots[keys[1]] = value
            written.append(keys[1])
        else:
            others.append((keys, value))
    return Config(queues=tuple(slots.items()), others=tuple(others), written=tuple(written))


def given(content: bytes, path: str) -> Iterator[tuple[Keys, Any]]:
    """Yield the parts of the key and the value of each setting that *content* has.

    Raises:
        InvalidConfig: as `load`.
    """
    import tomllib  # noqa: PLC0415  # it is dear, and `submit` rarely needs it

    try:
        text = content.decode("utf-8")
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise InvalidConfig(f"cannot read {path}: {wrong}") from None
    yield from _walk(document, (), text, path)


def dotted(keys: Keys) -> str:
    """Return the key with the parts *keys* as TOML writes it."""
    return ".".join(part if part and _BARE.issuperset(part) else f'"{part}"' for part in keys)


def split(key: str) -> Keys:
    """Return the parts of *key* as TOML writes it.

    Raises:
        UsageError: it is none.
    """
    import tomllib  # noqa: PLC0415  # as above

    try:
        table: Any = tomllib.loads(f"{key} = 0")
    except tomllib.TOMLDecodeError:
        raise UsageError(f"{key!r} is no key; write one as in queues.default.slots") from None
    parts: list[str] = []
    while isinstance(table, dict):
        ((part, table),) = table.items()
        parts.append(part)
    return tuple(parts)


def _walk(table: dict[str, Any], above: Keys, text: str, path: str) -> Iterator[tuple[Keys, Any]]:
    from jobctl.store import settings  # noqa: PLC0415  # as above

    for name, value in table.items():
        keys = (*above, name)
        known = settings.below(above)
        if name not in known and "*" not in known:
            where = dotted(above) if above else "the top level"
            there = f"there is {', '.join(known)}{settings.perhaps(name, known)}"
            raise _wrong(text, path, keys, f"{where} has no setting {name!r}; {there}")
        setting = settings.find(keys)
        if setting is None:
            if not isinstance(value, dict):
                why = f"{dotted(keys)} is {value!r}; it must be a table, as in [{dotted(keys)}]"
                raise _wrong(text, path, keys, why)
            if name not in known:
                _check_name(name, text, path, keys)
            yield from _walk(value, keys, text, path)
            continue
        try:
            yield keys, setting.kind.accept(value)
        except (ValueError, UsageError):
            # What was meant to be a secret is not for the terminal and the log.
            found = "not what it must be" if setting.is_secret else repr(value)
            raise _wrong(text, path, keys, f"{dotted(keys)} is {found}; it must be {setting.kind.allowed}") from None


def _check_name(name: str, text: str, path: str, keys: Keys) -> None:
    from jobctl.model.spec import check_label  # noqa: PLC0415  # as above

    try:
        check_label(name)
    except UsageError as wrong:
        raise _wrong(text, path, keys, str(wrong)) from None


def _wrong(text: str, path: str, keys: Keys, why: str) -> InvalidConfig:
    return InvalidConfig(f"cannot use {path}, line {_line(text, keys)}: {why}")


def _line(text: str, keys: Keys) -> int:
    """Return the number of the line of *text*, which is TOML, at which the key with the parts *keys* begins.

    No parser here tells: it is the line after the longest beginning of the text that is TOML without the key.
    """
    import tomllib  # noqa: PLC0415  # as above

    lines = [f"{line}\n" for line in text.split("\n")]
    before = 0
    for count in range(1, len(lines) + 1):
        try:
            table: Any = tomllib.loads("".join(lines[:count]))
        except tomllib.TOMLDecodeError:
            continue  # in the middle of a value
        for part in keys:
            if not isinstance(table, dict) or part not in table:
                before = count
                break
            table = table[part]
        else:
            break
    return before + 1

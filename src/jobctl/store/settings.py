"""Every setting of the configuration: its name, what it may be, its default, what it is for. One line makes a new one.

`jobctl config` lists them from here, jobctl.toml(5) documents them, and a test holds the two equal.
"""

from __future__ import annotations

from jobctl.errors import UsageError
from jobctl.model import quantities
from jobctl.model.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Final, TypeVar

    T = TypeVar("T")


class Kind(Value):
    """What a setting may be."""

    #: What is allowed, behind "it must be".
    allowed: str
    #: Return a value of the file as jobctl uses it; ValueError where it is not allowed.
    accept: Callable[[object], object]
    #: Return the words of `config set` as they are written to the file.
    write: Callable[[Sequence[str]], object]


def _one(words: Sequence[str]) -> str:
    (word,) = words
    return word


def _typed(value: object, kind: type[T]) -> T:
    if not isinstance(value, kind):
        raise UsageError("of another kind")
    return value


def _texts(value: object) -> tuple[str, ...]:
    return tuple(_typed(text, str) for text in _typed(value, list))


def whole(least: int, most: int) -> Kind:
    """A whole number from *least* to *most*."""

    def accept(value: object) -> object:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise ValueError
        return value

    return Kind(allowed=f"a whole number from {least} to {most}", accept=accept, write=lambda words: int(_one(words)))


def duration() -> Kind:
    """Text such as "90s"; in seconds where jobctl uses it."""
    return Kind(
        allowed='a duration such as "90s" or "1h30m"',
        accept=lambda value: quantities.parse_duration(_typed(value, str)),
        write=_one,
    )


def size() -> Kind:
    """A number of bytes, or text such as "512M"; in bytes where jobctl uses it."""

    def accept(value: object) -> object:
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
        return quantities.parse_size(_typed(value, str))

    return Kind(allowed='a size such as "512M" or a number of bytes', accept=accept, write=_one)


def text() -> Kind:
    """Text that is not empty."""

    def accept(value: object) -> object:
        found = _typed(value, str)
        if not found.strip():
            raise ValueError
        return found

    return Kind(allowed="text", accept=accept, write=_one)


def addresses() -> Kind:
    """A list of addresses that can be told something."""

    def accept(value: object) -> object:
        from jobctl.model import webhook  # noqa: PLC0415  # only who has some pays for it

        found = _texts(value)
        webhook.check_all(found)
        return found

    return Kind(allowed='a list of addresses, as in ["https://example.org/hook"]', accept=accept, write=list)


def secrets() -> Kind:
    """A secret that webhooks are signed with, or several."""

    def accept(value: object) -> object:
        from jobctl.model import webhook  # noqa: PLC0415  # as above

        found = (value,) if isinstance(value, str) else _texts(value)
        for each in found:
            webhook.key(each)
        return found

    return Kind(allowed="a secret in base64, which may begin with whsec_, or a list of such", accept=accept, write=list)


def names() -> Kind:
    """A list of texts none of which is empty."""

    def accept(value: object) -> object:
        found = _texts(value)
        if "" in found:
            raise ValueError
        return found

    return Kind(allowed='a list of names, as in ["AWS_SECRET_ACCESS_KEY"]', accept=accept, write=list)


class Setting(Value):
    """One setting."""

    #: Its key; `*` stands for a name that the user gives.
    name: str
    kind: Kind
    #: As jobctl uses it where the file does not say otherwise.
    default: object
    #: A sentence for people.
    help: str
    #: Whether its value is to be shown to nobody who has not asked for it.
    is_secret: bool = False


#: Slots that a queue may have; more would only be a slip of the pen.
MOST_SLOTS: Final = 100_000

SETTINGS: Final = (
    Setting(
        name="queues.*.slots",
        kind=whole(1, MOST_SLOTS),
        default=1,
        help="How many jobs of the queue run at once. Without it the queue named default has one slot a processor.",
    ),
    Setting(
        name="retain",
        kind=duration(),
        default=None,
        help="How long after its end a job is kept. Without it until `jobctl clean` forgets it.",
    ),
    Setting(
        name="max_pending",
        kind=whole(1, 1_000_000_000),
        default=None,
        help="How many jobs may be unfinished before `submit` refuses another one with 75. Without it any number.",
    ),
    Setting(
        name="leave_out_env",
        kind=names(),
        default=(),
        help="Variables of the environment of `submit` that no job is given.",
    ),
    Setting(
        name="notify.webhooks",
        kind=addresses(),
        default=(),
        help="Addresses that are told of the end of every job, beside those of its own.",
    ),
    Setting(
        name="notify.on_finish",
        kind=text(),
        default=None,
        help="Commands for /bin/sh that are run at the end of every job.",
    ),
    Setting(
        name="notify.secret",
        kind=secrets(),
        default=(),
        help="What webhooks are signed with (Standard Webhooks); several while one takes the place of another.",
        is_secret=True,
    ),
)


def find(keys: Sequence[str]) -> Setting | None:
    """Return the setting that *keys*, the parts of a key, mean."""
    for setting in SETTINGS:
        parts = setting.name.split(".")
        if len(parts) == len(keys) and all(part in {"*", key} for part, key in zip(parts, keys, strict=True)):
            return setting
    return None


def below(keys: Sequence[str]) -> list[str]:
    """Return what may follow *keys*, the first parts of a key; `*` is any name."""
    found = []
    for setting in SETTINGS:
        parts = setting.name.split(".")
        if len(parts) > len(keys) and all(part in {"*", key} for part, key in zip(parts, keys, strict=False)):
            found.append(parts[len(keys)])
    return list(dict.fromkeys(found))


def perhaps(name: str, known: Sequence[str]) -> str:
    """Return what to say behind a list of *known* names to somebody who wrote *name*: the one meant, if one is near."""
    import difflib  # noqa: PLC0415  # only where something is wrong

    near = difflib.get_close_matches(name, known, n=1)
    return f"; perhaps {near[0]!r} is meant" if near else ""

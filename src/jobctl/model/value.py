"""Typed immutable values that cost nothing to import.

`dataclasses` adds more to the start of a process than everything else `jobctl submit` does
(docs/internals.md, "The quick way in"), so the hot path has this instead: a class body of annotated
fields becomes a keyword-only, frozen value. mypy checks it as it checks a frozen dataclass.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Self, dataclass_transform
else:

    def dataclass_transform(**_options: bool) -> object:
        """Stand in for typing.dataclass_transform, which only type checkers look at."""
        return lambda cls: cls


@dataclass_transform(kw_only_default=True, frozen_default=True)
class Value:
    """Base of the immutable values: fields by annotation, defaults by assignment, equality by content.

    A subclass lists its fields as annotations; a default must itself be immutable.
    Construction takes keywords only and refuses unknown and missing ones with TypeError.
    """

    _fields: tuple[str, ...] = ()
    #: The defaults of those that have one; who makes a value must name the others.
    _defaults: dict[str, Any] = {}  # noqa: RUF012  # each subclass has its own
    _needed: frozenset[str] = frozenset()

    def __init_subclass__(cls) -> None:
        """Collect the fields of the new class, those of its bases first."""
        own = tuple(name for name in cls.__annotations__ if name[0] != "_")
        cls._fields = cls._fields + own
        cls._defaults = {name: getattr(cls, name) for name in cls._fields if hasattr(cls, name)}
        cls._needed = frozenset(cls._fields).difference(cls._defaults)

    def __init__(self, **fields: Any) -> None:
        """Set every field from *fields* or its default, which stays with the class: a daemon holds very many values."""
        if not self._needed <= fields.keys():
            missing = next(name for name in self._fields if name in self._needed and name not in fields)
            raise TypeError(f"{type(self).__name__} needs {missing}")
        self._set(fields)

    def _set(self, fields: dict[str, Any]) -> None:
        # Not by way of __dict__: a value whose dictionary was never asked for has none and is smaller.
        set_field, defaults, needed = object.__setattr__, self._defaults, self._needed
        for name, value in fields.items():
            if name in defaults:
                if value is defaults[name]:
                    continue
            elif name not in needed:
                unknown = sorted(name for name in fields if name not in self._fields)
                raise TypeError(f"{type(self).__name__} has no {', '.join(unknown)}")
            set_field(self, name, value)

    def __setattr__(self, name: str, value: object) -> None:
        """Refuse: a value does not change."""
        raise AttributeError(f"{type(self).__name__}.{name} cannot be set: values do not change")

    def __delattr__(self, name: str) -> None:
        """Refuse: a value does not change."""
        raise AttributeError(f"{type(self).__name__}.{name} cannot be deleted: values do not change")

    def __eq__(self, other: object) -> bool:
        """Compare by type and content."""
        if type(other) is not type(self):
            return NotImplemented
        return self.asdict() == other.asdict()

    def __hash__(self) -> int:
        """Hash by type and content; every field must be hashable."""
        return hash((type(self), tuple(getattr(self, name) for name in self._fields)))

    def __repr__(self) -> str:
        """Show the class and every field."""
        shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in self._fields)
        return f"{type(self).__name__}({shown})"

    def asdict(self) -> dict[str, Any]:
        """Return the fields by name, in the order of declaration; nested values stay as they are."""
        return {name: getattr(self, name) for name in self._fields}

    def but(self, **changes: Any) -> Self:
        """Return a copy with *changes*."""
        other = object.__new__(type(self))
        # What is not in the dictionary has its default.
        other._set({**self.__dict__, **changes})  # its own class's
        return other

"""What a fault test tries of all the points that there are."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeVar

    import pytest

    T = TypeVar("T")


class Part(NamedTuple):
    """One of equal parts of a long form, counted from 1: on a small machine all of it takes hours."""

    number: int = 1
    of: int = 1

    @classmethod
    def parse(cls, text: str) -> Part:
        """Return what `3/10` means.

        Raises:
            ValueError: it means nothing.
        """
        number, _, of = text.partition("/")
        part = cls(int(number), int(of))
        if not 1 <= part.number <= part.of:
            raise ValueError(f"{text} is no part: write 1/10 to 10/10")
        return part

    def deal(self, found: Sequence[T]) -> list[T]:
        """Return this part of what is *found*; all parts together are all of it."""
        return list(found[self.number - 1 :: self.of])

    def share(self, whole: int) -> int:
        """Return how many of *whole* are done in each part."""
        return -(-whole // self.of)


def wants_all(config: pytest.Config) -> bool:
    """Return whether the long form is wanted, or a part of it."""
    return bool(config.getoption("long", False) or config.getoption("part", None))


def part_of(config: pytest.Config) -> Part:
    """Return which part of the long form is wanted."""
    return config.getoption("part", None) or Part()


class Sample:
    """Everything in the long form, or its part of it, else as many as the short form has time for, chosen by a seed."""

    def __init__(self, seed: int, *, is_long: bool, part: Part) -> None:
        #: What is drawn, not counted, is drawn differently in each part.
        self.seed = seed + part.number - 1
        self.is_long = is_long
        self.part = part

    def of(self, found: Sequence[T], most: int) -> list[T]:
        """Return what is tried of *found*, in its order: all, or *most* of them."""
        if self.is_long:
            return self.part.deal(found)
        if len(found) <= most:
            return list(found)
        chosen = random.Random(self.seed).sample(range(len(found)), most)
        return [found[position] for position in sorted(chosen)]

    def whole(self, found: Sequence[T], most: int) -> list[T]:
        """Return what is tried of *found*, of each of which only a part is tried then: all, or *most* of them."""
        return list(found) if self.is_long else self.of(found, most)

    def many(self, short: int, long: int) -> int:
        """Return how many are done of what has no end: *short*, or this part's share of *long*."""
        return self.part.share(long) if self.is_long else short

"""What a fault test tries of all the points that there are."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeVar

    T = TypeVar("T")


class Sample:
    """Everything in the long form, else as many as the short form has time for, chosen by a seed."""

    def __init__(self, seed: int, *, is_long: bool) -> None:
        self.seed = seed
        self.is_long = is_long

    def of(self, found: Sequence[T], most: int) -> list[T]:
        """Return what is tried of *found*, in its order: all, or *most* of them."""
        if self.is_long or len(found) <= most:
            return list(found)
        chosen = random.Random(self.seed).sample(range(len(found)), most)
        return [found[position] for position in sorted(chosen)]

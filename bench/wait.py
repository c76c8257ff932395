"""Wait for what nobody announces."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def until(condition: Callable[[], object], within: float = 300.0, *, pause: float = 0.002) -> None:
    """Return when *condition* holds, which is looked at every *pause* seconds.

    Raises:
        TimeoutError: it did not within so many seconds.
    """
    end = time.monotonic() + within
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"it did not come within {within} s")
        time.sleep(pause)

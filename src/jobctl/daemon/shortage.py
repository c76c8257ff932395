"""What the machine lacks when jobs cannot be started: no room on the disk, no descriptors, no processes.

What one job lacks all lack, and a thousand tries a second would neither change that nor leave a processor to others.
"""

from __future__ import annotations

import errno

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

#: What the system says when it is not about one job.
_OF_ALL: Final = frozenset(
    (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EMFILE, errno.ENFILE, errno.EAGAIN, errno.ENOMEM)
)
#: Starts that are tried between two looks although the ones before have met it: the next job may need less.
_MOST: Final = 3


class Shortage:
    """Keeps note of the starts that could not be prepared."""

    def __init__(self) -> None:
        """Begin with nothing lacking."""
        self._met = 0
        self._said: dict[int, int | None] = {}

    @property
    def is_on(self) -> bool:
        """Whether nothing more is to be started before the next look."""
        return self._met >= _MOST

    def look_again(self) -> None:
        """Let starts be tried: it may be over."""
        self._met = 0

    def met(self, job: int, error: int | None) -> bool:
        """Note that *job* could not be started for *error*; return whether that is new of it."""
        self._met += error in _OF_ALL
        is_new = job not in self._said or self._said[job] != error
        self._said[job] = error
        return is_new

    def over(self, job: int) -> None:
        """Note that *job* could be started, or is not to be any more."""
        self._said.pop(job, None)

"""Told to leave by a signal, as by timeout(1) or a terminal that is closed: the job stays, and that must be said.

Imported by what stands in for a job, when it blocks.
"""

from __future__ import annotations

import signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import NoReturn


class ToldToLeave(KeyboardInterrupt):
    """The process was told to leave by the signal *number*: an interruption for which nobody need be asked."""

    def __init__(self, number: int) -> None:
        """Remember the signal."""
        super().__init__()
        self.number = number


def listen() -> None:
    """Let SIGTERM and SIGHUP interrupt from here on as Ctrl-C does; one that is ignored (nohup(1)) stays so."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _leave)


def _leave(number: int, _: FrameType | None) -> NoReturn:
    raise ToldToLeave(number)

"""The terminal of a job that was submitted with --pty: for programs that say nothing on a pipe.

The keeper copies what is written to it into the attempt's standard output, and answers what programs ask terminals.
Only here something stands between a job and its output: a keeper that is killed hangs the terminal up.
"""

from __future__ import annotations

import errno
import fcntl
import os
import struct
import termios

from jobctl.daemon.answers import Answers
from jobctl.store import atomic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Final

_ROWS: Final = 24
_COLUMNS: Final = 80
_MOST_DIGITS: Final = 4
_CHUNK: Final = 64 * 1024
#: Chunks copied before the keeper looks at anything else, and how often so many at the end: what was not killed
#: (--keep-children) may write for ever.
_CHUNKS: Final = 16
_LAST: Final = 64

#: Programs that ask somebody, or page, must not do so where nobody sits; each only where the user has not set it.
VARIABLES: Final = {
    "TERM": "xterm-256color",
    "PAGER": "cat",
    "GIT_PAGER": "cat",
    "SYSTEMD_PAGER": "cat",
    "GIT_TERMINAL_PROMPT": "0",
    "DEBIAN_FRONTEND": "noninteractive",
}


class Terminal:
    """A pseudo terminal: `slave` is the job's end of it, and what comes out of `master` is written to *output*."""

    def __init__(self, env: Mapping[str, str], output: int) -> None:
        """Open a terminal of the size that COLUMNS and LINES of *env* say, else 80 by 24.

        Raises:
            OSError: there is none left.
        """
        rows, columns = _cells(env, "LINES", _ROWS), _cells(env, "COLUMNS", _COLUMNS)
        self._output = output
        self._answers = Answers(rows, columns)
        #: The keeper keeps both ends open, so that a job that closes its own does not hang it up.
        self.master, self.slave = os.openpty()
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        mode = termios.tcgetattr(self.slave)
        mode[1] &= ~termios.ONLCR  # what a job writes is what stands in the file
        mode[3] &= ~termios.ECHO  # our answers are not its output
        termios.tcsetattr(self.slave, termios.TCSANOW, mode)
        os.set_blocking(self.master, False)

    def copy(self) -> bool:
        """Copy what has come, at most a megabyte; return whether there may be more."""
        for _ in range(_CHUNKS):
            try:
                data = os.read(self.master, _CHUNK)
            except BlockingIOError:
                return False
            except OSError as failure:
                if failure.errno == errno.EIO:  # the other end is closed, and all was read
                    return False
                raise
            if not data:
                return False
            self._write(data)
            self._answer(data)
        return True

    def close(self) -> None:
        """Copy what is left, when nobody writes any more, and hang up."""
        os.close(self.slave)
        for _ in range(_LAST):
            if not self.copy():
                break
        os.close(self.master)

    def _write(self, data: bytes) -> None:
        try:
            atomic.write_all(self._output, data)
        except OSError:
            # The disk is full, say. The job would be told if it wrote itself; a job that is held up for ever is worse.
            pass

    def _answer(self, data: bytes) -> None:
        answer = self._answers.to(data)
        if answer:
            try:
                os.write(self.master, answer)
            except OSError:
                pass  # It has not read the last thousands of answers.


def take_control(slave: int) -> None:
    """Make *slave* the controlling terminal of this process, which must lead a session without one.

    Raises:
        OSError: it cannot be.
    """
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)


def _cells(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS and int(text) else default

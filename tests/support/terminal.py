"""A command on a terminal, typed to and looked at: a pseudo-terminal with an emulator behind it."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
from typing import TYPE_CHECKING

import pyte

from support.installed import COMMAND
from support.wait import until

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from support.installed import Home


class Terminal:
    """`jobctl`, or another *program*, with *arguments* on a terminal of *columns* by *rows*."""

    def __init__(
        self,
        home: Home,
        *arguments: str,
        columns: int = 80,
        rows: int = 24,
        term: str = "xterm",
        program: str = COMMAND,
        **env: str,
    ) -> None:
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self.received = b""
        self._main, side = pty.openpty()
        fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.process = subprocess.Popen(
            [program, *arguments],
            stdin=side,
            stdout=side,
            stderr=side,
            env={**home.environ, "TERM": term, "NO_COLOR": "1", "LC_ALL": "C.UTF-8", **env},
            cwd=home.base,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509  # there are no threads here
        )
        os.close(side)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._main)

    def look(self) -> str:
        """Return what is on the screen by now."""
        while select.select([self._main], [], [], 0)[0]:
            try:
                data = os.read(self._main, 65536)
            except OSError:
                break  # everybody has closed the other side
            if not data:
                break
            self.received += data
            self._stream.feed(data)
        return "\n".join(line.rstrip() for line in self.screen.display).rstrip()

    def colours(self, text: str) -> set[str]:
        """Return the colours in which *text* stands on the screen, where it stands first; none if it does not."""
        for number, line in enumerate(self.screen.display):
            at = line.find(text)
            if at >= 0:
                return {self.screen.buffer[number][column].fg for column in range(at, at + len(text))}
        return set()

    def see(self, text: str) -> None:
        """Wait until *text* is on the screen."""
        until(lambda: text in self.look(), f"{text!r} on the screen:\n{self.look()}")

    def resize(self, columns: int, rows: int) -> None:
        """Give the window another size."""
        self.look()
        self.screen.resize(rows, columns)
        fcntl.ioctl(self._main, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, text: str) -> None:
        """Type *text*."""
        os.write(self._main, text.encode())

    def end(self) -> int:
        """Wait for the end of the command and return its exit status."""

        def ended() -> bool:
            self.look()
            return self.process.poll() is not None

        until(ended, "the command to end")
        self.look()
        return self.process.returncode

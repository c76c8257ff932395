"""Bring bytes that a job wrote to our standard output: exact to a pipe, harmless to a terminal, in bounded memory."""

from __future__ import annotations

import codecs
import os

from jobctl.cli import output

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

_CHUNK: Final = 256 * 1024
#: Bytes by which it is decided whether what comes is text, and what a terminal gets if it is none.
_LOOK_AT: Final = 16 * 1024
_NO_TEXT: Final = b"(binary, not shown; a file or a pipe gets it as it is)\n"


class Sink:
    """Where the bytes go: descriptor *fd*; unless *raw* a terminal gets them harmless.

    Control characters are made visible there; of what is no text only that is said.
    """

    def __init__(self, fd: int, *, raw: bool = False) -> None:
        """Begin a stream; characters that are cut by the end of a chunk are put together again."""
        self._fd = fd
        self._decoder = None
        #: Called before something is written, for what else is on the terminal.
        self.before: Callable[[], None] | None = None
        #: Whether what was written last ended a line.
        self.at_line_start = True
        if not raw and output.is_terminal(fd):
            self._decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")
        #: Whether an escape sequence was made visible.
        self.escaped = False
        #: Whether what is written is no text, None as long as nothing was.
        self._binary: bool | None = None

    def begin(self, job: int, task: int | None, attempt: int) -> None:  # noqa: ARG002  # others name it
        """Say that what is written from here on is of this *attempt*."""
        self._binary = None

    def end(self) -> None:
        """Say that no more is written."""

    def write(self, data: bytes) -> None:
        """Bring *data* out.

        Raises:
            OSError: nobody takes it any more.
        """
        if self.before is not None:
            self.before()
        if self._decoder is not None and self._is_binary(data):
            return
        self.at_line_start = data.endswith(b"\n")
        if self._decoder is not None:
            text = output.visible(self._decoder.decode(data), keep="\n\t")
            self.escaped = self.escaped or b"\x1b[" in data
            data = text.encode("utf-8", "backslashreplace")
        output.write(data, self._fd)

    def _is_binary(self, data: bytes) -> bool:
        """Return whether *data* begins or goes on with what is no text; the first time that is said in its place."""
        if self._binary is None:
            from jobctl.cli.tail import is_binary  # noqa: PLC0415  # only on a terminal

            self._binary = is_binary(data[:_LOOK_AT])
            if self._binary:
                output.write(_NO_TEXT, self._fd)
        return self._binary


class JsonSink(Sink):
    """Writes every line as a JSON document of its own to standard output, with where it comes from."""

    def __init__(self, stream: str) -> None:
        """Begin with *stream* (`stdout`, `stderr`) of no attempt yet."""
        super().__init__(1, raw=True)
        self._stream = stream
        self._of: tuple[int, int | None, int] = (0, None, 0)
        self._rest: list[bytes] = []

    def begin(self, job: int, task: int | None, attempt: int) -> None:
        """Say that what is written from here on is of this *attempt*."""
        self.end()
        self._of = (job, task, attempt)

    def write(self, data: bytes) -> None:
        """Write the lines that *data* completes; the rest waits for its end."""
        first, *others = data.split(b"\n")
        self._rest.append(first)
        for part in others:
            self._put()
            self._rest = [part]

    def end(self) -> None:
        """Write what is left, a line without an end."""
        if any(self._rest):
            self._put()
        self._rest = []

    def _put(self) -> None:
        job, task, attempt = self._of
        text = b"".join(self._rest).decode("utf-8", "surrogateescape")
        where = {"v": 1, "id": job, "task": task, "attempt": attempt, "stream": self._stream}
        output.write_json({**where, "text": text})


class Source:
    """A file that a job writes: read from where the last reading ended, also while it grows or shrinks."""

    def __init__(self, path: str) -> None:
        """Name the file; it need not exist yet."""
        self.path = path
        self._fd = -1

    def copy(self, sink: Sink, lines: int | None = None) -> int:
        """Bring what is new to *sink*, at first only its last *lines* if given; return how many bytes it was."""
        if self._fd < 0:
            try:
                self._fd = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
            except FileNotFoundError:
                return 0
            if lines is not None:
                os.lseek(self._fd, last_lines(self._fd, lines), os.SEEK_SET)
        elif os.fstat(self._fd).st_size < os.lseek(self._fd, 0, os.SEEK_CUR):
            os.lseek(self._fd, 0, os.SEEK_SET)  # The job has truncated it.
        copied = 0
        while chunk := os.read(self._fd, _CHUNK):
            sink.write(chunk)
            copied += len(chunk)
        return copied

    def close(self) -> None:
        """Read no more."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def last_lines(fd: int, lines: int) -> int:
    """Return the offset at which the last *lines* lines of the file *fd* begin."""
    position = end = os.fstat(fd).st_size
    if lines == 0:
        return end
    # The newline that ends the last line begins no further one.
    wanted = lines + 1 if end and os.pread(fd, 1, end - 1) == b"\n" else lines
    while position > 0:
        size = min(_CHUNK, position)
        position -= size
        chunk = os.pread(fd, size, position)
        found = chunk.count(b"\n")
        if found >= wanted:
            at = -1
            for _ in range(found - wanted + 1):
                at = chunk.index(b"\n", at + 1)
            return position + at + 1
        wanted -= found
    return 0

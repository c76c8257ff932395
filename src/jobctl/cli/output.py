"""What reaches the user: answers on standard output, everything else on standard error.

Text that jobctl did not make itself (names, arguments, job output, error texts) reaches a terminal only
with its control characters made visible; a pipe gets exact bytes.
"""

from __future__ import annotations

import errno
import os

from jobctl.errors import UsageError
from jobctl.store import atomic, codec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from jobctl.model.status import Status
    from jobctl.store.layout import Layout

_OUT = 1
_ERR = 2
#: Bytes of lines that wait to be written together.
_MOST_PENDING = 65536
_STREAMS = {_OUT: "standard output", _ERR: "standard error"}


def is_terminal(fd: int = _OUT) -> bool:
    """Return whether *fd* (standard output unless said otherwise) is a terminal."""
    try:
        return os.isatty(fd)
    except OSError:
        return False


def check_color(color: str) -> None:
    """Refuse a --color that is none.

    Raises:
        UsageError: *color* is not auto, always or never.
    """
    if color not in {"auto", "always", "never"}:
        raise UsageError(f"--color {color!r} is none of auto, always, never")


def is_for_eyes(color: str) -> bool:
    """Return whether the answer is drawn for people: on a terminal, or where --color always asks for it.

    No variable of the environment turns the columns that scripts read into a drawing.
    """
    return is_terminal() or color == "always"


def write(data: bytes, fd: int = _OUT) -> None:
    """Write *data* to *fd* (standard output unless said otherwise), all of it.

    Raises:
        OSError: it is closed, full or broken: the answer did not arrive.
    """
    try:
        atomic.write_all(fd, data)
    except OSError as failure:
        failure.filename = _STREAMS[fd]
        raise


def explain(failure: OSError) -> str:
    """Return in words what the system refused, and of which file or stream."""
    why = failure.strerror or str(failure)
    if failure.filename in _STREAMS.values():
        return f"cannot write to {failure.filename}: {'it is closed' if failure.errno == errno.EBADF else why}"
    return f"{failure.filename}: {why}" if failure.filename else why


def write_line(text: str) -> None:
    """Write *text* and a newline to standard output; on a terminal with control characters visible.

    Raises:
        OSError: as `write`.
    """
    shown = visible(text) if is_terminal() else text
    write(shown.encode("utf-8", "surrogateescape") + b"\n")


def write_json(document: dict[str, Any]) -> None:
    """Write *document* as one line to standard output.

    Raises:
        OSError: as `write`.
    """
    write(codec.encode(document))


def write_status(layout: Layout, status: Status) -> None:
    """Write the status file of the job that *status* is about; of a task, *status* itself in the same form.

    Raises:
        OSError: as `write`.
        NoSuchJob, UnreadableRecord: the file cannot be read any more.
    """
    if status.task is not None:
        write_json(status.document())
        return
    from jobctl.store import status_reader  # noqa: PLC0415  # `submit` has no use for it

    write(status_reader.read_raw(layout, status.id))


def write_columns(*values: object) -> None:
    """Write *values* as one line with tabs between them, for scripts; None is an empty column.

    Raises:
        OSError: as `write`.
    """
    write_lines([values])


def write_lines(lines: Iterable[Iterable[object]]) -> None:
    """Write *lines*, each as by `write_columns`, in as few calls as there is memory to spare for.

    Raises:
        OSError: as `write`.
    """
    pending = bytearray()
    for values in lines:
        columns = ("" if value is None else visible(str(value)) for value in values)
        pending += "\t".join(columns).encode("utf-8", "backslashreplace") + b"\n"
        if len(pending) >= _MOST_PENDING:
            write(bytes(pending))
            pending.clear()
    if pending:
        write(bytes(pending))


def warn(message: str) -> None:
    """Say *message* on standard error, as one line that begins with the name of the program."""
    try:
        atomic.write_all(_ERR, f"jobctl: {visible(message)}\n".encode("utf-8", "backslashreplace"))
    except OSError:
        pass  # There is nobody left to tell.


def ask(question: str) -> None:
    """Put *question* on standard error; the answer is typed behind it."""
    atomic.write_all(_ERR, f"jobctl: {visible(question)} ".encode())


def end_line() -> None:
    """End the line on standard error in which something was typed."""
    atomic.write_all(_ERR, b"\n")


def hint(message: str) -> None:
    """Say *message* on standard error if somebody sits there."""
    if is_terminal(_ERR):
        warn(message)


def visible(text: str, *, keep: str = "") -> str:
    """Return *text* with every character that could drive a terminal escaped, but for those in *keep*.

    That is every character that Unicode does not call printable: C0, DEL, C1, bidirectional controls,
    zero-width characters, line separators, and lone surrogates (bytes that are not UTF-8).
    """
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() or char in keep else char.encode("unicode_escape", "surrogatepass").decode("ascii")
        for char in text
    )

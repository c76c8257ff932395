"""JSON as jobctl writes and trusts it: ASCII-escaped, one document, one final newline, size-capped.

It is the standard library's JSON, because only that one brings bytes that are not UTF-8 back exactly (as lone
surrogates, PEP 383). Its C parts are called directly: importing `json` costs `jobctl submit` more than
all its own work (docs/internals.md, "The quick way in"); without the C parts `json` itself is used.
"""

from __future__ import annotations

import errno
import os
import stat

from jobctl.errors import UnreadableRecord
from jobctl.store import home

try:
    import _json as fast
except ImportError:  # not CPython: correctness before speed
    fast = None  # type: ignore[assignment]  # a module has no other stand-in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

#: What open(2) says of a symbolic link, a socket, a device without a driver, a parent that is no directory, and a
#: file that its owner may not read.
_WRONG_KIND: Final = frozenset((errno.ELOOP, errno.ENXIO, errno.ENODEV, errno.ENOTDIR, errno.EACCES))
#: Nothing jobctl writes itself comes near this; what is larger is refused unread. A specification
#: may hold an environment of 2 MiB (execve(2)), six bytes for each in the worst escape.
LARGEST: Final = 16 * 2**20


def encode(document: dict[str, Any]) -> bytes:
    """Return *document* as one line of ASCII with a newline at its end.

    Raises:
        ValueError: it holds NaN or an infinity.
    """
    if fast is None:
        import json  # noqa: PLC0415  # see the module's docstring

        return json.dumps(document, allow_nan=False, separators=(",", ":")).encode("ascii") + b"\n"
    return "".join(_write(document, 0)).encode("ascii") + b"\n"


def decode(data: bytes, path: str) -> dict[str, Any]:
    """Return the document in *data*, which was read from *path*.

    Raises:
        UnreadableRecord: not one JSON object with a newline behind it, or one with NaN, an infinity,
            the same key twice, bytes that are not ASCII, or nesting without end.
    """
    if not data.endswith(b"\n"):
        raise UnreadableRecord(path, "it is empty" if not data else "it has no final newline: it was cut")
    try:
        text = data.decode("ascii")
        document = _parse(text[:-1])
    except UnicodeDecodeError:
        raise UnreadableRecord(path, "it holds bytes that are not ASCII") from None
    except (ValueError, StopIteration, RecursionError, SystemError) as wrong:
        # SystemError: without `json` imported the C scanner cannot find the error that it wants to raise.
        why = str(wrong) if isinstance(wrong, ValueError) else "it is not JSON"
        raise UnreadableRecord(path, why or "it is not JSON") from None
    if not isinstance(document, dict):
        raise UnreadableRecord(path, "it is not a JSON object")
    return document


def read(path: str) -> dict[str, Any]:
    """Return the document in the file *path*.

    Raises:
        FileNotFoundError: there is none.
        UnreadableRecord: it is not a regular file of ours with one name, too large, or not such a document.
    """
    return decode(read_bytes(path), path)


def read_bytes(path: str, largest: int = LARGEST) -> bytes:
    """Return the content of *path*, a regular file of ours with one name and at most *largest* bytes.

    A link, a FIFO, a device or somebody else's file is refused: a job may have put it there.

    Raises:
        FileNotFoundError: there is none.
        UnreadableRecord: it is not what is asked for.
        OSError: it cannot be read now, which says nothing about the file: no descriptors left, a failing disk.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as failure:
        if failure.errno in _WRONG_KIND:
            raise UnreadableRecord(path, f"it is not a file of ours ({failure.strerror})") from None
        raise
    try:
        found = os.fstat(fd)
        if not stat.S_ISREG(found.st_mode):
            raise UnreadableRecord(path, "it is not a regular file")
        if found.st_uid != os.geteuid():
            raise UnreadableRecord(path, f"it belongs to user {found.st_uid}")
        # 0 is right too: the file may have been replaced between open and fstat.
        # Where others may change the files too the count is one of a moment ago, and says nothing.
        if found.st_nlink > 1 and not _is_being_published(path, fd) and home.remote(found.st_dev) is None:
            raise UnreadableRecord(path, "it has a second name (a hard link)")
        if found.st_size > largest:
            raise UnreadableRecord(path, f"it has {found.st_size} bytes")
        chunks = []
        while chunk := os.read(fd, found.st_size + 1):
            chunks.append(chunk)
        return b"".join(chunks)
    finally:
        os.close(fd)


def _is_being_published(path: str, fd: int) -> bool:
    """Return whether the second name of the file is the temporary one of `atomic.publish_record`.

    Its writer gives a record its name before it takes the temporary one away, and may be killed in between.
    """
    directory, _, name = path.rpartition("/")
    inode = os.fstat(fd).st_ino
    for other in os.listdir(directory):
        if other.startswith(name + ".") and other.endswith(".tmp"):
            try:
                if os.lstat(f"{directory}/{other}").st_ino == inode:
                    return os.fstat(fd).st_nlink <= 2  # these two names and no third
            except FileNotFoundError:
                continue
    return os.fstat(fd).st_nlink <= 1


def _parse(text: str) -> Any:
    if fast is None:
        import json  # noqa: PLC0415  # see the module's docstring

        return json.loads(text, object_pairs_hook=_unique, parse_float=_finite, parse_constant=_refuse_constant)
    document, end = _scan(text, 0)
    if end != len(text):
        raise ValueError("there is something behind the document")
    return document


class _Context:
    """What json.decoder.JSONDecoder hands to the scanner."""

    strict = True
    object_hook = None
    parse_int = int
    memo: dict[str, str]

    def __init__(self) -> None:
        self.memo = {}
        self.object_pairs_hook = _unique
        self.parse_float = _finite
        self.parse_constant = _refuse_constant


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        raise ValueError("it has the same key twice")
    return document


def _finite(text: str) -> float:
    number = float(text)
    if number - number != 0:
        raise ValueError(f"it holds {text:.20}, which is larger than any number here")
    return number


def _refuse_constant(name: str) -> None:
    raise ValueError(f"it holds {name}, which is not JSON")


def _refuse_type(value: object) -> None:
    raise TypeError(f"{type(value).__name__} has no place in a document")


if fast is not None:
    # The arguments of json.encoder.c_make_encoder: markers, default, string encoder, indent, separators,
    # sort_keys, skipkeys, allow_nan. None for markers: jobctl's documents hold no cycles.
    _write: Final = fast.make_encoder(
        None, _refuse_type, fast.encode_basestring_ascii, None, ":", ",", False, False, False
    )
    _scan: Final = fast.make_scanner(_Context())  # type: ignore[arg-type]  # typeshed wants a JSONDecoder

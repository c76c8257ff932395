"""Frozen inputs: files and directories copied into the job, so that it reads what they were at submission.

The copies are for reading only: later attempts and `rerun` use the same ones. On file systems that share blocks
between files (btrfs, xfs) a copy takes neither time nor room. A symbolic link inside a directory stays the link it is.
"""

from __future__ import annotations

import hashlib
import os
import stat

from jobctl.errors import UsageError
from jobctl.model.inputs import Input
from jobctl.store import atomic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Final

    from jobctl.model.spec import Spec
    from jobctl.store.layout import Layout

_OPEN: Final = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK
_CHUNK: Final = 2**20
#: How often a file is copied again that changed while it was copied.
_TRIES: Final = 3

#: Name below a directory (empty for a file that is an input itself), and what is there.
Found = tuple[str, os.stat_result]


def freeze(directory: str, wanted: tuple[tuple[str, str], ...]) -> tuple[Input, ...]:
    """Copy each of *wanted*, name and absolute source, into *directory*, which is made, durably.

    Raises:
        UsageError: one cannot be read, is neither file nor directory, or changes while it is copied.
        OSError: one cannot be written.
    """
    os.mkdir(directory, 0o700)
    frozen = tuple(_freeze(name, source, f"{directory}/{name}") for name, source in wanted)
    atomic.sync_directory(directory)
    os.chmod(directory, 0o500)
    return frozen


def copy(frozen: str, directory: str) -> None:
    """Copy *frozen*, the inputs of another job, to *directory*, durably.

    Raises:
        UsageError, OSError: as `freeze`.
    """
    _copy(frozen, directory)


def changed(_layout: Layout, _job: int, spec: Spec) -> list[str]:
    """Return one sentence for each input of *spec* whose original is not what was frozen any more."""
    return [said for said in (_difference(frozen) for frozen in spec.inputs) if said is not None]


def _difference(frozen: Input) -> str | None:
    try:
        found = list(_walk(frozen.source))
    except (OSError, UsageError):
        return f"{frozen.source} cannot be read any more"
    is_directory = stat.S_ISDIR(found[0][1].st_mode)
    size, mtime_ns = _measure(found)
    if is_directory == frozen.directory and size == frozen.size:
        # Untouched since, so nobody has to read it. What was touched may still be the same.
        if mtime_ns == frozen.mtime_ns:
            return None
        try:
            if _digest(frozen.source, found) == frozen.sha256:
                return None
        except OSError:
            return f"{frozen.source} cannot be read any more"
    return f"{frozen.source} has changed since it was submitted"


def _freeze(name: str, source: str, target: str) -> Input:
    try:
        found, sha256 = _copy(source, target)
    except OSError as failure:
        if _is_below(failure.filename, target):
            raise
        raise UsageError(f"cannot read {failure.filename or source} for --input: {failure.strerror}") from None
    size, mtime_ns = _measure(found)
    return Input(
        name=name,
        source=source,
        directory=stat.S_ISDIR(found[0][1].st_mode),
        size=size,
        sha256=sha256,
        mtime_ns=mtime_ns,
    )


def _is_below(filename: object, target: str) -> bool:
    # Writing to a descriptor fails without a name; what is read always has one, see `_reading`.
    return filename is None or str(filename).startswith(target)


def _copy(source: str, target: str) -> tuple[list[Found], str]:
    """Copy *source* to *target*, which nothing changed meanwhile; return what was found and its SHA-256."""
    found = list(_walk(source))
    folders = []
    digests = {}
    for name, what in found:
        here, there = _below(source, name), _below(target, name)
        if stat.S_ISDIR(what.st_mode):
            os.mkdir(there, 0o700)
            folders.append(there)
        elif stat.S_ISLNK(what.st_mode):
            os.symlink(os.readlink(here), there)
        else:
            digests[name] = _copy_file(here, there, executable=bool(what.st_mode & stat.S_IXUSR))
    for folder in reversed(folders):
        atomic.sync_directory(folder)
        os.chmod(folder, 0o500)
    again = list(_walk(source))
    if folders and [(name, _signature(what)) for name, what in found] != [
        (name, _signature(what)) for name, what in again
    ]:
        raise _changes(source)
    return again, _digest(source, again, digests)


def _copy_file(source: str, target: str, *, executable: bool) -> str:
    for _ in range(_TRIES):
        fd = _reading(source)
        try:
            before = os.fstat(fd)
            if not stat.S_ISREG(before.st_mode):
                raise _not_a_file(source)
            mode = 0o500 if executable else 0o400
            sha256 = hashlib.sha256()
            if atomic.clone_new(fd, target, mode=mode):
                _feed(target, sha256.update)
            else:
                _forget(target)
                atomic.copy_new(fd, target, mode=mode, note=sha256.update)
            after = os.fstat(fd)
        finally:
            os.close(fd)
        if _signature(before) == _signature(after) and os.stat(target).st_size == after.st_size:
            return sha256.hexdigest()
        _forget(target)
    raise _changes(source)


def _forget(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass


def _walk(source: str) -> Iterator[Found]:
    """Yield *source* and what is in it, each directory before its content; links are not followed.

    But *source*, which the user named, may itself be a link.

    Raises:
        UsageError: something is neither file, directory nor link.
        OSError: something cannot be read.
    """
    left = [""]
    while left:
        name = left.pop()
        path = _below(source, name)
        what = os.lstat(path) if name else os.stat(path)
        if not (stat.S_ISREG(what.st_mode) or stat.S_ISDIR(what.st_mode) or (name and stat.S_ISLNK(what.st_mode))):
            raise _not_a_file(path)
        yield name, what
        if stat.S_ISDIR(what.st_mode):
            left += [_below(name, entry) if name else entry for entry in sorted(os.listdir(path), reverse=True)]


def _measure(found: list[Found]) -> tuple[int, int]:
    """Return the bytes in all files of *found*, and the newest time at which any of them was changed."""
    size = sum(what.st_size for _, what in found if stat.S_ISREG(what.st_mode))
    return size, max(what.st_mtime_ns for _, what in found)


def _digest(source: str, found: list[Found], known: dict[str, str] | None = None) -> str:
    """Return the SHA-256 of *source*, a file or the tree *found* in it; digests of files that are *known* are used."""

    def of_file(name: str) -> str:
        if known is not None and name in known:
            return known[name]
        one = hashlib.sha256()
        _feed(_below(source, name), one.update)
        return one.hexdigest()

    if not stat.S_ISDIR(found[0][1].st_mode):
        return of_file("")
    sha256 = hashlib.sha256()
    for name, what in found[1:]:
        if stat.S_ISDIR(what.st_mode):
            line = "d"
        elif stat.S_ISLNK(what.st_mode):
            line = f"l {os.readlink(_below(source, name))}\0"
        else:
            line = f"f {of_file(name)}"
        sha256.update(os.fsencode(f"{line} {name}\0"))
    return sha256.hexdigest()


def _feed(path: str, take: Callable[[bytes], None]) -> None:
    fd = _reading(path)
    try:
        while chunk := os.read(fd, _CHUNK):
            take(chunk)
    finally:
        os.close(fd)


def _reading(path: str) -> int:
    return os.open(path, _OPEN)


def _below(path: str, name: str) -> str:
    return f"{path}/{name}" if name else path


def _signature(what: os.stat_result) -> tuple[int, int, int, int]:
    return what.st_ino, what.st_size, what.st_mtime_ns, what.st_mode


def _changes(source: str) -> UsageError:
    return UsageError(f"cannot freeze {source}: it changes while it is copied; submit again when it is complete")


def _not_a_file(path: str) -> UsageError:
    return UsageError(
        f"cannot freeze {path}: it is neither a file nor a directory; --stdin freezes what comes from a pipe"
    )

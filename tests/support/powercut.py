"""What a power cut may leave of what a program did to the disk: every state that file systems allow, made real.

A `Recorder` notes what this process does below one directory, system call by system call. From its notes
`states` makes what may be found there after the power went, at each moment, by two models:

- *ordered*: changes of names reach the disk in their order (journals of ext4 and xfs): some of the last ones are
  missing. A sync of anything brings all names that were changed before it.
- *posix*: only what was synced is sure. Of the names that were changed in a directory since its last sync, each may
  be there or not.

In both, the content of a file is what it was at its last sync, or, of what was written since, all or nothing.
"""

from __future__ import annotations

import os
import stat
from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import pytest


class Name(NamedTuple):
    """A change of the names in one directory: *name* means *inode* from now on, None: nothing."""

    directory: int
    name: str
    inode: int | None
    #: Changes with the same number happen together: both halves of a rename.
    step: int


class Moment(NamedTuple):
    """Something that happened, behind everything noted before it."""

    what: str
    facts: Any


class Recorder:
    """What this process does to the disk below *root*, which must be as good as synced when it begins."""

    def __init__(self, root: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = root
        self.log: list[Name | tuple[str, int] | Moment] = []
        #: What each inode holds: bytes of a file at each write, None for a directory.
        self.content: dict[int, bytes | None] = {}
        self.synced: dict[int, bytes] = {}
        self.names: dict[int, dict[str, int]] = defaultdict(dict)
        self._fds: dict[int, int] = {}
        #: Which of ours an inode number means now: file systems give the number of what is gone to what is new.
        self._numbers: dict[int, int] = {}
        self._step = 0
        self._top = self._take_stock(root)
        self._patch(monkeypatch)

    def mark(self, what: str, facts: Any = None) -> None:
        """Note that *what* has happened."""
        self.log.append(Moment(what, facts))

    def _take_stock(self, path: str) -> int:
        found = os.lstat(path)
        inode = self._new(found)
        if stat.S_ISDIR(found.st_mode):
            self.content[inode] = None
            for name in os.listdir(path):
                self.names[inode][name] = self._take_stock(f"{path}/{name}")
        else:
            held = b"" if stat.S_ISFIFO(found.st_mode) else self._read(path)
            self.content[inode] = self.synced[inode] = held
        return inode

    def _new(self, found: os.stat_result) -> int:
        self._numbers[found.st_ino] = len(self.content)
        self.content[len(self.content)] = b""
        return len(self.content) - 1

    def _inode(self, path: str) -> int:
        return self._numbers[os.lstat(path).st_ino]

    def _read(self, path: str) -> bytes:
        with open(path, "rb") as file:
            return file.read()

    def _is_ours(self, path: Any) -> bool:
        return isinstance(path, str) and path.startswith(self.root + "/")

    def _place(self, path: str) -> tuple[int, str]:
        head, _, tail = path.rpartition("/")
        return self._inode(head), tail

    def _patch(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in (
            "open",
            "close",
            "write",
            "pwrite",
            "ftruncate",
            "fsync",
            "rename",
            "link",
            "unlink",
            "mkdir",
            "rmdir",
        ):
            monkeypatch.setattr(os, name, self._wrapped(name, getattr(os, name)))
        monkeypatch.setattr(os, "posix_fallocate", self._wrapped("posix_fallocate", os.posix_fallocate))

    def _wrapped(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        note = getattr(self, f"_note_{name}", None)

        def call(*arguments: Any, **named: Any) -> Any:
            before = None
            if name in {"open", "rename", "unlink", "rmdir"} and self._is_ours(arguments[0]):
                before = os.path.lexists(arguments[0])
            answer = real(*arguments, **named)
            if note is not None:
                note(answer, before, *arguments)
            return answer

        return call

    def _change(self, path: str, inode: int | None, *, together: bool = False) -> None:
        if not together:
            self._step += 1
        directory, name = self._place(path)
        self.log.append(Name(directory, name, inode, self._step))

    def _note_open(self, fd: int, existed: bool | None, path: Any, flags: int = 0, *_: Any) -> None:
        if not self._is_ours(path):
            self._fds.pop(fd, None)
            return
        found = os.fstat(fd)
        if not existed:
            self._change(path, self._new(found))
        self._fds[fd] = self._numbers[found.st_ino]

    def _note_close(self, _: Any, __: Any, fd: int) -> None:
        self._fds.pop(fd, None)

    def _written(self, fd: int) -> None:
        inode = self._fds.get(fd)
        if inode is not None and self.content.get(inode) is not None:
            found = os.fstat(fd)
            held = bytearray(found.st_size)
            reading = os.open(f"/proc/self/fd/{fd}", os.O_RDONLY) if stat.S_ISREG(found.st_mode) else -1
            if reading >= 0:
                held = bytearray(os.pread(reading, found.st_size, 0))
                os.close(reading)
            self.log.append(("write", inode))
            self.log.append(Moment("content", (inode, bytes(held))))

    def _note_write(self, _: Any, __: Any, fd: int, *___: Any) -> None:
        self._written(fd)

    _note_pwrite = _note_ftruncate = _note_posix_fallocate = _note_write

    def _note_fsync(self, _: Any, __: Any, fd: int) -> None:
        inode = self._fds.get(fd)
        if inode is not None:
            self.log.append(("fsync", inode))

    def _note_rename(self, _: Any, existed: bool | None, source: str, target: str) -> None:
        if self._is_ours(source):
            self._change(target, self._inode(target))
            self._change(source, None, together=True)

    def _note_link(self, _: Any, __: Any, source: str, target: str) -> None:
        if self._is_ours(target):
            self._change(target, self._inode(target))

    def _note_unlink(self, _: Any, existed: bool | None, path: Any, *__: Any) -> None:
        if existed:
            self._change(path, None)

    _note_rmdir = _note_unlink

    def _note_mkdir(self, _: Any, __: Any, path: Any, *___: Any) -> None:
        if self._is_ours(path):
            inode = self._new(os.lstat(path))
            self.content[inode] = None
            self._change(path, inode)


class State:
    """What is on the disk for sure at one moment, and what is on its way there."""

    def __init__(self, recorder: Recorder) -> None:
        self.top = recorder._top
        self.is_directory = {inode: held is None for inode, held in recorder.content.items()}
        self.names = {directory: dict(names) for directory, names in recorder.names.items()}
        self.synced = dict(recorder.synced)
        self.latest = dict(recorder.synced)
        self.pending: list[Name] = []

    def take(self, entry: Name | tuple[str, int] | Moment, *, ordered: bool) -> None:
        if isinstance(entry, Name):
            self.pending.append(entry)
        elif isinstance(entry, Moment):
            if entry.what == "content":
                inode, held = entry.facts
                self.latest[inode] = held
        elif entry[0] == "fsync":
            inode = entry[1]
            if not self.is_directory.get(inode):
                self.synced[inode] = self.latest.get(inode, b"")
            sure = [change for change in self.pending if ordered or change.directory == inode]
            # Both halves of a rename that touch two directories: the journal has both or none.
            steps = {change.step for change in sure}
            self.settle([change for change in self.pending if change.step in steps])
            self.pending = [change for change in self.pending if change.step not in steps]

    def settle(self, changes: list[Name], names: dict[int, dict[str, int]] | None = None) -> None:
        names = self.names if names is None else names
        for change in changes:
            if change.inode is None:
                names.setdefault(change.directory, {}).pop(change.name, None)
            else:
                names.setdefault(change.directory, {})[change.name] = change.inode

    def choices(self, *, ordered: bool) -> Iterator[list[Name]]:
        """Yield which of the changes on their way may be there: all, none, and around those."""
        steps = sorted({change.step for change in self.pending})
        if ordered:
            subsets = [steps[:end] for end in range(len(steps) + 1)]
        else:
            subsets = [
                steps,
                [],
                *([step] for step in steps),
                *([one for one in steps if one != step] for step in steps),
            ]
        seen = set()
        for subset in subsets:
            key = tuple(subset)
            if key not in seen:
                seen.add(key)
                yield [change for change in self.pending if change.step in key]

    def make(self, place: Path, changes: list[Name], *, written: bool) -> None:
        """Make the state in *place*, with *changes*, and with or without what was *written* and not synced."""
        names = {directory: dict(held) for directory, held in self.names.items()}
        self.settle(changes, names)
        self._make(place, self.top, names, self.latest if written else self.synced)

    def _make(self, place: Path, directory: int, names: dict[int, dict[str, int]], held: dict[int, bytes]) -> None:
        place.mkdir(mode=0o700)
        for name, inode in names.get(directory, {}).items():
            if self.is_directory.get(inode):
                self._make(place / name, inode, names, held)
            elif name == "doorbell":
                os.mkfifo(place / name, 0o600)
            else:
                (place / name).write_bytes(held.get(inode, b""))
                (place / name).chmod(0o600)


def states(recorder: Recorder, *, ordered: bool) -> Iterator[tuple[int, State, list[Name], bool]]:
    """Yield each state that may be found: how much was done, the state, its changes, and if it has what was written."""
    state = State(recorder)
    for at, entry in enumerate(recorder.log, 1):
        state.take(entry, ordered=ordered)
        if isinstance(entry, Moment) and entry.what == "content":
            continue
        for changes in state.choices(ordered=ordered):
            yield at, state, changes, False
            yield at, state, changes, True

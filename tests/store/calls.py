"""What is asked of the kernel below one directory: recorded in order, and made to fail where a test says so."""

from __future__ import annotations

import errno
import os
import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

_BY_PATH = ("open", "mkdir", "mkfifo", "rename", "link", "unlink", "rmdir")
_BY_DESCRIPTOR = ("write", "pwrite", "fsync", "posix_fallocate", "ftruncate")
#: What makes a difference to a disk.
CHANGES = ("mkdir", "mkfifo", "rename", "link", "write", "pwrite", "fsync", "posix_fallocate", "ftruncate")


class Call(NamedTuple):
    """One call: its name, the path it is about, and which opening of that path (0 for calls by path)."""

    name: str
    path: str
    opening: int


class Calls:
    """The calls that concern *below*, which stands for nothing else in what is recorded."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, below: str) -> None:
        self.made: list[Call] = []
        self._below = below
        self._open: dict[int, tuple[str, int]] = {}
        self._openings = 0
        self._fails: Callable[[Call], bool] = lambda _: False
        self._errno = 0
        for name in (*_BY_PATH, *_BY_DESCRIPTOR):
            if hasattr(os, name):
                monkeypatch.setattr(os, name, self._watched(name, getattr(os, name)))
        monkeypatch.setattr(os, "close", self._closing(os.close))

    def fail(self, which: Callable[[Call], bool], number: int = errno.ENOSPC) -> None:
        """Make every call fail that *which* is true of, a write after half of what it was to write."""
        self._fails, self._errno = which, number

    def fail_at(self, position: int, names: tuple[str, ...] = CHANGES, number: int = errno.ENOSPC) -> None:
        """Forget what was recorded, and make the call at *position* among those called *names* fail."""
        self.made.clear()
        self.fail(lambda call: call.name in names and len(self.named(*names)) == position + 1, number)

    def succeed(self) -> None:
        """Let every call do what it does."""
        self._fails = lambda _: False

    def named(self, *names: str) -> list[Call]:
        """The calls made with these *names*."""
        return [call for call in self.made if call.name in names]

    @property
    def still_open(self) -> list[str]:
        """The paths that were opened and not closed."""
        return [self._shown(path) for path, _ in self._open.values()]

    def story(self, *names: str) -> list[str]:
        """The calls with these *names*, one line each; what is random in their paths is left out."""
        return [f"{call.name} {call.path}" for call in self.named(*names)]

    def _watched(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(first: Any, *more: Any, **options: Any) -> Any:
            path, opening = self._open.get(first, ("", 0)) if isinstance(first, int) else (os.fsdecode(first), 0)
            if path != self._below and not path.startswith(self._below + "/"):
                return real(first, *more, **options)
            if name in {"rename", "link"}:
                path = os.fsdecode(more[0])
            this = Call(name, self._shown(path), opening)
            self.made.append(this)
            if self._fails(this):
                if name in {"write", "pwrite"}:
                    real(first, more[0][: len(more[0]) // 2], *more[1:])
                raise OSError(self._errno, os.strerror(self._errno), path)
            result = real(first, *more, **options)
            if name == "open":
                self._openings += 1
                self._open[result] = path, self._openings
            return result

        return call

    def _closing(self, real: Callable[[int], None]) -> Callable[[int], None]:
        def close(fd: int) -> None:
            self._open.pop(fd, None)
            real(fd)

        return close

    def _shown(self, path: str) -> str:
        path = path[len(self._below) :].lstrip("/") or "."
        path = re.sub(r"(\.\d+)(\.[0-9a-f]{8})?\.tmp$", ".tmp", path)
        return re.sub(r"spool/tmp/\d+\.[0-9a-f]{16}", "spool/tmp/new", path)

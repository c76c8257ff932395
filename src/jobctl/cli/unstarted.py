"""What can be seen of why a command could not be executed, and the command that mends it."""

from __future__ import annotations

import os
import shlex
import stat

from jobctl.model.spec import places

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from jobctl.model.spec import Spec

#: Bytes of a script in which its interpreter stands.
_FIRST_LINE: Final = 256


def look(spec: Spec) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """Return what is the matter now with the directory or the program of *spec*, and what mends it.

    Nothing if all is well by now, or if it cannot be seen.
    """
    if not os.path.isdir(spec.cwd):
        if os.path.lexists(spec.cwd):
            return (("directory", f"{spec.cwd} is no directory"),), ()
        return (("directory", f"{spec.cwd} is not there"),), (f"mkdir -p {shlex.quote(spec.cwd)}",)
    name = spec.command[0]
    if "{}" in name:
        return (), ()  # Another one for each task.
    found = [os.path.join(spec.cwd, place) for place in places(dict(spec.env), name)]
    if "/" in name:
        return _of_file(found[0])
    for path in found:
        if os.path.isfile(path):
            return _of_file(path)
    return (("PATH", f"no {name} in {':'.join(map(os.path.dirname, found))}"),), ()


def _of_file(path: str) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    quoted = shlex.quote(os.path.normpath(path))
    try:
        found = os.stat(path)
    except OSError as failure:
        return (("program", f"{os.path.normpath(path)}: {failure.strerror}"),), ()
    if not stat.S_ISREG(found.st_mode):
        return (("program", f"{os.path.normpath(path)} is no file"),), ()
    if not os.access(path, os.X_OK):
        return (("program", f"it may not be executed: its mode is {stat.filemode(found.st_mode)}"),), (
            f"chmod +x {quoted}",
        )
    interpreter = _interpreter(path)
    if interpreter is None or os.path.exists(interpreter):
        return (), ()
    if interpreter.endswith("\r"):
        said = "its lines end as on Windows (CR LF), so that its interpreter is not found"
        return (("program", said),), (f"sed -i 's/\\r$//' {quoted}",)
    said = f"it is there, but its first line asks for {interpreter}, which is not"
    return (("program", said),), (f"head -1 {quoted}",)


def _interpreter(path: str) -> str | None:
    """Return the program that the script *path* names in its first line; None if it is none or cannot be read."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        line = os.read(fd, _FIRST_LINE).partition(b"\n")[0]
    except OSError:
        return None
    finally:
        os.close(fd)
    words = os.fsdecode(line[2:]).strip(" \t").split(" ") if line.startswith(b"#!") else [""]
    return words[0] or None

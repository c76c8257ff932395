"""`--input`: from what was written to the name under which the job finds each file, and where it is."""

from __future__ import annotations

import os
import stat

from jobctl.errors import UsageError


def of(words: list[str]) -> tuple[tuple[str, str], ...]:
    """Return name and absolute path of each of *words*: `FILE`, found under its own name, or `NAME=FILE`.

    A FILE with a `=` in its own name is written with a directory in front: `./a=b`.

    Raises:
        UsageError: one cannot be read or has no name, or two have the same.
    """
    found: dict[str, str] = {}
    for word in words:
        name, equals, path = word.partition("=")
        if not equals or "/" in name:
            name, path = "", word
        source = os.path.abspath(path)
        name = name or os.path.basename(source)
        why = _why_not(path, source)
        if why is not None:
            raise UsageError(f"cannot read {path or word!r} for --input: {why}")
        if name in {"", ".", ".."}:
            raise UsageError(f"--input {word!r} has no name that the job could find it by: write NAME={path}")
        if name in found:
            raise UsageError(
                f"two inputs are called {name!r}, {found[name]} and {source}: give one another name, as in NAME={path}"
            )
        found[name] = source
    return tuple(found.items())


def _why_not(path: str, source: str) -> str | None:
    if not path:
        return "no file is named"
    try:
        mode = os.stat(source).st_mode
    except (OSError, ValueError) as failure:
        return (failure.strerror if isinstance(failure, OSError) else None) or str(failure)
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        return "it is neither a file nor a directory; --stdin freezes what comes from a pipe"
    if not os.access(source, os.R_OK | (os.X_OK if stat.S_ISDIR(mode) else 0)):
        return "permission denied"
    return None

"""A file or directory that was frozen at submission, and what it was then."""

from __future__ import annotations

from jobctl.model.value import Value


class Input(Value):
    """One frozen input. The job finds it under `name` among its inputs."""

    name: str
    #: Where it was, absolute.
    source: str
    directory: bool = False
    #: Bytes, of a directory in all its files.
    size: int
    #: Of a directory: over the names and contents of all its files, in order of name.
    sha256: str
    #: Modification time of the original in nanoseconds, to see quickly whether it is still the same.
    mtime_ns: int

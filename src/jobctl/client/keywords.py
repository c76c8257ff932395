"""From the keywords of `jobctl.submit` to the options of the command as people write them, which have all the rules.

Only what a command line cannot get wrong is refused here: a value of another type.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import operator
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from jobctl.client.job import Job
from jobctl.client.specify import open_source
from jobctl.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

#: A number of seconds, or text such as "90s" or "1h30m".
Duration = float | str | dt.timedelta
#: A number of bytes, or text such as "512M".
Size = int | str
#: A job, its ID or a selector such as "17.3", or several of them.
Jobs = Job | int | str | Iterable[Job | int | str]
Path = str | os.PathLike[str]


def command(given: Sequence[Path] | str, *, shell: bool) -> tuple[list[str], str | None]:
    """Return the words of the command, or the text that the shell is given."""
    if isinstance(given, str):
        if not shell:
            raise UsageError(f"give the command as a list of words, or {given!r:.60} with shell=True")
        return [], given
    if shell:
        raise UsageError("with shell=True the command is one text, not a list of words")
    return [os.fsdecode(word) for word in given], None


def text(what: str, given: str | None) -> str | None:
    """Return *given*, which is text if it is given."""
    if given is not None and not isinstance(given, str):
        raise TypeError(f"{what} is {given!r}; it must be text")
    return given


def texts(what: str, given: Iterable[str]) -> list[str]:
    """Return *given*, several texts."""
    if isinstance(given, str):
        raise UsageError(f"{what} is a list, as in [{given!r}]")
    found = list(given)
    for one in found:
        text(f"one of {what}", one)
    return found


def whole(what: str, given: int | None) -> int | None:
    """Return *given*, a whole number of whatever library."""
    try:
        return None if given is None else operator.index(given)
    except TypeError:
        raise TypeError(f"{what} is {given!r}; it must be a whole number") from None


def statuses(what: str, given: int | Iterable[int]) -> str | None:
    """Return what exit statuses are written as."""
    several = [given] if isinstance(given, int) else given
    return ",".join(str(whole(f"one of {what}", one)) for one in several) or None


def duration(what: str, given: Duration | None) -> str | None:
    """Return what a duration is written as."""
    if given is None or isinstance(given, str):
        return given
    seconds = given.total_seconds() if isinstance(given, dt.timedelta) else float(given)
    if not 0 <= seconds < float("inf"):
        raise UsageError(f"{what} is {given}; it must be a number of seconds, or text such as '90s'")
    return f"{seconds:.6f}s"


def size(what: str, given: Size | None) -> str | None:
    """Return what a size is written as."""
    return given if given is None or isinstance(given, str) else str(whole(what, given))


def moment(what: str, given: dt.datetime | None) -> str | None:
    """Return what a time is written as; without a zone it is local."""
    if given is None:
        return None
    if not isinstance(given, dt.datetime):
        raise TypeError(f"{what} is {given!r}; it must be a datetime")
    return given.astimezone().isoformat()


def variables(given: Mapping[str, str] | None) -> list[str]:
    """Return the assignments to variables."""
    for name, value in (given or {}).items():
        if not isinstance(value, str):
            raise TypeError(f"env[{name!r}] is {value!r}; it must be text")
        if not name or "=" in name:
            raise UsageError(f"{name!r} cannot be the name of a variable: it is empty or holds a =")
    return [f"{name}={value}" for name, value in (given or {}).items()]


def inputs(given: Iterable[Path] | Mapping[str, Path]) -> list[str]:
    """Return what the files to freeze are written as."""
    if isinstance(given, Mapping):
        for name in given:
            if not name or "=" in name or "/" in name:
                raise UsageError(f"{name!r} cannot be the name of an input: it is not empty and has no / and no =")
        return [f"{name}={os.fspath(path)}" for name, path in given.items()]
    if isinstance(given, str):
        raise UsageError(f"inputs is a list, as in [{given!r}]")
    # In front of a directory a "=" in a name is none that gives a name.
    return [os.path.join(os.curdir, path) for path in given]


def indices(given: range | None, at_once: int | None) -> str | None:
    """Return what the indices of tasks are written as."""
    if given is None:
        return None
    if not isinstance(given, range):
        raise TypeError(f"array is {given!r}; it must be a range, as in range(100)")
    if not given or given.step < 1 or given.start < 0:
        raise UsageError(f"{given} are no indices of tasks: they begin at 0 or later and count up")
    return _with_limit(f"{given.start}-{given[-1]}:{given.step}", at_once)


def items(given: Iterable[Path] | None, at_once: int | None) -> tuple[str | None, list[bytes] | None]:
    """Return what messages call the items of tasks, as an option is written, and the items."""
    if given is None:
        return None, None
    if isinstance(given, str | bytes):
        raise UsageError(f"each is a list, as in [{given!r:.60}]")
    lines = [os.fsencode(item) for item in given]
    for line in lines:
        if b"\n" in line:
            raise UsageError(f"the item {os.fsdecode(line)!r:.60} has several lines")
    return _with_limit("each", at_once), lines


def _with_limit(tasks: str, at_once: int | None) -> str:
    return tasks if at_once is None else f"{tasks}%{whole('at_once', at_once)}"


def selectors(what: str, given: Jobs | None) -> list[str]:
    """Return the selectors of jobs."""
    several = [given] if isinstance(given, Job | int | str) else given or ()
    found = [str(job.id) if isinstance(job, Job) else job for job in several]
    return [job if isinstance(job, str) else str(whole(f"one of {what}", job)) for job in found]


@contextlib.contextmanager
def standard_input(given: bytes | Path | BinaryIO | None) -> Iterator[int | None]:
    """Yield a descriptor of what the job is to read, open as long as this is entered."""
    if given is None:
        yield None
    elif isinstance(given, str | os.PathLike):
        # Its name is no option's: "-" is a file here.
        fd = open_source(os.path.join(os.curdir, given) if os.fspath(given) == "-" else os.fspath(given), "stdin")
        try:
            yield fd
        finally:
            os.close(fd)
    else:
        with tempfile.TemporaryFile() as file:
            _copy(io.BytesIO(given) if isinstance(given, bytes) else given, file)
            file.seek(0)
            yield file.fileno()


def _copy(source: Any, target: BinaryIO) -> None:
    # By what it reads and not by its descriptor: that stands behind what Python has read ahead, and that of a
    # compressed file has other bytes.
    if not hasattr(source, "read"):
        raise TypeError(f"stdin is {source!r}; it must be bytes, the path of a file, or an open binary file")
    try:
        shutil.copyfileobj(source, target)
    except TypeError:
        raise TypeError(f"stdin is {source!r}; open it in binary mode, or give bytes") from None
    except OSError as failure:
        raise UsageError(f"cannot read stdin from {source!r}: {failure.strerror}") from failure

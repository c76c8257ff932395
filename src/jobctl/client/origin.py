"""What a job takes over from the process that submits it: environment, directory, umask; and whether it could run."""

from __future__ import annotations

import os
import stat

from jobctl.errors import UsageError
from jobctl.model import spec as model

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def environ() -> dict[str, str]:
    """Return the environment of this process, without what Python added to it.

    In the C locale Python sets LC_CTYPE to one with UTF-8 (PEP 538); the block that the process was
    given (proc(5), environ) still tells whether somebody else did.
    """
    found = dict(os.environ)
    if "LC_CTYPE" in found and "LC_ALL" not in found:
        try:
            with open("/proc/self/environ", "rb") as file:
                given = file.read()
        except OSError:
            return found
        if not any(variable.startswith(b"LC_CTYPE=") for variable in given.split(b"\0")):
            del found["LC_CTYPE"]
    return found


def directory(wanted: str | None) -> str:
    """Return the absolute directory that *wanted* means here, None: this one.

    Raises:
        UsageError: there is no such directory, or it may not be entered.
    """
    if wanted == "":
        raise UsageError("cannot run the job in a directory without a name; name an existing directory")
    try:
        here = os.getcwd()
    except OSError as failure:
        if wanted is None or not os.path.isabs(wanted):
            raise UsageError(
                f"cannot submit from here: the current directory cannot be named ({failure.strerror}); "
                "give an absolute one (-C)"
            ) from None
        here = "/"
    if wanted is None:
        if not os.access(here, os.X_OK):
            # A process may stand where its user may not go, as after `cd /root; runuser -u nobody …`.
            raise UsageError(f"cannot submit from {here}: you may not enter it; give a directory that you may (-C)")
        return here
    found = os.path.normpath(os.path.join(here, wanted))
    if "\0" in found or not os.path.isdir(found):
        why = "it is not a directory" if "\0" in found or os.path.lexists(found) else "there is none"
        raise UsageError(f"cannot run the job in {wanted}: {why}; name an existing directory")
    if not os.access(found, os.X_OK):
        raise UsageError(f"cannot run the job in {wanted}: you may not enter it; name one that you may")
    return found


def umask() -> int:
    """Return the umask of this process; other threads never see another one where the system tells (proc(5))."""
    try:
        with open("/proc/self/status", "rb") as file:
            for line in file:
                if line.startswith(b"Umask:"):
                    return int(line.split()[1], 8)
    except OSError:
        pass
    found = os.umask(0o077)
    os.umask(found)
    return found


def why_not_runnable(name: str, where: str, variables: Mapping[str, str]) -> str | None:
    """Return why *name* could not be executed from the directory *where*, or None if it can, as execvp(3) looks."""
    found = "it is not on the PATH"
    for place in model.places(variables, name):
        path = os.path.join(where, place)
        why = _why_not_executable(path)
        if why is None:
            return None
        if place == name:
            found = why
        elif os.path.lexists(path):
            found = f"{path}: {why}"
    return found


def _why_not_executable(path: str) -> str | None:
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return "there is no such file"
    except (OSError, ValueError) as failure:
        return (failure.strerror if isinstance(failure, OSError) else None) or str(failure)
    if stat.S_ISDIR(found.st_mode):
        return "it is a directory"
    if not os.access(path, os.X_OK):
        return "it is not executable"
    return None

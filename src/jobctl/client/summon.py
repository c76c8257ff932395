"""Start the daemon if none listens, without waiting for it.

Many submitters may find nobody listening at the same moment. The one that gets a lock on the home
directory starts the daemon and hands it the lock, which the daemon gives back when it listens; the others leave it.
"""

from __future__ import annotations

import fcntl
import os
import sys

from jobctl.store import doorbell
from jobctl.store.layout import default_config

TYPE_CHECKING = False
if TYPE_CHECKING:
    from jobctl.store.layout import Layout

#: What the daemon keeps of the environment: where things are and how to write text. Jobs bring their own.
_KEPT = ("HOME", "PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "JOBCTL_REMOTE_HOME")


def summon(layout: Layout) -> bool:
    """Start a daemon for the home if none listens; return False if one is missing and may not be started.

    `JOBCTL_NO_START=1` forbids to start one.

    Raises:
        OSError: it could not be started.
    """
    if doorbell.is_heard(layout):
        return True
    if os.environ.get("JOBCTL_NO_START", "") not in {"", "0"}:
        return False
    home = os.open(layout.home, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(home, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True  # Somebody else is starting one; it will look at all there is.
        if doorbell.is_heard(layout):
            return True
        _spawn(layout, home)
    finally:
        os.close(home)
    return True


def program() -> list[str]:
    """Return the command that is the daemon; it works without the directory and the variables of now."""
    return [sys.executable, "-I", "-m", "jobctl.daemon"]


def environment(layout: Layout) -> dict[str, str]:
    """Return the environment of a daemon for *layout*."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {**kept, "JOBCTL_HOME": layout.home, "JOBCTL_CONFIG": default_config(os.environ)}


def _spawn(layout: Layout, home: int) -> None:
    # A session of its own and nothing that we have open: cron waits until every copy of its pipe is closed, and
    # a lock that somebody holds around `jobctl submit` (flock(1)) must be free after it.
    handed = os.dup(home)
    os.set_inheritable(handed, True)
    # Beyond the limit posix_spawn(3) closes nothing; the daemon closes the rest itself.
    limit = os.sysconf("SC_OPEN_MAX")
    inherited = [fd for fd in map(int, os.listdir("/dev/fd")) if fd not in {0, 1, 2, handed} and fd < limit]
    os.posix_spawn(
        sys.executable,
        [*program(), "--starting", str(handed)],
        environment(layout),
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
            (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
            *((os.POSIX_SPAWN_CLOSE, fd) for fd in inherited),
        ],
        setsid=True,
    )
    os.close(handed)

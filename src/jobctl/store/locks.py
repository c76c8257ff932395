"""Who holds a lock: looked for in /proc/locks (proc(5)), for taking it to find out would be in others' way."""

from __future__ import annotations

import os


def holder(path: str) -> int | None:
    """Return the process that took the flock on *path*.

    None if nobody holds it, and where nobody can tell: no /proc, or a holder in another PID namespace.
    """
    try:
        inode = os.stat(path).st_ino
        with open("/proc/locks", encoding="ascii") as locks:
            for fields in map(str.split, locks):
                if fields[1] == "FLOCK" and fields[5].endswith(f":{inode}"):
                    pid = int(fields[4])
                    return pid if pid > 0 else None
    except OSError:
        pass
    return None

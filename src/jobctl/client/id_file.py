"""`--id-file`: the ID in a file of the user's, whole and durable when `submit` returns, or no job at all."""

from __future__ import annotations

import os
import stat

from jobctl.errors import SpoolUnusable
from jobctl.store import atomic


class IdFile:
    """A file that will hold an ID: made sure of before anything is accepted, given its name after."""

    def __init__(self, path: str, umask: int) -> None:
        """Make sure that *path* can be written, with the permissions that *umask* leaves.

        Raises:
            SpoolUnusable: it cannot, or it is something else than a file.
        """
        self.path = os.path.realpath(path)
        self._temporary = f"{self.path}.{os.getpid()}.tmp"
        try:
            if os.path.exists(path) and not stat.S_ISREG(os.stat(path).st_mode):
                raise SpoolUnusable(f"cannot write the ID to {path}: it is not a file; nothing was submitted")
            with atomic.Umask(umask):
                os.close(os.open(self._temporary, os.O_CREAT | os.O_WRONLY | os.O_TRUNC | os.O_CLOEXEC, 0o666))
        except (OSError, ValueError) as failure:
            why = failure.strerror if isinstance(failure, OSError) else str(failure)
            raise SpoolUnusable(f"cannot write the ID to {path}: {why}; nothing was submitted") from None

    def write(self, job: int) -> None:
        """Let the file hold the ID *job*, durably.

        Raises:
            OSError: it could not be done; what was there before stays.
        """
        atomic.replace_from(self._temporary, self.path, f"{job}\n".encode("ascii"))

    def forget(self) -> None:
        """Leave no trace, because nothing was accepted."""
        try:
            os.unlink(self._temporary)
        except OSError:
            pass

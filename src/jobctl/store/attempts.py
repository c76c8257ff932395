"""What a status file says of one attempt."""

from __future__ import annotations

import os

from jobctl.store.layout import AttemptFiles, results

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from jobctl.model.attempt import Start, Verdict


def entry(verdict: Verdict, start: Start | None, directory: str) -> dict[str, Any]:
    """Return what a status file holds of an attempt that has ended."""
    return {
        "task": verdict.task,
        "attempt": verdict.attempt,
        "reason": verdict.reason,
        "exit_code": verdict.exit_code,
        "signal": verdict.signal,
        "error": verdict.error,
        "started_at": None if start is None else start.started_at,
        "finished_at": verdict.finished_at,
        "usage": verdict.usage,
        "output": output(directory),
    }


def output(directory: str) -> dict[str, str]:
    """Return where the output of the attempt in *directory* lies, as a status file says it."""
    return {
        "stdout": f"{directory}/{AttemptFiles.STDOUT}",
        "stderr": f"{directory}/{AttemptFiles.STDERR}",
    }


def result(directory: str) -> dict[str, Any] | None:
    """Return where the result of the attempt in *directory* lies: what it left in $JOBCTL_RESULT, else its output."""
    for path in results(directory):
        try:
            found = os.lstat(path)
        except OSError:
            continue
        return {"path": path, "size": found.st_size, "sha256": None, "inline": None}
    return None

"""`jobctl progress`: a job reports how far it is."""

from __future__ import annotations

import os

from jobctl.errors import SpoolUnusable, UsageError
from jobctl.model.progress import amount as amounts
from jobctl.store import progress_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def run(*, amount: list[str], message: str | None = None) -> int:
    """Report progress; the parameters are the options of jobctl-progress(1)."""
    path = progress_file.place(os.environ)
    if path is None:
        raise UsageError(
            "cannot report progress here: JOBCTL_PROGRESS is not set; `jobctl progress` is for the command of a job"
        )
    try:
        progress_file.append(path, _report(amount, message))
    except OSError as failure:
        raise SpoolUnusable(f"cannot report progress in {path}: {failure.strerror}") from failure
    return 0


def _report(amount: list[str], message: str | None) -> dict[str, Any]:
    if len(amount) > 1:
        raise UsageError(f"one amount at most, not {len(amount)}; a text is given by -m, as in -m {amount[1]!r:.40}")
    if not amount and message is None:
        raise UsageError("say how far it is: 45, 45%, 3/10, or a message by -m")
    report: dict[str, Any] = {}
    if amount:
        found = amounts.parse(amount[0])
        if found is None:
            raise UsageError(f"{amount[0]!r:.40} is no progress: write 45, 45% or 3/10, and no more than the whole")
        report.update(found)
    if message is not None:
        report["message"] = message
    return report

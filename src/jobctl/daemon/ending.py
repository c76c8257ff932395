"""Why an attempt is being ended by us. The first reason that is decided stands, whatever comes after it."""

from __future__ import annotations

import signal as signals

from jobctl.model.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from jobctl.model.attempt import Verdict


class Ending(Value):
    """A decision to end an attempt: what its verdict will say, and how to go about it."""

    reason: str
    message: str
    #: What its process group gets first.
    signal: int = signals.SIGTERM
    #: Whether SIGKILL comes at once, without a grace.
    urgent: bool = False

    def of(self, verdict: Verdict) -> Verdict:
        """Return *verdict* for an attempt that ended because of this; exit code and signal stay as they were."""
        return verdict.but(reason=self.reason, error={"code": self.reason, "message": self.message})


def cancelled(request: dict[str, Any], *, urgent: bool = False) -> Ending:
    """Return the ending that *request* to cancel asks for."""
    note, asked = request.get("note"), request.get("signal")
    return Ending(
        reason="cancelled",
        message=f"cancelled: {note}" if isinstance(note, str) and note else "cancelled",
        signal=asked if isinstance(asked, int) and asked in signals.valid_signals() else signals.SIGTERM,
        urgent=urgent,
    )

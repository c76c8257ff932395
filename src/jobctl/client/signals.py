"""The signal that somebody wants a job to be ended with first."""

from __future__ import annotations

from jobctl.errors import UsageError


def number(signal: int | str | None) -> int | None:
    """Return the number of *signal*, given as a name with or without SIG or as a number; None stays None.

    Raises:
        UsageError: there is no such signal.
    """
    if signal is None:
        return None
    import signal as signals  # noqa: PLC0415  # dear, and `cancel` rarely needs it

    try:
        if isinstance(signal, int) or signal.isdigit():
            return signals.Signals(int(signal))
        return signals.Signals["SIG" + signal.upper().removeprefix("SIG")]
    except (ValueError, KeyError):
        raise UsageError(
            f"{signal!r} is no signal; write its name (TERM, INT, USR1) or its number, as `kill -l` lists them"
        ) from None

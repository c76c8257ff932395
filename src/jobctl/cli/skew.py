"""Say that the daemon is of another version than the command: once for each daemon and version, not on every call."""

from __future__ import annotations

import jobctl
from jobctl.cli import output
from jobctl.errors import JobctlError
from jobctl.store import atomic, codec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from jobctl.store.layout import Layout


def message(version: object) -> str:
    """Return what is said where the daemon is of another *version*."""
    return (
        f"the daemon is jobctl {version} and this is {jobctl.__version__}; "
        "`jobctl daemon restart` replaces it, running jobs go on"
    )


def tell(layout: Layout) -> None:
    """Say, if that is so and nobody has said it yet, that the daemon that listens is of another version than this."""
    try:
        daemon = codec.read(layout.daemon_json)
    except (OSError, JobctlError):
        return  # Then nobody knows; doctor is who looks into that.
    version = daemon.get("version")
    if not isinstance(version, str) or version == jobctl.__version__:
        return
    mismatch = {"v": 1, "daemon": version, "started_at": daemon.get("started_at"), "command": jobctl.__version__}
    try:
        if codec.read(layout.skew) == mismatch:
            return
    except (OSError, JobctlError):
        pass  # Not said yet, or not known any more.
    output.warn(message(version))
    try:
        atomic.replace(layout.skew, codec.encode(mismatch))
    except OSError:
        return  # It is said again, which harms nobody.

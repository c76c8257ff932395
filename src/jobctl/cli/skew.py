"""Say what the daemon says of itself: that it is of another version, or cannot use its configuration."""

from __future__ import annotations

import os

import jobctl
from jobctl.cli import output
from jobctl.errors import JobctlError
from jobctl.store import atomic, codec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from jobctl.store.layout import Layout


#: What was said of the configuration: who waits asks for the daemon again and again.
_said: list[str] = []


def tell_of_config() -> None:
    """Say, to whoever sits there, what is wrong with the configuration that the next daemon is to use."""
    from jobctl.store import config  # noqa: PLC0415  # only where the daemon cannot be asked
    from jobctl.store.layout import default_config  # noqa: PLC0415  # as above

    try:
        config.load_for_command(default_config(os.environ))
    except JobctlError as wrong:
        _tell_of_config(str(wrong))


def _tell_of_config(trouble: object) -> None:
    if isinstance(trouble, str) and trouble not in _said:
        _said.append(trouble)
        output.hint(f"{trouble}; what it said before counts until `jobctl config edit` mends it")


def message(version: object) -> str:
    """Return what is said where the daemon is of another *version*."""
    return (
        f"the daemon is jobctl {version} and this is {jobctl.__version__}; "
        "`jobctl daemon restart` replaces it, running jobs go on"
    )


def tell(layout: Layout) -> None:
    """Say that the daemon that listens is of another version than this, once for each daemon and version.

    On a terminal, also that it cannot use its configuration.
    """
    try:
        daemon = codec.read(layout.daemon_json)
    except (OSError, JobctlError):
        return  # Then nobody knows; doctor is who looks into that.
    _tell_of_config(daemon.get("config_error"))
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

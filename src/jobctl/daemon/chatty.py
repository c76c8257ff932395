"""Harmless variables that make programs say on a pipe how far they are; each only where the user has not set it.

Only what changes when something is said, or says more of it to a pipe. What turns colours, escape sequences or
other texts on is left alone: it would spoil logs (docs/internals.md, "Progress").
"""

from __future__ import annotations

from jobctl.daemon import terminal
from jobctl.model.progress import source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Final

VARIABLES: Final = {
    # Python writes what it prints when it prints it, not all of it at the end.
    "PYTHONUNBUFFERED": "1",
    # `Progress 1835008 of 35349300` instead of nothing.
    "PIP_PROGRESS_BAR": "raw",
    # Nothing is said there on a pipe otherwise. The width is needed, because a pipe has none.
    "CARGO_TERM_PROGRESS_WHEN": "always",
    "CARGO_TERM_PROGRESS_WIDTH": "80",
    "RESTIC_PROGRESS_FPS": "1",
    # Ten times a second is for eyes; once is enough for a file.
    "TQDM_MININTERVAL": "1",
}


def variables(env: Mapping[str, str], progress_from: str, *, pty: bool) -> dict[str, str]:
    """Return the variables to add to *env* for a job whose progress is read as `--progress-from` says.

    None with `--progress-from none`. On a terminal of its own (*pty*) a program says what it has to say by itself, but
    must not ask or page.
    """
    speaking = {} if progress_from == source.NONE else VARIABLES
    return {name: value for name, value in (terminal.VARIABLES if pty else speaking).items() if name not in env}

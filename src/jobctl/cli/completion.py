"""`jobctl completion SHELL`: the script that makes a shell complete the words of jobctl."""

from __future__ import annotations

import os

from jobctl.cli import output
from jobctl.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

#: Shell and the name its script has beside this module; installers put them where the shells look.
_SCRIPTS: Final = {"bash": "jobctl.bash", "zsh": "_jobctl", "fish": "jobctl.fish"}


def run(*, shell: str) -> int:
    """`completion`: print the script for *shell*."""
    if shell not in _SCRIPTS:
        raise UsageError(f"there is no completion for {shell!r}; there is for {', '.join(_SCRIPTS)}")
    with open(f"{os.path.dirname(__file__)}/completions/{_SCRIPTS[shell]}", "rb") as script:
        output.write(script.read())
    return 0

"""`jobctl schema`: the JSON Schemas of what jobctl writes and reads."""

from __future__ import annotations

import os

import jobctl
from jobctl.cli import output
from jobctl.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

NAMES: Final = ("status", "spec", "event", "config")


def run(*, name: str = "status") -> int:
    """Print a schema; the parameters are the options of jobctl(1)."""
    if name not in NAMES:
        raise UsageError(f"there is no schema {name!r}: they are {', '.join(NAMES)}")
    with open(path(name), "rb") as file:
        output.write(file.read())
    return 0


def path(name: str) -> str:
    """Return where the schema *name* lies."""
    return os.path.join(os.path.dirname(jobctl.__file__), "schemas", f"{name}.json")

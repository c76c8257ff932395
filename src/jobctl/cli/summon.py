"""See to it that a daemon runs, and say so where there cannot be one (how one is started: client/summon.py)."""

from __future__ import annotations

from jobctl.cli import output, skew
from jobctl.client.summon import environment, program, summon
from jobctl.store import doorbell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from jobctl.store.layout import Layout

__all__ = ["ensure", "environment", "program", "summon"]


def ensure(layout: Layout, *, patient: bool, silent: bool = False) -> bool:
    """See to it that a daemon runs, because unfinished jobs need one; say so if there cannot be one, unless *silent*.

    *patient* is a command that goes on waiting for one. Return whether one runs or starts.
    """
    # Who forbids it knows; only somebody who waits must be told that it will be long.
    say = output.warn if patient else output.hint
    try:
        if doorbell.is_heard(layout):
            skew.tell(layout)
            return True
        if summon(layout):
            return True
        why = "JOBCTL_NO_START forbids to start one"
    except OSError as failure:
        say, why = output.warn, f"none could be started ({failure.strerror})"
    if not silent:
        then = "this goes on when `jobctl daemon start` was given" if patient else "`jobctl daemon start` starts one"
        say(f"no daemon runs and {why}; {then}")
    return False

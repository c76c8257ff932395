"""What to say to somebody who does not know the commands yet, or knows those of another tool."""

from __future__ import annotations

from jobctl.store import atomic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final

_EVERYDAY: Final = """\
jobctl runs commands as jobs that survive the terminal, crashes and reboots.

  jobctl submit COMMAND...   hand a command over; prints the ID of the job
  jobctl run COMMAND...      the same, and show here what it writes
  jobctl status              what runs, what waits, what finished lately
  jobctl watch               the same, live
  jobctl status 17           all about job 17; @ instead of 17 is the last one
  jobctl logs -f 17          what it writes, until it ends
  jobctl wait 17             block until it ends; exits as it did
  jobctl result 17           what it made
  jobctl why 17              why it waits, or why it failed
  jobctl cancel 17           end it

`jobctl --help` lists every command, `jobctl help recipes` what they are for.
"""

#: What is called otherwise elsewhere, and what is meant.
_STATUS: Final = "`jobctl status` lists the jobs"
_CANCEL: Final = "`jobctl cancel ID` ends a job"
_ONE: Final = "`jobctl status ID` shows all about a job"
_SUBMIT: Final = "`jobctl submit COMMAND` makes a job"
_FORGET: Final = "`jobctl clean ID` forgets a finished job, `jobctl cancel ID` ends an active one"
_LOGS: Final = "`jobctl logs ID` shows what a job wrote"
_WORDS: Final = {
    **dict.fromkeys(("ls", "list", "ps", "jobs", "squeue", "atq"), _STATUS),
    **dict.fromkeys(("kill", "stop", "delete", "abort", "scancel", "atrm"), _CANCEL),
    **dict.fromkeys(("rm", "remove"), _FORGET),
    **dict.fromkeys(("show", "info", "inspect"), _ONE),
    **dict.fromkeys(("add", "enqueue", "new", "sbatch"), _SUBMIT),
    **dict.fromkeys(("log", "cat", "output"), _LOGS),
    "tail": "`jobctl logs -f ID` shows what a job writes, as it comes",
    "follow": "`jobctl logs -f ID` shows what a job writes, as it comes",
    "start": "`jobctl release ID` lets a held job start; `jobctl daemon start` starts the daemon",
    "pause": "`jobctl hold ID` keeps a job from starting, `jobctl queue pause NAME` a queue",
    "resume": "`jobctl release ID` lets a held job start, `jobctl queue resume NAME` a queue",
    "restart": "`jobctl retry ID` runs a finished job again, `jobctl daemon restart` replaces the daemon",
    "requeue": "`jobctl retry ID` runs a finished job again",
    "queues": "`jobctl queue` lists the queues",
    "version": "`jobctl --version` prints it",
    "queue ls": "`jobctl queue list` lists the queues",
    "queue add": "`jobctl queue set NAME --slots N` makes a queue",
    "queue create": "`jobctl queue set NAME --slots N` makes a queue",
    "queue rm": "`jobctl queue remove NAME` removes a queue",
    "queue delete": "`jobctl queue remove NAME` removes a queue",
    "config list": "`jobctl config get` lists the settings",
    "config show": "`jobctl config get` lists the settings",
    "config unset": "`jobctl config set KEY --default` takes a setting out of the file",
}


def greet() -> int:
    """Show the commands of every day to somebody who gave none; return the exit status for that."""
    try:
        atomic.write_all(2, _EVERYDAY.encode())
    except OSError:
        pass  # There is nobody to tell.
    return 2


def meant(arguments: Sequence[str]) -> str | None:
    """Return what to say to *arguments*, which are no command, if they are one of another tool."""
    for words in (" ".join(arguments[:2]), *arguments[:1]):
        if words in _WORDS:
            return f"there is no command {words!r}; {_WORDS[words]}"
    return None

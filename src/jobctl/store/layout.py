"""Where everything lies: the paths of a home, and where the home itself is.

Nothing else in jobctl joins a path below the home (docs/internals.md, "Files").
"""

from __future__ import annotations

import os
import sys

from jobctl.errors import SpoolUnusable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Final

#: Version of the layout described here; `version` in the home holds it.
LAYOUT: Final = 1


class Layout:
    """The paths of the home at *home*, which must be absolute. Making one touches nothing."""

    __slots__ = (
        "active",
        "boot",
        "corrupt",
        "daemon_json",
        "daemon_lock",
        "daemon_log",
        "doorbell",
        "durations",
        "events",
        "events_before",
        "home",
        "keys",
        "outbox",
        "queues",
        "queues_lock",
        "running",
        "sequence",
        "sequence_floor",
        "skew",
        "spool",
        "staging",
        "version",
    )

    def __init__(self, home: str) -> None:
        """Name every path below *home*."""
        self.home = home
        self.version = home + "/version"
        self.sequence = home + "/sequence"
        #: The last ID that was given away when jobs were last forgotten, durable.
        self.sequence_floor = home + "/sequence.floor"
        self.doorbell = home + "/doorbell"
        self.daemon_lock = home + "/daemon.lock"
        self.daemon_json = home + "/daemon.json"
        self.daemon_log = home + "/daemon.log"
        #: The difference of versions that was last told to the user.
        self.skew = home + "/skew.json"
        self.events = home + "/events.jsonl"
        #: What `events` held before it was rotated.
        self.events_before = home + "/events.1.jsonl"
        self.queues = home + "/queues.json"
        self.queues_lock = home + "/queues.lock"
        #: What makes two submissions one job, and what keeps jobs from overlapping.
        self.keys = home + "/keys"
        #: How long jobs took, by name or command; derived.
        self.durations = home + "/durations.json"
        #: Which jobs run, where there are many that are not finished; derived.
        self.running = home + "/running.json"
        self.active = home + "/active"
        #: Boot in which the daemon last made sure that every unfinished job has its marker.
        self.boot = home + "/active/boot"
        self.spool = home + "/spool"
        self.staging = home + "/spool/tmp"
        self.corrupt = home + "/corrupt"
        #: Marks of the deliveries that wait: webhooks and commands that are told of the end of a job.
        self.outbox = home + "/outbox"

    def job(self, job: int) -> str:
        """Directory of *job*; the same from acknowledgement to clean-up."""
        return f"{self.spool}/{job}"

    def spec(self, job: int) -> str:
        """Specification of *job*."""
        return f"{self.spool}/{job}/spec.json"

    def status(self, job: int) -> str:
        """Status file of *job*."""
        return f"{self.spool}/{job}/status.json"

    def stdin(self, job: int) -> str:
        """Frozen standard input of *job*, where it has one."""
        return f"{self.spool}/{job}/stdin"

    def items(self, job: int) -> str:
        """Frozen lines of an array job, one for each task."""
        return f"{self.spool}/{job}/items"

    def items_index(self, job: int) -> str:
        """Where each of the lines in `items` begins."""
        return f"{self.spool}/{job}/items.index"

    def inputs(self, job: int) -> str:
        """Directory of the frozen inputs of *job*."""
        return f"{self.spool}/{job}/inputs"

    def key(self, digest: str) -> str:
        """Record of the key, or of the name of what is unique, with this *digest*."""
        return f"{self.keys}/{digest}"

    def cancel(self, job: int, life: int = 0, task: int | None = None) -> str:
        """Request to cancel *job* in its *life* (how often it was retried by hand), or one *task* of it."""
        return f"{self.spool}/{job}/cancel{_which(life, task)}.json"

    def cancel_now(self, job: int, life: int = 0, task: int | None = None) -> str:
        """Request that what is cancelled is given no grace."""
        return f"{self.spool}/{job}/cancel-now{_which(life, task)}.json"

    def end(self, job: int, life: int = 0) -> str:
        """The daemon's record that *job* ended in its *life* for a reason that is no attempt's."""
        return f"{self.spool}/{job}/end{_which(life, None)}.json"

    def request(self, job: int, kind: str, number: int) -> str:
        """The *number*-th request of its *kind* (`retry`, `steer`) about *job*, counted from 1."""
        return f"{self.spool}/{job}/{kind}.{number}.json"

    def blocked(self, job: int) -> str:
        """Directory of the names of the jobs that ended because *job* did not end as they needed."""
        return f"{self.spool}/{job}/blocked"

    def pending_delivery(self, job: int, number: int) -> str:
        """Mark that says that delivery *number* about *job* waits."""
        return f"{self.outbox}/{job}.{number}"

    def deliveries(self, job: int) -> str:
        """Directory of what is to be told, and was, about the ends of *job*."""
        return f"{self.spool}/{job}/deliveries"

    def delivery(self, job: int, number: int, kind: str = "json") -> str:
        """File of delivery *number*: what to tell whom, or by *kind* what came of it (`tries.json`, `log`)."""
        return f"{self.spool}/{job}/deliveries/{number}.{kind}"

    def attempt(self, job: int, task: int, attempt: int) -> str:
        """Directory of one *attempt* of one *task* of *job*."""
        return f"{self.spool}/{job}/{task}.{attempt}"

    def output(self, job: int, task: int, attempt: int, stream: str) -> str:
        """File that an attempt writes its *stream* to: `stdout` or `stderr`, which are also the files' names."""
        return f"{self.attempt(job, task, attempt)}/{stream}"

    def set_aside(self, name: str) -> str:
        """Place in corrupt/ for what is called *name*: the ID of a job, or that and a file of it."""
        return f"{self.corrupt}/{name}"

    def marker(self, job: int) -> str:
        """Marker that says that *job* is not finished."""
        return f"{self.active}/{job}"


def results(directory: str) -> tuple[str, str]:
    """Return where the result of the attempt in *directory* may lie, the first that is there counts.

    That is what the job left at $JOBCTL_RESULT, else its standard output.
    """
    return f"{directory}/{AttemptFiles.RESULT}", f"{directory}/{AttemptFiles.STDOUT}"


def _which(life: int, task: int | None) -> str:
    if task is not None:
        return f".{life}.{task}"
    return f".{life}" if life else ""


class AttemptFiles:
    """The names inside the directory of an attempt."""

    LOCK: Final = "lock"
    START: Final = "start.json"
    FINAL: Final = "final.json"
    #: Room for the verdict, reserved before the start.
    RESERVE: Final = ".final.tmp"
    STDOUT: Final = "stdout"
    STDERR: Final = "stderr"
    PROGRESS: Final = "progress"
    RESULT: Final = "result"


def default_home(environ: Mapping[str, str]) -> str:
    """Return the absolute home that *environ* asks for: `$JOBCTL_HOME`, else the user's state directory.

    On Linux that is `$XDG_STATE_HOME/jobctl` or `~/.local/state/jobctl` (XDG Base Directory 0.8: a
    relative path is ignored); a test holds this rule equal to platformdirs. It needs no variable but
    HOME, and not even that one, so that cron and a terminal meet in the same place.
    """
    home = environ.get("JOBCTL_HOME")
    if home:
        return os.path.abspath(home)
    if sys.platform != "linux":
        import platformdirs  # only where the three lines below are not the rule

        return platformdirs.user_state_dir("jobctl", appauthor=False)
    return _xdg(environ, "XDG_STATE_HOME", ".local/state")


def default_config(environ: Mapping[str, str]) -> str:
    """Return the path of the configuration: `$JOBCTL_CONFIG`, else `config.toml` in the user's config directory."""
    named = environ.get("JOBCTL_CONFIG")
    if named:
        return os.path.abspath(named)
    if sys.platform != "linux":
        import platformdirs  # as above

        return platformdirs.user_config_dir("jobctl", appauthor=False) + "/config.toml"
    return _xdg(environ, "XDG_CONFIG_HOME", ".config") + "/config.toml"


def _xdg(environ: Mapping[str, str], variable: str, below_home: str) -> str:
    base = environ.get(variable, "").strip()
    if not os.path.isabs(base):
        base = f"{_home_of_the_user(environ)}/{below_home}"
    return base + "/jobctl"


def _home_of_the_user(environ: Mapping[str, str]) -> str:
    home = environ.get("HOME", "")
    if os.path.isabs(home):
        return home.rstrip("/")
    import pwd  # noqa: PLC0415  # only without a HOME

    try:
        return pwd.getpwuid(os.getuid()).pw_dir
    except KeyError:
        raise SpoolUnusable(
            f"cannot tell where the home is: HOME is not set and there is no user {os.getuid()}; set JOBCTL_HOME"
        ) from None

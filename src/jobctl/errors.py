"""Every way in which jobctl can fail, one class each, with its exit status and its stable code.

JobctlError (125 jobctl-failed)
├── UsageError (2 usage)
│   └── CommandNotRunnable (2 command-not-runnable)
├── OutcomeUnknown (3 outcome-unknown)
├── Contradiction (65 contradiction)
│   ├── UnreadableRecord (65 unreadable)
│   ├── UnknownVersion (65 unknown-version)
│   └── InvalidConfig (65 invalid-config)
├── SpoolUnusable (73 spool-unusable)
│   └── UnsafeHome (73 unsafe-home)
├── NotNow (75 not-now)
│   ├── NoResultYet (75 no-result-yet)
│   ├── DaemonSilent (75 daemon-silent)
│   ├── AlreadyRunning (75 already-running)
│   └── QueueFull (75 queue-full)
├── WaitTimedOut (124 wait-timed-out)
├── IllegalTransition (125 illegal-transition)
├── JobFailed (125 job-failed)
├── NeverRan (126 never-ran)
└── NoSuchJob (127 no-such-job)

The exit statuses are those of jobctl(1), EXIT STATUS; a code is what `--json` reports and never changes.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from jobctl.model.status import Status


class JobctlError(Exception):
    """Something jobctl was asked to do could not be done; the message says what, to what, why and what to do."""

    exit_status = 125
    code = "jobctl-failed"


class UsageError(JobctlError):
    """The request itself is wrong; nothing was stored."""

    exit_status = 2
    code = "usage"
    #: The word that was to name jobs, if that is what is wrong.
    selector: str | None = None


class CommandNotRunnable(UsageError):
    """The command of a job cannot be found or executed, as far as can be seen at submission."""

    code = "command-not-runnable"

    def __init__(self, command: str, why: str) -> None:
        """Say that *command* cannot run and *why*."""
        if command in _OF_THE_SHELL:
            why = "it is a word of the shell and no program"
            remedy = f"-c TEXT has /bin/sh run a text, as in -c '{_OF_THE_SHELL[command]}'"
        elif any(mark in command for mark in " ;|&<>\n"):
            remedy = "-c TEXT has /bin/sh run a text"
        elif "=" in command and "/" not in command:
            remedy = f"-e {command} gives the job a variable"
        else:
            remedy = "--no-check submits it all the same, for a command that will exist later"
        super().__init__(f"cannot submit {command!r}: {why} ({remedy})")


#: Words that a shell understands and execve(2) does not, and how they are given to one.
_OF_THE_SHELL = {
    **dict.fromkeys(("cd", "pushd"), "cd /tmp && ls"),
    **dict.fromkeys((".", "source"), ". ./settings && make"),
    **dict.fromkeys(("export", "set", "unset", "local", "declare", "readonly", "read", "umask"), "export A=1; make"),
    **dict.fromkeys(("alias", "unalias", "eval", "exec", "exit", "command", "builtin", "trap"), "command ls; exit 3"),
    **dict.fromkeys(("if", "for", "while", "until", "case", "{", "(", "[[", "!"), "for n in 1 2; do echo $n; done"),
    "ulimit": "ulimit -n 4096 && make",
    "time": "time make",
}


class OutcomeUnknown(JobctlError):
    """The job may have been accepted, but it is not known whether it is durable or whether its ID was seen."""

    exit_status = 3
    code = "outcome-unknown"

    def __init__(self, job: int, why: str) -> None:
        """Name the *job* whose fate is open and *why* it is."""
        super().__init__(
            f"job {job} may have been accepted: {why}; look with `jobctl status {job}` before submitting again"
        )
        self.job = job


class Contradiction(JobctlError):
    """The request contradicts what is stored."""

    exit_status = 65
    code = "contradiction"


class UnreadableRecord(Contradiction):
    """A file of the spool is not what jobctl wrote there."""

    code = "unreadable"

    def __init__(self, path: str, why: str, remedy: str = "`jobctl doctor` looks at the whole home") -> None:
        """Name the file by *path*, say *why* it cannot be read and what the *remedy* is."""
        super().__init__(f"cannot read {path}: {why}; {remedy}")
        self.path = path
        self.why = why


class UnknownVersion(Contradiction):
    """A file was written by a jobctl that this one does not know."""

    code = "unknown-version"

    def __init__(self, path: str, found: object, known: int) -> None:
        """Name the file by *path*, the version *found* in it and the one that is *known*."""
        super().__init__(
            f"cannot read {path}: it has version {found!r} and this jobctl knows {known}; "
            "use the jobctl that wrote it, or a newer one"
        )
        self.path = path


class InvalidConfig(Contradiction):
    """The configuration cannot be understood; the message names the file, the key and what is allowed."""

    code = "invalid-config"


class SpoolUnusable(JobctlError):
    """The spool cannot be read or written: disk full, read-only, permission denied."""

    exit_status = 73
    code = "spool-unusable"


class UnsafeHome(SpoolUnusable):
    """The home directory could be read or changed by somebody else, or cannot keep promises."""

    code = "unsafe-home"

    def __init__(self, path: str, why: str, remedy: str) -> None:
        """Name the home by *path*, say *why* it is refused and what the *remedy* is."""
        super().__init__(f"cannot use {path} as jobctl's home: {why}; {remedy}")


class NotNow(JobctlError):
    """The request is fine, but cannot be met at this moment; trying again later may work."""

    exit_status = 75
    code = "not-now"


class NoResultYet(NotNow):
    """The job has not finished, so it has no result."""

    code = "no-result-yet"

    def __init__(self, label: str, state: str) -> None:
        """Name the job by *label* and say in which *state* it is."""
        super().__init__(f"job {label} has no result yet: it is {state} (`jobctl result --wait {label}` waits for it)")


class DaemonSilent(NotNow):
    """The daemon did not do in time what was asked of it."""

    code = "daemon-silent"


class AlreadyRunning(NotNow):
    """Another daemon serves this home."""

    code = "already-running"


class QueueFull(NotNow):
    """As many jobs are unfinished as the configuration allows."""

    code = "queue-full"

    def __init__(self, unfinished: int, most: int) -> None:
        """Say how many are *unfinished* and how many may be at *most*."""
        super().__init__(
            f"cannot take another job: {unfinished} are unfinished, and max_pending in the configuration is {most}; "
            "submit again when some are finished"
        )


class WaitTimedOut(JobctlError, TimeoutError):
    """`wait --timeout` ran out; the jobs go on."""

    exit_status = 124
    code = "wait-timed-out"


class IllegalTransition(JobctlError):
    """A step that the table of states does not have: a bug in jobctl, never the user's doing."""

    code = "illegal-transition"

    def __init__(self, job: str, state: str, event: str) -> None:
        """Name the *job*, the *state* it is in and the *event* that has no place there."""
        super().__init__(f"job {job} is {state}: {event!r} is not possible there")


class JobFailed(JobctlError):
    """For programs in Python: the job whose result was asked for is not completed. Commands exit as the job did."""

    code = "job-failed"

    def __init__(self, status: Status) -> None:
        """Tell of the finished job with this *status*, which is kept."""
        why = (status.error or {}).get("message", status.reason)
        super().__init__(f"job {status.label} {'was cancelled' if status.state == 'cancelled' else 'failed'}: {why}")
        self.status = status


class NeverRan(JobctlError):
    """The job ended without having run, so there is nothing to fetch."""

    exit_status = 126
    code = "never-ran"


class NoSuchJob(JobctlError):
    """The selector names a job, task or attempt that does not exist."""

    exit_status = 127
    code = "no-such-job"

"""What `jobctl doctor` looks at. A check is a function; its name is what the check is called.

It yields what it found: `ok`, a `note` (a fact that may matter), a `warning` (something will go wrong one day),
or a `problem` (something is wrong now), with the exit status for it.
"""

from __future__ import annotations

import os
import shutil
import sys
import time

import jobctl
from jobctl.cli import service, serving
from jobctl.errors import DaemonSilent, InvalidConfig, JobctlError, QueueFull, SpoolUnusable, UnreadableRecord
from jobctl.model import quantities
from jobctl.model.value import Value
from jobctl.store import codec, config, doorbell, home, markers, queues, selection, status_reader
from jobctl.store.layout import Layout, default_config, default_home

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any, Final

#: Below this a disk is called low, and full, in bytes and in files.
_LOW_BYTES: Final = 1024**3
_FULL_BYTES: Final = 32 * 1024**2
_LOW_FILES: Final = 20_000
_FULL_FILES: Final = 200
#: The newest jobs that are held against their markers.
_MOST: Final = 1000
#: Seconds after which a marker without a job is none that is just being submitted.
_FORGOTTEN: Final = 600
#: The end of the log that is read, in bytes.
_LOG_END: Final = 128 * 1024
#: What cron(8) and launchd search, whoever the user is.
_PLAIN_PATH: Final = "/usr/bin:/bin"
#: Where systemd runs (sd_booted(3)).
_SYSTEMD: Final = "/run/systemd/system"


class Finding(Value):
    """What a check found, and how to mend it."""

    check: str = ""
    level: str
    found: str
    remedy: str | None = None
    exit_status: int = 0


class Surroundings:
    """What the checks look at."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        """Find the home of *environ*, refused or not."""
        self.environ = environ
        self.layout = Layout(default_home(environ))
        self.refused: JobctlError | None = None
        found = None
        try:
            found = home.existing(environ)
        except JobctlError as why:
            self.refused = why
        #: Whether there is a home in which one may look.
        self.usable = found is not None

    def daemon(self) -> dict[str, Any]:
        """Return what the daemon that runs, or ran last, said of itself."""
        try:
            return codec.read(self.layout.daemon_json)
        except (OSError, UnreadableRecord):
            return {}


def _home(here: Surroundings) -> Iterator[Finding]:
    """Owner, mode, parents, kind of file system, version of the layout: what every command looks at first."""
    if here.refused is not None:
        found, _, remedy = str(here.refused).partition("; ")
        yield _problem(here.refused, found, remedy or None)
    elif not here.usable:
        yield _note(f"there is none yet at {here.layout.home}; the first `jobctl submit` makes it")
    else:
        kind = home.file_system(os.stat(here.layout.home).st_dev)
        yield _ok(here.layout.home + (f" ({kind})" if kind else ""))
        if here.environ.get("JOBCTL_REMOTE_HOME") == "1" and (kind in home.REMOTE or (kind or "").startswith("fuse")):
            yield _warning(
                f"it is on {kind}, and JOBCTL_REMOTE_HOME lets it be: the promises do not hold there",
                "set JOBCTL_HOME to a directory on a local disk",
            )


def _disk(here: Surroundings) -> Iterator[Finding]:
    if not here.usable:
        return
    found = os.statvfs(here.layout.home)
    room, files = found.f_bavail * found.f_frsize, found.f_favail
    facts = f"{quantities.show_size(room)} free" + (f", room for {files} files" if found.f_files else "")
    remedy = "make room, or set JOBCTL_HOME to a directory on another disk"
    if room < _FULL_BYTES or (found.f_files and files < _FULL_FILES):
        yield _problem(SpoolUnusable(), facts, remedy)
    elif room < _LOW_BYTES or (found.f_files and files < _LOW_FILES):
        yield _warning(facts, remedy)
    else:
        yield _ok(facts)


def _configuration(here: Surroundings) -> Iterator[Finding]:
    path = default_config(here.environ)
    try:
        config.load_for_command(path)
    except InvalidConfig as wrong:
        yield _problem(wrong, str(wrong), "`jobctl config edit`; until then what was configured before holds")
        return
    except SpoolUnusable as wrong:
        found, _, remedy = str(wrong).partition("; ")
        yield _problem(wrong, found, remedy)
        return
    yield _ok(path if os.path.exists(path) else f"none, so everything has its default; it would be {path}")
    used = here.daemon().get("config")
    if here.usable and doorbell.is_heard(here.layout) and used not in {None, path}:
        yield _warning(f"the daemon reads another one: {used}", "`jobctl daemon restart` from here lets it read this")


def _daemon(here: Surroundings) -> Iterator[Finding]:
    if not here.usable:
        return
    known = here.daemon()
    if doorbell.is_heard(here.layout):
        if not known:
            yield _warning(
                f"it runs, and {here.layout.daemon_json} does not say which process it is",
                "it says so as soon as the disk takes it; `jobctl daemon logs` may say why it does not",
            )
            return
        pid = serving.stopped(here.layout)
        if pid is not None:
            yield _problem(DaemonSilent(), f"a signal has stopped it (process {pid})", f"`kill -CONT {pid}`")
            return
        version = known.get("version")
        yield _ok(f"runs since {known.get('started_at')}, process {(known.get('process') or {}).get('pid')}")
        if version != jobctl.__version__:
            yield _warning(
                f"it is jobctl {version} and this is {jobctl.__version__}",
                "`jobctl daemon restart` replaces it; running jobs go on",
            )
        if not os.access(str(known.get("program", "")), os.X_OK):
            yield _warning(
                f"the Python that it was started with is gone: {known.get('program')}", "`jobctl daemon restart`"
            )
        return
    waiting = len(markers.names(here.layout))
    if waiting:
        are = "job is" if waiting == 1 else "jobs are"
        yield _problem(
            DaemonSilent(), f"none runs, and {waiting} {are} not finished", "`jobctl daemon start`, then its log"
        )
    else:
        yield _note("none runs, and nothing needs one; `jobctl submit` starts it")
    if here.environ.get("JOBCTL_NO_START", "") not in {"", "0"}:
        yield _warning("JOBCTL_NO_START keeps commands from starting one", "unset it, or run `jobctl daemon start`")


def _log(here: Surroundings) -> Iterator[Finding]:
    if not here.usable:
        return
    try:
        with open(here.layout.daemon_log, "rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - _LOG_END))
            lines = file.read().decode("utf-8", "replace").splitlines()
    except FileNotFoundError:
        return
    # What an earlier daemon complained of is over.
    begin = max((number for number, line in enumerate(lines) if " serves " in line), default=0)
    errors = [line for line in lines[begin:] if line.partition(" ")[2].startswith("ERROR")]
    if errors:
        yield _warning(
            f"{_count(errors, 'error')} since the daemon started, at last: {errors[-1]}",
            "`jobctl daemon logs` has all of them; once they are mended, `jobctl daemon restart` begins anew",
        )
    else:
        yield _ok("no errors since the daemon started")


def _spool(here: Surroundings) -> Iterator[Finding]:
    """The markers, which are derived, against the jobs; and what was set aside."""
    if not here.usable:
        return
    marked = set(markers.names(here.layout))
    known = [job for _, job in zip(range(_MOST), selection.newest(here.layout), strict=False)]
    lost, unreadable = [], []
    for job in known:
        try:
            status = status_reader.read(here.layout, job)
        except status_reader.UNREADABLE:
            unreadable.append(job)
            continue
        if not status.finished and job not in marked:
            lost.append(job)
    stray = [job for job in marked if not status_reader.exists(here.layout, job) and _is_old(here.layout.marker(job))]
    if lost:
        yield _warning(
            f"unfinished and without a mark, so that no daemon looks at them: {_some(lost)}",
            f"`rm {here.layout.boot}` and `jobctl daemon restart`: it looks at every job then",
        )
    if stray:
        yield _warning(f"marks without a job: {_some(stray)}", "`jobctl daemon start` drops them")
    if unreadable:
        yield _warning(f"jobs whose status cannot be read: {_some(unreadable)}", "`jobctl daemon logs` may say why")
    if not lost and not stray and not unreadable:
        yield _ok(f"the newest {len(known)} jobs are in order, {len(marked)} of all are unfinished")
    aside = sorted(os.listdir(here.layout.corrupt))
    if aside:
        yield _warning(
            f"{_count(aside, 'thing')} that could not be read, set aside: {', '.join(aside[:5])}",
            f"look at them in {here.layout.corrupt}, then remove them",
        )


def _queues(here: Surroundings) -> Iterator[Finding]:
    """Whether jobs can be submitted, and whether those that wait can start."""
    if not here.usable:
        return
    try:
        settings = config.load_for_command(default_config(here.environ))
        known = queues.load(here.layout, settings)
    except (InvalidConfig, SpoolUnusable):
        return  # `configuration` has said so
    except JobctlError as wrong:
        found = str(wrong).partition("; ")[0]
        yield _problem(wrong, found, f"look at {here.layout.queues}; without it the configuration alone holds")
        return
    unfinished, most = len(markers.names(here.layout)), settings.max_pending
    if most is not None and unfinished >= most:
        yield _problem(
            QueueFull(unfinished, most),
            f"no job can be submitted: {unfinished} are unfinished, and max_pending is {most}",
            "wait for some of them or `jobctl cancel` them, or `jobctl config set max_pending N`",
        )
    paused = [name for name in known.names() if known.paused(name)]
    for name in paused:
        yield Finding(
            level="note", found=f"{name} is paused and starts nothing", remedy=f"`jobctl queue resume {name}`"
        )
    if not paused and (most is None or unfinished < most):
        slots = (f"{name} ({_count(known.slots(name), 'slot')})" for name in known.names())
        yield _ok(f"open: {', '.join(slots)}")


def _cron(_: Surroundings) -> Iterator[Finding]:
    program = service.command()
    if shutil.which("jobctl", path=_PLAIN_PATH):
        yield _ok("a crontab finds `jobctl` without its path")
        return
    lines = service.output_of("crontab", "-l").splitlines()
    path_set = any(line.replace(" ", "").startswith("PATH=") for line in lines)
    careless = [line for line in lines if " jobctl " in f" {line} " and not line.lstrip().startswith("#")]
    if careless and not path_set:
        yield _warning(f"cron will not find `jobctl` in this line: {careless[0]}", f"write {program} there")
    else:
        yield _note(f"in a crontab write the whole path: {program}")


def _unit(here: Surroundings) -> Iterator[Finding]:
    """Whether a service manager starts the daemon, and keeps it when its user logs out."""
    path = service.path(here.environ)
    if not os.path.exists(path) and sys.platform == "linux" and not os.path.isdir(_SYSTEMD):
        yield _note(
            "systemd does not run here: the first command that needs a daemon starts it; at boot this line of a "
            f"crontab does: @reboot {service.command()} daemon start"
        )
    elif not os.path.exists(path):
        yield _note(
            "no service manager starts the daemon: the first command that needs one does, and none does at boot; "
            "`jobctl daemon install` changes that"
        )
    else:
        program = service.program_in(path)
        if program is not None and not os.access(program, os.X_OK):
            yield _problem(DaemonSilent(), f"{path} starts {program}, which is gone", "`jobctl daemon install`")
        else:
            yield _ok(path)
    if sys.platform == "linux" and os.path.isdir(_SYSTEMD):
        if service.lingers():
            yield _ok("your services go on when you log out, and start at boot (linger)")
        else:
            yield _warning(
                "your services, the daemon among them, end when you log out (no linger)", "`loginctl enable-linger`"
            )


CHECKS: Final[tuple[Callable[[Surroundings], Iterator[Finding]], ...]] = (
    _home,
    _disk,
    _configuration,
    _daemon,
    _log,
    _spool,
    _queues,
    _cron,
    _unit,
)


def _ok(found: str) -> Finding:
    return Finding(level="ok", found=found)


def _note(found: str) -> Finding:
    return Finding(level="note", found=found)


def _warning(found: str, remedy: str) -> Finding:
    return Finding(level="warning", found=found, remedy=remedy)


def _problem(kind: JobctlError, found: str, remedy: str | None) -> Finding:
    return Finding(level="problem", found=found, remedy=remedy, exit_status=kind.exit_status)


def _count(things: int | list[str], what: str) -> str:
    number = things if isinstance(things, int) else len(things)
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _some(jobs: list[int]) -> str:
    return ", ".join(map(str, jobs[:5])) + (" and others" if len(jobs) > 5 else "")


def _is_old(path: str) -> bool:
    try:
        return time.time() - os.stat(path).st_mtime > _FORGOTTEN
    except FileNotFoundError:
        return False

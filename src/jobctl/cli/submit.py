"""`jobctl submit`: validate, make durable, print the ID, wake the daemon. It waits for nobody."""

from __future__ import annotations

import fcntl
import os
import stat

from jobctl.cli import output, summon
from jobctl.errors import CommandNotRunnable, OutcomeUnknown, SpoolUnusable, UsageError
from jobctl.model import spec as model
from jobctl.model.spec import Spec
from jobctl.store import clock, doorbell, home, spool

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from jobctl.store.layout import Layout


def run(
    *,
    command: list[str],
    shell: str | None = None,
    name: str | None = None,
    tag: list[str] | None = None,
    chdir: str | None = None,
    env: list[str] | None = None,
    clean_env: bool = False,
    stdin: str | None = None,
    no_check: bool = False,
    webhook: list[str] | None = None,
    on_finish: str | None = None,
    json: bool = False,
    id_file: str | None = None,
    dry_run: bool = False,
    no_start: bool = False,
    wait: bool = False,
) -> int:
    """Submit a job; the parameters are the options of jobctl(1)."""
    spec = specify(
        command,
        shell=shell,
        name=name,
        tag=tag,
        chdir=chdir,
        env=env,
        clean_env=clean_env,
        stdin=stdin,
        check_command=not no_check,
        webhooks=tuple(webhook or ()),
        on_finish=on_finish,
    )
    source = open_stdin(stdin)
    if dry_run:
        _show(spec, as_json=json)
        return 0
    layout, job = hand_in(spec, source, id_file)
    _tell_id(layout, job, as_json=json, spec=spec)
    start_daemon(layout, job, may_start=not no_start)
    if wait:
        from jobctl.cli import waiting  # noqa: PLC0415  # only who waits pays for it

        return waiting.until_finished(layout, [job])
    return 0


def specify(
    command: list[str],
    *,
    shell: str | None,
    name: str | None,
    tag: list[str] | None,
    chdir: str | None,
    env: list[str] | None,
    clean_env: bool,
    stdin: str | None,
    check_command: bool,
    webhooks: tuple[str, ...] = (),
    on_finish: str | None = None,
) -> Spec:
    """Return the specification that the options ask for, checked; nothing has been stored.

    Raises:
        UsageError: something in it is wrong, or the command cannot be run.
    """
    if shell is not None:
        if command:
            raise UsageError("give either -c TEXT or a command, not both; -c passes no arguments")
        if not shell.strip():
            raise UsageError("-c was given an empty text; write the commands for /bin/sh")
        command = ["/bin/sh", "-c", shell]
    directory = _directory(chdir)
    environ = _environ(env or [], clean=clean_env)
    if chdir is not None:
        environ["PWD"] = directory
    spec = Spec(
        uuid=_uuid(),
        command=tuple(command),
        cwd=directory,
        umask=_umask(),
        submitted_at=clock.now(),
        env=tuple(environ.items()),
        name=name,
        tags=tuple(tag or ()),
        shell=shell is not None,
        stdin=stdin is not None,
        webhooks=webhooks,
        on_finish=on_finish,
    )
    model.check(spec, arg_max=os.sysconf("SC_ARG_MAX"))
    if check_command:
        why = why_not_runnable(spec.command[0], directory, environ)
        if why is not None:
            raise CommandNotRunnable(spec.command[0], why)
    return spec


def why_not_runnable(name: str, directory: str, environ: dict[str, str]) -> str | None:
    """Return why *name* could not be executed from *directory*, or None if it can, as execvp(3) looks for it."""
    found = "it is not on the PATH"
    for place in model.places(environ, name):
        path = os.path.join(directory, place)
        why = _why_not_executable(path)
        if why is None:
            return None
        if place == name:
            found = why
        elif os.path.lexists(path):
            found = f"{path}: {why}"
    return found


def open_stdin(source: str | None) -> int | None:
    """Open what is to be frozen as the job's standard input; None if nothing is.

    Raises:
        UsageError: it cannot be read.
    """
    if source is None:
        return None
    try:
        fd = os.dup(0) if source == "-" else os.open(source, os.O_RDONLY | os.O_CLOEXEC)
    except (OSError, ValueError) as failure:
        why = failure.strerror if isinstance(failure, OSError) else str(failure)
        what = "standard input" if source == "-" else source
        raise UsageError(f"cannot read {what} for --stdin: {why}") from None
    if fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_ACCMODE == os.O_WRONLY:
        os.close(fd)
        raise UsageError("cannot read standard input for --stdin: it is closed")
    if stat.S_ISDIR(os.fstat(fd).st_mode):
        os.close(fd)
        raise UsageError(f"cannot read {source} for --stdin: it is a directory")
    return fd


def hand_in(spec: Spec, source: int | None, id_file: str | None) -> tuple[Layout, int]:
    """Store the job in the home of the environment, which is made if there is none; return the home and the ID.

    Raises:
        SpoolUnusable: it could not be stored; nothing is left, not even a home that was made for it.
        OutcomeUnknown: as `deposit`.
    """
    layout, made = home.create_or_find(os.environ)
    try:
        return layout, deposit(layout, spec, source, id_file)
    except SpoolUnusable:
        if made:
            home.take_back(layout)
        raise


def deposit(layout: Layout, spec: Spec, source: int | None, id_file: str | None) -> int:
    """Store the job and, in *id_file*, its ID; return the ID.

    Raises:
        SpoolUnusable: it could not be stored; nothing of it is left.
        OutcomeUnknown: it is stored, but may not be durable, or its ID could not be written down.
    """
    noted = None
    if id_file is not None:
        from jobctl.cli.id_file import IdFile  # noqa: PLC0415  # only who asks for the file pays for it

        noted = IdFile(id_file, spec.umask)
    try:
        job = spool.deposit(layout, spec, source)
    except OutcomeUnknown as unknown:
        doorbell.ring(layout, unknown.job)
        raise
    except OSError as failure:
        if noted is not None:
            noted.forget()
        raise home.unusable(layout, "store the job in", failure) from failure
    if noted is not None:
        try:
            noted.write(job)
        except OSError as failure:
            doorbell.ring(layout, job)
            why = f"it was stored, but its ID could not be written to {id_file} ({failure.strerror})"
            raise OutcomeUnknown(job, why) from failure
    return job


def start_daemon(layout: Layout, job: int, *, may_start: bool) -> None:
    """Wake the daemon for *job*, starting one if need be; that it cannot be started is said, and loses nothing."""
    try:
        if doorbell.ring(layout, job) or not may_start:
            return
        summon.summon(layout)
    except OSError as failure:
        output.warn(
            f"job {job} is accepted, but no daemon runs and none could be started ({failure.strerror}); "
            "`jobctl daemon start` starts one"
        )


def _tell_id(layout: Layout, job: int, *, as_json: bool, spec: Spec) -> None:
    try:
        if as_json:
            output.write_json(
                {"v": 1, "id": job, "uuid": spec.uuid, "state": "pending", "status_path": layout.status(job)}
            )
        else:
            output.write(f"{job}\n".encode("ascii"))
    except (OSError, KeyboardInterrupt) as failure:
        doorbell.ring(layout, job)
        why = failure.strerror if isinstance(failure, OSError) else "interrupted"
        raise OutcomeUnknown(job, f"it was stored, but its ID could not be printed ({why})") from failure


def _show(spec: Spec, *, as_json: bool) -> None:
    """Say what would be stored; the environment is shown nowhere."""
    document: dict[str, Any] = {**spec.document(), "env": None}
    if as_json:
        output.write_json(document)
        return
    for key in ("command", "cwd", "name", "tags", "queue", "umask", "stdin"):
        value = document[key]
        if key == "command":
            value = spec.shown_command
        elif key == "tags":
            value = " ".join(value)
        elif key == "umask":
            value = f"{value:04o}"
        elif key == "stdin":
            value = "frozen" if value else "/dev/null"
        output.write_columns(key, value)


def _directory(chdir: str | None) -> str:
    try:
        here = os.getcwd()
    except OSError as failure:
        if chdir is None or not os.path.isabs(chdir):
            raise UsageError(
                f"cannot submit from here: the current directory cannot be named ({failure.strerror}); "
                "give an absolute one with -C"
            ) from None
        here = "/"
    if chdir is None:
        return here
    directory = os.path.normpath(os.path.join(here, chdir))
    if "\0" in directory or not os.path.isdir(directory):
        why = "it is not a directory" if "\0" in directory or os.path.lexists(directory) else "there is none"
        raise UsageError(f"cannot run the job in {chdir}: {why}; give -C an existing directory")
    if not os.access(directory, os.X_OK):
        raise UsageError(f"cannot run the job in {chdir}: you may not enter it")
    return directory


def _environ(assignments: list[str], *, clean: bool) -> dict[str, str]:
    environ = {} if clean else _inherited()
    for assignment in assignments:
        name, equals, value = assignment.partition("=")
        if not name:
            raise UsageError(f"--env {assignment!r} names no variable: write NAME=VALUE, or NAME to pass yours on")
        if not equals:
            if name not in os.environ:
                raise UsageError(f"--env {name}: it is not set here; write {name}=VALUE, or set it")
            value = os.environ[name]
        environ[name] = value
    return environ


def _inherited() -> dict[str, str]:
    """Return the submitter's environment, without what Python added to its own.

    In the C locale Python sets LC_CTYPE to one with UTF-8 (PEP 538); the block that the process was
    given (proc(5), environ) still tells whether the submitter did.
    """
    environ = dict(os.environ)
    if "LC_CTYPE" in environ and "LC_ALL" not in environ:
        try:
            fd = os.open("/proc/self/environ", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return environ
        given = b""
        while chunk := os.read(fd, 65536):
            given += chunk
        os.close(fd)
        if not any(variable.startswith(b"LC_CTYPE=") for variable in given.split(b"\0")):
            del environ["LC_CTYPE"]
    return environ


def _why_not_executable(path: str) -> str | None:
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return "there is no such file"
    except (OSError, ValueError) as failure:
        return (failure.strerror if isinstance(failure, OSError) else None) or str(failure)
    if stat.S_ISDIR(found.st_mode):
        return "it is a directory"
    if not os.access(path, os.X_OK):
        return "it is not executable"
    return None


def _umask() -> int:
    """Return the submitter's umask; what this process makes from here on is for its owner, whatever it is."""
    return os.umask(0o077)


def _uuid() -> str:
    """Return a random UUID (RFC 9562, version 4); the uuid module is not worth its import here."""
    number = bytearray(os.urandom(16))
    number[6] = number[6] & 0x0F | 0x40
    number[8] = number[8] & 0x3F | 0x80
    text = number.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

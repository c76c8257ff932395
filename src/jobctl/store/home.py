"""Make, check and open the home: owner-only, ours, on a local file system, of a layout we know."""

from __future__ import annotations

import os
import stat

from jobctl.errors import JobctlError, SpoolUnusable, UnknownVersion, UnreadableRecord, UnsafeHome
from jobctl.store import atomic
from jobctl.store.layout import LAYOUT, Layout, default_home

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Final

#: Where locks or fsync do not mean what jobctl promises (docs/internals.md, "The home").
REMOTE: Final = frozenset(
    ("nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "lustre", "beegfs", "ncpfs", "vboxsf")
)


def create(environ: Mapping[str, str]) -> Layout:
    """Return the home that *environ* asks for, made if there is none, checked in any case.

    Raises:
        UnsafeHome: somebody else could read or change it, or its file system cannot keep promises.
        SpoolUnusable: it cannot be made or read.
        UnknownVersion: a newer jobctl made it.
    """
    return create_or_find(environ)[0]


def create_or_find(environ: Mapping[str, str]) -> tuple[Layout, bool]:
    """As `create`; return also whether the home was made now."""
    layout = Layout(default_home(environ))
    try:
        complete = _is_complete(layout, environ)
        if not complete or not os.path.isdir(layout.staging):
            _make(layout)
    except OSError as failure:
        raise unusable(layout, "use", failure) from failure
    return layout, not complete


def take_back(layout: Layout) -> None:
    """Remove a home that was just made and in which nothing could be stored; one that anybody uses stays whole."""
    taken: list[str] = []
    try:
        for directory in (layout.staging, layout.spool, layout.active, layout.corrupt, layout.keys):
            if directory != layout.keys or os.path.lexists(directory):  # made only when it is needed
                os.rmdir(directory)
                taken.append(directory)
    except OSError:
        for directory in reversed(taken):
            try:
                os.mkdir(directory, 0o700)
            except OSError:
                continue  # It has been made again by whoever uses it.
        return
    try:
        for path in (layout.version, layout.doorbell, layout.sequence):
            if os.path.lexists(path):
                os.unlink(path)
        os.rmdir(layout.home)
    except OSError:
        pass


def existing(environ: Mapping[str, str]) -> Layout | None:
    """Return the home that *environ* asks for, checked, or None if there is none yet; nothing is made.

    Raises:
        UnsafeHome, SpoolUnusable, UnknownVersion: as `create`.
    """
    layout = Layout(default_home(environ))
    try:
        return layout if _is_complete(layout, environ) else None
    except OSError as failure:
        raise unusable(layout, "use", failure) from failure


def unusable(layout: Layout, what: str, failure: OSError) -> JobctlError:
    """Return the error for *failure*, met while trying to *what* the home or something in it."""
    why = failure.strerror or str(failure)
    return SpoolUnusable(f"cannot {what} {failure.filename or layout.home}: {why}; {_remedy(failure)}")


def _remedy(failure: OSError) -> str:
    import errno  # noqa: PLC0415  # only when something is wrong

    if failure.errno in {errno.ENOSPC, errno.EDQUOT}:
        return "make room there, or set JOBCTL_HOME to a directory on another disk"
    return "check it with `ls -ld`, or set JOBCTL_HOME to a directory of yours"


def _is_complete(layout: Layout, environ: Mapping[str, str]) -> bool:
    try:
        fd = os.open(layout.home, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        _check_parents(layout.home)
        _check_device(layout.home, _device_for(layout.home), environ)
        return False
    except OSError:
        # The error of the open says neither which component nor that a link is meant.
        if os.path.islink(layout.home):
            raise UnsafeHome(
                layout.home, "it is a symbolic link", f"set JOBCTL_HOME to {os.path.realpath(layout.home)}"
            ) from None
        raise
    try:
        found = os.fstat(fd)
    finally:
        os.close(fd)
    if found.st_uid != os.geteuid():
        raise UnsafeHome(
            layout.home,
            f"it belongs to user {found.st_uid} and you are user {os.geteuid()}",
            "set JOBCTL_HOME to a directory of your own",
        )
    if found.st_mode & 0o077:
        raise UnsafeHome(
            layout.home,
            f"others may use it (mode {stat.S_IMODE(found.st_mode):04o})",
            f"look what is in it, then `chmod 700 {layout.home}`",
        )
    _check_parents(layout.home)
    _check_device(layout.home, found.st_dev, environ)
    return _has_known_version(layout)


def _check_parents(path: str) -> None:
    """Refuse a *path* that another user could move away, by its own parents or by those of a link on the way."""
    written = os.path.dirname(path)
    real = os.path.realpath(written)
    for start in (written,) if real == written else (written, real):
        parent = start
        while True:
            _check_parent(path, parent)
            if parent == os.path.dirname(parent):
                break
            parent = os.path.dirname(parent)


def _check_parent(path: str, parent: str) -> None:
    try:
        found = os.stat(parent)
    except FileNotFoundError:
        return
    if found.st_uid not in {0, os.geteuid()}:
        raise UnsafeHome(
            path,
            f"{parent} belongs to user {found.st_uid}, who may rename it",
            "set JOBCTL_HOME to a directory below your own",
        )
    # A group with the number of its user is that user's own (user private groups, umask 002).
    writable = 0o002 if found.st_gid in {0, found.st_uid} else 0o022
    if found.st_mode & writable and not found.st_mode & stat.S_ISVTX:
        raise UnsafeHome(
            path,
            f"others may rename it, because {parent} has mode {stat.S_IMODE(found.st_mode):04o}",
            f"`chmod go-w {parent}`, or set JOBCTL_HOME to a directory that only you can change",
        )


def _device_for(path: str) -> int:
    """Return the device on which *path* would be made."""
    while True:
        path = os.path.dirname(path)
        try:
            return os.stat(path).st_dev
        except FileNotFoundError:
            continue


def _check_device(path: str, device: int, environ: Mapping[str, str]) -> None:
    kind = remote(device)
    if kind is None:
        return
    if environ.get("JOBCTL_REMOTE_HOME") == "1":
        return
    raise UnsafeHome(
        path,
        f"it is on {kind}, where locks and fsync may not hold what jobctl promises",
        "set JOBCTL_HOME to a directory on a local disk (JOBCTL_REMOTE_HOME=1 uses it without the promises)",
    )


def remote(device: int) -> str | None:
    """Return the type of the file system with this *device* number if others may change it too, else None."""
    # A device number without a major part is a file system without a disk of its own: look closer.
    kind = None if os.major(device) != 0 else file_system(device)
    return kind if kind is not None and (kind in REMOTE or kind.startswith("fuse")) else None


def file_system(device: int) -> str | None:
    """Return the type of the file system with this *device* number, or None if it cannot be learnt (proc(5))."""
    wanted = f"{os.major(device)}:{os.minor(device)}"
    try:
        with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as mounts:
            for line in mounts:
                fields, _, rest = line.partition(" - ")
                if fields.split(" ", 3)[2] == wanted:
                    return rest.split(" ", 1)[0]
    except OSError:
        return None
    return None


def _has_known_version(layout: Layout) -> bool:
    try:
        fd = os.open(layout.version, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        return False
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise UnreadableRecord(layout.version, "it is not a regular file", "move it away, and it is made again")
        found = os.read(fd, 32).decode("ascii", "replace").strip()
    finally:
        os.close(fd)
    if found != str(LAYOUT):
        raise UnknownVersion(layout.version, found, LAYOUT)
    return True


def _make(layout: Layout) -> None:
    """Make what is missing; several may do so at once. `version` comes last: where it is, all is."""
    with atomic.Umask(0o077):
        _make_under_umask(layout)


def _make_under_umask(layout: Layout) -> None:
    # A home that is refused must leave no directory behind.
    missing = []
    try:
        path = layout.home
        while not os.path.lexists(path):
            missing.append(path)
            path = os.path.dirname(path)
        for parent in reversed(missing):
            # What is above may be a link, which is not what has to be synced.
            real = os.path.realpath(os.path.dirname(parent))
            atomic.make_directory(os.path.join(real, os.path.basename(parent)), exist_ok=True)
        for directory in (layout.spool, layout.staging, layout.active, layout.corrupt):
            atomic.make_directory(directory, exist_ok=True)
        try:
            os.mkfifo(layout.doorbell, 0o600)
        except FileExistsError:
            pass
        try:
            atomic.publish_record(layout.version, f"{LAYOUT}\n".encode("ascii"))
        except FileExistsError:
            pass
    except OSError:
        if os.path.lexists(layout.version):
            # It is whole, by somebody else or but for a last confirmation of the disk.
            raise
        for made in (layout.doorbell, layout.corrupt, layout.active, layout.staging, layout.spool, *missing):
            _unmake(made)
        raise


def _unmake(path: str) -> None:
    """Take back what this process made for a home that did not come to be; what is in use stays."""
    try:
        if path.endswith("/doorbell"):
            # If it was another's after all: a daemon makes it again when it starts.
            os.unlink(path)
        else:
            os.rmdir(path)
    except OSError:
        pass

"""Write files so that a reader, a crash and a power cut see the old content, the new one, or none.

This is the only module that renames, links and fsyncs. The rules, with their reasons, are in
docs/internals.md, "Writing". A failed fsync is never repeated on the same file: the kernel reports the
error once and may then drop the pages ("fsyncgate"), so every new try writes a new file.
"""

from __future__ import annotations

import _thread
import errno
import fcntl
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Final

_NEW = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC
#: To sync what is there: nothing is waited for, and no link is followed.
_THERE = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
_COPY_SIZE = 1024 * 1024
#: ioctl_ficlone(2): let a file share the blocks of another one.
_FICLONE = 0x40049409
_umask_in_turns: Final = _thread.RLock()


class Umask:
    """A context in which this process makes files under another umask.

    The umask is the whole process's (umask(2)), so threads take turns: two that overlap could leave the one's umask
    behind for good.
    """

    def __init__(self, umask: int) -> None:
        """Have *umask* from `with` on until its end."""
        self._umask = umask
        self._before = 0

    def __enter__(self) -> None:
        """Wait for the turn of this thread."""
        _umask_in_turns.acquire()
        self._before = os.umask(self._umask)

    def __exit__(self, *_: object) -> None:
        """Give back the umask that there was."""
        os.umask(self._before)
        _umask_in_turns.release()


def _sync(fd: int) -> None:
    """Bring the file behind *fd* to the disk; on macOS fsync(2) stops at the disk's own cache."""
    if sys.platform == "darwin":
        fcntl.fcntl(fd, fcntl.F_FULLFSYNC)
    else:
        os.fsync(fd)


def write_new(path: str, data: bytes, *, durable: bool = True) -> None:
    """Create *path* with *data*, owner-only; the content is on the disk on return if *durable*.

    The directory entry is not: see `sync_directory`. On failure nothing is left behind.

    Raises:
        FileExistsError: there is such a file already.
        OSError: it cannot be written.
    """
    fd = os.open(path, _NEW, 0o600)
    try:
        _finish(fd, (data,), durable=durable)
    except OSError:
        os.unlink(path)
        raise


def copy_new(source: int, path: str, *, mode: int = 0o600, note: Callable[[bytes], object] | None = None) -> None:
    """Create *path*, owner-only, with what is left of the descriptor *source*; its content is durable on return.

    *note* is called with every piece of it, for whoever wants to know what was copied.

    Raises:
        OSError: it cannot be read or written; what was copied stays for the caller to remove.
    """
    target = os.open(path, _NEW, mode)
    try:
        while chunk := os.read(source, _COPY_SIZE):
            if note is not None:
                note(chunk)
            write_all(target, chunk)
        _sync(target)
    finally:
        os.close(target)


def clone_new(source: int, path: str, *, mode: int) -> bool:
    """Create *path* as `copy_new` does, sharing the blocks of the descriptor *source*; return False if it cannot be.

    What is at *path* then is for the caller to remove.

    Raises:
        OSError: it cannot be created.
    """
    if sys.platform != "linux":
        return False
    target = os.open(path, _NEW, mode)
    try:
        fcntl.ioctl(target, _FICLONE, source)
        _sync(target)
    except OSError:
        return False
    finally:
        os.close(target)
    return True


def replace(path: str, data: bytes, *, durable: bool = True) -> None:
    """Give *path* the content *data* in one step, for a file that has one writer at a time.

    If *durable*, the content is on the disk before it gets its name, so that a power cut leaves the
    old file or the new one. Which of the two is decided by the next `sync_directory`.

    Raises:
        OSError: it cannot be written; the old content stands.
    """
    rewrite(path, (data,), durable=durable)


def rewrite(path: str, pieces: Iterable[bytes], *, durable: bool = True) -> None:
    """As `replace`, with content that comes in *pieces*.

    Raises:
        OSError: as `replace`; what *pieces* raises passes through as well.
    """
    temporary = f"{path}.{os.getpid()}.tmp"
    try:
        fd = os.open(temporary, _NEW, 0o600)
    except FileExistsError:
        # Left by a killed process that had our process ID: nobody else writes under this name.
        os.unlink(temporary)
        fd = os.open(temporary, _NEW, 0o600)
    try:
        _finish(fd, pieces, durable=durable)
        os.rename(temporary, path)
    except BaseException:
        # Who is interrupted may be behind the rename.
        if os.path.lexists(temporary):
            os.unlink(temporary)
        raise


def replace_from(temporary: str, path: str, data: bytes) -> None:
    """Write *data* to the existing file *temporary*, durably, and give it the name *path*, durably.

    Raises:
        OSError: it could not be done; *temporary* is gone.
    """
    try:
        fd = os.open(temporary, os.O_WRONLY | os.O_CLOEXEC)
        _finish(fd, (data,), durable=True)
        os.rename(temporary, path)
    except OSError:
        os.unlink(temporary)
        raise
    sync_directory(os.path.dirname(path) or ".")


def publish_record(path: str, data: bytes) -> None:
    """Create the record *path* with *data*, exclusively and durably, whole or not at all.

    On return both the content and the name are on the disk.

    Raises:
        FileExistsError: the record exists; it keeps its content.
        OSError: it cannot be written; if the last step failed it may exist and not be durable.
    """
    prepare_record(path)(data)


def prepare_record(path: str) -> Callable[[bytes], None]:
    """Return what does `publish_record`, once, given the data; also in another process.

    For who publishes between fork(2) and execve(2), when each page that is written to has to be copied
    (docs/internals.md, "What costs what"): it has what it calls at hand.
    """
    temporary = f"{path}.{os.getpid()}.{os.urandom(4).hex()}.tmp"
    place, directory = os.path.dirname(path), _THERE | os.O_DIRECTORY
    open_file, write, close, link, unlink, sync = os.open, os.write, os.close, os.link, os.unlink, _sync

    def publish(data: bytes) -> None:
        fd = open_file(temporary, _NEW, 0o600)
        try:
            try:
                while data:
                    data = data[write(fd, data) :]
                sync(fd)
            finally:
                close(fd)
            link(temporary, path)
        finally:
            try:
                unlink(temporary)
            except OSError:
                pass  # It is litter, and says nothing about the record.
        fd = open_file(place, directory)
        try:
            sync(fd)
        finally:
            close(fd)

    return publish


def replace_record(path: str, data: bytes) -> None:
    """Give the record *path* the content *data*, durably, whatever lies there: only for who alone may write it.

    A directory that lies there is kept under another name.

    Raises:
        OSError: it cannot be written; if the last step failed it may exist and not be durable.
    """
    temporary = f"{path}.{os.getpid()}.{os.urandom(4).hex()}.tmp"
    write_new(temporary, data)
    try:
        if os.path.isdir(path) and not os.path.islink(path):
            os.rename(path, f"{temporary}.aside")
        os.rename(temporary, path)
    except OSError:
        os.unlink(temporary)
        raise
    sync_directory(os.path.dirname(path))


def reserve(path: str, size: int) -> int:
    """Create *path* with *size* bytes of room on the disk and return its descriptor, close-on-exec.

    What is written there later cannot fail for want of space. It is not durable: a power cut takes away as well what
    it is for.

    Raises:
        OSError: there is no room; nothing is left at *path*.
    """
    fd = os.open(path, _NEW, 0o600)
    try:
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(fd, 0, size)
        else:
            # macOS has none; there the room is only as sure as zeros make it that are on the disk.
            write_all(fd, bytes(size))
            _sync(fd)
    except OSError:
        os.close(fd)
        os.unlink(path)
        raise
    return fd


def fulfil(fd: int, reserved: str, path: str, data: bytes) -> None:
    """Write *data* into the room that `reserve` made at *reserved*, and give it the name *path*, durably.

    *fd* is closed in any case. Only the holder of the attempt's lock may call this: it replaces.

    Raises:
        OSError: it cannot be written, or what lies at *reserved* is not (only) what was reserved there.
    """
    try:
        os.lseek(fd, 0, os.SEEK_SET)
        write_all(fd, data)
        os.ftruncate(fd, len(data))
        _sync(fd)
        # A job can reach it: what it put there instead must not become the verdict.
        ours, found = os.fstat(fd), os.lstat(reserved)
        if (found.st_dev, found.st_ino) != (ours.st_dev, ours.st_ino) or ours.st_nlink != 1:
            raise FileExistsError(errno.EEXIST, "it is not what was reserved", reserved)
    finally:
        os.close(fd)
    os.rename(reserved, path)
    sync_directory(os.path.dirname(path))


def move_directory(source: str, target: str) -> None:
    """Give the directory *source* the name *target*; an occupied *target* is refused by the kernel.

    The move is durable after `sync_directory` of both parents.

    Raises:
        OSError: it is where it was.
    """
    os.rename(source, target)


def withdraw(path: str) -> None:
    """Take the record *path* back, durably, if it is there: for what it says is known not to have happened.

    Raises:
        OSError: it may still be there, or come back with a power cut.
    """
    try:
        os.unlink(path)
    except FileNotFoundError:
        return
    sync_directory(os.path.dirname(path))


def set_aside(path: str, target: str) -> None:
    """Give *path*, a file of the daemon's, the name *target*; what had that name is gone. It is not made durable.

    Raises:
        OSError: it is where it was.
    """
    os.rename(path, target)


def sync_directory(path: str) -> None:
    """Bring the entries of the directory *path* to the disk.

    Raises:
        OSError: they may not be there.
    """
    sync_path(path, os.O_DIRECTORY)


def sync_path(path: str, flags: int = 0) -> None:
    """Bring the file or directory at *path* to the disk; *flags* are added to those of the open.

    Raises:
        OSError: it may not be there, or is a link.
    """
    fd = os.open(path, _THERE | flags)
    try:
        _sync(fd)
    finally:
        os.close(fd)


def sync_output(fd: int) -> None:
    """Bring the file behind *fd* to the disk as far as the disk lets us.

    For the output of a job: its verdict must be recorded also where its last bytes cannot be. Of one that wrote
    nothing there is nothing to bring; that it is there comes with the directory.
    """
    try:
        if os.fstat(fd).st_size:
            _sync(fd)
    except OSError:
        pass


def make_directory(path: str, *, exist_ok: bool = False) -> None:
    """Make the owner-only directory *path* durably; its parent must exist.

    With *exist_ok* one that is there is left as it is: to sync it is for who makes it.

    Raises:
        FileExistsError: it is there, and may not be.
        OSError: it cannot be made, or may not be durable.
    """
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        if not exist_ok:
            raise
        return
    sync_directory(os.path.dirname(path))


def let_go(fd: int) -> None:
    """Close *fd*, to which nothing was written, whatever the disk has to say: what was done before is done."""
    try:
        os.close(fd)
    except OSError:
        pass


def write_all(fd: int, data: bytes) -> None:
    """Write all of *data* to *fd*, however many writes the kernel makes of it.

    Raises:
        OSError: some of it may have been written.
    """
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def _finish(fd: int, pieces: Iterable[bytes], *, durable: bool) -> None:
    try:
        for piece in pieces:
            write_all(fd, piece)
        if durable:
            _sync(fd)
    finally:
        os.close(fd)

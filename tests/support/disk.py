"""A real disk of a chosen kind in a file, whose power can be cut: what was not synced is gone, the journal is replayed.

Where the file system can be shut down without its log being flushed (FS_IOC_SHUTDOWN: ext4, and xfs, which calls it
XFS_IOC_GOINGDOWN; what `xfs_io -x -c shutdown` does), that is done. btrfs has no such call in the kernels that this was
written on: what its device holds at that moment is copied, and the copy is mounted after it.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import shutil
import struct
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.wait import until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Final

#: The smallest disk that each kind takes, in MiB.
SIZES: Final = {"tmpfs": 16, "ext4": 24, "xfs": 320, "btrfs": 128}
#: Nothing gets to the disk because time has passed: only what somebody asked for.
_OPTIONS: Final = {"ext4": "loop,commit=300", "xfs": "loop", "btrfs": "loop,commit=300"}
#: _IOR('X', 125, __u32), and its flag for a log that stays as it is.
_SHUTDOWN, _NO_LOG_FLUSH = 0x8004587D, 2

#: CLONE_NEWNS.
_NEW_MOUNTS = 0x00020000


@contextlib.contextmanager
def own_mounts() -> Iterator[None]:
    """Let what this process mounts be seen by itself and its children alone.

    Any other process that makes a mount namespace would have a copy of the mounts of a disk, and with it the disk, for
    as long as it likes.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    before = os.open("/proc/self/ns/mnt", os.O_RDONLY | os.O_CLOEXEC)
    try:
        if libc.unshare(_NEW_MOUNTS) != 0:
            pytest.skip(f"no mount namespace can be made here: {os.strerror(ctypes.get_errno())}")
        try:
            subprocess.run(["mount", "--make-rprivate", "/"], check=True)
            yield
        finally:
            here = os.getcwd()
            assert libc.setns(before, _NEW_MOUNTS) == 0, os.strerror(ctypes.get_errno())
            os.chdir(here)
    finally:
        os.close(before)


class Disk:
    """A disk of *kind* that is mounted at `where`, below *base*. Only root can make one.

    It has room for no more files than *names*, if that is given. The test is skipped where that kind cannot be made.
    """

    def __init__(self, kind: str, base: Path, names: int | None = None) -> None:
        self.kind = kind
        self.where = base / "disk"
        self.where.mkdir()
        self._image = base / "image"
        if kind == "tmpfs":
            options = f"size={SIZES[kind]}m" + ("" if names is None else f",nr_inodes={names}")
            subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", str(self.where)], check=True)
            return
        if shutil.which(f"mkfs.{kind}") is None:
            pytest.skip(f"needs mkfs.{kind}")
        if not os.path.exists("/dev/loop-control"):
            pytest.skip("needs loop devices")
        with open(self._image, "wb") as file:
            file.truncate(SIZES[kind] * 2**20)
        few = [] if names is None else ["-N", str(names)]  # as ext4 has it; it rounds up
        subprocess.run([f"mkfs.{kind}", "-q", *few, str(self._image)], check=True, capture_output=True)
        if f"\t{kind}\n" not in Path("/proc/filesystems").read_text(encoding="ascii"):
            # The kernel may have it as a module, which is loaded when it is asked for.
            subprocess.run(["modprobe", "-q", kind], check=False)
            if f"\t{kind}\n" not in Path("/proc/filesystems").read_text(encoding="ascii"):
                pytest.skip(f"this kernel has no {kind}")
        self._mount()

    def cut(self) -> None:
        """Let the power go: nothing that is not on the disk now will be."""
        if self.kind == "btrfs":
            subprocess.run(["cp", "--sparse=always", str(self._image), f"{self._image}.cut"], check=True)
            return
        fd = os.open(self.where, os.O_RDONLY)
        try:
            fcntl.ioctl(fd, _SHUTDOWN, struct.pack("I", _NO_LOG_FLUSH))
        finally:
            os.close(fd)

    def come_back(self) -> None:
        """Let the power come back; no process may use the disk any more."""
        self._unmount()
        if self.kind == "btrfs":
            os.replace(f"{self._image}.cut", self._image)
        self._mount()

    def close(self) -> None:
        """Take the disk away, whoever uses it."""
        subprocess.run(["umount", "-l", str(self.where)], check=True)

    def _mount(self) -> None:
        subprocess.run(["mount", "-o", _OPTIONS[self.kind], str(self._image), str(self.where)], check=True)

    def _unmount(self) -> None:
        until(
            lambda: subprocess.run(["umount", str(self.where)], check=False, capture_output=True).returncode == 0,
            f"{self.where} to be left",
        )
        # Who has it in a mount namespace of his own still has the old state of the disk.
        until(lambda: not self._is_attached(), f"{self._image} to be let go")

    def _is_attached(self) -> bool:
        found = subprocess.run(["losetup", "-j", str(self._image)], check=True, capture_output=True)
        return found.stdout != b""

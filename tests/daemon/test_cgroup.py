"""Control groups, as far as files can stand for those of the kernel."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jobctl.daemon import cgroup
from jobctl.daemon.limits import Limiter
from jobctl.model.limits import Limits

if TYPE_CHECKING:
    from collections.abc import Callable

FILES = ("cgroup.procs", "cgroup.subtree_control", "memory.max", "memory.oom.group", "memory.swap.max")


class Kernel:
    """A tree of groups; this process is in `/unit/daemon`, and what is in `delegated` was handed down."""

    def __init__(self, mount: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.mount = mount
        self.group = "/unit/daemon"
        self.delegated = {"/unit"}
        self.lacking: set[str] = set()
        real_read, real_mkdir = cgroup._read, os.mkdir

        def mkdir(path: str, mode: int = 0o777) -> None:
            real_mkdir(path, mode)
            for name in FILES:
                if name not in self.lacking:
                    Path(path, name).touch()

        def getxattr(path: str, name: str) -> bytes:
            if name == "user.delegate" and path.removeprefix(str(mount)) in self.delegated:
                return b"1"
            raise OSError

        def read(path: str) -> str:
            return f"4:memory:/elsewhere\n0::{self.group}\n" if path == "/proc/self/cgroup" else real_read(path)

        monkeypatch.setattr(cgroup, "_MOUNT", str(mount))
        monkeypatch.setattr(cgroup, "_read", read)
        monkeypatch.setattr(os, "mkdir", mkdir)
        monkeypatch.setattr(os, "getxattr", getxattr, raising=False)
        monkeypatch.setattr(os, "rmdir", lambda path: Path(path, "removed").touch())
        for path in (mount / "unit", mount / "unit/daemon", mount / "unit/daemon/jobs"):
            os.mkdir(path)

    def text(self, path: str) -> str:
        return (self.mount / path).read_text()


@pytest.fixture
def kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kernel:
    return Kernel(tmp_path, monkeypatch)


def test_a_job_gets_a_group_beside_the_one_of_the_daemon_and_all_of_it_ends_at_the_limit(kernel: Kernel) -> None:
    group = cgroup.make("job.17.1.1", 4096)
    assert group is not None
    assert group.path == f"{kernel.mount}/unit/job.17.1.1"
    assert kernel.text("unit/cgroup.subtree_control") == "+memory"
    made = {name: kernel.text(f"unit/job.17.1.1/{name}") for name in FILES[2:]}
    assert made == {"memory.max": "4096", "memory.oom.group": "1", "memory.swap.max": "0"}
    group.enter()
    assert kernel.text("unit/job.17.1.1/cgroup.procs") == "0"
    found = cgroup.find("job.17.1.1")
    assert found is not None
    assert found.path == group.path


def not_delegated(kernel: Kernel) -> None:
    kernel.delegated = set()


def only_above(kernel: Kernel) -> None:
    kernel.group = "/unit/daemon/jobs"


def no_version_2(kernel: Kernel) -> None:
    kernel.group = "/nowhere"


def no_controller(kernel: Kernel) -> None:
    kernel.lacking = {"memory.max"}


def left_by_another(kernel: Kernel) -> None:
    os.mkdir(kernel.mount / "unit/job.17.1.1")


@pytest.mark.parametrize("trouble", [not_delegated, only_above, no_version_2, no_controller, left_by_another])
def test_where_there_can_be_no_group_there_is_none_and_memory_is_sampled(
    kernel: Kernel, trouble: Callable[[Kernel], None]
) -> None:
    trouble(kernel)
    assert cgroup.make("job.17.1.1", 4096) is None
    assert (kernel.mount / "unit/job.17.1.1/removed").exists() is (trouble in {no_controller, left_by_another})


def test_a_daemon_leaves_the_group_that_was_delegated_to_it_for_one_below(kernel: Kernel) -> None:
    kernel.group = "/unit"
    cgroup.move_aside()
    assert kernel.text("unit/daemon/cgroup.procs") == "0"


def test_a_daemon_that_a_job_started_leaves_the_group_of_the_job(kernel: Kernel) -> None:
    os.mkdir(kernel.mount / "unit/job.17.1.1")
    kernel.group = "/unit/job.17.1.1"
    cgroup.move_aside()
    assert kernel.text("unit/daemon/cgroup.procs") == "0"


@pytest.mark.parametrize("trouble", [not_delegated, only_above, no_version_2])
def test_a_daemon_stays_where_nothing_was_delegated(kernel: Kernel, trouble: Callable[[Kernel], None]) -> None:
    trouble(kernel)
    cgroup.move_aside()
    assert kernel.text("unit/daemon/cgroup.procs") == ""


@pytest.mark.parametrize(("peak", "said"), [("4096\n", "when they had 4.0 KiB (4096 bytes) "), (None, "")])
def test_what_the_kernel_has_ended_was_over_its_memory(kernel: Kernel, peak: str | None, said: str) -> None:
    group = cgroup.make("job.17.1.1", 4096)
    assert group is not None
    limiter = Limiter(Limits(memory=4096), "/nowhere", started=0.0, members=list, group=group)
    events = kernel.mount / "unit/job.17.1.1/memory.events"
    events.write_text("low 0\noom 0\noom_kill 0\n")
    assert limiter.overrun() is None
    events.write_text("low 0\noom 1\noom_kill 3\noom_group_kill 1\n")
    if peak is not None:
        (kernel.mount / "unit/job.17.1.1/memory.peak").write_text(peak)
    found = limiter.overrun()
    assert found is not None
    assert found.reason == "memory-limit"
    assert found.message == (
        f"its processes needed more memory {said}(control group): their limit is 4.0 KiB (4096 bytes)"
    )
    limiter.close(found)
    assert (kernel.mount / "unit/job.17.1.1/removed").exists()


def test_a_job_in_a_group_is_not_sampled(kernel: Kernel) -> None:
    group = cgroup.make("job.17.1.1", 4096)
    limiter = Limiter(Limits(memory=1), "/nowhere", started=0.0, members=lambda: 1 // 0, group=group)  # type: ignore[arg-type]
    assert limiter.look(1.0) is None

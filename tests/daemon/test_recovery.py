"""What an attempt without a keeper is taken for, from its records and from a real process."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from jobctl.daemon import identity, launch, recovery
from jobctl.daemon.kernel import Ended
from jobctl.model import attempt as model
from jobctl.model.attempt import Start
from jobctl.model.spec import Spec
from jobctl.store import atomic, records, spool
from jobctl.store.layout import AttemptFiles
from store import make
from support.stepped import NOBODY, NOON, run_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jobctl.daemon.job import Run
    from jobctl.model.attempt import Identity
    from jobctl.store.layout import Layout


@pytest.fixture
def run(layout: Layout) -> Run:
    """An attempt whose directory is there, with nothing in it."""
    spec = Spec(uuid="u", command=("true",), cwd="/", umask=0o22, submitted_at=NOON, env=())
    run = run_of(layout, spool.deposit(layout, spec))
    records.make_attempt(run.directory)
    return run


@pytest.fixture
def child() -> Iterator[Identity]:
    """A process that lives, and is a child of this one."""
    with subprocess.Popen(["sleep", "1000"]) as process:
        itself = identity.of(process.pid)
        assert itself is not None
        yield itself
        process.kill()


def started_as(run: Run, process: Identity) -> None:
    start = Start(task=1, attempt=1, process=process, keeper=NOBODY, started_at=NOON, steady=1.0)
    make.publish_start(run.directory, start)


def test_a_child_that_is_the_process_of_the_start_is_adopted(run: Run, child: Identity) -> None:
    started_as(run, child)
    found = recovery.examine(run)
    assert isinstance(found, recovery.Adopted)
    assert records.try_lock(run.directory) is None, "whoever adopts it holds its lock"
    os.close(found.lock)


def test_a_process_that_is_nobodys_child_here_is_watched_with_the_lock_held(run: Run) -> None:
    parent = identity.of(os.getppid())
    assert parent is not None
    started_as(run, parent)
    found = recovery.examine(run)
    assert isinstance(found, recovery.Orphaned)
    assert records.try_lock(run.directory) is None
    os.close(found.lock)


def test_the_output_of_an_adopted_process_is_on_the_disk_before_its_verdict(
    run: Run, child: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    monkeypatch.setattr(records, "confirm_file", synced.append)
    start = Start(task=1, attempt=1, process=child, keeper=NOBODY, started_at=NOON, steady=1.0)
    recovery.of_adopted(run.directory, start, Ended(exit_code=3, signal=None))
    assert synced == [f"{run.directory}/stdout", f"{run.directory}/stderr"]


def test_a_child_that_has_only_the_number_of_the_process_of_the_start_is_not_adopted(run: Run, child: Identity) -> None:
    """Its exit status would be taken for the job's, and it would be signalled in its place."""
    started_as(run, child.but(birth=child.birth + 1))
    found = recovery.examine(run)
    assert isinstance(found, recovery.Over)
    assert found.verdict.reason == "lost"


def test_after_a_restart_it_is_lost_and_the_next_attempt_rests_first(run: Run, child: Identity) -> None:
    started_as(run, child.but(boot="another-boot"))
    found = recovery.examine(run)
    assert isinstance(found, recovery.Over)
    assert "the machine was restarted" in str(found.verdict.error)
    assert found.verdict.steady is None, "its time is not on the clock of this boot"
    assert records.verdict(run.directory) == found.verdict


def test_a_verdict_that_stands_is_what_it_has_come_to(run: Run) -> None:
    stands = model.of_exit(
        task=1, attempt=1, exit_code=3, signal=None, finished_at=NOON, steady=1.0, usage=None, by="keeper"
    )
    records.publish_verdict(run.directory, stands)
    os.close(atomic.reserve(f"{run.directory}/{AttemptFiles.RESERVE}", 100))
    assert recovery.conclude(run.directory, recovery.lost(1, 1, "it was gone")) == stands
    assert records.verdict(run.directory) == stands
    assert AttemptFiles.RESERVE not in os.listdir(run.directory)


def test_what_somebody_watches_over_is_not_recorded_as_lost(run: Run) -> None:
    held = records.try_lock(run.directory)
    assert held is not None
    with pytest.raises(BlockingIOError):
        launch.record_lost(run, "its start is gone")
    assert records.verdict(run.directory) is None
    os.close(held)
    assert launch.record_lost(run, "its start is gone").reason == "lost"

"""Status files: one document that readers find by its path, and the daemon alone replaces."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jobctl.errors import NoSuchJob, UnknownVersion, UnreadableRecord
from jobctl.store import status_reader, status_writer
from store import make
from store.children import in_children

if TYPE_CHECKING:
    from jobctl.store.layout import Layout
    from store.calls import Calls


def test_a_status_is_read_without_a_lock_a_daemon_or_a_change(layout: Layout) -> None:
    job = make.job(layout, name="nightly")
    before = make.tree(layout.home)
    status = status_reader.read(layout, job)
    assert (status.id, status.state, status.name) == (job, "pending", "nightly")
    assert make.tree(layout.home) == before


def test_the_bytes_are_those_of_the_file(layout: Layout) -> None:
    job = make.job(layout)
    raw = status_reader.read_raw(layout, job)
    assert raw == Path(layout.status(job)).read_bytes()
    assert json.loads(raw)["id"] == job


def test_a_job_that_never_was_is_no_such_job(layout: Layout) -> None:
    make.job(layout)
    for read in (status_reader.read, status_reader.read_raw):
        with pytest.raises(NoSuchJob, match="there is no job 2;") as missing:
            read(layout, 2)
        assert missing.value.exit_status == 127
    assert not status_reader.exists(layout, 2)
    assert status_reader.exists(layout, 1)


def test_a_job_that_was_set_aside_says_where_it_is(layout: Layout) -> None:
    job = make.job(layout)
    os.rename(layout.job(job), f"{layout.corrupt}/{job}")
    with pytest.raises(UnreadableRecord, match=f"job {job}: it was set aside in {layout.corrupt}/{job}"):
        status_reader.read(layout, job)


def test_a_job_without_its_status_file_says_so(layout: Layout) -> None:
    job = make.job(layout)
    os.unlink(layout.status(job))
    with pytest.raises(UnreadableRecord, match=f"{layout.status(job)}: the file is missing from the job"):
        status_reader.read(layout, job)


@pytest.mark.parametrize("content", [b"", b"{}", b'{"v":1}\n', b"[]\n", b"\0" * 100])
def test_a_damaged_status_file_is_unreadable_and_named(layout: Layout, content: bytes) -> None:
    job = make.job(layout)
    Path(layout.status(job)).write_bytes(content)
    with pytest.raises(UnreadableRecord, match=layout.status(job)):
        status_reader.read(layout, job)


def test_a_status_file_of_another_version_is_refused_by_name(layout: Layout) -> None:
    job = make.job(layout)
    Path(layout.status(job)).write_bytes(b'{"v":2}\n')
    with pytest.raises(UnknownVersion, match="it has version 2 and this jobctl knows 1"):
        status_reader.read(layout, job)


def test_lists_know_all_that_may_be_wrong_with_one_job() -> None:
    assert set(status_reader.UNREADABLE) == {NoSuchJob, UnreadableRecord, UnknownVersion}


def test_a_written_status_is_what_is_read(layout: Layout) -> None:
    job = make.job(layout)
    changed = status_reader.read(layout, job).but(
        state="failed", reason="exit", exit_code=7, command=("cat", b"\xe9".decode("utf-8", "surrogateescape"))
    )
    status_writer.write(layout, changed)
    assert status_reader.read(layout, job) == changed
    assert stat.S_IMODE(os.stat(layout.status(job)).st_mode) == 0o600
    assert sorted(os.listdir(layout.job(job))) == ["spec.json", "status.json"]


def test_a_status_is_on_the_disk_before_it_replaces_the_old_one(layout: Layout, store_calls: Calls) -> None:
    job = make.job(layout)
    store_calls.made.clear()
    status_writer.write(layout, status_reader.read(layout, job))
    assert store_calls.story("fsync", "rename") == [
        f"fsync spool/{job}/status.json.tmp",
        f"rename spool/{job}/status.json",
    ]


@pytest.mark.parametrize("failing", ["open", "write", "fsync", "rename"])
def test_a_status_that_cannot_be_written_leaves_the_old_one(layout: Layout, store_calls: Calls, failing: str) -> None:
    job = make.job(layout)
    before = status_reader.read(layout, job)
    store_calls.fail(lambda call: call.name == failing)
    with pytest.raises(OSError, match="No space left"):
        status_writer.write(layout, before.but(state="queued"))
    store_calls.succeed()
    assert status_reader.read(layout, job) == before
    assert sorted(os.listdir(layout.job(job))) == ["spec.json", "status.json"]


def test_who_polls_while_it_is_replaced_reads_a_whole_status_each_time(layout: Layout) -> None:
    job = make.job(layout)

    def write_or_read(number: int) -> list[str]:
        if number == 0:
            status = status_reader.read(layout, job)
            for turn in range(150):
                status_writer.write(layout, status.but(state=("queued", "processing")[turn % 2], name="x" * turn))
            return []
        return sorted({status_reader.read(layout, job).state for _ in range(300)})

    for states in in_children(4, write_or_read)[1:]:
        assert set(states) <= {"pending", "queued", "processing"}

"""Inputs are what they were at submission, whatever becomes of the originals."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jobctl.errors import UsageError
from jobctl.store import atomic, inputs, records, spool
from jobctl.store.enclosure import Enclosure
from store import make

if TYPE_CHECKING:
    from jobctl.store.layout import Layout


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    """A directory with what directories have in them."""
    made = tmp_path / "origin"
    (made / "sub" / "empty").mkdir(parents=True)
    (made / "plain").write_bytes(b"one\n")
    (made / "sub" / "script").write_bytes(b"#!/bin/sh\n")
    (made / "sub" / "script").chmod(0o755)
    (made / "link").symlink_to("sub/script")
    (made / "dangling").symlink_to("/nowhere")
    return made


def frozen(layout: Layout, *sources: Path) -> int:
    wanted = tuple((source.name, str(source)) for source in sources)
    return spool.hand_over(layout, make.spec(), Enclosure(inputs=wanted)).job


def changes(layout: Layout, job: int) -> list[str]:
    return inputs.changed(layout, job, records.spec(layout, job))


def later(path: Path, seconds: int = 10) -> None:
    """Give *path* another time than it has, however coarse the clock."""
    when = path.stat().st_mtime + seconds
    os.utime(path, (when, when))


def test_a_file_keeps_its_content_with_size_and_sum(layout: Layout, tmp_path: Path) -> None:
    data = os.urandom(3_000_000)
    source = tmp_path / "data"
    source.write_bytes(data)
    job = frozen(layout, source)
    source.write_bytes(b"other")
    (found,) = records.spec(layout, job).inputs
    assert (found.name, found.source, found.directory, found.size) == ("data", str(source), False, len(data))
    assert found.sha256 == hashlib.sha256(data).hexdigest()
    assert Path(layout.inputs(job), "data").read_bytes() == data


def test_a_directory_keeps_its_files_links_and_empty_directories(layout: Layout, origin: Path) -> None:
    job = frozen(layout, origin)
    copy = Path(layout.inputs(job), "origin")
    assert {name: stat.S_IFMT(mode) for name, mode in make.tree(str(copy)).items()} == {
        name: stat.S_IFMT(mode) for name, mode in make.tree(str(origin)).items()
    }
    assert (copy / "link").readlink() == Path("sub/script")
    assert (copy / "sub" / "script").read_bytes() == b"#!/bin/sh\n"
    (found,) = records.spec(layout, job).inputs
    assert (found.directory, found.size) == (True, 14)


def test_frozen_inputs_are_for_reading_and_running_only(layout: Layout, origin: Path) -> None:
    job = frozen(layout, origin)
    modes = {name: stat.S_IMODE(mode) for name, mode in make.tree(layout.inputs(job)).items() if not stat.S_ISLNK(mode)}
    assert modes == {
        "origin": 0o500,
        "origin/plain": 0o400,
        "origin/sub": 0o500,
        "origin/sub/empty": 0o500,
        "origin/sub/script": 0o500,
    }
    assert stat.S_IMODE(os.stat(layout.inputs(job)).st_mode) == 0o500


def test_what_has_changed_since_is_said_and_what_was_only_touched_is_not(layout: Layout, origin: Path) -> None:
    single = origin.with_name("single")
    single.write_bytes(b"abc")
    job = frozen(layout, origin, single)
    assert changes(layout, job) == []
    later(single)
    later(origin / "plain")
    assert changes(layout, job) == []
    single.write_bytes(b"abd")
    later(single, 20)
    assert changes(layout, job) == [f"{single} has changed since it was submitted"]
    (origin / "sub" / "more").touch()
    later(origin / "sub" / "more", 40)
    single.unlink()
    assert changes(layout, job) == [
        f"{origin} has changed since it was submitted",
        f"{single} cannot be read any more",
    ]


@pytest.mark.parametrize("change", ["renamed", "link", "content"])
def test_a_directory_of_the_same_size_is_another_one_if_anything_in_it_is(
    layout: Layout, origin: Path, change: str
) -> None:
    job = frozen(layout, origin)
    match change:
        case "renamed":
            (origin / "plain").rename(origin / "other")
        case "link":
            (origin / "link").unlink()
            (origin / "link").symlink_to("plain")
        case "content":
            (origin / "plain").write_bytes(b"two\n")
    later(origin)
    assert changes(layout, job) == [f"{origin} has changed since it was submitted"]


def test_a_file_that_changes_while_it_is_copied_is_copied_again(
    layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "data"
    source.write_bytes(b"first")
    real = atomic.copy_new
    left = ["second", "third"]

    def copy(fd: int, path: str, **more: object) -> None:
        real(fd, path, **more)  # type: ignore[arg-type]  # passed on
        if left:
            source.write_text(left.pop(0))
            later(source, 10 * (3 - len(left)))

    monkeypatch.setattr(atomic, "clone_new", lambda *_, **__: False)
    monkeypatch.setattr(atomic, "copy_new", copy)
    job = frozen(layout, source)
    assert Path(layout.inputs(job), "data").read_bytes() == b"third"
    assert records.spec(layout, job).inputs[0].sha256 == hashlib.sha256(b"third").hexdigest()


def test_a_file_that_never_stops_changing_is_refused_and_nothing_is_left(
    layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "data"
    source.touch()
    real = os.fstat
    monkeypatch.setattr(os, "fstat", lambda fd: later(source) or real(fd))
    with pytest.raises(UsageError, match="changes while it is copied"):
        frozen(layout, source)
    monkeypatch.setattr(os, "fstat", real)
    assert os.listdir(layout.spool) == ["tmp"]
    assert os.listdir(layout.staging) == []


def test_what_is_neither_file_nor_directory_is_refused_also_inside(layout: Layout, origin: Path) -> None:
    os.mkfifo(origin / "sub" / "pipe")
    with pytest.raises(UsageError, match=r"sub/pipe: it is neither a file nor a directory"):
        frozen(layout, origin)
    assert os.listdir(layout.staging) == []


def test_a_copy_of_a_job_has_what_was_frozen_and_waits_for_nothing(layout: Layout, origin: Path) -> None:
    stdin = origin.with_name("stdin")
    stdin.write_bytes(b"read me")
    enclosed = Enclosure(stdin=os.open(stdin, os.O_RDONLY), lines=(b"a", b""), inputs=(("origin", str(origin)),))
    spec = make.spec(stdin=True, priority=3, hold=True, start_in=60.0, key="k", max_wait=90.0)
    job = spool.hand_over(layout, spec, enclosed).job
    (origin / "plain").write_bytes(b"changed")
    other = spool.deposit_again(layout, job)
    for path in ("stdin", "items", "items.index", "inputs/origin/plain", "inputs/origin/sub/script"):
        assert Path(layout.job(other), path).read_bytes() == Path(layout.job(job), path).read_bytes(), path
    before, after = records.spec(layout, job), records.spec(layout, other)
    assert (after.inputs, after.priority, after.max_wait) == (before.inputs, 3, 90.0)
    assert (after.hold, after.start_in, after.key) == (False, None, None)
    assert after.uuid != before.uuid

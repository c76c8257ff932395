"""An output over its limit keeps its beginning and its end, and says what is missing between."""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as some

from jobctl.store import outputs

if TYPE_CHECKING:
    from store.calls import Calls

LINE = re.compile(rb"\n?\[jobctl: (\d+) bytes dropped here: the output was over its limit of (\d+) bytes\]\n")


def output(folder: str, content: bytes) -> Path:
    path = Path(folder) / "stdout"
    path.write_bytes(content)
    return path


@given(size=some.integers(0, 3000), limit=some.integers(1, 2000))
def test_what_is_kept_is_the_beginning_and_the_end_and_the_line_counts_the_rest(
    tmp_path_factory: pytest.TempPathFactory, size: int, limit: int
) -> None:
    content = b"".join(b"%04d" % number for number in range(750))[:size]
    path = output(str(tmp_path_factory.mktemp("outputs")), content)
    written, dropped = outputs.cut(str(path), limit)
    kept = path.read_bytes()
    assert written == size
    assert len(kept) <= limit + outputs.ROOM
    if not dropped:
        assert kept == content
        return
    found = LINE.search(kept)
    assert found is not None
    assert (int(found[1]), int(found[2])) == (dropped, limit)
    head, tail = kept[: found.start()], kept[found.end() :]
    assert len(head) + len(tail) + dropped == size
    assert content.startswith(head)
    assert content.endswith(tail)
    assert abs(len(head) - len(tail)) <= 2


@pytest.mark.parametrize("limit", [1, 7, 1000])
def test_cutting_again_changes_nothing_and_returns_the_same(folder: str, limit: int) -> None:
    path = output(folder, b"x" * 5000)
    first = outputs.cut(str(path), limit)
    kept = path.read_bytes()
    assert outputs.cut(str(path), limit) == first == (5000, 5000 - limit)
    assert path.read_bytes() == kept


def test_a_file_that_the_line_would_make_longer_is_left_whole(folder: str) -> None:
    path = output(folder, b"x" * 1050)
    assert outputs.cut(str(path), 1000) == (1050, 0)
    assert path.read_bytes() == b"x" * 1050


def test_the_line_stands_alone_whether_or_not_what_is_before_it_ends_with_a_newline(folder: str) -> None:
    for before in (b"12345", b"1234\n"):
        path = output(folder, before + b"." * 500)
        outputs.cut(str(path), 10)
        assert path.read_bytes().splitlines()[1].startswith(b"[jobctl: ")


def test_the_cut_file_is_on_the_disk_before_it_takes_the_place_of_the_whole_one(folder: str, calls: Calls) -> None:
    outputs.cut(str(output(folder, b"x" * 5000)), 100)
    assert [call.name for call in calls.named("fsync", "rename")] == ["fsync", "rename"]


@pytest.mark.parametrize("failing", ["open", "write", "fsync", "rename"])
def test_a_file_that_cannot_be_cut_is_as_it_was(folder: str, calls: Calls, failing: str) -> None:
    path = output(folder, b"x" * 5000)
    calls.fail(lambda call: call.name == failing, errno.EIO)
    with pytest.raises(OSError, match="Input/output error"):
        outputs.cut(str(path), 100)
    calls.succeed()
    assert path.read_bytes() == b"x" * 5000
    assert os.listdir(folder) == ["stdout"]


def test_on_a_full_disk_the_beginning_stays_and_the_line_counts_all_of_the_rest(folder: str, calls: Calls) -> None:
    path = output(folder, b"x" * 5000)
    calls.fail(lambda call: call.name == "write")
    assert outputs.cut(str(path), 100) == (5000, 4950)
    calls.succeed()
    found = LINE.search(path.read_bytes())
    assert found is not None
    assert path.read_bytes()[: found.start()] == b"x" * 50
    assert int(found[1]) == 4950
    assert os.listdir(folder) == ["stdout"]
    assert outputs.cut(str(path), 100) == (5000, 4950)


def test_a_file_that_has_a_name_elsewhere_is_not_shortened_there(folder: str, calls: Calls) -> None:
    path = output(folder, b"x" * 5000)
    elsewhere = path.with_name("mine")
    os.link(path, elsewhere)
    calls.fail(lambda call: call.name == "write")
    with pytest.raises(OSError, match="No space left"):
        outputs.cut(str(path), 100)
    calls.succeed()
    outputs.cut(str(path), 100)
    assert elsewhere.read_bytes() == b"x" * 5000


def test_what_the_job_put_in_the_place_of_its_output_is_left_alone(folder: str) -> None:
    target = output(folder, b"x" * 5000)
    link, fifo = Path(folder) / "link", Path(folder) / "fifo"
    link.symlink_to(target)
    os.mkfifo(fifo)
    with pytest.raises(OSError, match="symbolic links"):
        outputs.cut(str(link), 100)
    assert outputs.cut(str(fifo), 100) == (0, 0)
    assert target.read_bytes() == b"x" * 5000

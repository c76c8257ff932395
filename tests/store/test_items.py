"""The lines of an array job arrive as they were, each found by its number."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobctl.errors import UnreadableRecord, UsageError
from jobctl.store import home as homes
from jobctl.store import items, spool
from jobctl.store.enclosure import Enclosure
from store import make

if TYPE_CHECKING:
    from pathlib import Path

    from jobctl.store.layout import Layout
    from store.calls import Calls

ODD = [b"a b", b"", b"'\"$(x)\\", b"caf\xe9\xff", b"\r", b" tab\t ", b"last"]


def lines_of(tmp_path: Path, data: bytes) -> list[bytes]:
    path = tmp_path / "lines"
    path.write_bytes(data)
    fd = os.open(path, os.O_RDONLY)
    try:
        return items.read_lines(fd, "lines")
    finally:
        os.close(fd)


def stored(layout: Layout, lines: list[bytes]) -> int:
    return spool.hand_over(layout, make.spec(), Enclosure(lines=tuple(lines))).job


def test_blank_and_odd_lines_come_back_byte_for_byte(layout: Layout, tmp_path: Path) -> None:
    assert lines_of(tmp_path, b"\n".join(ODD)) == ODD
    job = stored(layout, ODD)
    assert [os.fsencode(items.read(layout, job, task)) for task in range(1, 8)] == ODD


@settings(deadline=None, database=None, max_examples=60)
@given(st.binary(min_size=1, max_size=60).filter(lambda data: b"\0" not in data))
def test_whatever_is_given_is_made_of_its_lines(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    base = tmp_path_factory.mktemp("items")
    lines = lines_of(base, data)
    assert b"\n".join(lines) in {data, data.removesuffix(b"\n")}
    layout = homes.create({"JOBCTL_HOME": str(base / "home")})
    job = stored(layout, lines)
    assert [os.fsencode(items.read(layout, job, task)) for task in range(1, len(lines) + 1)] == lines


def test_the_last_line_needs_no_newline_and_a_blank_one_is_a_line(tmp_path: Path) -> None:
    assert lines_of(tmp_path, b"a\nb") == lines_of(tmp_path, b"a\nb\n") == [b"a", b"b"]
    assert lines_of(tmp_path, b"\n") == [b""]


def test_nothing_is_refused_and_so_is_a_nul_with_the_number_of_its_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="has no lines"):
        lines_of(tmp_path, b"")
    with pytest.raises(UsageError, match="line 3 of lines holds a NUL"):
        lines_of(tmp_path, b"a\nb\nc\0\nd\n")


def test_a_line_is_found_without_reading_the_others(layout: Layout, store_calls: Calls) -> None:
    job = stored(layout, [b"%d" % number for number in range(100_000)])
    store_calls.made.clear()
    assert items.read(layout, job, 77_778) == "77777"
    assert store_calls.story("open") == [f"open spool/{job}/items.index", f"open spool/{job}/items"]
    assert os.listdir(layout.staging) == []


def test_a_line_that_is_not_there_is_an_error_that_names_the_file(layout: Layout) -> None:
    job = stored(layout, [b"a", b"b"])
    with pytest.raises(UnreadableRecord, match=r"items\.index"):
        items.read(layout, job, 3)
    with open(layout.items(job), "r+b") as file:
        file.truncate(3)
    with pytest.raises(UnreadableRecord, match="items: it is shorter"):
        items.read(layout, job, 2)

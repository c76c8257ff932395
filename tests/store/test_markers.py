"""Markers: which jobs are not finished, and of which something is asked."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jobctl.store import markers

if TYPE_CHECKING:
    from collections.abc import Callable

    from jobctl.store.layout import Layout
    from store.calls import Calls


def test_a_marked_job_is_named_until_its_marker_is_dropped(layout: Layout) -> None:
    for job in (10, 9, 2):
        markers.make(layout, job)
    assert markers.names(layout) == [2, 9, 10]
    markers.drop(layout, 9)
    assert markers.names(layout) == [2, 10]


def test_a_marker_may_be_made_twice_and_dropped_twice(layout: Layout) -> None:
    markers.make(layout, 17)
    markers.make(layout, 17)
    assert markers.names(layout) == [17]
    markers.drop(layout, 17)
    markers.drop(layout, 17)
    assert markers.names(layout) == []


def test_a_marker_is_empty_and_for_its_owner_only(layout: Layout) -> None:
    markers.make(layout, 17)
    found = os.stat(layout.marker(17))
    assert (found.st_size, stat.S_IMODE(found.st_mode)) == (0, 0o600)


def test_a_touch_gives_its_job_another_stamp_and_the_others_keep_theirs(layout: Layout) -> None:
    for job in (17, 18):
        markers.make(layout, job)
    before = dict(markers.active(layout))
    markers.touch(layout, 17)
    after = dict(markers.active(layout))
    assert after.keys() == before.keys() == {17, 18}
    assert after[17] != before[17]
    assert after[18] == before[18]


def test_making_a_marker_that_is_there_leaves_its_stamp(layout: Layout) -> None:
    markers.make(layout, 17)
    before = dict(markers.active(layout))
    markers.make(layout, 17)
    assert dict(markers.active(layout)) == before


def test_a_touch_marks_a_job_that_had_no_marker(layout: Layout) -> None:
    markers.touch(layout, 17)
    assert markers.names(layout) == [17]


def test_a_marker_is_derived_and_nobody_waits_for_the_disk(layout: Layout, store_calls: Calls) -> None:
    markers.make(layout, 17)
    markers.touch(layout, 17)
    markers.drop(layout, 17)
    assert store_calls.story("open", "rename", "unlink", "fsync") == [
        "open active/17",
        "open active/17.tmp",
        "rename active/17",
        "unlink active/17",
    ]
    assert store_calls.still_open == []


@pytest.mark.parametrize("change", [markers.make, markers.touch, markers.drop])
def test_one_look_tells_that_a_marker_was_made_touched_or_dropped(
    layout: Layout, change: Callable[[Layout, int], None]
) -> None:
    if change is not markers.make:
        markers.make(layout, 17)
    os.utime(layout.active, (1, 1))  # What was long ago: the clock of a file system may tick slowly.
    before = markers.changed_at(layout)
    assert markers.changed_at(layout) == before
    change(layout, 17)
    assert markers.changed_at(layout) != before


def test_files_that_are_no_markers_are_passed_over(layout: Layout) -> None:
    markers.make(layout, 17)
    for name in ("boot", "17.4711.tmp", "017", "x", "1.5", "0", ".18"):
        Path(layout.active, name).touch()
    assert markers.names(layout) == [17]
    assert [job for job, _ in markers.active(layout)] == [17]


def test_a_marker_that_goes_away_during_the_look_is_passed_over(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Gone:
        name = "17"

        def stat(self, *, follow_symlinks: bool) -> os.stat_result:
            raise FileNotFoundError

    monkeypatch.setattr(os, "scandir", lambda _: contextlib.nullcontext([Gone()]))
    assert list(markers.active(layout)) == []


def test_a_marker_is_not_made_through_a_link(layout: Layout, tmp_path: Path) -> None:
    os.symlink(tmp_path / "elsewhere", layout.marker(17))
    with pytest.raises(OSError, match="symbolic links"):
        markers.make(layout, 17)
    assert not (tmp_path / "elsewhere").exists()

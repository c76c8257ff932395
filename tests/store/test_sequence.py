"""IDs: in order, each once."""

from __future__ import annotations

import os
import select
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jobctl.errors import NotNow, UnreadableRecord
from jobctl.store import locks, sequence
from store.children import in_children

if TYPE_CHECKING:
    from jobctl.store.layout import Layout
    from store.calls import Calls


def another_boot(monkeypatch: pytest.MonkeyPatch, name: str = "another-boot") -> None:
    monkeypatch.setattr(sequence, "boot_id", lambda: name)


def test_ids_begin_with_1_and_leave_none_out(layout: Layout) -> None:
    assert sequence.last_id(layout) == 0
    assert [sequence.next_id(layout) for _ in range(12)] == list(range(1, 13))
    assert sequence.last_id(layout) == 12


def test_an_id_is_given_away_once_even_if_its_job_never_comes_to_be(layout: Layout) -> None:
    sequence.next_id(layout)
    assert os.listdir(layout.spool) == ["tmp"]
    assert sequence.next_id(layout) == 2


def test_fifty_processes_never_get_the_same_id(layout: Layout) -> None:
    taken = in_children(50, lambda _: [sequence.next_id(layout) for _ in range(10)])
    assert all(own == sorted(own) for own in taken)
    assert sorted(number for own in taken for number in own) == list(range(1, 501))
    assert sequence.last_id(layout) == 500


def test_who_was_stopped_while_he_took_a_number_holds_up_nobody_for_ever(
    layout: Layout, monkeypatch: pytest.MonkeyPatch, store_calls: Calls
) -> None:
    monkeypatch.setattr(sequence, "_PATIENCE", 0.1)
    held = sequence.hold(layout)
    with pytest.raises(NotNow, match=rf"process {os.getpid()} has held {layout.sequence} .*kill -CONT {os.getpid()}"):
        sequence.next_id(layout)
    os.close(held)
    assert store_calls.still_open == []
    assert sequence.next_id(layout) == 1


def test_however_many_take_a_number_before_nobody_is_refused_as_long_as_they_go_on(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sequence, "_PATIENCE", 0.0)
    held = sequence.hold(layout)
    looks: list[int] = []

    def look(_: str) -> int:
        looks.append(sequence.bump(layout, held))
        if len(looks) == 5:
            os.close(held)
            monkeypatch.setattr(sequence, "_PATIENCE", 3.0)
        return 1

    monkeypatch.setattr(locks, "holder", look)
    assert sequence.next_id(layout) == 6


def test_whoever_comes_while_another_takes_a_number_gets_the_next_one(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = sequence.hold(layout)
    waits: list[float] = []

    def wait(*_: object) -> None:
        waits.append(0.0)
        if len(waits) == 3:
            assert sequence.bump(layout, held) == 1
            os.close(held)

    monkeypatch.setattr(select, "select", wait)
    assert sequence.next_id(layout) == 2
    assert len(waits) == 3


def test_within_one_boot_nobody_looks_at_the_spool(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    sequence.next_id(layout)
    monkeypatch.setattr(sequence, "highest_in_spool", lambda _: pytest.fail("it was looked at"))
    assert sequence.next_id(layout) == 2
    assert sequence.last_id(layout) == 2


@pytest.mark.parametrize("where", ["spool/41", "corrupt/41", "corrupt/41.status.json"])
def test_after_another_boot_the_ids_go_on_behind_what_is_in_the_home(
    layout: Layout, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    sequence.next_id(layout)
    Path(layout.home, where).mkdir()
    another_boot(monkeypatch)
    assert sequence.last_id(layout) == 41
    assert [sequence.next_id(layout) for _ in range(3)] == [42, 43, 44]


def test_after_another_boot_an_id_without_a_job_is_not_given_away_again(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [sequence.next_id(layout) for _ in range(5)] == [1, 2, 3, 4, 5]
    os.mkdir(layout.job(3))
    another_boot(monkeypatch)
    assert sequence.last_id(layout) == 5
    assert sequence.next_id(layout) == 6


def test_after_another_boot_the_spool_is_looked_at_once(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = []
    real = sequence.highest_in_spool
    monkeypatch.setattr(sequence, "highest_in_spool", lambda home: looks.append(home) or real(home))
    another_boot(monkeypatch)
    for _ in range(3):
        sequence.next_id(layout)
    assert looks == [layout]


@pytest.mark.parametrize(
    "content",
    [b"", b"\n", b"garbage", b"00000000000000000099", b"00000000000000000099 ", bytes(58), b"\xff" * 58, b"-5 boot\n"],
    ids=["empty", "newline", "garbage", "no-boot", "cut", "nuls", "not-ascii", "negative"],
)
def test_a_sequence_that_cannot_be_read_is_made_anew_from_the_spool(layout: Layout, content: bytes) -> None:
    os.mkdir(layout.job(41))
    Path(layout.sequence).write_bytes(content)
    assert sequence.last_id(layout) == 41
    assert [sequence.next_id(layout) for _ in range(3)] == [42, 43, 44]
    assert sequence.last_id(layout) == 44


def test_a_cut_line_is_not_trusted(layout: Layout) -> None:
    for _ in range(12):
        sequence.next_id(layout)
    whole = Path(layout.sequence).read_bytes()
    for size in range(len(whole)):
        Path(layout.sequence).write_bytes(whole[:size])
        assert sequence.last_id(layout) == 0


def test_ids_stay_distinct_when_the_sequence_was_longer_than_a_line(layout: Layout) -> None:
    Path(layout.sequence).write_bytes(b"x" * 200)
    assert [sequence.next_id(layout) for _ in range(3)] == [1, 2, 3]


def test_the_file_is_for_its_owner_only_and_never_another_one(layout: Layout) -> None:
    sequence.next_id(layout)
    before = os.stat(layout.sequence)
    for _ in range(3):
        sequence.next_id(layout)
    after = os.stat(layout.sequence)
    assert (after.st_ino, after.st_size) == (before.st_ino, before.st_size)
    assert stat.S_IMODE(after.st_mode) == 0o600


def test_whatever_was_opened_is_closed(layout: Layout, store_calls: Calls) -> None:
    sequence.next_id(layout)
    sequence.last_id(layout)
    store_calls.fail(lambda call: call.name == "pwrite")
    with pytest.raises(OSError, match="No space left"):
        sequence.next_id(layout)
    opened = [os.path.basename(call.path) for call in store_calls.named("open")]
    assert opened.count("sequence") == 3
    assert store_calls.still_open == []


def test_a_link_in_place_of_the_sequence_is_refused(layout: Layout, tmp_path: Path) -> None:
    os.symlink(tmp_path / "elsewhere", layout.sequence)
    for use in (sequence.next_id, sequence.last_id):
        with pytest.raises(UnreadableRecord, match="sequence"):
            use(layout)
    assert not (tmp_path / "elsewhere").exists()


def test_what_is_no_job_does_not_count(layout: Layout) -> None:
    for name in ("spool/tmp/4711.0a1b", "spool/x99", "spool/099", "corrupt/notes", "spool/1000000000000000"):
        Path(layout.home, name).mkdir()
    assert sequence.highest_in_spool(layout) == 0
    assert sequence.next_id(layout) == 1


def test_the_floor_is_as_high_as_the_ids_were_and_never_sinks(layout: Layout) -> None:
    assert sequence.floor(layout) == 0
    for _ in range(3):
        sequence.next_id(layout)
    sequence.raise_floor(layout)
    assert sequence.floor(layout) == 3
    Path(layout.sequence).unlink()
    sequence.raise_floor(layout)
    assert sequence.floor(layout) == 3
    assert sequence.next_id(layout) == 4


@pytest.mark.parametrize("content", ["", "x\n", "-1\n", "3 boot\n"])
def test_where_the_floor_cannot_be_told_no_id_is_given_away(layout: Layout, content: str) -> None:
    Path(layout.sequence_floor).write_text(content)
    with pytest.raises(UnreadableRecord, match=r"sequence\.floor: it holds no ID"):
        sequence.next_id(layout)

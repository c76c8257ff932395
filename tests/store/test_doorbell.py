"""The doorbell: hints that may be lost, and how everybody learns whether a daemon listens."""

from __future__ import annotations

import errno
import os
import select
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jobctl.store import doorbell
from store.children import in_children

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jobctl.store.layout import Layout
    from store.calls import Calls


@pytest.fixture
def bell(layout: Layout) -> Iterator[doorbell.Doorbell]:
    """The end of a daemon that listens."""
    listening = doorbell.Doorbell(layout)
    yield listening
    listening.close()


def is_woken(bell: doorbell.Doorbell) -> bool:
    return bool(select.select([bell.fd], [], [], 0)[0])


def fill(layout: Layout, with_what: bytes) -> None:
    """Write to the bell until it takes no more."""
    fd = os.open(layout.doorbell, os.O_WRONLY | os.O_NONBLOCK)
    try:
        while True:
            os.write(fd, with_what)
    except BlockingIOError:
        os.close(fd)


def test_without_a_daemon_nobody_listens(layout: Layout) -> None:
    assert doorbell.ring(layout, 17) is False
    assert doorbell.is_heard(layout) is False


def test_without_a_fifo_nobody_listens(layout: Layout) -> None:
    os.unlink(layout.doorbell)
    assert doorbell.ring(layout, 17) is False
    assert doorbell.is_heard(layout) is False
    assert not os.path.lexists(layout.doorbell)


def test_a_ring_wakes_the_daemon_and_names_the_job(layout: Layout, bell: doorbell.Doorbell) -> None:
    assert doorbell.ring(layout, 17) is True
    assert doorbell.ring(layout, 4) is True
    assert is_woken(bell)
    assert bell.drain() == {4, 17}
    assert bell.drain() == set()
    assert not is_woken(bell)


def test_a_ring_that_names_no_job_only_wakes(layout: Layout, bell: doorbell.Doorbell) -> None:
    assert doorbell.ring(layout) is True
    assert is_woken(bell)
    assert bell.drain() == set()


def test_to_ask_whether_somebody_listens_wakes_nobody(layout: Layout, bell: doorbell.Doorbell) -> None:
    assert doorbell.is_heard(layout) is True
    assert not is_woken(bell)


def test_nobody_listens_any_more_after_the_daemon_stopped(layout: Layout) -> None:
    listening = doorbell.Doorbell(layout)
    listening.close()
    assert doorbell.ring(layout, 17) is False
    assert doorbell.is_heard(layout) is False


def test_the_daemon_is_not_woken_by_the_end_of_the_last_ringer(layout: Layout, bell: doorbell.Doorbell) -> None:
    doorbell.ring(layout, 17)
    bell.drain()
    assert not is_woken(bell)


def test_rings_of_many_at_once_do_not_mix(layout: Layout, bell: doorbell.Doorbell) -> None:
    in_children(10, lambda number: [doorbell.ring(layout, 1000 + number * 100 + job) for job in range(100)])
    assert bell.drain() == set(range(1000, 2000))


@pytest.mark.parametrize(
    "noise", [b"garbage\n", b"\n\n\n", b"\xff\xfe\n", b"-5\n0\n017\n1.5\n", b"9" * 500 + b"\n", b"\0\0\n"]
)
def test_what_is_no_id_is_passed_over(layout: Layout, bell: doorbell.Doorbell, noise: bytes) -> None:
    fd = os.open(layout.doorbell, os.O_WRONLY | os.O_NONBLOCK)
    os.write(fd, noise)
    os.close(fd)
    doorbell.ring(layout, 17)
    assert bell.drain() == {17}


def test_a_bell_full_of_rings_neither_blocks_nor_fails_and_is_still_heard(
    layout: Layout, bell: doorbell.Doorbell
) -> None:
    fill(layout, b"5\n" * 1000)
    fill(layout, b"\n")
    assert doorbell.ring(layout, 17) is True
    assert doorbell.is_heard(layout) is True
    assert bell.drain() == {5}
    assert doorbell.ring(layout, 17) is True
    assert bell.drain() == {17}


@pytest.mark.parametrize("kind", ["file", "link", "nothing"])
def test_the_daemon_puts_a_fifo_where_none_is(layout: Layout, tmp_path: Path, kind: str) -> None:
    os.unlink(layout.doorbell)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(b"kept")
    if kind == "file":
        Path(layout.doorbell).write_bytes(b"")
    elif kind == "link":
        os.symlink(elsewhere, layout.doorbell)
    bell = doorbell.Doorbell(layout)
    try:
        found = os.lstat(layout.doorbell)
        assert stat.S_ISFIFO(found.st_mode)
        assert stat.S_IMODE(found.st_mode) == 0o600
        assert doorbell.ring(layout, 17) is True
        assert bell.drain() == {17}
    finally:
        bell.close()
    assert elsewhere.read_bytes() == b"kept"


@pytest.mark.parametrize("instead", ["fifo", "file", "nothing"])
def test_a_daemon_whose_bell_was_taken_away_notices_it_and_hangs_up_another(layout: Layout, instead: str) -> None:
    bell = doorbell.Doorbell(layout)
    assert bell.is_in_place()
    os.unlink(layout.doorbell)
    if instead == "fifo":
        os.mkfifo(layout.doorbell, 0o600)
    elif instead == "file":
        Path(layout.doorbell).write_bytes(b"")
    assert not bell.is_in_place()
    os.close(bell.replace())
    assert bell.is_in_place()
    assert doorbell.ring(layout, 17) is True
    assert bell.drain() == {17}
    bell.close()


def test_a_ring_writes_nothing_into_a_file_in_place_of_the_fifo(layout: Layout) -> None:
    os.unlink(layout.doorbell)
    Path(layout.doorbell).write_bytes(b"kept")
    doorbell.ring(layout, 17)
    assert Path(layout.doorbell).read_bytes() == b"kept"


@pytest.mark.parametrize("instead", ["file", "directory", "link"])
def test_something_else_in_place_of_the_fifo_is_nobody_who_listens(layout: Layout, instead: str) -> None:
    os.unlink(layout.doorbell)
    if instead == "file":
        Path(layout.doorbell).write_bytes(b"")
    elif instead == "directory":
        os.mkdir(layout.doorbell)
    else:
        os.symlink(layout.version, layout.doorbell)
    assert (doorbell.ring(layout, 17), doorbell.is_heard(layout)) == (False, False)


def test_a_daemon_that_goes_away_during_the_ring_does_not_listen(
    layout: Layout, bell: doorbell.Doorbell, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> int:
        raise BrokenPipeError

    monkeypatch.setattr(os, "write", gone)
    assert doorbell.ring(layout, 17) is False


def test_a_ring_that_fails_for_another_reason_is_an_error(layout: Layout, store_calls: Calls) -> None:
    store_calls.fail(lambda call: call.name == "open", errno.EMFILE)
    with pytest.raises(OSError, match="Too many open files"):
        doorbell.ring(layout, 17)


def test_whatever_was_opened_is_closed(layout: Layout, bell: doorbell.Doorbell, store_calls: Calls) -> None:
    doorbell.ring(layout, 17)
    doorbell.is_heard(layout)
    os.unlink(layout.doorbell)
    Path(layout.doorbell).write_bytes(b"")
    doorbell.ring(layout, 17)
    assert len(store_calls.named("open")) == 3
    assert store_calls.still_open == []


def test_the_ends_are_not_inherited_by_what_is_executed(bell: doorbell.Doorbell) -> None:
    assert not os.get_inheritable(bell.fd)

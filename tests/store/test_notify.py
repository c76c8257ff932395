"""A reader that waits is woken by what it waits for."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import pytest

from jobctl.store import atomic, notify
from jobctl.store.notify import Watcher
from support.wait import until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

linux = pytest.mark.skipif(sys.platform != "linux", reason="nothing wakes a reader here; it looks by itself")

CHANGES: dict[str, Callable[[str], object]] = {
    "rename": lambda folder: atomic.replace(folder + "/status.json", b"new", durable=False),
    "record": lambda folder: atomic.publish_record(folder + "/final.json", b"x\n"),
    "append": lambda folder: append(folder + "/stdout"),
    "create": lambda folder: Path(folder, "progress").touch(),
    "mkdir": lambda folder: os.mkdir(folder + "/1.2"),
}


def append(path: str) -> None:
    with open(path, "ab") as file:
        file.write(b"more\n")


@pytest.fixture
def watcher(folder: str) -> Iterator[Watcher]:
    """A watcher of the folder, in which there are a status file and some output."""
    for name in ("status.json", "stdout"):
        Path(folder, name).write_bytes(b"old\n")
    made = Watcher([folder])
    yield made
    made.close()


@pytest.fixture
def only_woken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the looks by time away: a wait that ends was woken, and one that was not runs into the test's deadline."""
    for name in ("_BESIDE", "ALONE"):
        monkeypatch.setattr(notify, name, 3600.0)


@linux
@pytest.mark.usefixtures("only_woken")
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_what_changed_before_the_wait_and_after_the_watch_began_ends_it_at_once(
    watcher: Watcher, folder: str, change: Callable[[str], object]
) -> None:
    change(folder)
    watcher.wait()


@linux
@pytest.mark.usefixtures("only_woken")
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_waiting_reader_is_woken_by_a_change(
    watcher: Watcher, folder: str, monkeypatch: pytest.MonkeyPatch, change: Callable[[str], object]
) -> None:
    waits, woken = Event(), Event()
    real = notify.readable

    def readable(*arguments: Any) -> Any:
        waits.set()
        return real(*arguments)

    def wait() -> None:
        watcher.wait(30)
        woken.set()

    monkeypatch.setattr(notify, "readable", readable)
    reader = Thread(target=wait, daemon=True)
    reader.start()
    until(lambda: waits.is_set() and sleeps(reader), "the reader to wait")
    assert not woken.is_set()
    change(folder)
    until(woken.is_set, "the reader to be woken", within=10)
    reader.join()


def sleeps(thread: Thread) -> bool:
    """Whether *thread* waits for something (proc(5), stat)."""
    with open(f"/proc/self/task/{thread.native_id}/stat", "rb") as file:
        return file.read().rpartition(b")")[2].split()[0] == b"S"


@linux
@pytest.mark.usefixtures("only_woken")
def test_a_directory_that_is_added_is_watched_as_well(watcher: Watcher, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    watcher.add(str(other))
    watcher.add(str(other))
    (other / "file").touch()
    watcher.wait()


@linux
def test_what_changed_once_wakes_once(watcher: Watcher, folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ready = []
    real = notify.readable

    def readable(descriptors: list[int], seconds: float) -> list[int]:
        found = real(descriptors, seconds)
        ready.append(bool(found))
        return found

    monkeypatch.setattr(notify, "readable", readable)
    for _ in range(50):
        append(folder + "/stdout")
    watcher.wait(5)
    watcher.wait(0)
    assert ready == [True, False]


def longest_wait(watcher: Watcher, monkeypatch: pytest.MonkeyPatch, timeout: float | None = None) -> float:
    """For how many seconds *watcher* would wait."""
    asked = []

    def readable(_descriptors: list[int], seconds: float) -> list[int]:
        asked.append(seconds)
        return []

    with monkeypatch.context() as patch:
        patch.setattr(notify, "readable", readable)
        watcher.wait(timeout)
    return asked[0]


def test_a_reader_looks_by_itself_now_and_then_and_more_often_where_nothing_wakes_it(
    watcher: Watcher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if sys.platform == "linux":
        assert longest_wait(watcher, monkeypatch) == 1.0
    watcher.add(str(tmp_path / "missing"))
    assert longest_wait(watcher, monkeypatch) == 0.1


@pytest.mark.parametrize(("timeout", "seconds"), [(0.05, 0.05), (0, 0), (-3, 0), (3600, 0.1), (None, 0.1)])
def test_a_reader_waits_no_longer_than_it_was_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, timeout: float | None, seconds: float
) -> None:
    watcher = Watcher([str(tmp_path / "missing")])
    assert longest_wait(watcher, monkeypatch, timeout) == seconds
    watcher.close()


def test_where_nothing_can_be_watched_time_is_all_there_is(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "aix")
    watcher = Watcher([folder])
    assert longest_wait(watcher, monkeypatch) == 0.1
    watcher.wait(0)
    watcher.close()


@pytest.mark.usefixtures("only_woken")
def test_a_reader_is_woken_by_another_descriptor_as_well_and_leaves_it_to_be_read(watcher: Watcher) -> None:
    reading, writing = os.pipe()
    os.write(writing, b"q")
    watcher.wait(also=[reading])
    assert os.read(reading, 10) == b"q"
    os.close(reading)
    os.close(writing)


def test_closing_gives_the_descriptor_back_and_twice_does_no_harm(folder: str) -> None:
    before = os.listdir("/dev/fd")
    watcher = Watcher([folder])
    watcher.close()
    watcher.close()
    assert os.listdir("/dev/fd") == before


@linux
@pytest.mark.usefixtures("only_woken")
def test_a_wait_says_in_which_directories_something_changed(watcher: Watcher, folder: str, tmp_path: Path) -> None:
    others = [tmp_path / name for name in ("a", "b")]
    for other in others:
        other.mkdir()
        watcher.add(str(other))
    (others[1] / "file").touch()
    assert watcher.wait() == {str(others[1])}
    append(folder + "/stdout")
    (others[0] / "file").touch()
    assert watcher.wait() == {folder, str(others[0])}


@linux
@pytest.mark.usefixtures("only_woken")
def test_where_only_names_count_what_is_written_wakes_nobody(watcher: Watcher, tmp_path: Path) -> None:
    quiet = tmp_path / "quiet"
    quiet.mkdir()
    (quiet / "log").touch()
    watcher.add(str(quiet), names_only=True)
    append(str(quiet / "log"))
    assert watcher.wait(0) == set()
    atomic.replace(str(quiet / "status.json"), b"new", durable=False)
    assert watcher.wait() == {str(quiet)}


@linux
def test_a_directory_that_is_watched_no_more_wakes_nobody(watcher: Watcher, folder: str) -> None:
    watcher.remove(folder)
    watcher.remove(folder)
    append(folder + "/stdout")
    assert watcher.wait(0) == set()


@linux
def test_a_look_by_time_and_events_that_were_lost_mean_that_anything_may_have_changed(
    watcher: Watcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notify, "_BESIDE", 0.0)
    assert watcher.wait() is None
    monkeypatch.setattr(Watcher, "_events", lambda _: iter([(-1, notify._IN_Q_OVERFLOW)]))
    assert watcher._changed() is None

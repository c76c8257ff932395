"""Files that are seen old, new or not at all."""

from __future__ import annotations

import errno
import fcntl
import os
import resource
import stat
import threading
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jobctl.store import atomic, codec
from store.children import in_child, in_children

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from store.calls import Calls

MEGABYTE = 1024 * 1024
#: In the order of the calls; `publish_record` makes its file, names it, takes the other name away.
DURABLE = ("fsync", "rename", "link", "unlink")


def listing(folder: str) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in Path(folder).iterdir()}


def with_little_room(work: Callable[[], object], room: int = 1000) -> int:
    """Do *work* in a process whose files cannot grow over *room* bytes; return the errno that it met."""

    def limited() -> int:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
        try:
            work()
        except OSError as failure:
            return failure.errno or -1
        return 0

    number = in_child(limited)
    assert isinstance(number, int)
    return number


# ── write_new ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("umask", [0, 0o022, 0o077])
def test_a_new_file_has_its_content_and_is_for_its_owner_only(folder: str, umask: int) -> None:
    data = bytes(range(256)) * 5000

    def write() -> None:
        os.umask(umask)
        atomic.write_new(folder + "/new", data)

    in_child(write)
    assert listing(folder) == {"new": data}
    assert stat.S_IMODE(os.stat(folder + "/new").st_mode) == 0o600


def test_a_new_file_takes_nobodys_place(folder: str) -> None:
    Path(folder, "taken").write_bytes(b"old")
    with pytest.raises(FileExistsError):
        atomic.write_new(folder + "/taken", b"new")
    assert listing(folder) == {"taken": b"old"}


def test_a_new_file_is_not_written_through_a_link(folder: str) -> None:
    os.symlink(folder + "/elsewhere", folder + "/link")
    with pytest.raises(FileExistsError):
        atomic.write_new(folder + "/link", b"new")
    assert os.listdir(folder) == ["link"]


def test_a_new_file_is_written_to_its_end_in_however_many_pieces(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: real(fd, data[:7]))
    atomic.write_new(folder + "/new", b"0123456789" * 10)
    assert listing(folder) == {"new": b"0123456789" * 10}


def test_a_new_file_that_does_not_fit_leaves_nothing_behind(folder: str) -> None:
    assert with_little_room(lambda: atomic.write_new(folder + "/new", bytes(5000))) == errno.EFBIG
    assert listing(folder) == {}


@pytest.mark.parametrize("failing", ["open", "write", "fsync"])
def test_a_new_file_that_cannot_be_made_leaves_nothing_behind(folder: str, calls: Calls, failing: str) -> None:
    calls.fail(lambda call: call.name == failing)
    with pytest.raises(OSError, match="No space left"):
        atomic.write_new(folder + "/new", b"0123456789")
    assert listing(folder) == {}


def test_a_new_file_is_on_the_disk_unless_that_is_not_asked_for(folder: str, calls: Calls) -> None:
    atomic.write_new(folder + "/durable", b"x")
    assert calls.story("write", "fsync") == ["write durable", "fsync durable"]
    atomic.write_new(folder + "/quick", b"x", durable=False)
    assert "fsync quick" not in calls.story("fsync")


# ── replace ────────────────────────────────────────────────────────────────────────────────────────


def test_a_replaced_file_has_the_new_content_and_whoever_reads_the_old_one_reads_it_to_the_end(folder: str) -> None:
    path = Path(folder, "file")
    path.write_bytes(b"old content")
    path.chmod(0o644)
    with path.open("rb") as reader:
        assert reader.read(3) == b"old"
        atomic.replace(str(path), b"new")
        assert reader.read() == b" content"
    assert listing(folder) == {"file": b"new"}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_reader_sees_the_old_file_or_the_new_one_and_nothing_between(folder: str) -> None:
    contents = [letter * 100_000 for letter in (b"a", b"b")]
    path = folder + "/file"
    atomic.replace(path, contents[0])

    def write_or_read(number: int) -> list[str]:
        if number == 0:
            for turn in range(200):
                atomic.replace(path, contents[turn % 2], durable=False)
            return []
        return sorted({seen[:1].decode() + str(len(seen)) for seen in (Path(path).read_bytes() for _ in range(200))})

    _, *seen = in_children(4, write_or_read)
    assert {shape for child in seen for shape in child} <= {"a100000", "b100000"}


@pytest.mark.parametrize("failing", ["open", "write", "fsync", "rename"])
def test_a_file_that_cannot_be_replaced_stays_as_it_was(folder: str, calls: Calls, failing: str) -> None:
    Path(folder, "file").write_bytes(b"old")
    calls.fail(lambda call: call.name == failing)
    with pytest.raises(OSError, match="No space left"):
        atomic.replace(folder + "/file", b"new")
    assert listing(folder) == {"file": b"old"}


def test_a_file_for_whose_successor_there_is_no_room_stays_as_it_was(folder: str) -> None:
    Path(folder, "file").write_bytes(b"old")
    assert with_little_room(lambda: atomic.replace(folder + "/file", bytes(5000))) == errno.EFBIG
    assert listing(folder) == {"file": b"old"}


def test_what_a_killed_process_of_the_same_number_left_is_in_nobodys_way(folder: str) -> None:
    Path(folder, f"file.{os.getpid()}.tmp").write_bytes(b"left behind, and longer than the new content")
    atomic.replace(folder + "/file", b"new")
    assert listing(folder) == {"file": b"new"}
    assert stat.S_IMODE(os.stat(folder + "/file").st_mode) == 0o600


def test_who_is_interrupted_while_a_file_is_replaced_leaves_nothing_behind(folder: str) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"new"
        raise KeyboardInterrupt

    atomic.replace(f"{folder}/file", b"old")
    with pytest.raises(KeyboardInterrupt):
        atomic.rewrite(f"{folder}/file", pieces())
    assert listing(folder) == {"file": b"old"}


def test_the_content_is_on_the_disk_before_it_replaces_the_old_one(folder: str, calls: Calls) -> None:
    atomic.replace(folder + "/file", b"new")
    assert calls.story("write", *DURABLE) == ["write file.tmp", "fsync file.tmp", "rename file"]


def test_a_replacement_that_need_not_last_is_not_waited_for(folder: str, calls: Calls) -> None:
    atomic.replace(folder + "/file", b"new", durable=False)
    assert calls.story("write", *DURABLE) == ["write file.tmp", "rename file"]


# ── replace_from ───────────────────────────────────────────────────────────────────────────────────


def test_a_prepared_file_takes_its_name_when_its_content_is_on_the_disk(folder: str, calls: Calls) -> None:
    Path(folder, "prepared").write_bytes(b"")
    atomic.replace_from(folder + "/prepared", folder + "/file", b"17\n")
    assert listing(folder) == {"file": b"17\n"}
    assert calls.story("write", *DURABLE) == ["write prepared", "fsync prepared", "rename file", "fsync ."]


@pytest.mark.parametrize("failing", ["open", "write", "fsync", "rename"])
def test_a_prepared_file_that_cannot_be_written_is_gone_and_the_old_one_stays(
    folder: str, calls: Calls, failing: str
) -> None:
    Path(folder, "file").write_bytes(b"old")
    Path(folder, "prepared").write_bytes(b"")
    calls.fail(lambda call: call.name == failing)
    with pytest.raises(OSError, match="No space left"):
        atomic.replace_from(folder + "/prepared", folder + "/file", b"17\n")
    assert listing(folder) == {"file": b"old"}


# ── publish_record ─────────────────────────────────────────────────────────────────────────────────


def test_a_record_is_written_once_and_the_first_one_stands(folder: str) -> None:
    atomic.publish_record(folder + "/record", b"first\n")
    with pytest.raises(FileExistsError):
        atomic.publish_record(folder + "/record", b"second\n")
    assert listing(folder) == {"record": b"first\n"}


def test_content_and_name_of_a_record_are_on_the_disk_in_this_order(folder: str, calls: Calls) -> None:
    atomic.publish_record(folder + "/record", b"x\n")
    assert calls.story("write", *DURABLE) == [
        "write record.tmp",
        "fsync record.tmp",
        "link record",
        "unlink record.tmp",
        "fsync .",
    ]


@pytest.mark.parametrize("failing", ["open", "write", "fsync", "link"])
def test_a_record_that_cannot_be_made_leaves_nothing_behind(folder: str, calls: Calls, failing: str) -> None:
    calls.fail(lambda call: call.name == failing and call.path != ".")
    with pytest.raises(OSError, match="No space left"):
        atomic.publish_record(folder + "/record", b"x\n")
    assert listing(folder) == {}


@pytest.mark.parametrize("failing", ["open", "fsync"])
def test_a_record_whose_name_the_disk_does_not_confirm_is_whole_and_its_writer_is_told(
    folder: str, calls: Calls, failing: str
) -> None:
    calls.fail(lambda call: (call.name, call.path) == (failing, "."), errno.EIO)
    with pytest.raises(OSError, match="Input/output error"):
        atomic.publish_record(folder + "/record", b"x\n")
    assert listing(folder) == {"record": b"x\n"}


def test_of_many_writers_of_a_record_one_wins_and_the_others_learn_it(folder: str) -> None:
    def publish(number: int) -> bool:
        try:
            atomic.publish_record(folder + "/record", f"{number:04d}\n".encode() * 1000)
        except FileExistsError:
            return False
        return True

    won = in_children(16, publish)
    assert won.count(True) == 1
    assert listing(folder) == {"record": f"{won.index(True):04d}\n".encode() * 1000}


def test_a_record_that_was_withdrawn_is_gone_from_the_disk(folder: str, calls: Calls) -> None:
    atomic.publish_record(folder + "/record", b"x\n")
    calls.made.clear()
    atomic.withdraw(folder + "/record")
    assert listing(folder) == {}
    assert calls.story(*DURABLE) == ["unlink record", "fsync ."]


def test_a_record_that_is_not_there_is_withdrawn_already(folder: str) -> None:
    atomic.withdraw(folder + "/record")
    assert listing(folder) == {}


@pytest.mark.parametrize("failing", ["unlink", "fsync"])
def test_who_cannot_withdraw_a_record_for_sure_is_told(folder: str, calls: Calls, failing: str) -> None:
    atomic.publish_record(folder + "/record", b"x\n")
    calls.fail(lambda call: call.name == failing, errno.EIO)
    with pytest.raises(OSError, match="Input/output error"):
        atomic.withdraw(folder + "/record")


def test_a_temporary_name_that_stays_says_nothing_about_the_record(folder: str, calls: Calls) -> None:
    calls.fail(lambda call: call.name == "unlink", errno.EIO)
    atomic.publish_record(folder + "/record", b"x\n")
    assert calls.story("fsync")[-1] == "fsync ."
    assert codec.read_bytes(folder + "/record") == b"x\n"


# ── a failed fsync ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("write", [atomic.write_new, atomic.replace, atomic.publish_record])
def test_a_failed_fsync_is_never_tried_again_on_the_same_file(
    folder: str, calls: Calls, write: Callable[[str, bytes], None]
) -> None:
    """The kernel reports an error once and may then drop the pages: a second fsync that succeeds says nothing."""
    calls.fail(lambda call: call.name == "fsync", errno.EIO)
    with pytest.raises(OSError, match="Input/output error"):
        write(folder + "/file", b"data\n")
    calls.succeed()
    write(folder + "/file", b"data\n")
    synced = Counter(call.opening for call in calls.named("fsync"))
    assert set(synced.values()) == {1}
    assert len(synced) >= 2
    last = max(call.opening for call in calls.named("write"))
    assert last in synced
    assert listing(folder) == {"file": b"data\n"}


def test_a_job_whose_output_cannot_be_brought_to_the_disk_still_gets_its_verdict(folder: str, calls: Calls) -> None:
    fd = os.open(folder + "/stdout", os.O_CREAT | os.O_WRONLY)
    os.write(fd, b"x")
    calls.fail(lambda call: call.name == "fsync", errno.EIO)
    atomic.sync_output(fd)
    os.close(fd)
    assert calls.story("fsync") == ["fsync stdout"]


# ── room that is reserved ──────────────────────────────────────────────────────────────────────────


def test_reserved_room_is_taken_before_it_is_needed(folder: str) -> None:
    fd = atomic.reserve(folder + "/.final.tmp", 64 * 1024)
    try:
        found = os.fstat(fd)
        assert found.st_blocks * 512 >= 64 * 1024
        assert stat.S_IMODE(found.st_mode) == 0o600
        assert not os.get_inheritable(fd)
    finally:
        os.close(fd)


def test_what_is_written_into_reserved_room_is_exactly_the_file(folder: str, calls: Calls) -> None:
    fd = atomic.reserve(folder + "/.final.tmp", 64 * 1024)
    calls.made.clear()
    atomic.fulfil(fd, folder + "/.final.tmp", folder + "/final", b"verdict\n")
    assert listing(folder) == {"final": b"verdict\n"}
    assert calls.story("write", "ftruncate", *DURABLE) == [
        "write .final.tmp",
        "ftruncate .final.tmp",
        "fsync .final.tmp",
        "rename final",
        "fsync .",
    ]
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(fd)


@pytest.mark.parametrize("put", ["another file", "a link", "a second name"])
def test_what_somebody_put_in_the_place_of_reserved_room_gets_no_name(folder: str, put: str) -> None:
    reserved = folder + "/.final.tmp"
    fd = atomic.reserve(reserved, 4096)
    if put == "a second name":
        os.link(reserved, folder + "/other")
    else:
        os.rename(reserved, folder + "/other")
        if put == "a link":
            os.symlink("other", reserved)
        else:
            atomic.write_new(reserved, b"forged")
    with pytest.raises(FileExistsError, match="not what was reserved"):
        atomic.fulfil(fd, reserved, folder + "/final", b"verdict\n")
    assert not os.path.lexists(folder + "/final")


@pytest.mark.parametrize("make", [lambda path: atomic.write_new(path, b"forged"), os.mkfifo, os.mkdir, None])
def test_a_record_that_is_replaced_is_durable_and_keeps_a_directory_in_its_place(
    folder: str, calls: Calls, make: Callable[[str], None] | None
) -> None:
    if make is not None:
        make(folder + "/record")
    calls.made.clear()
    atomic.replace_record(folder + "/record", b"verdict\n")
    with open(folder + "/record", "rb") as file:
        assert file.read() == b"verdict\n"
    assert len(os.listdir(folder)) == (2 if getattr(make, "__name__", "") == "mkdir" else 1)
    assert [*calls.story("fsync", "rename")][-2:] == ["rename record", "fsync ."]
    assert calls.story("fsync", "rename")[0].startswith("fsync record.")


def test_room_that_is_not_there_is_not_reserved_and_leaves_nothing_behind(folder: str) -> None:
    assert with_little_room(lambda: atomic.reserve(folder + "/.final.tmp", 64 * 1024)) == errno.EFBIG
    assert listing(folder) == {}


@pytest.mark.parametrize("failing", ["posix_fallocate", "write", "fsync"])
def test_a_reservation_that_fails_leaves_nothing_behind(
    folder: str, calls: Calls, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    if failing != "posix_fallocate":
        monkeypatch.delattr(os, "posix_fallocate", raising=False)
    elif not hasattr(os, failing):
        pytest.skip("there is no posix_fallocate here")
    calls.fail(lambda call: call.name == failing)
    with pytest.raises(OSError, match="No space left"):
        atomic.reserve(folder + "/.final.tmp", 64 * 1024)
    assert listing(folder) == {}


def test_where_no_room_can_be_reserved_zeros_take_it(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "posix_fallocate", raising=False)
    fd = atomic.reserve(folder + "/.final.tmp", 64 * 1024)
    assert listing(folder) == {".final.tmp": bytes(64 * 1024)}
    atomic.fulfil(fd, folder + "/.final.tmp", folder + "/final", b"verdict\n")
    assert listing(folder) == {"final": b"verdict\n"}


@pytest.mark.parametrize("failing", ["write", "ftruncate", "fsync", "rename"])
def test_a_verdict_that_cannot_be_written_gets_no_name_and_its_descriptor_is_closed(
    folder: str, calls: Calls, failing: str
) -> None:
    fd = atomic.reserve(folder + "/.final.tmp", 4096)
    calls.fail(lambda call: call.name == failing, errno.EIO)
    with pytest.raises(OSError, match="Input/output error"):
        atomic.fulfil(fd, folder + "/.final.tmp", folder + "/final", b"verdict\n")
    assert os.listdir(folder) == [".final.tmp"]
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(fd)


# ── descriptors ────────────────────────────────────────────────────────────────────────────────────


def copy(path: str, data: bytes) -> None:
    Path(path + ".source").write_bytes(data)
    with open(path + ".source", "rb") as source:
        atomic.copy_new(source.fileno(), path)


def replace_from(path: str, data: bytes) -> None:
    Path(path + ".prepared").touch()
    atomic.replace_from(path + ".prepared", path, data)


def reserve_and_fulfil(path: str, data: bytes) -> None:
    atomic.fulfil(atomic.reserve(path + ".room", 4096), path + ".room", path, data)


@pytest.mark.parametrize(
    "write",
    [atomic.write_new, atomic.replace, atomic.publish_record, copy, replace_from, reserve_and_fulfil],
)
@pytest.mark.parametrize("failing", [None, "write", "fsync"])
def test_every_file_that_was_opened_is_closed(
    folder: str, calls: Calls, write: Callable[[str, bytes], None], failing: str | None
) -> None:
    calls.fail(lambda call: call.name == failing)
    if failing is None:
        write(folder + "/file", b"data\n")
    else:
        with pytest.raises(OSError, match="No space left"):
            write(folder + "/file", b"data\n")
    assert calls.named("open")
    assert calls.still_open == []


# ── copies and directories ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("size", [0, 1, MEGABYTE - 1, MEGABYTE, 2 * MEGABYTE + 17])
def test_a_copy_is_what_is_left_of_its_source_byte_for_byte(folder: str, calls: Calls, size: int) -> None:
    data = (bytes(range(256)) * (size // 256 + 1))[:size]
    Path(folder, "source").write_bytes(b"read already" + data)
    source = os.open(folder + "/source", os.O_RDONLY)
    os.lseek(source, len(b"read already"), os.SEEK_SET)
    atomic.copy_new(source, folder + "/copy")
    os.close(source)
    assert Path(folder, "copy").read_bytes() == data
    assert stat.S_IMODE(os.stat(folder + "/copy").st_mode) == 0o600
    assert calls.story("fsync") == ["fsync copy"]


def test_a_clone_is_on_the_disk_too(folder: str, calls: Calls, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a file system that can: what a job was given must survive a power cut however it was copied."""
    monkeypatch.setattr(fcntl, "ioctl", lambda *_: 0)
    with open(os.devnull, "rb") as source:
        assert atomic.clone_new(source.fileno(), folder + "/clone", mode=0o400)
    assert calls.story("fsync") == ["fsync clone"]
    assert calls.still_open == []


def test_a_copy_takes_nobodys_place(folder: str) -> None:
    Path(folder, "copy").write_bytes(b"old")
    with open(os.devnull, "rb") as nothing, pytest.raises(FileExistsError):
        atomic.copy_new(nothing.fileno(), folder + "/copy")
    assert listing(folder) == {"copy": b"old"}


def test_a_new_directory_is_for_its_owner_only_and_its_name_is_on_the_disk(folder: str, calls: Calls) -> None:
    atomic.make_directory(folder + "/new")
    assert stat.S_IMODE(os.stat(folder + "/new").st_mode) == 0o700
    assert calls.story("mkdir", "fsync") == ["mkdir new", "fsync ."]


def test_a_directory_that_is_there_is_only_taken_if_that_was_said(folder: str) -> None:
    atomic.make_directory(folder + "/new")
    Path(folder, "new", "file").write_bytes(b"x")
    with pytest.raises(FileExistsError):
        atomic.make_directory(folder + "/new")
    atomic.make_directory(folder + "/new", exist_ok=True)
    assert os.listdir(folder + "/new") == ["file"]


def test_a_directory_is_not_moved_over_another_that_holds_something(folder: str) -> None:
    for name in ("source", "target"):
        Path(folder, name).mkdir()
        Path(folder, name, "file").write_bytes(name.encode())
    with pytest.raises(OSError, match="not empty"):
        atomic.move_directory(folder + "/source", folder + "/target")
    assert Path(folder, "target", "file").read_bytes() == b"target"
    assert Path(folder, "source", "file").read_bytes() == b"source"


def test_what_is_set_aside_takes_the_place_of_what_was_set_aside_before(folder: str) -> None:
    Path(folder, "log").write_bytes(b"new")
    Path(folder, "log.1").write_bytes(b"old")
    atomic.set_aside(folder + "/log", folder + "/log.1")
    assert listing(folder) == {"log.1": b"new"}


@pytest.mark.parametrize("kind", ["fifo", "link"])
def test_bringing_a_path_to_the_disk_neither_blocks_on_a_fifo_nor_follows_a_link(folder: str, kind: str) -> None:
    path = folder + "/output"
    if kind == "fifo":
        os.mkfifo(path)
    else:
        os.symlink(os.devnull, path)
    with pytest.raises(OSError, match="Invalid argument" if kind == "fifo" else "symbolic links"):
        atomic.sync_path(path)


def test_threads_take_turns_with_the_umask_so_that_it_is_given_back() -> None:
    entered = threading.Event()

    def other() -> None:
        with atomic.Umask(0o027):
            entered.set()

    before = os.umask(0o022)
    try:
        thread = threading.Thread(target=other)
        with atomic.Umask(0o077):
            thread.start()
            assert not entered.wait(0.1)
        thread.join()
        assert entered.is_set()
        assert os.umask(0o022) == 0o022
    finally:
        os.umask(before)

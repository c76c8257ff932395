"""JSON as jobctl writes and trusts it."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobctl.errors import UnreadableRecord
from jobctl.store import codec, home

if TYPE_CHECKING:
    from store.calls import Calls

few = settings(deadline=None, database=None, max_examples=100)

#: Any text, lone surrogates and control characters among it.
TEXT = st.text(alphabet=st.characters(exclude_categories=()), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
DOCUMENTS = st.dictionaries(TEXT, VALUES, max_size=5)

#: Why each of these is refused, and the bytes.
REFUSED = {
    "empty": b"",
    "no-final-newline": b'{"a":1}',
    "cut-in-a-string": b'{"a":"x',
    "cut-in-a-string-with-newline": b'{"a":"x\n',
    "cut-in-a-key": b'{"a\n',
    "cut-in-a-number": b'{"a":-\n',
    "cut-behind-a-comma": b'{"a":1,\n',
    "cut-nul-tail": b'{"a":1}\0\0\0\0',
    "nuls": b"\0\0\0\0\n",
    "only-a-newline": b"\n",
    "array": b"[]\n",
    "string": b'"a"\n',
    "number": b"1\n",
    "null": b"null\n",
    "nan": b'{"a":NaN}\n',
    "infinity": b'{"a":Infinity}\n',
    "minus-infinity": b'{"a":[-Infinity]}\n',
    "duplicate-key": b'{"a":1,"a":1}\n',
    "duplicate-key-inside": b'{"a":[{"b":1,"b":2}]}\n',
    "duplicate-key-escaped": b'{"a":1,"\\u0061":2}\n',
    "utf8": '{"a":"\u00e9"}\n'.encode(),
    "latin1": b'{"a":"\xe9"}\n',
    "bom": b'\xef\xbb\xbf{"a":1}\n',
    "two-documents": b'{"a":1}{"b":2}\n',
    "two-lines": b'{"a":1}\n{"b":2}\n',
    "comment": b'{"a":1}//x\n',
    "trailing-comma": b'{"a":1,}\n',
    "single-quotes": b"{'a':1}\n",
    "control-character": b'{"a":"\x01"}\n',
    "bad-escape": b'{"a":"\\x"}\n',
    "bad-unicode-escape": b'{"a":"\\u12"}\n',
    "five-thousand-digits": b'{"a":' + b"9" * 5000 + b"}\n",
    "nested-arrays": b'{"a":' + b"[" * 200_000 + b"\n",
    "nested-objects": b'{"a":' * 200_000 + b"\n",
}


@pytest.fixture(params=["fast", "plain"])
def implementation(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The C parts of the standard library, and what is used where they are missing."""
    if request.param == "plain":
        monkeypatch.setattr(codec, "fast", None)


def standard(document: dict[str, Any]) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode("ascii") + b"\n"


# ── what is written ────────────────────────────────────────────────────────────────────────────────


@few
@given(DOCUMENTS)
def test_the_fast_way_writes_what_json_writes(document: dict[str, Any]) -> None:
    assert codec.fast is not None
    assert codec.encode(document) == standard(document)


@few
@given(DOCUMENTS)
def test_the_fast_way_reads_what_json_reads(document: dict[str, Any]) -> None:
    data = standard(document)
    assert codec.decode(data, "p") == json.loads(data)


@few
@given(DOCUMENTS, st.sampled_from([None, 0, 2]))
def test_a_document_that_a_person_has_laid_out_is_read_as_json_reads_it(
    document: dict[str, Any], indent: int | None
) -> None:
    data = json.dumps(document, indent=indent).encode("ascii") + b"\n"
    assert codec.decode(data, "p") == json.loads(data)


@few
@given(st.binary(max_size=30))
def test_bytes_that_are_not_utf8_come_back_exactly(raw: bytes) -> None:
    text = raw.decode("utf-8", "surrogateescape")
    back = codec.decode(codec.encode({text: text}), "p")
    assert [(key.encode("utf-8", "surrogateescape"), value) for key, value in back.items()] == [(raw, text)]


@pytest.mark.usefixtures("implementation")
@pytest.mark.parametrize(
    "value",
    [0, -0.0, 1e300, 5e-324, 0.1, 2**200, -(2**63), "", "\0\n\x7f\x9b", "\U0001f600", "\udcff", [], {}, [[[]]], True],
)
def test_either_way_a_value_comes_back_with_its_type(value: object) -> None:
    document = {"a": value}
    data = codec.encode(document)
    assert data == standard(document)
    back = codec.decode(data, "p")["a"]
    assert (repr(back), type(back)) == (repr(value), type(value))


@pytest.mark.usefixtures("implementation")
def test_a_document_is_one_line_of_ascii() -> None:
    data = codec.encode({"a": "\u00e9\n\u2028\udc80", "b": {"c": [1, None]}})
    assert data == b'{"a":"\\u00e9\\n\\u2028\\udc80","b":{"c":[1,null]}}\n'


@pytest.mark.usefixtures("implementation")
@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_is_not_json_is_never_written(number: float) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        codec.encode({"a": [number]})


@pytest.mark.usefixtures("implementation")
@pytest.mark.parametrize("value", [b"bytes", {1, 2}, object()], ids=["bytes", "set", "object"])
def test_a_value_that_is_not_json_is_never_written(value: object) -> None:
    with pytest.raises(TypeError):
        codec.encode({"a": value})


# ── what is refused ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("implementation")
@pytest.mark.parametrize("data", REFUSED.values(), ids=REFUSED.keys())
def test_what_is_not_one_whole_document_is_refused_with_its_path(data: bytes) -> None:
    with pytest.raises(UnreadableRecord, match=r"^cannot read spool/17/spec\.json: ."):
        codec.decode(data, "spool/17/spec.json")


def test_what_is_refused_is_refused_also_where_json_was_never_imported() -> None:
    """The C scanner takes its error from `json.decoder`, and has no other when that is missing."""
    program = """
import sys
from jobctl.errors import UnreadableRecord
from jobctl.store import codec
assert "json" not in sys.modules
for data in eval(sys.stdin.read()):
    sys.modules.pop("json", None), sys.modules.pop("json.decoder", None)
    try:
        codec.decode(data, "p")
    except UnreadableRecord:
        continue
    sys.exit(f"{data[:40]!r} was taken")
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=repr(list(REFUSED.values())),
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "it is empty"),
        (b'{"a":1}', "it has no final newline: it was cut"),
        (b'{"a":1}\0\0', "it has no final newline: it was cut"),
        (b'{"a":NaN}\n', "it holds NaN, which is not JSON"),
        (b'{"a":1,"a":2}\n', "it has the same key twice"),
        (b'{"a":"\xe9"}\n', "it holds bytes that are not ASCII"),
        (b"[1]\n", "it is not a JSON object"),
        (b'{"a":1} {}\n', "there is something behind the document"),
        (b"x\n", "it is not JSON"),
        (b"[" * 200_000 + b"\n", "it is not JSON"),
    ],
    ids=["empty", "cut", "nul-tail", "nan", "twice", "not-ascii", "array", "behind", "not-json", "nested"],
)
def test_a_refusal_says_why(data: bytes, why: str) -> None:
    with pytest.raises(UnreadableRecord) as refused:
        codec.decode(data, "p")
    assert refused.value.why == why


@few
@given(DOCUMENTS, st.data())
def test_a_document_that_was_cut_anywhere_is_refused(document: dict[str, Any], data: st.DataObject) -> None:
    whole = codec.encode(document)
    cut = whole[: data.draw(st.integers(0, len(whole) - 1))]
    for tail in (b"", b"\0" * 8):
        with pytest.raises(UnreadableRecord):
            codec.decode(cut + tail, "p")


@few
@given(st.binary(max_size=40))
def test_any_bytes_are_a_document_or_refused(data: bytes) -> None:
    for candidate in (data, data + b"\n", b"{" + data + b"}\n"):
        try:
            assert isinstance(codec.decode(candidate, "p"), dict)
        except UnreadableRecord:
            continue


@pytest.mark.usefixtures("implementation")
def test_a_number_too_large_for_a_float_is_refused_as_infinity_is() -> None:
    with pytest.raises(UnreadableRecord):
        codec.decode(b'{"a":1e999}\n', "p")


# ── files ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def record(folder: str) -> str:
    """The path of a record that can be read."""
    path = folder + "/start.json"
    Path(path).write_bytes(b'{"v":1}\n')
    return path


def refused(path: str, why: str) -> None:
    with pytest.raises(UnreadableRecord, match=f"^cannot read {path}: {why}"):
        codec.read(path)


def test_a_record_is_read_from_its_file(record: str) -> None:
    assert codec.read(record) == {"v": 1}


def test_a_file_that_is_not_there_is_missing_and_not_unreadable(folder: str) -> None:
    with pytest.raises(FileNotFoundError):
        codec.read(folder + "/start.json")


def test_a_link_is_refused_wherever_it_leads(record: str) -> None:
    for target in (record, record + ".missing"):
        os.symlink(target, record + ".link")
        refused(record + ".link", ".*symbolic links")
        os.unlink(record + ".link")


def test_a_fifo_is_refused_without_waiting_for_a_writer(record: str) -> None:
    os.mkfifo(record + ".fifo")
    refused(record + ".fifo", "it is not a regular file")


def test_a_directory_is_refused(folder: str) -> None:
    refused(folder, "it is not a regular file")


def test_a_device_is_refused() -> None:
    refused("/dev/zero", "it is not a regular file")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_somebody_elses_file_is_refused(record: str) -> None:
    os.chown(record, 12345, -1)
    refused(record, "it belongs to user 12345")


def test_a_file_that_may_not_be_read_is_unreadable(record: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbid(*_: object) -> int:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", forbid)  # root may read everything
        refused(record, ".*Permission denied")


@pytest.mark.parametrize(
    ("name", "number"), [("open", errno.EMFILE), ("open", errno.EIO), ("fstat", errno.EIO), ("read", errno.EIO)]
)
def test_a_file_that_cannot_be_read_now_is_not_called_damaged(
    record: str, monkeypatch: pytest.MonkeyPatch, name: str, number: int
) -> None:
    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(os, name, fail)
        with pytest.raises(OSError, match=os.strerror(number)):
            codec.read(record)


def test_a_path_through_a_file_is_unreadable(record: str) -> None:
    refused(record + "/start.json", ".*Not a directory")


def test_a_file_with_a_second_name_is_refused(record: str, folder: str) -> None:
    os.mkdir(folder + "/elsewhere")
    for name in (folder + "/other", folder + "/elsewhere/start.json.1.tmp", folder + "/other.start.json.tmp"):
        os.link(record, name)
        refused(record, "it has a second name")
        os.unlink(name)


def test_a_record_whose_writer_is_just_giving_it_its_name_is_read(record: str) -> None:
    os.link(record, f"{record}.4711.0a1b2c3d.tmp")
    assert codec.read(record) == {"v": 1}


def test_a_record_whose_writer_ends_while_we_look_is_read(record: str, monkeypatch: pytest.MonkeyPatch) -> None:
    other = f"{record}.4711.0a1b2c3d.tmp"
    os.link(record, other)
    real = os.listdir

    def listdir(path: str) -> list[str]:
        names = real(path)
        os.unlink(other)
        return names

    monkeypatch.setattr(os, "listdir", listdir)
    assert codec.read(record) == {"v": 1}


def test_whatever_was_opened_is_closed(record: str, calls: Calls) -> None:
    codec.read(record)
    os.mkfifo(record + ".fifo")
    refused(record + ".fifo", "it is not a regular file")
    assert len(calls.named("open")) == 2
    assert calls.still_open == []


def test_a_record_that_has_a_third_name_beside_that_of_its_writer_is_refused(record: str, folder: str) -> None:
    os.link(record, f"{record}.4711.0a1b2c3d.tmp")
    os.link(record, folder + "/other")
    refused(record, "it has a second name")


def test_where_others_may_change_files_the_count_of_names_is_not_believed(
    record: str, folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.link(record, folder + "/other")
    monkeypatch.setattr(home, "remote", lambda _: "fuse.bindfs")
    assert codec.read(record) == {"v": 1}


def test_another_file_under_the_name_of_a_writer_excuses_no_second_name(record: str, folder: str) -> None:
    Path(f"{record}.4711.0a1b2c3d.tmp").write_bytes(b"x")
    os.link(record, folder + "/other")
    refused(record, "it has a second name")


def test_a_file_is_read_up_to_the_size_that_is_asked_for_and_no_further(folder: str) -> None:
    path = folder + "/file"
    Path(path).write_bytes(bytes(10))
    assert codec.read_bytes(path, 10) == bytes(10)
    with pytest.raises(UnreadableRecord, match="it has 10 bytes"):
        codec.read_bytes(path, 9)


def test_a_record_larger_than_any_of_ours_is_refused_unread(record: str) -> None:
    os.truncate(record, codec.LARGEST + 1)
    refused(record, f"it has {codec.LARGEST + 1} bytes")


def test_a_specification_as_large_as_the_kernel_allows_can_be_read_back(folder: str) -> None:
    document = {"v": 1, "env": {f"V{number}": "\udcff" * 131_000 for number in range(16)}}
    Path(folder, "spec.json").write_bytes(codec.encode(document))
    assert codec.read(folder + "/spec.json") == document

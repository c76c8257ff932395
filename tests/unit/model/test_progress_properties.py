"""What holds for any bytes whatever."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from jobctl.model.progress import forced, reports
from jobctl.model.progress.detector import Detector
from jobctl.model.progress.screen import LONGEST_LINE, Screen

PIECES = st.sampled_from(
    [
        b"\r", b"\n", b"\r\n", b"\b", b"\b\b\b", b"\x1b[K", b"\x1b[1A", b"\x1b[31m", b"\x1b7", b"\x1b]9;4;1;40\x1b\\",
        b"\x1b]9;4;0\x07", b"\x1b]0;title\x07", b"\x1bP+q544e\x1b\\", b"\x1b", b"\x1b[", b"\x1b]", b" 45%", b"3/10",
        b"[12/34] ", b"4 of 9", b"1.5 MiB/3.0 MiB", b"Epoch 1/3 ", b"time=00:00:01.5", b"Duration: 00:00:09.00",
        b'{"done":3,"total":9}', b"0...10...20", b"..30.", b"done=3 total=9 ", b"1..9\n", b"ok 3\n", b"[3/8] Making",
        b"5\n", b"0%   10   20   30   40   50   60   70   80   90   100%\n***",
        b"#####", "█▌ ".encode(), "é".encode(), b"\xe2\x96", b"\xff\x00", b"ETA 0:01 ",
    ]
)  # fmt: skip
OUTPUT = st.lists(st.one_of(PIECES, st.binary(max_size=8)), max_size=60).map(b"".join)


def cut(data: bytes, sizes: list[int]) -> list[bytes]:
    pieces = []
    for size in sizes:
        pieces.append(data[:size])
        data = data[size:]
    return [*pieces, data]


@given(OUTPUT, st.lists(st.integers(0, 20), max_size=30))
@example(b"\x1b]9;4;1;40\x1b\\", [1, 1, 1, 1])
@example(b"\r 1/9 x\r 2/9 x\r 3/9 x", [3, 5, 2])
def test_how_output_is_cut_makes_no_difference(data: bytes, sizes: list[int]) -> None:
    whole, pieces = Detector(), Detector()
    whole.feed("stdout", data)
    for piece in cut(data, sizes):
        pieces.feed("stdout", piece)
    assert (whole.fact, whole.reported) == (pieces.fact, pieces.reported)


@given(OUTPUT, OUTPUT)
def test_no_output_breaks_it_or_makes_it_more_than_whole(first: bytes, second: bytes) -> None:
    for reader in (Detector(), forced.Forced("percent"), forced.Forced("count"), forced.Forced(r"(?P<done>\d+)")):
        reader.feed("stdout", first)
        reader.feed("stderr", second)
        for fact in (reader.fact, reader.reported):
            assert fact is None or fact.percent is None or 0 <= fact.percent <= 100


@given(st.text(max_size=2000))
def test_random_text_is_no_progress(text: str) -> None:
    detector = Detector()
    detector.feed("stdout", text.encode("utf-8", "surrogatepass"))
    assert detector.fact is None


@given(st.lists(st.binary(max_size=40), max_size=20).map(b"\n".join))
@example(b"[" * 5000)
@example(b'{"done":' + b"9" * 400 + b',"total":1}')
@example(b'{"percent":1e999}')
@example(b'{"message":"\\ud800"}')
def test_no_report_is_fatal(data: bytes) -> None:
    fact, malformed = reports.fold(data)
    assert malformed >= 0
    assert fact is None or fact.percent is None or 0 <= fact.percent <= 100


@given(OUTPUT, st.integers(1, 50))
def test_memory_is_bounded(data: bytes, times: int) -> None:
    longest = 0

    def note(line: bytes, rewritten: bool) -> None:
        nonlocal longest
        longest = max(longest, len(line))

    screen = Screen(note, lambda *_: None)
    for _ in range(times):
        screen.feed(data)
    assert longest <= LONGEST_LINE
    assert len(screen._text) <= LONGEST_LINE
    assert len(screen._held) <= 2 * LONGEST_LINE

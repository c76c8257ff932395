from __future__ import annotations

import pytest

from jobctl.model.progress import amount, reports
from jobctl.model.progress.fact import Fact


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"45", Fact(percent=45.0)),
        (b" 45.5% ", Fact(percent=45.5)),
        (b"3/10", Fact(percent=30.0, done=3.0, total=10.0)),
        (b"0/10", Fact(percent=0.0, done=0.0, total=10.0)),
        (
            b'{"done":3,"total":10,"unit":"files","message":"on it"}',
            Fact(percent=30.0, done=3.0, total=10.0, unit="files", message="on it"),
        ),
        (b'{"message":"only\\u001b[31m this"}', Fact(message="only this")),
        (b'{"done":7}', Fact(done=7.0)),
        (b'{"done":1,"total":null,"new key":[]}', Fact(done=1.0)),
    ],
)
def test_a_report_is_understood(line: bytes, expected: Fact) -> None:
    assert reports.parse(line) == expected


@pytest.mark.parametrize(
    "line",
    [
        b"", b"x", b"-1", b"101", b"11/10", b"1/0", b"45 %%", b"nan", b"1e3", b"{", b"[1]", b"{}", b'{"done":-1}',
        b'{"done":NaN}', b'{"done":true}', b'{"done":"3"}', b'{"message":5}', b"\xff", b"9" * 5000, "٣".encode(),
    ],
)  # fmt: skip
def test_a_malformed_report_is_none(line: bytes) -> None:
    assert reports.parse(line) is None


def test_later_reports_replace_what_they_say_and_leave_the_rest() -> None:
    data = b'{"done":1,"total":4,"unit":"files","message":"a"}\nnonsense\n2/4\n{"message":"b"}\n'
    assert reports.fold(data) == (Fact(percent=50.0, done=2.0, total=4.0, unit="files", message="b"), 1)


def test_a_last_line_without_its_end_counts_if_it_can_be_read() -> None:
    assert reports.fold(b"45") == (Fact(percent=45.0), 0)
    assert reports.fold(b'40\n{"done":3,"to') == (Fact(percent=40.0), 0)


def test_done_alone_keeps_the_total() -> None:
    fact, _ = reports.fold(b'{"done":1,"total":4}\n{"done":3}\n')
    assert fact is not None
    assert fact.percent == 75.0


@pytest.mark.parametrize("text", ["", "/", "1/", "/2", "1/2/3", "--5", "1.", ".5", "1_0", "²", "5 5", "1,5"])
def test_no_amount(text: str) -> None:
    assert amount.parse(text) is None

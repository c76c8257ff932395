from __future__ import annotations

import pytest

from jobctl.errors import UsageError
from jobctl.model.progress import forced, source
from jobctl.model.progress.detector import Detector
from jobctl.model.progress.fact import Fact


@pytest.mark.parametrize(
    ("wanted", "output", "expected"),
    [
        ("percent", "7\n15\n", Fact(percent=15.0)),
        ("percent", "accuracy 45%\n", Fact(percent=45.0)),
        ("percent", "145%\n", None),
        ("count", "worker 3/10 ready\n", Fact(percent=30.0, done=3.0, total=10.0)),
        ("json", '{"done":3,"total":4}\n', Fact(percent=75.0, done=3.0, total=4.0)),
        ("time", "Duration: 00:00:10.00\ntime=00:00:05.00\n", Fact(percent=50.0, done=5.0, total=10.0, unit="s")),
        ("columns", " 18 15.2M   18 2832k    0     0  2013k 0 0:00:07  0:00:01  0:00:06 2012k\n", Fact(percent=18)),
        ("osc", "45%\n", None),
        (r"(?P<done>\d+) of (?P<total>\d+) (?P<unit>.)", "1 of 4 p\n", Fact(percent=25, done=1, total=4, unit="p")),
        (r"(?P<percent>[\d.]+) per cent: (?P<message>.*)", "7.5 per cent: hm\n", Fact(percent=7.5, message="hm")),
        (r"(?P<done>\d+) so far", "12 so far\n", Fact(done=12.0)),
        (r"(?P<percent>\S+)", "NaN\ninf\n-3\n1e400\nx\n", None),
    ],
)  # fmt: skip
def test_what_was_asked_for_is_taken_at_its_word(wanted: str, output: str, expected: Fact | None) -> None:
    reader = forced.reader(wanted)
    assert reader is not None
    reader.feed("stdout", output.encode())
    assert reader.fact == expected


def test_the_source_that_is_none_reads_nothing_and_the_default_detects() -> None:
    assert forced.reader("none") is None
    assert isinstance(forced.reader("auto"), Detector)


@pytest.mark.parametrize(
    "wanted", ["auto", "none", *source.FORMATS, r"(?P<percent>\d+)", r"(?P<done>\d+)/(?P<total>\d+)"]
)
def test_a_source_that_can_be_used_passes(wanted: str) -> None:
    source.check(wanted)


@pytest.mark.parametrize(
    "wanted", ["", "bogus", "percentage", "(", r"(\d+)%", "(?P<total>x)", "(?P<percent>a){99999999999}"]
)
def test_a_source_that_cannot_is_refused(wanted: str) -> None:
    with pytest.raises(UsageError, match="--progress-from"):
        source.check(wanted)

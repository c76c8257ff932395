"""What is claimed of the output of real programs: figures of precision and recall over tests/data/progress."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest

from jobctl.model.progress.detector import Detector

SAMPLES = Path(__file__).parents[2] / "data" / "progress"
TRUTH: dict[str, str] = json.loads((SAMPLES / "truth.json").read_text())

NOTHING = {
    "none", "decoy", "spinner-decoy", "final-decoy", "final-only", "decoy-percent", "eta+decoy-percent",
    "bytes-nototal", "count-nototal", "json-nototal", "time-nototal", "count-backspace", "files-nototal-then-percent",
}  # fmt: skip
PARTS = {"phase", "nested", "multi", "dup"}


def is_of_parts(kind: str) -> bool:
    return any(part in kind for part in PARTS)


WHOLE = sorted(name for name, kind in TRUTH.items() if kind not in NOTHING and not is_of_parts(kind))
#: Too short to be sure of, or of a kind that is shown as an activity, not as the whole.
SILENT = {
    "7z-x-pipe", "7z-x-pty",  # over after one percentage
    "borg-check-pipe", "borg-check-pty", "git-fsck-pty",  # "Checking segments 16%": one activity, another follows
    "mkvmerge-pipe", "mkvmerge-pty",  # 0 and 100 are all there is
    "restic-check-pty",  # two phases
}  # fmt: skip


@cache
def claimed(sample: str) -> tuple[list[float], Detector]:
    """Return the percentages claimed while *sample* came in small pieces, and the detector after it."""
    data = (SAMPLES / f"{sample}.bin").read_bytes()
    detector = Detector()
    claims: list[float] = []
    for position in range(0, len(data), 256):
        detector.feed("stderr", data[position : position + 256])
        fact = detector.fact
        if fact is not None and fact.percent is not None and (not claims or fact.percent != claims[-1]):
            claims.append(fact.percent)
    return claims, detector


@pytest.mark.parametrize("sample", sorted(name for name, kind in TRUTH.items() if kind in NOTHING))
def test_nothing_is_claimed_where_there_is_no_fraction(sample: str) -> None:
    assert claimed(sample)[0] == []


@pytest.mark.parametrize("sample", [name for name in WHOLE if name not in SILENT])
def test_a_fraction_of_the_whole_is_claimed_and_only_grows(sample: str) -> None:
    claims, _ = claimed(sample)
    assert claims
    assert claims == sorted(claims)
    assert claims[-1] <= 100


@pytest.mark.parametrize("sample", sorted(name for name, kind in TRUTH.items() if is_of_parts(kind)))
def test_what_begins_again_is_never_shown_to_go_back(sample: str) -> None:
    claims, _ = claimed(sample)
    assert claims == sorted(claims)


def test_precision_and_recall() -> None:
    """All but the named samples of one fraction are recognised, and nothing is claimed at the end of another one."""
    found = {name for name in WHOLE if claimed(name)[0]}
    assert set(WHOLE) - found == SILENT
    recall = len(found) / len(WHOLE)
    wrong = set()
    for name, kind in TRUTH.items():
        fact = claimed(name)[1].fact
        whole = fact is not None and fact.percent is not None
        if whole and (kind in NOTHING or is_of_parts(kind)):
            wrong.add(name)
    precision = len(found) / (len(found) + len(wrong))
    print(f"{len(WHOLE)} samples: recall {recall:.2f}, precision {precision:.2f}")
    # The outer of two nested bars is the whole, and rightly claimed.
    assert wrong == {"tqdm-nested-pipe", "tqdm-nested-pty"}
    assert recall > 0.9


@pytest.mark.parametrize(
    ("sample", "message"),
    [
        ("git-clone-pty", "Updating files: 5400/5400"),
        ("dpkg-reinstall-pty", "Reading database: 100%"),
        ("convert-monitor-pipe", "save image[im.png: 1499/1500"),
        ("wget2-multi-pty", "w3: 100%"),
    ],
)
def test_a_part_is_named(sample: str, message: str) -> None:
    fact = claimed(sample)[1].fact
    assert fact is not None
    assert (fact.percent, fact.message) == (None, message)


def test_counts_and_sizes_are_told() -> None:
    ninja = claimed("ninja-pipe")[1].fact
    assert ninja is not None
    assert (ninja.done, ninja.total) == (62, 62)
    copied = claimed("aws-s3-cp-pipe")[1].fact
    assert copied is not None
    assert copied.unit == "bytes"
    assert copied.total == pytest.approx(28.6 * 2**20)


def test_what_is_said_on_purpose_in_the_output_is_reported() -> None:
    data = (SAMPLES / "cargo-osc94-pty.bin").read_bytes()
    detector = Detector()
    seen = []
    for position in range(0, len(data), 64):
        detector.feed("stderr", data[position : position + 64])
        if detector.reported is not None:
            seen.append(detector.reported.percent)
    assert seen
    assert seen == sorted(seen)  # type: ignore[type-var]  # each has a percentage
    # The program takes it back when it ends.
    assert detector.reported is None

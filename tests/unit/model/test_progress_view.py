"""Progress as people see it: never complete before the end, never wrong because a file is odd."""

from __future__ import annotations

from typing import Any

import pytest

from jobctl.model import status
from jobctl.model.progress import view as progress_view
from jobctl.model.spec import Spec

PLAIN = status.first(
    1, Spec(uuid="u", command=("true",), cwd="/", umask=0, submitted_at="2026-11-23T12:00:00.000000Z", env=()), "/s"
)


def shown(progress: dict[str, Any] | None, **more: Any) -> progress_view.Shown:
    return progress_view.of(PLAIN.but(progress=progress, **more))


@pytest.mark.parametrize(("percent", "seen"), [(0, 0), (45.9, 45), (99.6, 99), (100, 99), (250, 99), (-3, 0)])
def test_what_runs_is_never_shown_as_complete(percent: float, seen: int) -> None:
    assert shown({"percent": percent}, state="processing").percent == seen


def test_what_has_ended_may_be_complete() -> None:
    assert shown({"percent": 100}, state="completed").percent == 100


@pytest.mark.parametrize("odd", ["45", True, float("nan"), float("inf"), [], {}])
def test_what_is_no_number_is_not_known(odd: object) -> None:
    found = shown({"percent": odd, "done": odd, "total": odd, "rate": odd, "eta_s": odd, "message": 3, "source": []})
    assert (found.percent, found.done, found.total, found.rate, found.left) == (None, None, None, None, None)
    assert (found.message, found.source) == (None, None)


def test_an_array_job_without_progress_shows_its_finished_tasks() -> None:
    found = shown(
        None, state="processing", tasks=status.counts(200, completed=50, failed=40, cancelled=11, processing=9)
    )
    assert (found.percent, found.source) == (50, "tasks")
    assert shown(None, tasks=status.counts(0)).percent is None


@pytest.mark.parametrize(
    ("progress", "count"),
    [
        ({}, None),
        ({"done": 45}, "45"),
        ({"done": 45, "total": 100, "unit": "files"}, "45/100 files"),
        ({"done": 0.25, "total": 1.5}, "0.25/1.5"),
        ({"done": 1.2e9, "total": 3e9, "unit": "bytes"}, "1.1 GiB/2.8 GiB"),
    ],
)
def test_a_count_is_how_much_of_how_much(progress: dict[str, Any], count: str | None) -> None:
    assert shown(progress).count == count


@pytest.mark.parametrize(("rate", "speed"), [(None, None), (0, None), (2.13, "2.1/s"), (12, "12/s")])
def test_a_speed_is_how_much_a_second(rate: float | None, speed: str | None) -> None:
    assert shown({"rate": rate}).speed == speed


@pytest.mark.parametrize("source", ["earlier runs", "earlier-runs"])
def test_an_estimate_from_earlier_runs_is_marked(source: str) -> None:
    found = shown({"source": source})
    assert found.is_estimate
    assert progress_view.show_left(100, estimate=found.is_estimate) == "~1m40s"


@pytest.mark.parametrize(("seconds", "left"), [(None, ""), (-5, ""), (0, ""), (0.4, "1s"), (7, "7s"), (61.5, "1m01s")])
def test_time_left_is_not_shown_when_it_is_over(seconds: float | None, left: str) -> None:
    assert progress_view.show_left(seconds, estimate=False) == left

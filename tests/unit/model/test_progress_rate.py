from __future__ import annotations

import pytest

from jobctl.model.progress.rate import Pace


def fed(*, every: float, by: float, times: int) -> tuple[Pace, float]:
    pace, now = Pace(0.0, 0.0), 0.0
    for step in range(1, times + 1):
        now += every
        pace.note(by * step, now)
    return pace, now


def test_nothing_is_foretold_of_one_step() -> None:
    pace, now = fed(every=5.0, by=1.0, times=1)
    assert pace.rate(now) is None
    assert pace.left(100.0, now) is None


def test_an_even_pace_is_told_exactly() -> None:
    pace, now = fed(every=1.0, by=2.0, times=60)
    assert pace.rate(now) == pytest.approx(2.0)
    assert pace.left(200.0, now) == pytest.approx(40.0)


def test_steps_far_apart_do_not_make_it_slower_between_them() -> None:
    pace, now = fed(every=60.0, by=1.0, times=10)
    assert pace.left(20.0, now) == pytest.approx(600.0)
    assert pace.left(20.0, now + 30) == pytest.approx(570.0)


def test_a_burst_moves_it_a_little_and_not_to_nothing() -> None:
    pace, now = fed(every=1.0, by=1.0, times=100)
    pace.note(110.0, now + 0.1)
    left = pace.left(200.0, now + 0.1)
    assert left is not None
    assert 50 < left < 90


def test_a_stall_lets_the_time_left_grow_steadily() -> None:
    pace, now = fed(every=1.0, by=1.0, times=50)
    seen = [pace.left(100.0, now + stalled) for stalled in (0, 5, 20, 60, 300)]
    assert all(value is not None for value in seen)
    assert seen[1:] == sorted(seen[1:])  # type: ignore[type-var]  # none is None
    assert (seen[-1] or 0) > 10 * (seen[0] or 0)


def test_a_change_of_pace_is_followed() -> None:
    pace, now = fed(every=1.0, by=1.0, times=60)
    for step in range(1, 61):
        pace.note(60.0 + 5 * step, now + step)
    rate = pace.rate(now + 60)
    assert rate is not None
    assert rate > 3.5


def test_a_step_back_begins_anew() -> None:
    pace, now = fed(every=1.0, by=1.0, times=60)
    pace.note(2.0, now)
    assert pace.rate(now + 1) is None


def test_what_would_take_for_ever_is_not_foretold() -> None:
    pace, now = fed(every=10.0, by=1e-9, times=20)
    assert pace.left(100.0, now) is None

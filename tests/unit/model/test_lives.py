"""What requests to retry and to steer amount to."""

from __future__ import annotations

from typing import Any

from jobctl.model.lives import Lives, Steering


def lives(*requests: tuple[dict[str, int], bool]) -> Lives:
    return Lives([{"after": after, "unstarted": unstarted} for after, unstarted in requests])


def test_a_job_that_was_never_retried_is_in_its_first_life() -> None:
    found = lives()
    assert (found.number, found.of(1), found.named_unstarted) == (0, (0, 0), [])


def test_a_task_that_is_named_begins_anew_after_its_last_attempt() -> None:
    found = lives(({"1": 2}, False), ({"3": 1}, False))
    assert [found.of(task) for task in (1, 2, 3)] == [(2, 1), (0, 0), (1, 2)]


def test_a_task_that_never_started_can_be_named_alone_or_be_one_of_all() -> None:
    found = lives(({"2": 0}, False))
    assert [found.of(task) for task in (1, 2)] == [(0, 0), (0, 1)]
    assert found.named_unstarted == [2]
    found = lives(({"2": 0}, False), ({}, True))
    assert [found.of(task) for task in (1, 2)] == [(0, 2), (0, 2)]


def test_what_is_damaged_grants_nothing_and_counts() -> None:
    odd: list[dict[str, Any]] = [{}, {"after": []}, {"after": {"x": 1, "1": -1, "2": "1"}, "unstarted": 1}]
    found = Lives(odd)
    assert (found.number, found.of(1), found.of(2)) == (3, (0, 0), (0, 0))


def test_the_later_edit_counts_and_none_takes_a_limit_away() -> None:
    asked: list[dict[str, Any]] = [
        {"limits": {"timeout": 5, "memory": 9}, "max_wait": 7, "priority": 1},
        {"limits": {"timeout": None, "grace": None, "colour": 1}, "max_wait": None, "priority": 2},
    ]
    found = Steering(asked, hold=False)
    assert found.limits == {"timeout": None, "memory": 9}
    assert found.changes == {"max_wait": None, "priority": 2}

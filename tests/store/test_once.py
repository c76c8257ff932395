"""One key is one job, one name never overlaps, and a full home takes no more: through races and interruptions."""

from __future__ import annotations

import fcntl
import itertools
import os
from typing import TYPE_CHECKING

import pytest

from jobctl.errors import Contradiction, OutcomeUnknown, QueueFull, UnreadableRecord
from jobctl.store import once, records, sequence, spool, status_reader, status_writer
from jobctl.store.enclosure import Enclosure
from jobctl.store.once import Rules
from store import make
from store.calls import CHANGES
from store.children import in_children

if TYPE_CHECKING:
    from pathlib import Path

    from jobctl.store.layout import Layout
    from jobctl.store.spool import Answer
    from store.calls import Calls


def keyed(layout: Layout, key: str = "k", **parts: str) -> Answer:
    fingerprint = tuple((name, once.digest(value)) for name, value in parts.items())
    return spool.hand_over(layout, make.spec(key=key), None, Rules(key=key, fingerprint=fingerprint))


def unique(layout: Layout, if_active: str = "skip") -> Answer:
    return spool.hand_over(layout, make.spec(unique="u"), None, Rules(unique="u", if_active=if_active))


def shown_as(layout: Layout, job: int, state: str, attempt: int = 0) -> None:
    status_writer.write(layout, status_reader.read(layout, job).but(state=state, attempt=attempt))


def waits_for(layout: Layout, job: int) -> list[str]:
    return [f"{dependency.kind} {dependency.label}" for dependency in records.spec(layout, job).after]


def outcome(layout: Layout) -> Answer | OSError | OutcomeUnknown:
    try:
        return keyed(layout)
    except (OSError, OutcomeUnknown) as failure:
        return failure


# ── keys ───────────────────────────────────────────────────────────────────────────────────────────


def test_the_same_key_again_is_the_same_job_and_stores_nothing(layout: Layout) -> None:
    first = keyed(layout, command="make")
    again = keyed(layout, command="make")
    assert (first.job, first.existed, again.job, again.existed) == (1, False, 1, True)
    assert sorted(os.listdir(layout.spool)) == ["1", "tmp"]
    assert os.listdir(layout.staging) == []
    assert sequence.last_id(layout) == 1


def test_the_same_key_for_another_job_is_refused_and_what_differs_is_named(layout: Layout) -> None:
    keyed(layout, command="make", grace="5s")
    with pytest.raises(Contradiction, match=r"key 'k' belongs to job 1, .* differs in command, grace, queue"):
        keyed(layout, command="touch", queue="gpu")
    assert sorted(os.listdir(layout.spool)) == ["1", "tmp"]
    assert os.listdir(layout.staging) == []


def test_40_submitters_with_one_key_make_one_job(layout: Layout) -> None:
    answers = in_children(40, lambda _: [keyed(layout, command="make").job])
    assert answers == [[1]] * 40
    assert sorted(os.listdir(layout.spool)) == ["1", "tmp"]
    assert os.listdir(layout.staging) == []


def test_a_key_that_points_to_nothing_may_be_taken(layout: Layout) -> None:
    once.note(layout, Rules(key="k"), 17, ())
    assert keyed(layout, command="make") == spool.Answer(job=1)
    assert keyed(layout, command="make") == spool.Answer(job=1, existed=True)


def test_the_key_of_a_job_that_was_set_aside_is_not_taken_by_another(layout: Layout) -> None:
    job = keyed(layout).job
    os.rename(layout.job(job), layout.set_aside(str(job)))
    with pytest.raises(UnreadableRecord, match="set aside"):
        keyed(layout)


def test_a_key_is_on_the_disk_before_its_job_is_published(layout: Layout, store_calls: Calls) -> None:
    job = keyed(layout).job
    story = store_calls.story(*CHANGES)
    written = next(line for line in story if line.startswith("rename keys/"))
    assert story.index(written) < story.index("fsync keys") < story.index(f"rename spool/{job}")


def test_an_existing_job_is_told_only_when_it_is_on_the_disk(layout: Layout, store_calls: Calls) -> None:
    keyed(layout)
    store_calls.made.clear()
    keyed(layout)
    assert store_calls.story("fsync")[-1] == "fsync spool"


def test_whichever_change_fails_the_key_is_free_or_the_job_is_there(layout: Layout, store_calls: Calls) -> None:
    keyed(layout, "other")
    refused = 0
    for position in itertools.count():
        store_calls.fail_at(position)
        came_of_it = outcome(layout)
        store_calls.succeed()
        assert os.listdir(layout.staging) == []
        if not isinstance(came_of_it, OSError):
            break
        refused += 1
        assert len(os.listdir(layout.keys)) == 1, store_calls.story(*CHANGES)
        assert sorted(os.listdir(layout.spool)) == ["1", "tmp"]
    assert refused > 8
    assert isinstance(came_of_it, OutcomeUnknown)
    assert keyed(layout) == spool.Answer(job=came_of_it.job, existed=True)


def test_records_that_name_no_job_are_taken_away(layout: Layout) -> None:
    keyed(layout, "kept")
    unique(layout)
    once.note(layout, Rules(key="stale"), 99, ())
    with open(layout.key("half.123.tmp"), "w", encoding="ascii"):
        pass
    assert once.forget_stale(layout) == 2
    assert keyed(layout, "kept").existed
    assert unique(layout).existed


def test_the_key_of_a_job_that_was_set_aside_is_none_that_names_no_job(layout: Layout) -> None:
    job = keyed(layout).job
    os.rename(layout.job(job), layout.set_aside(str(job)))
    assert once.forget_stale(layout) == 0
    with pytest.raises(UnreadableRecord, match="set aside"):
        keyed(layout)


def test_a_key_is_for_what_was_frozen_as_well(layout: Layout, tmp_path: Path) -> None:
    def with_input(text: str) -> Answer:
        (tmp_path / "input").write_text(text)
        with open(tmp_path / "input", "rb") as stdin:
            return spool.hand_over(layout, make.spec(key="k"), Enclosure(stdin=stdin.fileno()), Rules(key="k"))

    first = with_input("one")
    assert with_input("one") == spool.Answer(job=first.job, existed=True)
    with pytest.raises(Contradiction, match="differs in"):
        with_input("another")


def test_nobody_can_take_a_key_while_those_that_name_no_job_are_taken_away(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or the record of a job that is just being published could be taken for the one that was looked at."""
    once.note(layout, Rules(key="stale"), 99, ())
    unlink = os.unlink

    def watched(path: str) -> None:
        with open(layout.sequence, "rb") as sequence, pytest.raises(BlockingIOError):
            fcntl.flock(sequence, fcntl.LOCK_EX | fcntl.LOCK_NB)
        unlink(path)

    with monkeypatch.context() as patched:
        patched.setattr(os, "unlink", watched)
        assert once.forget_stale(layout) == 1


# ── unique names ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("state", ["pending", "queued", "processing", "retrying"])
def test_skip_stores_nothing_while_one_is_not_finished(layout: Layout, state: str) -> None:
    job = unique(layout).job
    shown_as(layout, job, state)
    assert unique(layout) == spool.Answer(job=job, existed=True)
    assert sorted(os.listdir(layout.spool)) == ["1", "tmp"]


@pytest.mark.parametrize("state", ["completed", "failed", "cancelled"])
@pytest.mark.parametrize("if_active", once.IF_ACTIVE)
def test_when_the_last_one_is_finished_the_next_is_stored_and_waits_for_nothing(
    layout: Layout, state: str, if_active: str
) -> None:
    shown_as(layout, unique(layout).job, state)
    assert unique(layout, if_active) == spool.Answer(job=2)
    assert waits_for(layout, 2) == []


def test_coalesce_leaves_one_running_and_the_newest_waiting_behind_it(layout: Layout) -> None:
    shown_as(layout, unique(layout).job, "processing", attempt=1)
    assert unique(layout, "coalesce") == spool.Answer(job=2)
    assert waits_for(layout, 2) == ["any 1"]
    assert unique(layout, "coalesce") == spool.Answer(job=3, displaced=(2,))
    assert waits_for(layout, 3) == ["any 1", "any 2"]


def test_a_job_that_has_started_counts_as_running_before_its_status_says_so(layout: Layout) -> None:
    job = unique(layout).job
    shown_as(layout, job, "queued")
    os.mkdir(layout.attempt(job, 1, 1))
    with open(f"{layout.attempt(job, 1, 1)}/start.json", "w", encoding="ascii"):
        pass
    assert unique(layout, "coalesce").displaced == ()


def test_replace_takes_the_place_of_all_of_them_and_waits_for_their_end(layout: Layout) -> None:
    shown_as(layout, unique(layout).job, "processing", attempt=1)
    unique(layout, "coalesce")
    assert unique(layout, "replace") == spool.Answer(job=3, displaced=(1, 2))
    assert waits_for(layout, 3) == ["any 1", "any 2"]


def test_the_last_jobs_of_a_name_are_remembered_and_not_the_first(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(once, "_REMEMBERED", 2)
    for _ in range(3):
        shown_as(layout, unique(layout).job, "completed")
    last = unique(layout).job
    assert unique(layout) == spool.Answer(job=last, existed=True)


def test_a_job_that_takes_the_place_of_another_needs_no_more_room(layout: Layout) -> None:
    rules = Rules(unique="u", if_active="replace", most=1)
    first = spool.hand_over(layout, make.spec(unique="u"), None, rules)
    second = spool.hand_over(layout, make.spec(unique="u"), None, rules)
    assert second.displaced == (first.job,)
    with pytest.raises(QueueFull):
        spool.hand_over(layout, make.spec(), None, Rules(most=1))


def test_40_submitters_with_one_name_make_one_job(layout: Layout) -> None:
    answers = in_children(40, lambda _: [unique(layout).job])
    assert answers == [[1]] * 40


def test_a_finished_job_that_is_retried_keeps_its_name(layout: Layout) -> None:
    first = unique(layout).job
    shown_as(layout, first, "failed")
    second = unique(layout).job
    shown_as(layout, second, "completed")
    shown_as(layout, first, "queued")
    assert unique(layout) == spool.Answer(job=first, existed=True)


# ── a full home ────────────────────────────────────────────────────────────────────────────────────


def test_a_full_home_takes_no_more_and_stores_nothing(layout: Layout) -> None:
    for _ in range(2):
        spool.hand_over(layout, make.spec(), None, Rules(most=2))
    with pytest.raises(QueueFull, match="2 are unfinished, and max_pending in the configuration is 2"):
        spool.hand_over(layout, make.spec(), None, Rules(most=2))
    assert sorted(os.listdir(layout.spool)) == ["1", "2", "tmp"]
    assert os.listdir(layout.staging) == []


def test_40_submitters_never_take_more_than_there_is_room_for(layout: Layout) -> None:
    def submit(_: int) -> int:
        try:
            return spool.hand_over(layout, make.spec(), None, Rules(most=7)).job
        except QueueFull:
            return 0

    assert sorted(in_children(40, submit)) == [0] * 33 + [1, 2, 3, 4, 5, 6, 7]


def test_a_full_home_still_tells_the_job_of_a_key(layout: Layout) -> None:
    keyed(layout)
    rules = Rules(key="k", most=1)
    assert spool.hand_over(layout, make.spec(key="k"), None, rules) == spool.Answer(job=1, existed=True)

"""Which jobs selectors and filters mean."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jobctl.errors import NoSuchJob, UnreadableRecord, UsageError
from jobctl.model.array import Array
from jobctl.store import selection
from jobctl.store.selection import Filters, Target
from store import make

if TYPE_CHECKING:
    from jobctl.store.layout import Layout


def forget(layout: Layout, *jobs: int) -> None:
    for job in jobs:
        shutil.rmtree(layout.job(job))


def select(layout: Layout, *selectors: str, **filters: Any) -> list[int]:
    return selection.select(layout, selectors, Filters(**filters))


@pytest.fixture
def six(layout: Layout) -> Layout:
    """A home with the jobs 1, 2, 5 and 6; 3 and 4 were forgotten."""
    for _ in range(6):
        make.job(layout)
    forget(layout, 3, 4)
    return layout


# ── selectors ──────────────────────────────────────────────────────────────────────────────────────


def test_an_id_names_its_job(six: Layout) -> None:
    assert select(six, "5") == [5]


def test_several_selectors_name_each_job_once_in_ascending_order(six: Layout) -> None:
    assert select(six, "6", "1-2", "2", "@", "1.1") == [1, 2, 6]


def test_nothing_names_nothing(six: Layout) -> None:
    assert select(six) == []


@pytest.mark.parametrize(("text", "jobs"), [("1-6", [1, 2, 5, 6]), ("2-5", [2, 5]), ("5-99", [5, 6]), ("5-5", [5])])
def test_a_range_names_the_jobs_that_there_are_in_it(six: Layout, text: str, jobs: list[int]) -> None:
    assert select(six, text) == jobs


@pytest.mark.parametrize("text", ["3-4", "7-99"])
def test_a_range_without_a_job_is_an_error(six: Layout, text: str) -> None:
    with pytest.raises(NoSuchJob, match=f"there is no job in {text}"):
        select(six, text)


def test_a_range_over_more_than_a_million_is_a_slip(six: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selection.status_reader, "exists", lambda _, job: job == 1_000_001)
    assert select(six, "1-1000001") == [1_000_001]
    with pytest.raises(UsageError, match="'1-1000002' spans more than a million jobs"):
        select(six, "1-1000002")


@pytest.mark.parametrize(("text", "job"), [("@", 6), ("@~0", 6), ("@~1", 5), ("@~2", 2), ("@~3", 1)])
def test_at_counts_the_jobs_that_there_are(six: Layout, text: str, job: int) -> None:
    assert select(six, text) == [job]


@pytest.mark.parametrize("text", ["@~4", "@~99"])
def test_at_further_back_than_there_are_jobs_is_an_error(six: Layout, text: str) -> None:
    with pytest.raises(NoSuchJob, match=f"there is no job {text}: fewer were submitted here"):
        select(six, text)


def test_at_is_the_last_job_that_there_still_is(six: Layout) -> None:
    forget(six, 5, 6)
    assert select(six, "@") == [2]


def test_at_finds_its_job_behind_a_long_row_of_forgotten_ones(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    make.job(layout)
    make.job(layout)
    monkeypatch.setattr(selection.sequence, "last_id", lambda _: 500_000)
    looks = []
    real = selection.status_reader.exists
    monkeypatch.setattr(selection.status_reader, "exists", lambda home, job: looks.append(job) or real(home, job))
    assert list(selection.newest(layout)) == [2, 1]
    assert len(looks) < 2000
    assert select(layout, "@~1") == [1]


@pytest.mark.parametrize("text", ["3", "7", "999999999999999", "3.1"])
def test_an_id_without_a_job_is_an_error_and_never_silence(six: Layout, text: str) -> None:
    with pytest.raises(NoSuchJob, match=f"there is no job {text.partition('.')[0]}") as missing:
        select(six, "1", text)
    assert missing.value.exit_status == 127


def test_a_job_that_was_set_aside_says_what_became_of_it(six: Layout) -> None:
    os.rename(six.job(5), f"{six.corrupt}/5")
    with pytest.raises(UnreadableRecord, match="it was set aside"):
        select(six, "5")


def test_a_plain_job_is_its_first_task_and_has_no_other(six: Layout) -> None:
    assert select(six, "5.1") == [5]
    with pytest.raises(NoSuchJob, match="job 5 has no task 2"):
        select(six, "5.2")


def test_what_is_no_selector_is_refused_before_anything_is_looked_at(six: Layout) -> None:
    with pytest.raises(UsageError, match="'x' does not name a job"):
        select(six, "3", "x")


def test_where_there_is_no_home_there_is_no_job() -> None:
    assert selection.select(None, []) == []
    assert selection.select(None, [], Filters(every=True)) == []
    for text in ("17", "@", "1-5"):
        with pytest.raises(NoSuchJob, match=f"there is no job {text}: nothing was ever submitted in this home"):
            selection.select(None, [text])
    with pytest.raises(UsageError):
        selection.select(None, ["x"])


# ── one ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_command_for_one_job_takes_a_selector_of_one_job(six: Layout) -> None:
    assert selection.one(six, "@") == 6
    assert selection.one(six, "2-4") == 2
    with pytest.raises(UsageError, match="'1-6' names 4 jobs and this command takes one"):
        selection.one(six, "1-6")
    with pytest.raises(NoSuchJob):
        selection.one(six, "3")
    with pytest.raises(NoSuchJob):
        selection.one(None, "1")


# ── tasks ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def array(layout: Layout) -> int:
    """An array job of three tasks."""
    return make.job(layout, array=Array(tasks=3))


def named(layout: Layout, *selectors: str) -> list[str]:
    return [str(target) for target in selection.targets(layout, selectors)]


def test_a_task_is_named_with_its_job(layout: Layout, array: int) -> None:
    other = make.job(layout)
    assert named(layout, f"{other}", f"{array}.3", f"{array}.1", f"{array}.3") == ["1.1", "1.3", "2"]
    assert selection.one_target(layout, "1.2") == Target(job=array, task=2)


def test_the_only_task_of_a_plain_job_is_the_job(six: Layout) -> None:
    assert selection.one_target(six, "5.1") == Target(job=5)


@pytest.mark.parametrize(
    ("text", "why"), [("1.4", "job 1 has no task 4: its tasks are 1 to 3"), ("2.2", "job 2 has no task 2: its only")]
)
def test_a_task_that_there_is_not_is_an_error(layout: Layout, array: int, text: str, why: str) -> None:
    make.job(layout)
    with pytest.raises(NoSuchJob, match=why):
        selection.targets(layout, [text])


def test_a_command_that_takes_whole_jobs_says_so(layout: Layout, array: int) -> None:
    for use in (lambda: select(layout, "1.2"), lambda: selection.one(layout, "1.2")):
        with pytest.raises(UsageError, match=r"1\.2 is one task and this command takes whole jobs; write 1$"):
            use()


# ── filters ────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def various(layout: Layout) -> Layout:
    """A home with jobs that differ in all that can be asked for."""
    make.job(layout, name="build-a", tags=("x",), queue="night")
    make.job(layout, "failed", name="build-b", tags=("x", "y"))
    make.job(layout, "completed", name="test")
    make.job(layout, "processing", tags=("y",), queue="night")
    make.job(layout, "cancelled", name="Build-c")
    return layout


@pytest.mark.parametrize(
    ("filters", "jobs"),
    [
        ({}, []),
        ({"every": True}, [1, 2, 3, 4, 5]),
        ({"name": "build-*"}, [1, 2]),
        ({"name": "build-[b-z]"}, [2]),
        ({"name": "test"}, [3]),
        ({"name": ""}, [4]),
        ({"name": "nobody"}, []),
        ({"tags": ("x",)}, [1, 2]),
        ({"tags": ("x", "y")}, [2]),
        ({"tags": ("z",)}, []),
        ({"queue": "night"}, [1, 4]),
        ({"queue": "default"}, [2, 3, 5]),
        ({"states": ("failed",)}, [2]),
        ({"states": ("completed", "cancelled")}, [3, 5]),
        ({"states": ("pending", "processing")}, [1, 4]),
        ({"states": ("pending", "failed")}, [1, 2]),
        ({"states": ("queued",)}, []),
        ({"states": ("pending",), "tags": ("x",), "queue": "night", "name": "b*"}, [1]),
        ({"states": ("failed",), "queue": "night"}, []),
        ({"every": True, "queue": "night"}, [1, 4]),
    ],
    ids=str,
)
def test_filters_leave_the_jobs_that_have_all_of_it(various: Layout, filters: dict[str, Any], jobs: list[int]) -> None:
    assert select(various, **filters) == jobs


def test_filters_add_to_what_is_named(various: Layout) -> None:
    assert select(various, "5", "1", states=("failed",)) == [1, 2, 5]


def test_a_job_that_cannot_be_read_is_in_nobodys_way(various: Layout) -> None:
    Path(various.status(2)).write_bytes(b"damaged")
    os.unlink(various.status(3))
    assert select(various, every=True) == [1, 4, 5]
    assert selection.read_quietly(various, 2) is None
    assert selection.read_quietly(various, 99) is None
    assert selection.read_quietly(various, 1) is not None


def test_who_asks_for_unfinished_jobs_reads_no_finished_one(various: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    read = []
    real = selection.status_reader.read
    monkeypatch.setattr(selection.status_reader, "read", lambda home, job: read.append(job) or real(home, job))
    assert select(various, states=("pending", "queued", "processing", "retrying")) == [1, 4]
    assert read == [1, 4]


def test_a_marker_that_outlived_its_job_makes_no_job_unfinished(various: Layout) -> None:
    for job in (3, 99):
        Path(various.marker(job)).touch()
    assert select(various, states=("processing",)) == [4]


def test_filters_that_ask_for_nothing_are_false() -> None:
    assert not Filters()
    for filters in ({"name": "x"}, {"tags": ("x",)}, {"queue": "q"}, {"states": ("failed",)}, {"every": True}):
        assert Filters(**filters)


def test_who_waits_asks_among_unfinished_jobs_unless_states_are_named() -> None:
    unfinished = ("pending", "queued", "processing", "retrying")
    assert selection.unfinished(None, None, None, every=True) == Filters(every=True, states=unfinished)
    assert selection.unfinished(None, ["x"], None) == Filters(tags=("x",), states=unfinished)
    assert selection.unfinished(None, None, None, ["queued"]) == Filters(states=("queued",))
    assert not selection.unfinished(None, None, None)
    with pytest.raises(UsageError, match=r"--state 'failed' is none of pending, queued, processing, retrying"):
        selection.unfinished(None, None, None, ["failed"])


def test_states_are_asked_for_by_their_names() -> None:
    assert selection.known_states(None) == ()
    assert selection.known_states(["failed", "queued"]) == ("failed", "queued")
    with pytest.raises(UsageError, match=r"--state 'done' is none of pending, queued, .*, cancelled"):
        selection.known_states(["failed", "done"])
    with pytest.raises(UsageError, match="--state 'queued' is none of failed"):
        selection.known_states(["queued"], among=("failed",))


def test_only_directories_with_an_id_for_a_name_are_jobs(six: Layout) -> None:
    for name in ("x", "007", "tmp2", "1.1"):
        os.mkdir(f"{six.spool}/{name}")
    assert selection.all_ids(six) == [1, 2, 5, 6]

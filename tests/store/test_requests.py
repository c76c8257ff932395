"""What clients ask about a job."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jobctl.store import atomic, doorbell, markers, requests
from store import make
from store.children import in_children

if TYPE_CHECKING:
    from collections.abc import Callable

    from jobctl.store.layout import Layout
    from store.calls import Calls


def ask(layout: Layout, job: int, *, signal: int | None = None, now: bool = False, note: str | None = None) -> None:
    requests.ask_to_cancel(layout, job, signal=signal, now=now, note=note)


def asked(layout: Layout, job: int) -> dict[str, Any]:
    """What is asked of *job*, without the time."""
    request = requests.cancellation(layout, job, 0)
    assert request is not None
    return {key: value for key, value in request.items() if key != "at"}


@pytest.fixture
def job(layout: Layout) -> int:
    """A submitted job."""
    return make.job(layout)


def test_nothing_is_asked_of_a_new_job(layout: Layout, job: int) -> None:
    assert requests.cancellation(layout, job, 0) is None
    assert not requests.is_urgent(layout, job, 0)


def test_a_request_says_what_is_asked_when_and_why(layout: Layout, job: int) -> None:
    ask(layout, job, signal=2, note="wrong input")
    assert asked(layout, job) == {"v": 1, "signal": 2, "note": "wrong input"}
    at = json.loads(Path(layout.cancel(job)).read_bytes())["at"]
    assert len(at) == len(make.NOON)
    assert not requests.is_urgent(layout, job, 0)
    assert stat.S_IMODE(os.stat(layout.cancel(job)).st_mode) == 0o600


def test_the_first_request_stands(layout: Layout, job: int) -> None:
    ask(layout, job, signal=2, note="first")
    ask(layout, job, signal=9, note="second")
    assert asked(layout, job) == {"v": 1, "signal": 2, "note": "first"}


def test_a_request_can_be_made_urgent_later_and_is_never_made_less_urgent(layout: Layout, job: int) -> None:
    ask(layout, job, note="first")
    ask(layout, job, now=True, note="second")
    assert requests.is_urgent(layout, job, 0)
    assert asked(layout, job)["note"] == "first"
    ask(layout, job)
    assert requests.is_urgent(layout, job, 0)


def test_an_urgent_request_is_one_from_the_start(layout: Layout, job: int) -> None:
    ask(layout, job, now=True)
    assert requests.is_urgent(layout, job, 0)
    assert asked(layout, job)["signal"] is None


def test_whoever_sees_an_urgent_request_sees_that_it_is_urgent(layout: Layout, job: int, store_calls: Calls) -> None:
    ask(layout, job, now=True)
    assert store_calls.story("link") == [f"link spool/{job}/cancel-now.json", f"link spool/{job}/cancel.json"]


def test_a_request_is_about_the_life_that_the_job_has_when_it_is_on_record(
    layout: Layout, job: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody retried the job between the look and the record: in the new life nobody would have heard of it."""
    publish = atomic.publish_record

    def retry_first(path: str, data: bytes) -> None:
        monkeypatch.setattr(atomic, "publish_record", publish)
        requests.retry(layout, job, 0, {"after": {}})
        publish(path, data)

    monkeypatch.setattr(atomic, "publish_record", retry_first)
    ask(layout, job, note="all of it")
    assert (requests.cancellation(layout, job, 1) or {})["note"] == "all of it"


def test_a_task_is_ended_at_once_when_that_is_asked_of_it_or_of_all_of_its_job(layout: Layout, job: int) -> None:
    requests.ask_to_cancel(layout, job, task=2, signal=None, now=True, note=None)
    assert [requests.task_is_urgent(layout, job, 0, task) for task in (1, 2)] == [False, True]
    ask(layout, job, now=True)
    assert [requests.task_is_urgent(layout, job, 0, task) for task in (1, 2)] == [True, True]
    assert not requests.task_is_urgent(layout, job, 1, 2)


def test_a_request_touches_the_marker_and_rings(layout: Layout, job: int) -> None:
    before = dict(markers.active(layout))[job]
    bell = doorbell.Doorbell(layout)
    ask(layout, job)
    assert bell.drain() == {job}
    assert dict(markers.active(layout))[job] != before
    bell.close()


def test_a_repeated_request_is_heard_again(layout: Layout, job: int) -> None:
    """The first ring may have been lost with the daemon that heard it."""
    ask(layout, job)
    before = dict(markers.active(layout))[job]
    bell = doorbell.Doorbell(layout)
    ask(layout, job)
    assert bell.drain() == {job}
    assert dict(markers.active(layout))[job] != before
    bell.close()


def test_a_request_is_on_the_disk_before_anybody_is_told(layout: Layout, job: int, store_calls: Calls) -> None:
    bell = doorbell.Doorbell(layout)
    ask(layout, job)
    story = store_calls.story("fsync", "link", "rename", "write")
    synced = story.index(f"fsync spool/{job}")
    assert story.index(f"fsync spool/{job}/cancel.json.tmp") < story.index(f"link spool/{job}/cancel.json") < synced
    assert synced < story.index(f"rename active/{job}") < story.index("write doorbell")
    bell.close()


@pytest.mark.parametrize("failing", ["open", "write", "fsync", "link"])
def test_a_request_that_cannot_be_written_is_none_and_nobody_is_told(
    layout: Layout, job: int, store_calls: Calls, failing: str
) -> None:
    before = dict(markers.active(layout))
    store_calls.fail(lambda call: call.name == failing and f"spool/{job}/" in call.path)
    with pytest.raises(OSError, match="No space left"):
        ask(layout, job)
    store_calls.succeed()
    assert requests.cancellation(layout, job, 0) is None
    assert dict(markers.active(layout)) == before
    assert sorted(os.listdir(layout.job(job))) == ["spec.json", "status.json"]


def test_a_request_about_a_job_that_is_not_there_makes_nothing(layout: Layout, job: int) -> None:
    with pytest.raises(FileNotFoundError):
        ask(layout, job + 1)
    assert markers.names(layout) == [job]


@pytest.mark.parametrize("content", [b"", b"{", b"\0\0\0", b"[]\n"])
def test_a_damaged_request_still_asks_to_cancel(layout: Layout, job: int, content: bytes) -> None:
    Path(layout.cancel(job)).write_bytes(content)
    assert asked(layout, job) == {"v": 1, "signal": None, "note": None}


def test_of_many_requests_at_once_one_stands_and_all_are_accepted(layout: Layout, job: int) -> None:
    in_children(10, lambda number: ask(layout, job, signal=number + 1, now=number % 2 == 0))
    assert asked(layout, job)["signal"] in range(1, 11)
    assert requests.is_urgent(layout, job, 0)
    assert sorted(os.listdir(layout.job(job))) == ["cancel-now.json", "cancel.json", "spec.json", "status.json"]
    assert sorted(name for name in os.listdir(layout.active)) == [str(job)]


def test_requests_to_steer_are_numbered_and_all_of_them_are_heard(layout: Layout, job: int) -> None:
    assert [requests.steer(layout, job, {"hold": bool(number % 2)}) for number in range(3)] == [1, 2, 3]
    assert [request["hold"] for request in requests.all_of(layout, job, "steer")] == [False, True, False]


@pytest.mark.parametrize("content", [b"", b"{", b"[]\n"])
def test_a_damaged_request_hides_none_that_came_after_it(layout: Layout, job: int, content: bytes) -> None:
    for number in range(3):
        requests.steer(layout, job, {"priority": number})
    Path(layout.request(job, "steer", 2)).write_bytes(content)
    assert [request.get("priority") for request in requests.all_of(layout, job, "steer")] == [0, None, 2]


ASKED: dict[str, Callable[[Layout, int], object]] = {
    "steer": lambda layout, job: requests.steer(layout, job, {"hold": True}),
    "retry": lambda layout, job: requests.retry(layout, job, 0, {"after": {}}),
    "cancel a task": lambda layout, job: requests.ask_to_cancel(layout, job, task=3, signal=None, now=False, note=None),
}


@pytest.mark.parametrize("what", ASKED)
def test_the_daemon_is_told_of_each_request_and_finds_it_without_being_told(
    layout: Layout, job: int, what: str
) -> None:
    before = dict(markers.active(layout))[job]
    bell = doorbell.Doorbell(layout)
    ASKED[what](layout, job)
    assert bell.drain() == {job}
    assert dict(markers.active(layout))[job] != before
    bell.close()


def test_of_many_who_steer_at_once_each_is_heard(layout: Layout, job: int) -> None:
    given = in_children(10, lambda number: requests.steer(layout, job, {"priority": number}))
    assert sorted(given) == list(range(1, 11))
    assert {request["priority"] for request in requests.all_of(layout, job, "steer")} == set(range(10))


def test_of_several_who_retry_a_job_at_once_one_is_heard(layout: Layout, job: int) -> None:
    assert requests.retry(layout, job, 0, {"after": {"1": 1}}) == 1
    with pytest.raises(FileExistsError):
        requests.retry(layout, job, 0, {"after": {"1": 1}})
    assert requests.retry(layout, job, 1, {"after": {"1": 2}}) == 2

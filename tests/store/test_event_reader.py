"""The event log as readers follow it: every event once and in order, and nothing missing without a word."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jobctl.model.event import Step
from jobctl.store import event_reader, events
from jobctl.store.event_reader import Events
from jobctl.store.events import EventLog

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jobctl.store.layout import Layout


@pytest.fixture
def log(layout: Layout) -> Iterator[EventLog]:
    made = EventLog(layout)
    yield made
    made.close()


def report(log: EventLog, number: int = 1) -> None:
    for _ in range(number):
        log.append(Step(id=log.sequence + 1, before="pending", to="queued", attempt=0))


def numbers(reader: Events) -> list[Any]:
    return [event.get("seq", (event.get("gap_from"), event.get("gap_to"))) for _, event in reader.read()]


def test_without_a_log_there_is_nothing_until_there_is_one(layout: Layout) -> None:
    reader = Events(layout)
    assert numbers(reader) == []
    log = EventLog(layout)
    report(log, 2)
    assert numbers(reader) == [1, 2]


def test_every_event_comes_once_with_its_line(layout: Layout, log: EventLog) -> None:
    reader = Events(layout)
    report(log, 2)
    lines = [line for line, _ in reader.read()]
    assert b"".join(lines) == Path(layout.events).read_bytes()
    report(log)
    assert numbers(reader) == [3]
    assert numbers(reader) == []


@pytest.mark.parametrize("since", [0, 2, 5])
def test_who_knows_a_number_goes_on_behind_it(layout: Layout, log: EventLog, since: int) -> None:
    report(log, 5)
    assert numbers(Events(layout, since)) == list(range(since + 1, 6))


@pytest.mark.parametrize("since", [None, 0, 5, 9])
def test_the_largest_number_there_is_is_known_whatever_was_asked_for(
    layout: Layout, log: EventLog, since: int | None
) -> None:
    for _ in range(5):
        report(log)
    reader = Events(layout, since)
    numbers(reader)
    assert reader.highest == 5


def test_a_line_that_is_still_being_written_waits_for_its_end(layout: Layout, log: EventLog) -> None:
    report(log)
    reader = Events(layout)
    assert numbers(reader) == [1]
    line = json.dumps({"v": 1, "seq": 2, "id": 1}).encode()
    with open(layout.events, "ab") as file:
        file.write(line[:10])
        file.flush()
        assert numbers(reader) == []
        file.write(line[10:] + b"\n")
    assert numbers(reader) == [2]


def test_a_reader_follows_across_rotations_and_begins_with_the_older_file(
    layout: Layout, log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    report(log, 2)
    follower = Events(layout)
    assert numbers(follower) == [1, 2]
    report(log)
    monkeypatch.setattr(events, "_ROTATE_AT", 0)
    report(log)
    assert numbers(follower) == [3, 4]
    assert numbers(Events(layout)) == [1, 2, 3, 4]
    assert numbers(Events(layout, 3)) == [4]


def test_what_was_rotated_away_unread_is_a_gap_and_not_a_silence(
    layout: Layout, log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    report(log, 2)
    follower = Events(layout)
    assert numbers(follower) == [1, 2]
    monkeypatch.setattr(events, "_ROTATE_AT", 0)
    report(log, 3)
    assert numbers(Events(layout, 0)) == [(1, 3), 4, 5]
    assert numbers(Events(layout)) == [4, 5]
    assert numbers(follower)[-1] == 5


def test_what_a_power_cut_has_spoilt_is_passed_over(layout: Layout, log: EventLog) -> None:
    report(log, 2)
    with open(layout.events, "r+b") as file:
        file.write(b"\0" * 20)
    assert numbers(Events(layout)) == [2]


def test_a_log_that_became_shorter_is_read_on_from_its_end(layout: Layout, log: EventLog) -> None:
    report(log, 2)
    with open(layout.events, "ab") as file:
        file.write(b'{"v":1,"seq":3,"half')
    reader = Events(layout)
    assert numbers(reader) == [1, 2]
    os.truncate(layout.events, os.stat(layout.events).st_size - 20)
    report(log)
    assert numbers(reader) == [3]


def test_a_reader_that_is_closed_holds_nothing(layout: Layout, log: EventLog) -> None:
    report(log)
    before = os.listdir("/dev/fd")
    reader = Events(layout)
    list(reader.read())
    reader.close()
    reader.close()
    assert os.listdir("/dev/fd") == before


def test_the_beginning_of_an_event_is_what_the_log_writes(layout: Layout, log: EventLog) -> None:
    report(log)
    assert Path(layout.events).read_bytes().startswith(event_reader._HEAD)

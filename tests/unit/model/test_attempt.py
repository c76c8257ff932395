"""What is on record about one attempt."""

from __future__ import annotations

import json
from typing import Any

import pytest

from jobctl.errors import UnknownVersion, UnreadableRecord
from jobctl.model import attempt as model
from jobctl.model.attempt import Identity, Start, Verdict

PATH = "spool/17/1.1/x.json"
NOON = "2026-11-23T12:00:00.000000Z"

PROCESS = Identity(pid=4711, birth=123456, boot="0f6f3f0c-1f44-4b8c-a9f1-60a7f1f0b0a1", namespace=4026531836)
KEEPER = PROCESS.but(pid=4710, birth=123450)
START = Start(task=1, attempt=2, process=PROCESS, keeper=KEEPER, started_at=NOON, steady=1234.5)


def verdict(**changes: Any) -> Verdict:
    return Verdict(task=1, attempt=2, reason="exit", exit_code=0, finished_at=NOON, by="keeper").but(**changes)


def stored(record: Start | Verdict) -> dict[str, Any]:
    """The document of *record* as it comes back from a file."""
    document = json.loads(json.dumps(record.document()))
    assert isinstance(document, dict)
    return document


def of_exit(exit_code: int | None, signal: int | None) -> Verdict:
    return model.of_exit(task=1, attempt=2, exit_code=exit_code, signal=signal, finished_at=NOON, by="keeper")


def test_a_start_reads_back_as_it_was() -> None:
    assert Start.from_document(stored(START), PATH) == START


def test_a_verdict_reads_back_as_it_was() -> None:
    full = verdict(
        reason="signal",
        exit_code=None,
        signal=9,
        error={"code": "signal", "message": "ended by signal 9"},
        usage={"cpu_s": 1.5, "max_rss_bytes": 4096},
        by="daemon",
    )
    assert Verdict.from_document(stored(full), PATH) == full


@pytest.mark.parametrize("record", [START, verdict()], ids=["start", "verdict"])
def test_keys_of_a_newer_jobctl_are_passed_over(record: Start | Verdict) -> None:
    assert type(record).from_document({**stored(record), "colour": "red"}, PATH) == record


@pytest.mark.parametrize("record", [START, verdict()], ids=["start", "verdict"])
@pytest.mark.parametrize("version", [None, 0, 2, "1"])
def test_another_version_is_refused_by_name(record: Start | Verdict, version: object) -> None:
    with pytest.raises(UnknownVersion, match=f"{PATH}: it has version {version!r} "):
        type(record).from_document({**stored(record), "v": version}, PATH)


@pytest.mark.parametrize("key", ["task", "attempt", "process", "keeper", "started_at", "steady"])
def test_a_start_without_one_of_its_facts_is_unreadable(key: str) -> None:
    document = stored(START)
    del document[key]
    with pytest.raises(UnreadableRecord, match=f"{PATH}.*{key}"):
        Start.from_document(document, PATH)


@pytest.mark.parametrize("identity", [None, 4711, "nobody", [], {}, {"pid": 4711}, {**PROCESS.asdict(), "name": "x"}])
@pytest.mark.parametrize("key", ["process", "keeper"])
def test_a_start_that_does_not_say_who_runs_is_unreadable(key: str, identity: object) -> None:
    with pytest.raises(UnreadableRecord, match=PATH):
        Start.from_document({**stored(START), key: identity}, PATH)


@pytest.mark.parametrize("key", ["task", "attempt", "reason", "finished_at", "by"])
def test_a_verdict_without_one_of_its_facts_is_unreadable(key: str) -> None:
    document = stored(verdict())
    del document[key]
    with pytest.raises(UnreadableRecord, match=f"{PATH}.*{key}"):
        Verdict.from_document(document, PATH)


@pytest.mark.parametrize("key", ["exit_code", "signal"])
@pytest.mark.parametrize("value", ["0", 1.5, [], {}])
def test_a_verdict_whose_numbers_are_none_is_unreadable(key: str, value: object) -> None:
    with pytest.raises(UnreadableRecord, match=f"{PATH}.*{key}"):
        Verdict.from_document({**stored(verdict()), key: value}, PATH)


@pytest.mark.parametrize(
    ("changes", "event"),
    [
        ({"reason": "exit", "exit_code": 0}, "succeed"),
        ({"reason": "exit", "exit_code": 1}, "fail"),
        ({"reason": "exit", "exit_code": None}, "fail"),
        ({"reason": "signal", "exit_code": None, "signal": 9}, "fail"),
        ({"reason": "timeout", "exit_code": 0}, "fail"),
        ({"reason": "timeout", "exit_code": None, "signal": 15}, "fail"),
        ({"reason": "not-started", "exit_code": None}, "fail"),
        ({"reason": "lost", "exit_code": None}, "fail"),
        ({"reason": "cancelled", "exit_code": None, "signal": 15}, "cancel"),
        ({"reason": "cancelled", "exit_code": 0}, "cancel"),
    ],
)
def test_the_step_that_follows_from_a_verdict(changes: dict[str, Any], event: str) -> None:
    assert verdict(**changes).event == event


def test_an_exit_with_0_is_a_success_without_an_error() -> None:
    ended = of_exit(0, None)
    assert (ended.reason, ended.exit_code, ended.signal, ended.error) == ("exit", 0, None, None)
    assert ended.event == "succeed"


def test_another_exit_code_is_an_error_that_names_it() -> None:
    ended = of_exit(7, None)
    assert (ended.reason, ended.exit_code, ended.signal) == ("exit", 7, None)
    assert ended.error == {"code": "exit", "message": "exited with status 7"}
    assert ended.event == "fail"


def test_an_end_by_a_signal_is_an_error_that_names_it() -> None:
    ended = of_exit(None, 11)
    assert (ended.reason, ended.exit_code, ended.signal) == ("signal", None, 11)
    assert ended.error == {"code": "signal", "message": "ended by signal 11"}
    assert ended.event == "fail"

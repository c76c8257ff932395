"""The status of a job: the public document, and the exit status that follows from it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from jobctl.errors import UnknownVersion, UnreadableRecord
from jobctl.model import states
from jobctl.model import status as model
from jobctl.model.spec import Spec

if TYPE_CHECKING:
    from jobctl.model.status import Status

PATH = "/home/user/.local/state/jobctl/spool/17/status.json"

#: The keys that jobctl-files(5) documents; scripts depend on each of them.
DOCUMENTED = (
    "v id uuid name tags queue priority state reason held command shell cwd submitted_at queued_at started_at "
    "finished_at attempt max_attempts retried next_attempt_at progress exit_code signal error result output usage "
    "tasks attempts waiting_on status_path poll_after_ms daemon_seen_at"
)

SPEC = Spec(
    uuid="2f9b1c52-8a17-4a35-9a54-6f1d7d0e9b11",
    command=("make", "-j4"),
    cwd="/home/user",
    umask=0o22,
    submitted_at="2026-11-23T12:00:00.000000Z",
    env=(("SECRET", "hunter2"),),
    name="nightly",
    tags=("a", "b"),
    queue="night",
    priority=7,
)


def make(**changes: Any) -> Status:
    return model.first(17, SPEC, PATH).but(**changes)


def stored(status: Status) -> dict[str, Any]:
    """The document of *status* as it comes back from a file."""
    document = json.loads(json.dumps(status.document()))
    assert isinstance(document, dict)
    return document


def test_the_first_status_is_pending_and_says_what_was_submitted() -> None:
    status = make()
    assert (status.id, status.state, status.reason) == (17, "pending", None)
    assert (status.attempt, status.max_attempts, status.held) == (0, 1, False)
    assert (status.uuid, status.name, status.tags, status.queue, status.priority) == (
        SPEC.uuid,
        "nightly",
        ("a", "b"),
        "night",
        7,
    )
    assert (status.command, status.shell, status.cwd) == (("make", "-j4"), False, "/home/user")
    assert (status.submitted_at, status.status_path) == (SPEC.submitted_at, PATH)
    assert not status.finished


def test_the_document_has_exactly_the_documented_keys() -> None:
    assert sorted(stored(make())) == sorted(DOCUMENTED.split())


def test_facts_that_are_absent_are_null_and_not_left_out() -> None:
    document = stored(make())
    absent = {key for key, value in document.items() if value is None}
    assert absent == {
        *("reason", "queued_at", "started_at", "finished_at", "next_attempt_at", "progress", "exit_code"),
        *("signal", "error", "result", "output", "usage", "tasks", "daemon_seen_at"),
    }


def test_the_environment_is_in_no_status() -> None:
    assert "hunter2" not in json.dumps(stored(make()))


@pytest.mark.parametrize("state", states.STATES)
def test_a_loop_that_polls_is_told_how_long_to_wait_until_there_is_nothing_to_wait_for(state: str) -> None:
    hint = stored(make(state=state))["poll_after_ms"]
    assert make(state=state).finished is (state in states.TERMINAL)
    if state in states.TERMINAL:
        assert hint is None
    else:
        assert 0 < hint <= 1000


def test_a_document_reads_back_as_the_status_it_was_made_of() -> None:
    status = make(
        state="failed",
        reason="exit",
        queued_at="2026-11-23T12:00:01.000000Z",
        started_at="2026-11-23T12:00:02.000000Z",
        finished_at="2026-11-23T12:00:03.000000Z",
        attempt=2,
        max_attempts=3,
        progress={"percent": 45.0},
        exit_code=7,
        error={"code": "exit", "message": "exited with status 7"},
        result={"path": "/home/user/r", "size": 3},
        output={"stdout": "/home/user/o", "stderr": "/home/user/e"},
        usage={"cpu_s": 0.1},
        tasks={"total": 1},
        attempts=({"attempt": 1}, {"attempt": 2}),
        waiting_on=("16",),
        daemon_seen_at="2026-11-23T12:00:04.000000Z",
    )
    assert model.from_document(stored(status), PATH) == status


def test_keys_of_a_newer_jobctl_are_passed_over() -> None:
    assert model.from_document({**stored(make()), "colour": "red"}, PATH) == make()


@pytest.mark.parametrize("version", [0, 2, "1", None])
def test_another_version_is_refused_by_name(version: object) -> None:
    with pytest.raises(UnknownVersion, match=f"{PATH}: it has version {re.escape(repr(version))} "):
        model.from_document({**stored(make()), "v": version}, PATH)


@pytest.mark.parametrize("key", ["id", "uuid", "name", "tags", "queue", "state", "command", "cwd", "status_path"])
def test_a_document_without_what_every_status_has_is_unreadable(key: str) -> None:
    document = stored(make())
    del document[key]
    with pytest.raises(UnreadableRecord, match=PATH):
        model.from_document(document, PATH)


@pytest.mark.parametrize(
    ("key", "value"),
    [("state", "done"), ("state", None), ("state", ["queued"])]
    + [(key, value) for key in ("id", "priority", "attempt", "max_attempts") for value in ("17", None, 1.5, True)]
    + [(key, value) for key in ("exit_code", "signal") for value in ("0", 1.5, False)]
    + [(key, value) for key in ("uuid", "queue") for value in (None, 1)]
    + [(key, value) for key in ("name", "reason", "cwd", "submitted_at", "started_at") for value in (1, ["x"])]
    + [(key, value) for key in ("tags", "command", "waiting_on") for value in ("text", None, {"a": 1}, [1])]
    + [("attempts", value) for value in ("text", None, {"a": 1}, ["x"])]
    + [(key, value) for key in ("progress", "error", "result", "output", "usage", "tasks") for value in ("x", [1])]
    + [(key, value) for key in ("held", "shell") for value in (None, 0, "no")],
)
def test_a_document_with_what_does_not_belong_there_is_unreadable(key: str, value: object) -> None:
    with pytest.raises(UnreadableRecord, match=PATH):
        model.from_document({**stored(make()), key: value}, PATH)


# ── exit status ────────────────────────────────────────────────────────────────────────────────────

ENDINGS = [
    ("completed", {"state": "completed", "reason": "exit", "exit_code": 0}, 0),
    ("exit 1", {"state": "failed", "reason": "exit", "exit_code": 1}, 1),
    ("exit 7", {"state": "failed", "reason": "exit", "exit_code": 7}, 7),
    ("exit 255", {"state": "failed", "reason": "exit", "exit_code": 255}, 255),
    ("SIGKILL", {"state": "failed", "reason": "signal", "signal": 9}, 137),
    ("SIGSEGV", {"state": "failed", "reason": "signal", "signal": 11}, 139),
    ("timeout", {"state": "failed", "reason": "timeout", "signal": 15}, 143),
    ("timeout, yet exit 0", {"state": "failed", "reason": "timeout", "exit_code": 0}, 143),
    ("memory limit", {"state": "failed", "reason": "memory-limit", "signal": 9}, 137),
    ("not started", {"state": "failed", "reason": "not-started"}, 126),
    ("not started, exit 127", {"state": "failed", "reason": "not-started", "exit_code": 127}, 126),
    ("lost", {"state": "failed", "reason": "lost"}, 126),
    ("dependency failed", {"state": "cancelled", "reason": "dependency-failed"}, 126),
    ("expired", {"state": "cancelled", "reason": "expired"}, 126),
    ("cancelled before it started", {"state": "cancelled", "reason": "cancelled"}, 126),
    ("cancelled by SIGTERM", {"state": "cancelled", "reason": "cancelled", "signal": 15}, 143),
    ("cancelled by SIGKILL", {"state": "cancelled", "reason": "cancelled", "signal": 9}, 137),
    ("cancelled, exit 3", {"state": "cancelled", "reason": "cancelled", "exit_code": 3}, 3),
    ("cancelled, yet exit 0", {"state": "cancelled", "reason": "cancelled", "exit_code": 0}, 143),
]


@pytest.mark.parametrize(
    ("ending", "expected"),
    [pytest.param(ending, expected, id=name.replace(" ", "-")) for name, ending, expected in ENDINGS],
)
def test_a_command_that_exits_as_the_job_did_exits_so(ending: dict[str, Any], expected: int) -> None:
    assert model.exit_status(make(**ending)) == expected


def test_only_a_completed_job_gives_0() -> None:
    zero = {
        (state, reason, exit_code, signal)
        for state in sorted(states.TERMINAL)
        for reason in (None, "exit", "signal", "timeout", "lost", "not-started", "cancelled", "expired")
        for exit_code in (None, 0, 3)
        for signal in (None, 9)
        if model.exit_status(make(state=state, reason=reason, exit_code=exit_code, signal=signal)) == 0
    }
    assert {state for state, *_ in zero} == {"completed"}


# ── what people see ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "pending"),
        ({"state": "queued"}, "queued"),
        ({"state": "queued", "reason": "slots"}, "queued (slots)"),
        ({"state": "processing"}, "processing"),
        ({"state": "completed", "reason": "exit", "exit_code": 0}, "completed (exit 0)"),
        ({"state": "failed", "reason": "exit", "exit_code": 7}, "failed (exit 7)"),
        ({"state": "failed", "reason": "signal", "signal": 9}, "failed (signal 9)"),
        ({"state": "failed", "reason": "lost"}, "failed (lost)"),
        ({"state": "cancelled", "reason": "cancelled"}, "cancelled"),
        ({"state": "cancelled", "reason": "cancelled", "signal": 15}, "cancelled (signal 15)"),
        ({"state": "cancelled", "reason": "expired"}, "cancelled (expired)"),
    ],
)
def test_the_summary_says_how_the_job_stands(changes: dict[str, Any], words: str) -> None:
    assert model.summary(make(**changes)) == words


def test_the_command_is_shown_on_one_line() -> None:
    assert make(command=("echo", "a b")).shown_command == "echo 'a b'"
    assert make(command=("/bin/sh", "-c", "a; b"), shell=True).shown_command == "a; b"


def test_a_status_of_one_task_names_it_and_reads_back_as_it_was() -> None:
    status = make(task=3)
    document = stored(status)
    assert list(document)[:3] == ["v", "id", "task"]
    assert document["task"] == 3
    assert model.from_document(document, PATH) == status
    assert (status.label, make().label) == (f"{status.id}.3", f"{status.id}")

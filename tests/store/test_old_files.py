"""What layout 1 wrote is read for ever, and means what it meant.

The files are those of a real run, with neutral paths. They are never changed: a jobctl that writes something
else gets files of its own beside them.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jobctl.model import status as model
from jobctl.model.attempt import Identity
from jobctl.store import codec, home, records, requests, sequence, status_reader
from jobctl.store.events import EventLog

if TYPE_CHECKING:
    from jobctl.model.spec import Spec
    from jobctl.model.status import Status
    from jobctl.store.layout import Layout

V1 = Path(__file__).parent.parent / "data" / "v1"
BOOT = "0f6f3f0c-1f44-4b8c-a9f1-60a7f1f0b0a1"
HOME = "/home/user/.local/state/jobctl"
ENV = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/home/user", "LANG": "C.UTF-8"}


def put(name: str, path: str) -> None:
    """Put the old file *name* to *path*."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    shutil.copyfile(V1 / name, path)


@pytest.fixture
def job(layout: Layout) -> int:
    """A job without any file."""
    os.mkdir(layout.job(17))
    return 17


def spec(layout: Layout, job: int, name: str) -> Spec:
    put(name, layout.spec(job))
    return records.spec(layout, job)


def status(layout: Layout, job: int, name: str) -> Status:
    put(name, layout.status(job))
    return status_reader.read(layout, job)


def test_every_old_file_is_read_by_a_test() -> None:
    code = Path(__file__).read_text(encoding="utf-8")
    assert [path.name for path in V1.iterdir() if f'"{path.name}"' not in code] == []


@pytest.mark.parametrize("path", sorted(V1.glob("*.json*")), ids=lambda path: path.name)
def test_every_old_file_is_what_json_says_and_ascii(path: Path) -> None:
    for line in path.read_bytes().splitlines(keepends=True):
        document = codec.decode(line, str(path))
        assert document == json.loads(line)
        assert document["v"] == 1


# ── jobs ───────────────────────────────────────────────────────────────────────────────────────────


def test_a_specification(layout: Layout, job: int) -> None:
    old = spec(layout, job, "spec.json")
    assert old.uuid == "01be46b9-3831-4a95-9dc7-b7966ed89ec3"
    assert old.command == ("sh", "-c", "cat; echo done >&2")
    assert (old.cwd, old.umask, old.submitted_at) == ("/home/user/project", 0o022, "2026-11-23T14:14:27.639400Z")
    assert (old.name, old.tags, old.queue, old.priority) == ("nightly", ("backup", "weekly"), "default", 0)
    assert (old.shell, old.stdin) == (False, True)
    env = dict(old.env)
    assert os.fsencode(env.pop("PLACE")) == b"caf\xe9"
    assert env == ENV


def test_a_specification_for_a_shell(layout: Layout, job: int) -> None:
    old = spec(layout, job, "spec-shell.json")
    assert (old.command, old.shell) == (("/bin/sh", "-c", "echo problem >&2; exit 3"), True)
    assert (old.name, old.tags, old.stdin) == (None, (), False)
    assert dict(old.env) == ENV


def test_the_status_of_a_pending_job(layout: Layout, job: int) -> None:
    old = status(layout, job, "status-pending.json")
    assert (old.id, old.state, old.reason, old.attempt, old.max_attempts) == (6, "pending", None, 0, 1)
    assert (old.finished, old.held) == (False, False)
    assert [os.fsencode(word) for word in old.command] == [b"echo", b"\xe9t\xc3\xa9"]
    assert (old.queued_at, old.started_at, old.finished_at, old.daemon_seen_at) == (None, None, None, None)
    assert (old.result, old.output, old.usage, old.attempts) == (None, None, None, ())
    assert old.status_path == f"{HOME}/spool/6/status.json"


def test_the_status_of_a_processing_job(layout: Layout, job: int) -> None:
    old = status(layout, job, "status-processing.json")
    assert (old.id, old.state, old.attempt) == (3, "processing", 1)
    assert old.started_at == "2026-11-23T14:14:27.760173Z"
    assert (old.finished_at, old.exit_code, old.signal, old.result) == (None, None, None, None)
    assert old.output == {"stdout": f"{HOME}/spool/3/1.1/stdout", "stderr": f"{HOME}/spool/3/1.1/stderr"}


def test_the_status_of_a_completed_job(layout: Layout, job: int) -> None:
    old = status(layout, job, "status-completed.json")
    assert (old.id, old.name, old.tags, old.state) == (1, "nightly", ("backup", "weekly"), "completed")
    assert (old.exit_code, old.signal, old.error, model.exit_status(old)) == (0, None, None, 0)
    assert (old.queued_at, old.started_at, old.finished_at) == (
        "2026-11-23T14:14:27.733192Z",
        "2026-11-23T14:14:27.741381Z",
        "2026-11-23T14:14:27.753028Z",
    )
    assert old.result == {"path": f"{HOME}/spool/1/1.1/stdout", "size": 13, "sha256": None, "inline": None}
    assert old.usage == {"cpu_s": 0.005571, "max_rss_bytes": None, "wall_s": 0.015245}
    assert [(attempt["attempt"], attempt["reason"], attempt["exit_code"]) for attempt in old.attempts] == [
        (1, "exit", 0)
    ]


def test_the_status_of_a_failed_job(layout: Layout, job: int) -> None:
    old = status(layout, job, "status-failed.json")
    assert (old.id, old.state, old.reason, old.exit_code, model.exit_status(old)) == (2, "failed", "exit", 3, 3)
    assert old.error == {"code": "exit", "message": "exited with status 3"}
    assert old.shown_command == "echo problem >&2; exit 3"
    assert model.summary(old) == "failed (exit 3)"


def test_the_status_of_a_cancelled_job(layout: Layout, job: int) -> None:
    old = status(layout, job, "status-cancelled.json")
    assert (old.id, old.state, old.reason, old.signal, model.exit_status(old)) == (3, "cancelled", "cancelled", 15, 143)
    assert old.error == {"code": "cancelled", "message": "cancelled: no longer needed"}


# ── attempts and requests ──────────────────────────────────────────────────────────────────────────


def test_the_start_of_an_attempt(layout: Layout, job: int) -> None:
    attempt = layout.attempt(job, 1, 1)
    put("start.json", attempt + "/start.json")
    old = records.start(attempt)
    assert old is not None
    assert (old.task, old.attempt) == (1, 1)
    assert old.process == Identity(pid=3004, birth=626644, boot=BOOT, namespace=4026531836)
    assert old.keeper == Identity(pid=3002, birth=626643, boot=BOOT, namespace=4026531836)
    assert (old.started_at, old.steady) == ("2026-11-23T14:14:27.741381Z", 6266.443331305)


@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        ("final-completed.json", ("succeed", "exit", 0, None, None, "keeper")),
        ("final-failed.json", ("fail", "exit", 3, None, "exited with status 3", "keeper")),
        ("final-cancelled.json", ("cancel", "cancelled", None, 15, "cancelled: no longer needed", "keeper")),
        (
            "final-not-started.json",
            ("fail", "not-started", None, None, "cannot execute missing-command: No such file or directory", "child"),
        ),
    ],
)
def test_the_end_of_an_attempt(layout: Layout, job: int, name: str, meaning: tuple[object, ...]) -> None:
    attempt = layout.attempt(job, 1, 1)
    put(name, attempt + "/final.json")
    old = records.verdict(attempt)
    assert old is not None
    message = None if old.error is None else old.error["message"]
    assert (old.event, old.reason, old.exit_code, old.signal, message, old.by) == meaning
    assert (old.task, old.attempt) == (1, 1)
    assert old.finished_at.startswith("2026-11-23T14:14:27.")


def test_a_request_to_cancel(layout: Layout, job: int) -> None:
    put("cancel.json", layout.cancel(job))
    assert requests.cancellation(layout, job, 0) == {
        "v": 1,
        "at": "2026-11-23T14:14:27.822890Z",
        "signal": None,
        "note": "no longer needed",
    }
    assert not requests.is_urgent(layout, job, 0)


def test_an_urgent_request_to_cancel(layout: Layout, job: int) -> None:
    put("cancel.json", layout.cancel(job))
    put("cancel-now.json", layout.cancel_now(job))
    assert requests.is_urgent(layout, job, 0)


# ── the home ───────────────────────────────────────────────────────────────────────────────────────


def test_the_daemon_of_a_home(layout: Layout) -> None:
    put("daemon.json", layout.daemon_json)
    old = codec.read(layout.daemon_json)
    assert Identity(**old["process"]) == Identity(pid=2991, birth=626634, boot=BOOT, namespace=4026531836)
    assert (old["version"], old["started_at"]) == ("0.1.0", "2026-11-23T14:14:27.728595Z")
    assert (old["config"], old["program"]) == ("/home/user/.config/jobctl/config.toml", "/usr/bin/python3")


def test_the_events_of_a_home(layout: Layout) -> None:
    put("events.jsonl", layout.events)
    before = Path(layout.events).read_bytes()
    log = EventLog(layout)
    log.close()
    assert log.sequence == 15
    assert Path(layout.events).read_bytes() == before
    old = [json.loads(line) for line in before.splitlines()]
    assert [event["seq"] for event in old] == list(range(1, 16))
    assert [(event["from"], event["to"], event["exit_code"]) for event in old if event["id"] == 2] == [
        ("pending", "queued", None),
        ("queued", "processing", None),
        ("processing", "failed", 3),
    ]


def test_the_last_id_of_a_home(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    put("sequence", layout.sequence)
    monkeypatch.setattr(sequence, "boot_id", lambda: BOOT)
    assert sequence.last_id(layout) == 6
    assert sequence.next_id(layout) == 7


def test_the_version_of_a_home(layout: Layout) -> None:
    put("version", layout.version)
    found = home.existing({"JOBCTL_HOME": layout.home})
    assert found is not None
    assert found.home == layout.home

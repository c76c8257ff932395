"""The JSON Schemas say what is in the files: of every state, from real jobs, and of files of old versions."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from jobctl.cli import schema
from jobctl.model import status as model
from jobctl.model.array import Array
from jobctl.model.dependency import Dependency
from jobctl.model.inputs import Input
from jobctl.model.limits import Limits
from jobctl.model.retry import Retry
from jobctl.model.spec import Spec
from jobctl.model.status import Status
from store.make import NOON, spec
from support import manual

if TYPE_CHECKING:
    from support.installed import Home

DATA = Path(__file__).parents[1] / "data" / "v1"


def load(name: str) -> dict[str, Any]:
    document = json.loads(Path(schema.path(name)).read_bytes())
    assert isinstance(document, dict)
    return document


def check(name: str, document: Any) -> None:
    jsonschema.Draft202012Validator(load(name)).validate(document)


@pytest.mark.parametrize("name", schema.NAMES)
def test_each_is_a_sound_schema_and_the_command_prints_it(home: Home, name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(load(name))
    assert json.loads(home.ok("schema", name)) == load(name)


def test_a_schema_that_is_none_is_refused_by_name(home: Home) -> None:
    done = home.run("schema", "job")
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"status, spec, event, config" in done.stderr


def test_the_status_files_of_real_jobs_of_every_state_are_as_the_schema_says(home: Home) -> None:
    states = set()
    home.config.write_text("[queues.default]\nslots = 1\n")
    pending = home.submit("--no-start", "true")
    check("status", home.status(pending))
    states.add(home.status(pending)["state"])
    ended = [home.submit("true"), home.submit("-c", "exit 3"), home.submit("-c", "kill -9 $$")]
    ended += [home.submit("--no-check", "/nothing/there"), home.submit("-n", "a name", "-t", "tag", "echo", "x")]
    home.run("wait", *map(str, ended))
    running, queued = home.submit("sleep", "1000"), home.submit("true")
    home.await_state(running, "processing")
    home.await_state(queued, "queued")
    home.ok("cancel", str(home.submit("true")))
    for job in range(1, queued + 2):
        document = home.status(job)
        check("status", document)
        states.add(document["state"])
    assert states == {"pending", "queued", "processing", "completed", "failed", "cancelled"}
    for event in home.events():
        check("event", event)
    for job in range(1, queued + 2):
        check("spec", json.loads((home.path / "spool" / str(job) / "spec.json").read_bytes()))


def full_status() -> Status:
    return model.first(1, spec(name="n", tags=("t",)), "/s").but(
        state="retrying",
        reason="exit",
        attempt=1,
        max_attempts=3,
        next_attempt_at=NOON,
        progress={
            "percent": 12.5,
            "done": 1,
            "total": 8,
            "unit": "files",
            "message": "m",
            "rate": 0.5,
            "eta_s": 14,
            "source": "reported",
            "updated_at": NOON,
        },
        tasks=model.counts(10, failed=1),
        error={"code": "exit", "message": "m"},
        waiting_on=("3", "4.2"),
    )


def test_a_status_with_everything_is_as_the_schema_says_and_has_no_key_that_it_does_not_know() -> None:
    document = json.loads(json.dumps(full_status().document()))
    check("status", document)
    assert set(document) == set(load("status")["properties"])


def full_spec() -> Spec:
    return spec(
        name="n",
        steady=1.5,
        boot="b",
        after=(Dependency(kind="ok", job=3), Dependency(kind="any", job=3, task=2)),
        limits=Limits(timeout=5.0, memory=2**30, nice=5),
        retry=Retry(retries=3, only=(1, 2)),
        array=Array(tasks=10, at_once=2),
        inputs=(Input(name="a", source="/a", size=1, sha256="0", mtime_ns=1),),
        on_finish="true",
        webhooks=("https://example.org/",),
    )


def test_a_specification_with_everything_is_as_the_schema_says_and_has_no_key_that_it_does_not_know() -> None:
    document = json.loads(json.dumps(full_spec().document()))
    check("spec", document)
    known = load("spec")["properties"]
    assert set(document) == set(known)
    for part in ("limits", "retry", "array"):
        assert set(document[part]) == set(known[part]["properties"])


@pytest.mark.parametrize("path", [*sorted(DATA.glob("s[tp]*-*.json")), DATA / "spec.json"], ids=lambda path: path.name)
def test_files_of_earlier_versions_lack_nothing_but_what_came_later(path: Path) -> None:
    name = "spec" if path.name.startswith("spec") else "status"
    document = json.loads(path.read_bytes())
    wrong = list(jsonschema.Draft202012Validator(load(name)).iter_errors(document))
    assert [error.message for error in wrong if error.validator != "required"] == []


def test_the_configuration_of_the_manual_is_as_the_schema_says() -> None:
    (example,) = manual.displays(manual.part("EXAMPLES", page="jobctl.toml.5"))
    check("config", tomllib.loads(example))


@pytest.mark.parametrize(
    ("name", "document"),
    [
        ("status", {**json.loads(json.dumps(full_status().document())), "state": "sleeping"}),
        ("status", {key: value for key, value in full_status().document().items() if key != "state"}),
        ("event", {"v": 1, "seq": 0}),
        ("config", {"slots": 3}),
        ("config", {"notify": {"webhooks": ["ftp://x"]}}),
    ],
)
def test_what_is_wrong_is_refused(name: str, document: Any) -> None:
    assert not jsonschema.Draft202012Validator(load(name)).is_valid(json.loads(json.dumps(document)))

"""F2: a machine is restarted again and again while jobs are submitted and run; two daemons race after each start."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import uuid
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from support.installed import Home
    from support.sample import Sample

FAULT = "F2"
BOOT = Path(__file__).parent.parent / "support" / "boot.py"
#: Jobs that each boot lets be submitted, and boots of the short and of the long form.
JOBS, BOOTS, BOOTS_LONG = 10, 12, 110
#: Jobs that the long form has acknowledged at least, however few come to be in one boot of a busy machine.
JOBS_LONG = 1000

pytestmark = [
    pytest.mark.timeout(1800),
    pytest.mark.skipif(
        os.geteuid() != 0 or shutil.which("unshare") is None, reason="needs root and unshare, for a PID namespace"
    ),
]


class Machine:
    """A home on a machine that can be restarted."""

    def __init__(self, home: Home, seed: int) -> None:
        self.home = home
        self.chance = random.Random(seed)
        #: In the order of time, the last one last.
        self.boots: list[str] = []
        home.config.write_text("[queues.default]\nslots = 6\n", encoding="ascii")

    def boot(self, jobs: int) -> int:
        """Start it and wait until the power goes; return the status of its first process."""
        self.boots.append(str(uuid.UUID(int=self.chance.getrandbits(128))))
        command = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc", sys.executable, str(BOOT)]
        arguments = [str(self.home.base), self.boots[-1], str(self.chance.getrandbits(32)), str(jobs)]
        return subprocess.run(
            [*command, *arguments], env=self.home.environ, stdin=subprocess.DEVNULL, check=False, timeout=100
        ).returncode

    def lose_what_is_not_synced(self) -> None:
        """Take away what is derived and never synced: some markers, the last ID, the end of the event log."""
        path = self.home.path
        if not path.exists():
            return
        for marker in (path / "active").iterdir():
            if self.chance.randrange(2):
                marker.unlink()
        if self.chance.randrange(2) and (path / "sequence").exists():
            (path / "sequence").write_bytes(b"")
        if self.chance.randrange(2) and (path / "events.jsonl").exists():
            size = (path / "events.jsonl").stat().st_size
            os.truncate(path / "events.jsonl", max(0, size - self.chance.randrange(400)))

    def acknowledged(self) -> list[int]:
        path = self.home.base / "acknowledged"
        return [int(line) for line in path.read_text().split()] if path.exists() else []

    def visible(self) -> list[int]:
        spool = self.home.path / "spool"
        return sorted(int(name) for name in os.listdir(spool) if name.isdigit()) if spool.exists() else []

    def shown_as_finished(self) -> dict[int, tuple[Any, ...]]:
        statuses = {job: self.home.status(job) for job in self.visible()}
        return {job: _end(status) for job, status in statuses.items() if _is_finished(status)}

    def record(self, job: int, attempt: int, name: str) -> dict[str, Any] | None:
        path = self.home.path / f"spool/{job}/1.{attempt}/{name}.json"
        document: dict[str, Any] | None = json.loads(path.read_bytes()) if path.exists() else None
        return document

    def is_to_run_again(self, job: int) -> bool:
        spec = json.loads((self.home.path / f"spool/{job}/spec.json").read_bytes())
        return bool(spec["uuid"] == "again")


def _is_finished(status: dict[str, Any]) -> bool:
    return status["state"] in {"completed", "failed", "cancelled"}


def _end(status: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(status[key] for key in ("state", "reason", "exit_code", "signal", "attempt", "finished_at"))


def check(machine: Machine, job: int, ran: Counter[str]) -> str:
    """Demand that what became of *job* is true, and return it."""
    status = machine.home.status(job)
    attempt = status["attempt"]
    runs = {name: times for name, times in ran.items() if name.startswith(f"{job}.")}
    assert all(times == 1 for times in runs.values()), f"an attempt was made twice: {runs}"
    last = f"{job}.{attempt}"
    if (status["state"], status["reason"], status["exit_code"]) == ("failed", "exit", job % 90 + 10):
        assert last in runs, f"job {job} has an exit status and never ran: {runs}"
        what = "known"
    else:
        assert (status["state"], status["reason"], status["exit_code"], status["signal"]) == (
            ("failed", "lost", None, None)
        ), (job, _end(status))
        what = "lost"
    for number in range(1, attempt + 1):
        verdict, start = machine.record(job, number, "final"), machine.record(job, number, "start")
        assert start is not None, f"attempt {number} of job {job} has no start"
        assert verdict is not None, f"attempt {number} of job {job} has no verdict"
        if verdict["reason"] == "lost":
            # Only a restart loses it: no kill of a keeper does.
            assert start["process"]["boot"] != machine.boots[-1], f"job {job} was lost without a restart"
            assert verdict["error"]["message"].endswith("the machine was restarted while it ran"), verdict
        else:
            assert number == attempt
    if not machine.is_to_run_again(job):
        assert attempt == 1, f"job {job} was run again, which nobody asked for"
    else:
        assert what == "known", f"job {job} was to run again when it is lost"
    return what


def test_restarts_lose_no_job_and_run_none_twice(home: Home, sample: Sample) -> None:
    machine = Machine(home, sample.seed)
    boots, jobs = sample.many(BOOTS, BOOTS_LONG), sample.many(0, JOBS_LONG)
    finished: dict[int, tuple[Any, ...]] = {}
    while len(machine.boots) < boots or len(machine.acknowledged()) < jobs:
        assert machine.boot(JOBS) == 0
        shown = machine.shown_as_finished()
        # What a reader was shown as finished stays so.
        assert {job: shown.get(job) for job in finished} == finished
        finished = shown
        machine.lose_what_is_not_synced()
    assert machine.boot(0) == 0, (
        f"stuck: {[job for job in machine.visible() if job not in machine.shown_as_finished()]}"
    )
    acknowledged, visible = machine.acknowledged(), machine.visible()
    assert len(set(acknowledged)) == len(acknowledged), "an ID was given away twice"
    assert set(acknowledged) <= set(visible), "an acknowledged job is lost"
    shown = machine.shown_as_finished()
    assert {job: shown.get(job) for job in finished} == finished
    ran = Counter((home.base / "ledger").read_text().split())
    outcomes = Counter(check(machine, job, ran) for job in visible)
    assert list((home.path / "corrupt").iterdir()) == []
    numbers = [event["seq"] for event in home.events()]
    assert numbers == sorted(set(numbers)), "two daemons reported"
    kills = Counter((home.base / "kills").read_text())
    print(
        f"F2: {len(machine.boots)} boots, {kills['k']} keepers and {kills['n']} nurseries killed, "
        f"{len(acknowledged)} jobs acknowledged, {len(visible)} visible: {outcomes['known']} with their exit status, "
        f"{outcomes['lost']} lost with the machine; "
        f"{ran.total()} runs; 0 jobs lost, 0 attempts twice, 0 wrong, 0 stuck"
    )
    assert outcomes["known"] > len(visible) / 4
    assert outcomes["lost"] > 0

"""F14: random sequences of all verbs and of kills, by the installed command, a real daemon and real processes.

tests/daemon/test_random_verbs.py is the same with a daemon that is stepped by hand: thousands of sequences in the time
of a few here, and none of the command line, of keepers or of two processes at once.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import hypothesis
import psutil
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from support.installed import COMMAND, Home
from support.promises import FINISHED, Promises, follow_events
from support.wait import until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.sample import Sample

FAULT = "F14"
#: Sequences and steps of each, in the short and in the long form.
SHORT, LONG = (4, 20), (150, 40)
#: An attempt notes itself and says who it is; a patient one waits to be told to go on; the last word is its status.
SCRIPT = """
n=$JOBCTL_JOB_ID.${JOBCTL_TASK:-1}.$JOBCTL_ATTEMPT
echo $n >> ledger
echo $n
[ $1 = quick ] || until [ -e go.$JOBCTL_JOB_ID ] || [ -e go.all ]; do sleep 0.05; done
exit $2
"""
WHICH = st.integers(0, 30)
KILL = st.sampled_from([None, None, None, "daemon", "keeper", "both"])


class Kills:
    """Which attempts lost their keeper, and which lived when a daemon was killed: both may make one lost."""

    def __init__(self) -> None:
        self.keepers: set[tuple[int, str]] = set()
        self.daemons: set[tuple[int, str]] = set()
        self.count: Counter[str] = Counter()


class AllVerbs(RuleBasedStateMachine):
    """A home, whoever works in it, and what was asked and acknowledged."""

    base: ClassVar[Path]
    figures: ClassVar[Counter[str]]
    #: What was done in the sequence that failed first: hypothesis does it once more, and then it may succeed.
    failed: ClassVar[str] = ""

    def __init__(self) -> None:
        super().__init__()
        self.home = Home(Path(tempfile.mkdtemp(dir=self.base)))
        self.promises = Promises()
        self.kills = Kills()
        #: What was acknowledged and not cleaned: the exit status that each job has.
        self.codes: dict[int, int] = {}
        self.tasks: dict[int, int] = {}
        self.keys: dict[int, int] = {}
        self.cleaned: set[int] = set()
        self.highest = 0
        self.steps: list[str] = []

    @initialize(slots=st.integers(1, 4))
    def begin(self, slots: int) -> None:
        self.home.config.write_text(f"[queues.default]\nslots = {slots}\n", encoding="ascii")
        self.ask("daemon", "start")
        # Every verb finds something to work on from the first step on.
        for options, patience, code in (
            ((), "patient", 0),
            (("--array", "1-3"), "quick", 3),
            (("--hold",), "quick", 0),
        ):
            words = ("submit", "--retries", "1", "--retry-delay", "100ms", *options)
            _, printed = self.ask(*words, "sh", "-c", SCRIPT, "sh", patience, str(code))
            self.acknowledge(printed, code, 3 if "--array" in options else 1)

    def teardown(self) -> None:
        if sys.exc_info()[0] is not None:
            self.note_failure()
        try:
            if self.steps:
                self.let_all_end()
            self.figures.update({"sequences": 1, "steps": len(self.steps), **self.kills.count})
        except BaseException:
            self.note_failure()
            raise
        finally:
            self.home.destroy()

    def note_failure(self) -> None:
        type(self).failed = self.failed or self.story()

    def story(self) -> str:
        """Return what was done, and what the daemon says."""
        log = self.home.path / "daemon.log"
        said = log.read_text(errors="replace")[-4000:] if log.exists() else ""
        return "\n".join(["--- what was done", *self.steps, "--- daemon.log", said])

    # ── asking ─────────────────────────────────────────────────────────────────────────────────

    def ask(
        self, *words: str, kill: str | None = None, may: frozenset[int] = frozenset(), **env: str
    ) -> tuple[int, bytes]:
        """Run `jobctl` with *words*, *kill* while it does; demand exit status 0 or one that it *may* have."""
        self.steps.append(f"jobctl {' '.join(words).replace(SCRIPT, 'SCRIPT')}{f' | kill {kill}' if kill else ''}")
        process = subprocess.Popen(
            [COMMAND, *words],
            env={**self.home.environ, **env},
            cwd=self.home.base,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        if kill is not None:
            self.kill(kill)
            # Who waits for a daemon to act need not wait for its patience to end.
            self.ask("daemon", "start")
        said, complaint = process.communicate(timeout=60)
        status = process.returncode
        self.steps[-1] += f" -> {status} {said[:60]!r} {complaint[:200]!r}"
        assert status == 0 or status in may, (words, status, said, complaint)
        assert b"Traceback" not in complaint, complaint
        assert status == 0 or complaint == b"" or complaint.startswith(b"jobctl: "), complaint
        return status, said

    def some(self, which: int) -> int | None:
        """Return one of the jobs."""
        jobs = sorted(self.codes)
        return jobs[which % len(jobs)] if jobs else None

    def status(self, job: int) -> dict[str, Any]:
        return self.home.status(job)

    def is_finished(self, job: int) -> bool:
        return self.status(job)["state"] in FINISHED

    def acknowledge(self, printed: bytes, code: int, tasks: int = 1) -> int:
        job = int(printed)
        assert job > self.highest, f"ID {job} was given away before"
        self.highest = job
        self.codes[job], self.tasks[job] = code, tasks
        self.figures["jobs"] += 1
        return job

    # ── verbs ──────────────────────────────────────────────────────────────────────────────────

    @rule(
        patience=st.sampled_from(["quick", "quick", "patient"]),
        code=st.sampled_from([0, 0, 3]),
        retries=st.sampled_from([0, 0, 2]),
        hold=st.sampled_from([False, False, True]),
        array=st.sampled_from([None, None, None, "1-3", "1-3%1"]),
        need=st.none() | st.tuples(WHICH, st.sampled_from(["ok", "any", "fail"])),
        priority=st.integers(-1, 1),
        kill=KILL,
    )
    def submit(self, patience: str, code: int, kill: str | None, **chosen: Any) -> None:
        retries, array, need = chosen["retries"], chosen["array"], chosen["need"]
        words = ["submit", "--priority", str(chosen["priority"])]
        words += ["--retries", str(retries), "--retry-delay", "100ms"] if retries else []
        words += ["--hold"] if chosen["hold"] else []
        words += ["--array", array] if array else []
        needed = self.some(need[0]) if need else None
        if need and needed:
            words += [f"--after-{need[1]}", str(needed)]
        _, printed = self.ask(*words, "sh", "-c", SCRIPT, "sh", patience, str(code), kill=kill)
        self.acknowledge(printed, code, 3 if array else 1)

    @rule(key=st.integers(1, 2), kill=KILL)
    def submit_once(self, key: int, kill: str | None) -> None:
        words = ("submit", "--key", f"key {key}", "sh", "-c", SCRIPT, "sh", "quick", "0")
        _, printed = self.ask(*words, kill=kill)
        if key in self.keys and self.keys[key] not in self.cleaned:
            assert int(printed) == self.keys[key], "the same key made another job"
        else:
            self.keys[key] = self.acknowledge(printed, 0)

    @rule(which=WHICH, kill=KILL)
    def rerun(self, which: int, kill: str | None) -> None:
        job = self.some(which)
        if job is not None:
            # Between the start of it and the line that follows.
            _, printed = self.ask("rerun", str(job), kill=kill)
            self.acknowledge(printed, self.codes[job], self.tasks[job])

    @rule(which=WHICH, now=st.booleans(), kill=KILL)
    def cancel(self, which: int, now: bool, kill: str | None) -> None:
        job = self.some(which)
        if job is not None:
            self.ask("cancel", *(["--now"] if now else []), str(job), kill=kill)
            assert self.is_finished(job), f"job {job} was cancelled and is {self.status(job)['state']}"

    @rule(which=WHICH, kill=KILL)
    def retry(self, which: int, kill: str | None) -> None:
        job = self.some(which)
        if job is None or not self.is_finished(job):
            return
        before = self.status(job)
        self.ask("retry", str(job), kill=kill)
        # Of an array of which no task failed there is nothing to do again.
        is_done = before["tasks"] is not None and before["state"] == "completed"
        assert self.status(job)["retried"] == before["retried"] + (not is_done)

    @rule(which=WHICH, held=st.booleans(), kill=KILL)
    def hold_or_release(self, which: int, held: bool, kill: str | None) -> None:
        job = self.some(which)
        if job is not None and not self.is_finished(job):
            # It may have ended meanwhile.
            self.ask("hold" if held else "release", str(job), kill=kill, may=frozenset((65, 75)))
            shown = self.status(job)
            assert shown["held"] == held or shown["state"] != "queued", shown

    @rule(which=WHICH, priority=st.integers(-2, 2), kill=KILL)
    def edit(self, which: int, priority: int, kill: str | None) -> None:
        job = self.some(which)
        if job is not None and not self.is_finished(job):
            status, _ = self.ask("edit", str(job), "--priority", str(priority), kill=kill, may=frozenset((65, 75)))
            assert status != 0 or self.status(job)["priority"] == priority

    @rule(what=st.sampled_from(["pause", "resume", "set"]), slots=st.integers(1, 4), kill=KILL)
    def queue(self, what: str, slots: int, kill: str | None) -> None:
        self.ask("queue", what, "default", *(["--slots", str(slots)] if what == "set" else []), kill=kill)

    @rule(which=WHICH, kill=KILL)
    def clean(self, which: int, kill: str | None) -> None:
        job = self.some(which)
        if job is None or not self.is_finished(job):
            return
        # One that a job waits for is kept.
        status, _ = self.ask("clean", str(job), kill=kill, may=frozenset((75,)))
        if status == 0:
            assert not (self.home.path / f"spool/{job}").exists()
            assert self.ask("status", str(job), may=frozenset((127,)))[0] == 127
            self.cleaned.add(job)
            self.promises.forget(job)
            del self.codes[job]

    @rule(which=WHICH, kill=KILL)
    def wait(self, which: int, kill: str | None) -> None:
        job = self.some(which)
        if job is not None:
            was_finished = self.is_finished(job)
            status, _ = self.ask("wait", "--timeout", "200ms", str(job), kill=kill, may=frozenset(range(1, 256)))
            if was_finished:
                assert status == exit_status(self.status(job), self.codes[job]), (job, status)
            else:
                assert status == 124 or self.is_finished(job), (job, status)

    @rule(which=WHICH)
    def result(self, which: int) -> None:
        job = self.some(which)
        if job is not None and self.tasks[job] == 1 and self.status(job)["state"] == "completed":
            assert self.ask("result", str(job)) == (0, f"{job}.1.{self.status(job)['attempt']}\n".encode())

    @rule(which=WHICH)
    def ask_about(self, which: int) -> None:
        job = self.some(which)
        self.ask("status", "--json", "--all")
        if job is not None:
            self.ask("why", str(job))

    @rule(which=WHICH, percent=st.integers(0, 100))
    def progress(self, which: int, percent: int) -> None:
        running = list(self.running())
        if running:
            job, name, _ = running[which % len(running)]
            path = self.home.path / f"spool/{job}/{name}/progress"
            self.ask("progress", f"{percent}%", JOBCTL_PROGRESS=str(path), JOBCTL_JOB_ID=str(job))

    # ── what happens ───────────────────────────────────────────────────────────────────────────

    @rule(which=WHICH)
    def let_go_on(self, which: int) -> None:
        job = self.some(which)
        if job is not None:
            self.steps.append(f"job {job} may end")
            (self.home.base / f"go.{job}").touch()

    @rule(kill=st.sampled_from(["daemon", "keeper", "both"]))
    def something_is_killed(self, kill: str) -> None:
        self.kill(kill)
        self.ask("daemon", "start")

    @rule()
    def another_daemon(self) -> None:
        # Who was forked by the one before is no child of the next.
        self.note_a_daemons_end()
        self.ask("daemon", "restart")

    def running(self) -> Iterator[tuple[int, str, dict[str, Any]]]:
        """Yield job, name and start of every attempt that is on record as started and not as ended."""
        for job in sorted(self.codes):
            for directory in sorted((self.home.path / f"spool/{job}").glob("*.*/")):
                start = directory / "start.json"
                if start.exists() and not (directory / "final.json").exists():
                    yield job, directory.name, json.loads(start.read_bytes())

    def note_a_daemons_end(self) -> None:
        """All attempts that may live: one may be about to put its start on record."""
        for job in self.codes:
            directories = (self.home.path / f"spool/{job}").glob("*.*/")
            self.kills.daemons |= {(job, path.name) for path in directories if not (path / "final.json").exists()}

    def kill(self, what: str) -> None:
        self.steps.append(f"kill {what}")
        if what in {"keeper", "both"}:
            self.kill_a_keeper()
        if what in {"daemon", "both"}:
            self.note_a_daemons_end()
            try:
                self.home.kill_daemon()
            except (FileNotFoundError, psutil.NoSuchProcess):
                return  # It has not told who it is yet.
            self.note_a_daemons_end()
            self.kills.count["daemons killed"] += 1

    def kill_a_keeper(self) -> None:
        for job, name, start in self.running():
            try:
                keeper = psutil.Process(start["keeper"]["pid"])
                if keeper.environ().get("JOBCTL_HOME") == str(self.home.path):
                    self.kills.keepers.add((job, name))
                    keeper.send_signal(signal.SIGKILL)
                    self.kills.count["keepers killed"] += 1
                    return
            except psutil.Error:
                continue

    # ── what must hold ─────────────────────────────────────────────────────────────────────────

    def ledger(self) -> Counter[str]:
        path = self.home.base / "ledger"
        return Counter(path.read_text().split()) if path.exists() else Counter()

    @invariant()
    def no_attempt_is_made_twice(self) -> None:
        assert [name for name, times in self.ledger().items() if times > 1] == []

    @invariant()
    def every_acknowledged_job_is_there_and_nothing_that_was_shown_is_taken_back(self) -> None:
        for job in self.codes:
            shown = self.status(job)
            self.promises.see(
                job,
                shown["state"],
                retried=shown["retried"],
                attempt=shown["attempt"],
                is_array=shown["tasks"] is not None,
            )

    def let_all_end(self) -> None:
        """Take away whatever holds a job up: all must come to an end, and to a true one."""
        (self.home.base / "go.all").touch()
        self.ask("daemon", "start")
        self.ask("queue", "resume", "default")
        held = [str(job) for job in self.codes if not self.is_finished(job)]
        if held:
            self.ask("release", *held, may=frozenset((65, 75)))
        until(lambda: all(map(self.is_finished, self.codes)), "all jobs to end", within=60)
        self.no_attempt_is_made_twice()
        self.every_acknowledged_job_is_there_and_nothing_that_was_shown_is_taken_back()
        until(lambda: not self.markers(), "nothing to be left to do", within=20)
        follow_events(self.home.events())
        for job in self.codes:
            self.is_true(job)
        assert os.listdir(self.home.path / "corrupt") == []
        log = (self.home.path / "daemon.log").read_text(errors="replace")
        assert "Traceback" not in log, log

    def markers(self) -> list[str]:
        return [name for name in os.listdir(self.home.path / "active") if name.isdigit()]

    def is_true(self, job: int) -> None:
        """The end of *job* is what happened to it."""
        shown, ran = self.status(job), self.ledger()
        finals = {
            path.parent.name: json.loads(path.read_bytes())
            for path in (self.home.path / f"spool/{job}").glob("*.*/final.json")
        }
        for name, final in finals.items():
            how, what = final["reason"], (job, name, final)
            if how == "exit":
                assert final["exit_code"] == self.codes[job], what
                assert ran[f"{job}.{name}"] == 1, what
            elif how == "lost":
                assert (job, name) in self.kills.keepers, what
                assert (job, name) in self.kills.daemons, what
            else:
                assert how == "cancelled" or final["by"] == "daemon", what
        last = finals.get(f"1.{shown['attempt']}")
        if shown["tasks"] is not None or last is None:
            assert shown["state"] != "completed" or len(finals) >= self.tasks[job], shown
        elif shown["state"] == "completed":
            assert (last["reason"], last["exit_code"]) == ("exit", 0), (shown, last)
        elif shown["state"] == "failed":
            assert (shown["reason"], shown["exit_code"]) == (last["reason"], last["exit_code"]), (shown, last)


def exit_status(shown: dict[str, Any], code: int) -> int:
    """Return what `wait` exits with for the finished job that is *shown* so."""
    if shown["tasks"] is not None:
        if shown["state"] == "completed":
            return 0
        return int(shown["exit_code"] or (128 + shown["signal"] if shown["signal"] else 126))
    if shown["exit_code"] is not None:
        assert shown["exit_code"] in {code, 0} or shown["reason"] == "cancelled", shown
        return int(shown["exit_code"])
    return 126 if shown["signal"] is None else 128 + int(shown["signal"])


@pytest.mark.timeout(7200)
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs Linux: elsewhere a keeper's death loses more")
def test_whatever_is_asked_and_whatever_is_killed_all_promises_hold(
    tmp_path: Path, request: pytest.FixtureRequest, sample: Sample
) -> None:
    AllVerbs.base, AllVerbs.figures, AllVerbs.failed = tmp_path, Counter(), ""
    is_chosen = sample.is_long or request.config.getoption("seed", None) is not None
    machine = hypothesis.seed(sample.seed)(AllVerbs) if is_chosen else AllVerbs
    sequences, steps = sample.many(SHORT[0], LONG[0]), LONG[1] if sample.is_long else SHORT[1]
    chosen = settings(
        max_examples=sequences,
        stateful_step_count=steps,
        derandomize=not is_chosen,
        # What failed is printed as it was done: with real processes nothing is done twice in the same way.
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
    )
    try:
        run_state_machine_as_test(machine, settings=chosen)
    except BaseException:
        print(AllVerbs.failed)
        raise
    print(f"F14: {dict(AllVerbs.figures)}; 0 lost, 0 twice, 0 stuck, 0 wrong")

"""F12: each file of a home, damaged in each way; the daemon stays up, others run, nothing is deleted or run again."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import subprocess
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from support import damage
from support.wait import until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.installed import Home
    from support.sample import Sample

FAULT = "F12"
#: Jobs that one daemon is given at once.
AT_ONCE = 150
#: What is of no worth, and is written anew by each daemon or each boot.
MADE_ANEW = {"daemon.json", "active/boot"}
#: What a reading command may exit with, whatever it finds.
HONEST = {0, 1, 3, 5, 65, 73, 75, 124, 126, 127, 137, 143}


def built(home: Home) -> dict[int, str]:
    """Fill *home* with jobs of which together every kind of file is there; return the state of each."""
    (home.base / "lines").write_text("a\nb\nc\n")
    note = 'echo "$JOBCTL_JOB_ID.$JOBCTL_TASK.$JOBCTL_ATTEMPT" >> ran; '
    leave = 'echo 50 > "$JOBCTL_PROGRESS"; echo r > "$JOBCTL_RESULT"; exit 3'
    failed = home.submit("--name", "fails", "-c", note + leave)
    frozen = ("--each-line", "lines", "--input", "lines", "--stdin", "lines", "--key", "k")
    retried = home.submit(*frozen, "sh", "-c", note + "exit 1")
    home.run("wait", str(failed), str(retried))
    home.ok("retry", str(retried))
    home.run("wait", str(retried))
    held = home.submit("--hold", "--unique", "u", "-c", note)
    home.ok("edit", str(held), "--priority", "5")
    cancelled = home.submit("sleep", "1000")
    home.await_state(cancelled, "processing")
    home.ok("cancel", "--now", str(cancelled))
    dependent = home.submit("--after-ok", str(failed), "-c", note)
    tasks = home.submit("--array", "0-2", "sleep", "1000")
    home.await_state(tasks, "processing")
    home.ok("cancel", f"{tasks}.3")
    home.ok("cancel", str(tasks))
    deferred = home.submit("--retries", "3", "--retry-delay", "2h", "-c", note + "exit 1")
    home.ok("submit", "-W", "--name", "measured", "true")
    until((home.path / "durations.json").exists, "the durations to be written")
    home.ok("queue", "set", "other", "--slots", "2")
    home.await_state(deferred, "retrying")
    home.run("wait", str(dependent))
    home.kill_daemon()
    jobs = (failed, retried, held, cancelled, dependent, tasks, deferred)
    return {job: home.status(job)["state"] for job in jobs}


def files(directory: Path) -> list[str]:
    return sorted(str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_file())


def cloned(home: Home, kind: int, job: int) -> Path:
    """Make *job* as a copy of the job *kind*, unfinished as far as the daemon can know."""
    directory = home.path / "spool" / str(job)
    shutil.copytree(home.path / "spool" / str(kind), directory)
    status = directory / "status.json"
    text = status.read_text().replace(f"/spool/{kind}/", f"/spool/{job}/").replace(f'"id":{kind},', f'"id":{job},', 1)
    status.write_text(text)
    (home.path / "active" / str(job)).touch()
    return directory


def went_on(home: Home, pid: int | None) -> int:
    """Demand that the daemon, *pid* if it runs already, runs another job; return its process."""
    done = home.run("submit", "--wait", "sh", "-c", "exit 5", timeout=60)
    assert done.returncode == 5, done
    now = home.daemon().pid
    assert pid in {None, now}, "the daemon was started again"
    return now


class Case:
    """One damage of one file of one copied job."""

    def __init__(self, home: Home, kind: int, job: int, name: str, what: str) -> None:
        self.kind, self.job, self.name, self.what = kind, job, name, what
        self.directory = home.path / "spool" / str(job)
        self.inode = 0
        self.attempts: set[str] = set()
        task, _, attempt = name.partition("/")[0].partition(".")
        #: Whether it is of an attempt that another one followed: nobody needs to read it.
        self.is_superseded = (
            attempt.isdigit() and (home.path / "spool" / str(kind) / f"{task}.{int(attempt) + 1}").exists()
        )

    def __repr__(self) -> str:
        return f"job {self.job} (like {self.kind}): {self.name}: {self.what}"

    @property
    def is_record(self) -> bool:
        """Whether the state of the job is derived from it."""
        return self.name.endswith(".json") and self.name not in {"spec.json", "status.json"}

    @property
    def is_verdict_of_unknown_version(self) -> bool:
        """Whether the file tells that an attempt is over, and to nobody how."""
        return self.name.endswith("/final.json") and self.what == "unknown version"

    @property
    def may_mean_something_else(self) -> bool:
        """Whether the file may still be one that jobctl could have written."""
        return "flipped" in self.what or " is " in self.what or self.what == "gone"


def role(name: str) -> str:
    """Return what a file of a job is, whatever task, attempt and life it belongs to."""
    return re.sub(r"\d+", "N", name)


def cases(home: Home, kinds: dict[int, str], sample: Sample) -> list[tuple[Case, damage.Damage]]:
    chosen = random.Random(sample.seed)
    aside = home.base / "aside"
    aside.mkdir()
    found = []
    roles: set[str] = set()
    for kind in kinds:
        directory = home.path / "spool" / str(kind)
        for name in files(directory):
            # At each byte one of each kind, or it would be the same three hundred thousand times.
            points = None if sample.is_long and role(name) not in roles else 3
            roles.add(role(name))
            derived = damage.every(f"{directory}/{name}", str(aside), chosen, points)
            found += [(kind, name, what, harm) for what, harm in derived.items()]
    found = sample.of(found, AT_ONCE)
    return [(Case(home, kind, 1000 + at, name, what), harm) for at, (kind, name, what, harm) in enumerate(found)]


def batches(home: Home, every: list[tuple[Case, damage.Damage]]) -> Iterator[list[Case]]:
    """Damage some jobs at a time; what was in the home before is there again for each batch."""
    pristine = home.base / "pristine"
    shutil.copytree(home.path, pristine, copy_function=_copied)
    for at in range(0, len(every), AT_ONCE):
        batch = []
        for case, harm in every[at : at + AT_ONCE]:
            cloned(home, case.kind, case.job)
            case.attempts = {name for name in os.listdir(case.directory) if "." in name and name[0].isdigit()}
            path = f"{case.directory}/{case.name}"
            if case.is_record:
                # What it shows already it need not read again: as after a crash or a lost status file.
                (case.directory / "status.json").unlink()
            harm(path)
            case.inode = os.lstat(path).st_ino if os.path.lexists(path) else 0
            batch.append(case)
        (home.path / "sequence").write_bytes(b"")  # as after a reboot: the IDs of the copies count
        yield batch
        home.destroy()
        shutil.rmtree(home.path)
        shutil.copytree(pristine, home.path, copy_function=_copied)


def _copied(source: str, target: str) -> None:
    if damage.is_regular(source):
        shutil.copy2(source, target)
    else:
        os.mkfifo(target, 0o600)


@pytest.mark.timeout(7200)
def test_a_damaged_file_of_a_job_stops_no_other_job_and_is_named_and_kept(home: Home, sample: Sample) -> None:
    kinds = built(home)
    every = cases(home, kinds, sample)
    wrong: list[str] = []
    came: Counter[str] = Counter()
    for batch in batches(home, every):
        ran = (home.base / "ran").read_text()
        pid = went_on(home, None)
        again = (home.base / "ran").read_text().removeprefix(ran).split()
        log = (home.path / "daemon.log").read_text()
        there = damage.inodes(str(home.path))
        for case in batch:
            if not case.may_mean_something_else and any(line.startswith(f"{case.job}.") for line in again):
                wrong.append(f"{case}: it ran again")
            wrong += [f"{case}: {why}" for why in wrongs(home, case, kinds[case.kind], log, there, came=came)]
        home.kill_daemon()
        went_on(home, None)
        for case in batch[::10]:
            wrong += [f"{case}: {why}" for why in misread(home, case)]
        assert home.daemon().pid != pid
    print(f"F12: {len(every)} damaged files of jobs: {dict(came)}, {len(wrong)} wrong")
    assert not wrong, "\n".join(wrong)


def wrongs(home: Home, case: Case, state: str, log: str, there: dict[int, str], *, came: Counter[str]) -> Iterator[str]:
    """Say what is wrong with what became of *case*."""
    aside = (home.path / "corrupt" / str(case.job)).is_dir()
    alone = f"job {case.job}: left alone" in log
    if f"job {case.job}: left alone until the daemon is restarted" in log:
        yield "met a bug: " + log[log.index(f"job {case.job}: left alone until") :][:2000]
    if case.inode and case.inode not in there:
        yield "it was deleted"
    if aside or alone:
        came["set aside" if aside else "left alone"] += 1
        return
    came["went on"] += 1
    try:
        shown = home.status(case.job)
    except (OSError, ValueError) as failure:
        yield f"has no status: {failure}"
        return
    is_lost = case.is_verdict_of_unknown_version and shown["reason"] == "lost"
    if not case.may_mean_something_else and shown["state"] != state and not is_lost:
        yield f"is {shown['state']} and was {state}"
    now = {name for name in os.listdir(case.directory) if "." in name and name[0].isdigit()}
    if not case.may_mean_something_else and now != case.attempts:
        yield f"has attempts {now} and had {case.attempts}"
    if case.is_superseded:
        return
    named = f"job {case.job}:" in log or f"spool/{case.job}/" in log
    harmless = case.may_mean_something_else or case.what.startswith(("a hard link", "another's", "10 MB in a string"))
    if not named and not harmless and case.name.rpartition("/")[2].endswith(".json"):
        yield "is named nowhere"


def misread(home: Home, case: Case) -> Iterator[str]:
    """Say which reading command does not answer or refuse properly."""
    job = str(case.job)
    for command in (
        ("status", job),
        ("status", "--json", job),
        ("result", job),
        ("wait", "--timeout", "50ms", job),
    ):
        done = home.run(*command)
        if done.returncode not in HONEST or b"Traceback" in done.stderr:
            yield f"{command} exits with {done.returncode}: {done.stderr.decode(errors='replace')[-1500:]}"
        if command[:2] == ("status", "--json") and done.returncode == 0:
            json.loads(done.stdout)


@pytest.mark.timeout(7200)
def test_a_damaged_file_of_the_home_stops_no_job_and_is_kept(home: Home, sample: Sample) -> None:
    built(home)
    names = [name for name in files(home.path) if not name.startswith(("spool/", "corrupt/"))]
    assert {"version", "sequence", "queues.json", "durations.json", "events.jsonl", "daemon.json"} <= set(names)
    aside = home.base / "aside"
    aside.mkdir()
    chosen = random.Random(sample.seed)
    every = [
        (name, what, harm)
        for name in names
        for what, harm in damage.every(f"{home.path}/{name}", str(aside), chosen, 10 if sample.is_long else 1).items()
    ]
    every = sample.of(every, 10)
    pristine = home.base / "pristine"
    shutil.copytree(home.path, pristine, copy_function=_copied)
    wrong = []
    came: Counter[str] = Counter()
    for name, what, harm in every:
        harm(f"{home.path}/{name}")
        try:
            wrong += [f"{name}: {what}: {why}" for why in wrongs_of_home(home, name, came)]
        finally:
            home.destroy()
            shutil.rmtree(home.path)
            shutil.copytree(pristine, home.path, copy_function=_copied)
    print(f"F12: {len(every)} damaged files of homes: {dict(came)}, {len(wrong)} wrong")
    assert not wrong, "\n".join(wrong)


def wrongs_of_home(home: Home, name: str, came: Counter[str]) -> Iterator[str]:  # noqa: C901  # one list of what is wrong
    """Say what is wrong with how jobctl works in a home whose file *name* is damaged."""
    path = home.path / name
    inode = os.lstat(path).st_ino if os.path.lexists(path) else 0
    before = set(os.listdir(home.path / "spool"))
    try:
        # The lock may be beyond use, and whoever waits for a daemon then waits for ever.
        done = home.run("submit", "--wait", "sh", "-c", "exit 5", timeout=10 if name == "daemon.lock" else 60)
    except subprocess.TimeoutExpired:
        if name == "daemon.lock" and str(path) in (home.path / "daemon.log").read_text():
            # To move away what may be another daemon's lock by now would let two serve the home.
            came["the daemon refuses it by name"] += 1
        else:
            yield "a job is not run: " + home.ok("status").decode()
        return
    if b"Traceback" in done.stderr:
        yield done.stderr.decode(errors="replace")[-1500:]
    elif done.returncode == 5:
        came["went on"] += 1
    elif done.returncode in {65, 73} and str(path).encode() in done.stderr:
        came["refused by name"] += 1
    else:
        yield f"submit: {done}"
    if not before <= set(os.listdir(home.path / "spool")):
        yield "jobs are gone"
    for command in (("status",), ("status", "--json"), ("queue",)):
        done = home.run(*command)
        if done.returncode not in HONEST or b"Traceback" in done.stderr:
            yield f"{command}: {done}"
    log = home.path / "daemon.log"
    if log.is_file() and log.stat().st_size < 2**20 and b"Traceback" in log.read_bytes():
        yield log.read_text(errors="replace")[-1500:]
    if name not in MADE_ANEW and inode and inode not in damage.inodes(str(home.path)):
        yield "it was deleted"

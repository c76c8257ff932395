"""F4: the power of a real disk is cut at each change that a command, a daemon, a keeper or a child makes to it.

The journal is replayed, a daemon of another boot starts, and what was acknowledged before must be true. The same
without any sync (eatmydata) must fail, or the test could not.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import uuid
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from support.inject import Rig, is_gone, options, points
from support.installed import COMMAND
from support.sample import Sample
from support.wait import until

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from support.disk import Disk
    from support.installed import Home

FAULT = "F4"
KINDS = ["ext4", "xfs", "btrfs"]
#: What the short form tries on each kind of disk: commands, roles in the life of a job, and cuts of each beside the one
#: at its end.
COMMANDS_TRIED, ROLES_TRIED, CUTS = 2, 1, 1
FINISHED = {"completed", "failed", "cancelled"}
#: What changes a disk, or tells somebody that it was changed.
CHANGES = re.compile(
    r"^(?:\d+ +)?(?:mkdir|f?truncate|fallocate|write|pwrite64|fsync|fdatasync|rename|renameat2?|link|linkat|unlink"
    r"|unlinkat|rmdir|fchmod|copy_file_range|sendfile|(?:open|openat)(?=\(.*O_CREAT))\("
)
#: Each attempt notes itself, outside the disk; the exit status tells jobs apart.
SCRIPT = "echo $JOBCTL_JOB_ID.$JOBCTL_ATTEMPT >> ledger; exit $((JOBCTL_JOB_ID % 90 + 10))"
#: Executes what follows in a boot of the ID in the file that is its first word.
IN_BOOT = (
    *("unshare", "--mount", "sh", "-c"),
    'mount --bind "$0" /proc/sys/kernel/random/boot_id && exec "$@"',
)

pytestmark = [
    pytest.mark.timeout(3600),
    pytest.mark.skipif(
        os.geteuid() != 0 or not sys.platform.startswith("linux"), reason="needs root on Linux, to make disks"
    ),
    pytest.mark.skipif(
        any(shutil.which(tool) is None for tool in ("strace", "unshare", "losetup")),
        reason="needs strace, unshare and losetup",
    ),
]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "unsynced" in metafunc.fixturenames:
        every = metafunc.config.getoption("long", None)
        metafunc.parametrize("disk", KINDS if every else KINDS[:1], indirect=True)
        metafunc.parametrize("unsynced", COMMANDS if every else COMMANDS[:1])


class Machine:
    """A home on a disk whose power can be cut, and what was acknowledged in it."""

    def __init__(self, home: Home, disk: Disk) -> None:
        self.home, self.disk = home, disk
        home.config = disk.where / "config.toml"
        self._boot = home.base / "boot_id"
        self.name_boot()
        self.rig = Rig(home, self.within)
        self.ok("queue", "set", "default", "--slots", "4")
        subprocess.run(["sync", "--file-system", str(disk.where)], check=True)
        #: What was shown as finished, which stays so.
        self.finished: dict[int, tuple[Any, ...]] = {}
        self.highest = 0
        #: Jobs whose end somebody is to be told of.
        self.announced: set[int] = set()

    def another(self, sample: Sample) -> Sample:
        """Return a sample for this kind of disk: each tries something else of what there is."""
        return Sample(sample.seed + KINDS.index(self.disk.kind), is_long=sample.is_long, part=sample.part)

    @property
    def within(self) -> tuple[str, ...]:
        return (*IN_BOOT, str(self._boot))

    def name_boot(self) -> None:
        """Have this machine started anew from now on."""
        self._boot.write_text(f"{uuid.uuid4()}\n", encoding="ascii")

    def run(self, *words: str, tracing: Sequence[str] = (), stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        """Run `jobctl` with *words*, below the command *tracing*."""
        return subprocess.run(
            [*self.within, *tracing, COMMAND, *words],
            env={**self.home.environ, "JOBCTL_NO_START": "1", "PYTHONDONTWRITEBYTECODE": "1"},
            cwd=self.home.base,
            capture_output=True,
            input=stdin,
            check=False,
            timeout=60,
        )

    def ok(self, *words: str) -> bytes:
        done = self.run(*words)
        assert done.returncode == 0, (words, done)
        return done.stdout

    def submit(self, *more: str) -> int:
        """Have a job with *more* options acknowledged."""
        return self.acknowledge(self.ok("submit", *more, "sh", "-c", SCRIPT))

    def acknowledge(self, printed: bytes) -> int:
        job = int(printed)
        assert job > self.highest, f"ID {job} was used before"
        self.highest = job
        self.rig.jobs.append(job)
        return job

    def visible(self) -> set[int]:
        return {int(name) for name in os.listdir(self.home.path / "spool") if name.isdigit()}

    def some_finished(self) -> int:
        """Return a job that is shown as finished, and exited with its own status."""
        done = [job for job in self.finished if self.home.status(job)["exit_code"] == job % 90 + 10]
        return done[-1] if done else self.finish(self.submit())

    def finish(self, job: int) -> int:
        """Have a daemon see *job* to its end."""
        self.rig.start()
        until(lambda: self.rig.is_finished(job), f"job {job} to end")
        self.rig.stop()
        self.note_finished()
        return job

    def note_finished(self) -> None:
        self.finished = {job: _end(self.home.status(job)) for job in self.rig.jobs if self.rig.is_finished(job)}

    def cut(self) -> None:
        """Cut the power, let it come back, and begin another boot."""
        # First: where a copy of the disk is made, what they did after it would be of another world.
        self.home.destroy()
        self.rig.kill()
        self.disk.cut()
        self.disk.come_back()
        self.name_boot()

    def wrongs(self) -> Iterator[str]:
        """Say what is not as it was acknowledged, once a daemon of this boot has done what there is to do."""
        gone = set(self.rig.jobs) - self.visible()
        if gone:
            yield f"acknowledged and gone: {sorted(gone)}"
            return
        damaged = [path for path in self.home.path.rglob("*.json") if "tmp" not in path.parts and not _is_whole(path)]
        if damaged:
            yield "unreadable: " + ", ".join(f"{path} is {path.read_bytes()[:60]!r}" for path in damaged)
            return
        self.rig.start()
        if not self.rig.is_up():
            yield f"no daemon starts: {(self.home.base / 'daemon.stderr').read_text()[-1000:]}"
            return
        # What was published when nobody had been told yet is whole, and runs as well.
        self.rig.jobs = sorted(self.visible())
        self.highest = max([self.highest, *self.rig.jobs])
        # Work goes on; and whoever has seen the last job has looked at all before it.
        self.submit()
        until(lambda: all(map(self._is_at_rest, self.rig.jobs)), f"{self.rig.jobs} to come to rest", within=40)
        self.rig.stop()
        for job in self.rig.jobs:
            yield from self._untrue(job, self.home.status(job))
        if os.listdir(self.home.path / "corrupt"):
            yield f"set aside: {os.listdir(self.home.path / 'corrupt')}"
        log = (self.home.path / "daemon.log").read_text(errors="replace")
        if "ERROR" in log:
            yield log[log.index("ERROR") :][:3000]

    def _is_at_rest(self, job: int) -> bool:
        shown = self.home.status(job)
        waits = shown["held"] or shown["reason"] == "not-before"
        return shown["state"] in FINISHED or (shown["state"] == "queued" and waits)

    def _untrue(self, job: int, shown: dict[str, Any]) -> Iterator[str]:
        ledger = self.home.base / "ledger"
        ran = Counter(ledger.read_text().split() if ledger.exists() else ())
        mine = {name: n for name, n in ran.items() if name.startswith(f"{job}.")}
        yield from (f"attempt {name} was made {n} times" for name, n in mine.items() if n > 1)
        if job in self.finished and _end(shown) != self.finished[job]:
            yield f"job {job} was shown as {self.finished[job]} and is {_end(shown)}"
        how = (shown["state"], shown["reason"], shown["exit_code"])
        if how == ("failed", "exit", job % 90 + 10):
            if f"{job}.{shown['attempt']}" not in mine:
                yield f"job {job} has an exit status and its attempt {shown['attempt']} never ran"
        elif how == ("failed", "lost", None):
            start = self.home.path / f"spool/{job}/1.{shown['attempt']}/start.json"
            if json.loads(start.read_bytes())["process"]["boot"] == self._boot.read_text().strip():
                yield f"job {job} was lost without a cut"
        elif shown["state"] == "failed":
            yield f"job {job} is {shown}"


def _end(status: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(status[key] for key in ("state", "reason", "exit_code", "signal", "attempt", "finished_at"))


def _is_whole(path: Path) -> bool:
    try:
        json.loads(path.read_bytes())
    except ValueError:
        return False
    return True


# ── commands ───────────────────────────────────────────────────────────────────────────────────────

#: Says what is wrong, if anything, given whether the command was acknowledged and what it printed.
Check = Callable[[bool, bytes], Any]


class Asked(NamedTuple):
    """A command whose home is prepared, and what must hold after the cut."""

    words: tuple[str, ...]
    check: Check
    #: Looked at before a daemon of the next boot starts; *check* is after it.
    before: Check = lambda *_: None
    #: Whether it waits until a daemon has acted on it.
    is_served: bool = False
    stdin: bytes = b""


def submit(machine: Machine) -> Asked:
    return _submitted(machine, "submit", "sh", "-c", SCRIPT)


def submit_with_files(machine: Machine) -> Asked:
    """With a key, a frozen tree, standard input, and a word to be told at the end."""
    tree = machine.home.base / "tree"
    if not tree.exists():
        tree.mkdir()
        (tree / "file").write_text("frozen\n")
    key = str(uuid.uuid4())
    words = ("submit", "--key", key, "--input", str(tree), "--stdin", "-", "sh", "-c", SCRIPT)
    before = machine.visible()

    def again(acknowledged: bool, printed: bytes) -> None:
        # Before it is asked for again: that would make it anew, with the same number.
        assert not acknowledged or int(printed) in machine.visible(), f"acknowledged and gone: {printed!r}"
        job = int(machine.run(*words, stdin=b"given\n").stdout)
        assert machine.visible() - before == {job}, "the same key made another job"
        assert not acknowledged or job == int(printed)
        spool = machine.home.path / f"spool/{job}"
        assert (spool / "inputs/tree/file").read_text() == "frozen\n"
        assert (spool / "stdin").read_bytes() == b"given\n"
        if job not in machine.rig.jobs:
            machine.acknowledge(b"%d" % job)

    return _submitted(machine, *words)._replace(before=again, stdin=b"given\n")


def submit_lines(machine: Machine) -> Asked:
    def check(acknowledged: bool, printed: bytes) -> None:
        if acknowledged:
            shown = machine.home.status(int(printed))
            assert (shown["state"], shown["tasks"]["completed"]) == ("completed", 3), shown

    words = ("submit", "--each-line", "-", "test", "-n", "{}")
    return _submitted(machine, *words)._replace(check=check, stdin=b"a\nb\nc\n")


def rerun(machine: Machine) -> Asked:
    return _submitted(machine, "rerun", str(machine.some_finished()))


def _submitted(machine: Machine, *words: str) -> Asked:
    def check(acknowledged: bool, printed: bytes) -> None:
        if acknowledged:
            job = int(printed)
            shown = machine.home.status(job)
            assert (shown["state"], shown["exit_code"]) == ("failed", job % 90 + 10), shown

    return Asked(words, check)


def retry(machine: Machine) -> Asked:
    job = machine.some_finished()
    del machine.finished[job]
    made = machine.home.status(job)["attempt"]

    def check(acknowledged: bool, _: bytes) -> None:
        shown = machine.home.status(job)
        assert shown["attempt"] in ({made + 1} if acknowledged else {made, made + 1}), shown
        # A daemon serves it, and may have started the new attempt before the cut.
        cut_short = shown["attempt"] == made + 1 and (shown["reason"], shown["exit_code"]) == ("lost", None)
        assert cut_short or shown["exit_code"] == job % 90 + 10, shown

    return Asked(("retry", str(job)), check, is_served=True)


def cancel(machine: Machine) -> Asked:
    job = machine.submit("--hold")

    def check(acknowledged: bool, _: bytes) -> None:
        shown = machine.home.status(job)
        assert shown["state"] == "cancelled" or (not acknowledged and shown["held"]), shown
        if shown["state"] != "cancelled":
            machine.ok("cancel", "--no-wait", str(job))

    return Asked(("cancel", "--no-wait", str(job)), check)


def hold(machine: Machine) -> Asked:
    job = machine.submit("--in", "1h")

    def check(acknowledged: bool, _: bytes) -> None:
        shown = machine.home.status(job)
        assert shown["held"] or not acknowledged, shown
        machine.ok("cancel", "--no-wait", str(job))

    return Asked(("hold", str(job)), check, is_served=True)


def release(machine: Machine) -> Asked:
    job = machine.submit("--hold")

    def check(acknowledged: bool, _: bytes) -> None:
        shown = machine.home.status(job)
        assert not (acknowledged and shown["held"]), shown
        if shown["held"]:
            machine.ok("cancel", "--no-wait", str(job))

    return Asked(("release", str(job)), check, is_served=True)


def edit(machine: Machine) -> Asked:
    job = machine.submit("--hold")

    def check(acknowledged: bool, _: bytes) -> None:
        shown = machine.home.status(job)
        assert shown["priority"] in ({7} if acknowledged else {0, 7}), shown
        machine.ok("cancel", "--no-wait", str(job))

    return Asked(("edit", str(job), "--priority", "7"), check, is_served=True)


def clean(machine: Machine) -> Asked:
    job = machine.some_finished()
    end = machine.finished.pop(job)
    machine.rig.jobs.remove(job)

    def before(acknowledged: bool, _: bytes) -> None:
        if job in machine.visible():
            assert not acknowledged, f"job {job} was to be forgotten"
            assert _end(machine.home.status(job)) == end

    def check(*_: Any) -> None:
        machine.submit()  # demands a new number

    return Asked(("clean", str(job)), check, before)


def queue(machine: Machine) -> Asked:
    path = machine.home.path / "queues.json"

    def slots() -> Any:
        return json.loads(path.read_bytes())["queues"].get("other", {}).get("slots")

    old = slots()
    new = (old or 0) + 1

    def check(acknowledged: bool, _: bytes) -> None:
        assert slots() in ({new} if acknowledged else {old, new})

    return Asked(("queue", "set", "other", "--slots", str(new)), check)


def config(machine: Machine) -> Asked:
    def pending() -> bytes:
        return machine.ok("config", "get", "max_pending").strip()

    old = pending()
    new = b"%d" % (int(old) + 1 if old.isdigit() else 1000)

    def check(acknowledged: bool, _: bytes) -> None:
        assert pending() in ({new} if acknowledged else {old, new})

    return Asked(("config", "set", "max_pending", new.decode()), check)


COMMANDS = (submit, submit_with_files, submit_lines, rerun, retry, cancel, hold, release, edit, clean, queue, config)


def cut_after(machine: Machine, command: Callable[[Machine], Asked], tracing: Sequence[str]) -> str:
    """Cut the power once *command*, executed below *tracing*, has ended; return what is wrong then, if anything."""
    asked = command(machine)
    if asked.is_served:
        machine.rig.start()
    done = machine.run(*asked.words, tracing=tracing, stdin=asked.stdin)
    is_printed = done.stdout.strip().isdigit()
    acknowledged = is_printed or done.returncode == 0
    assert acknowledged or done.returncode in {-signal.SIGKILL, 128 + signal.SIGKILL}, (asked.words, done)
    if is_printed:
        machine.acknowledge(done.stdout)
    machine.cut()
    try:
        asked.before(acknowledged, done.stdout)
        wrong = "; ".join(machine.wrongs())
        if not wrong:
            asked.check(acknowledged, done.stdout)
            machine.note_finished()
    except (AssertionError, OSError, ValueError, KeyError) as found:
        wrong = f"{type(found).__name__}: {found}"
    return wrong


@pytest.fixture
def machine(home: Home, disk: Disk) -> Iterator[Machine]:
    made = Machine(home, disk)
    yield made
    made.rig.kill()


@pytest.mark.parametrize("disk", KINDS, indirect=True)
def test_what_a_command_acknowledged_is_true_after_the_power_was_cut_at_any_change_that_it_makes(
    machine: Machine, sample: Sample
) -> None:
    cuts = 0
    wrong = []
    sample = machine.another(sample)
    for command in sample.whole(COMMANDS, COMMANDS_TRIED):
        trace = machine.home.base / "trace"
        found = [cut_after(machine, command, ["strace", "-qq", "-o", str(trace)])]
        at = points(trace.read_text(errors="replace"), after=f'"{machine.disk.where}', only=CHANGES)
        assert len(at) > 3
        chosen = sample.of(at, CUTS)
        found += [cut_after(machine, command, ["strace", "-qq", *options(point)]) for point in chosen]
        cuts += len(found)
        names = ["its end", *map(str, chosen)]
        wrong += [f"{command.__name__}, cut at {name}: {why}" for name, why in zip(names, found, strict=True) if why]
        print(f"{machine.disk.kind}: {command.__name__}: {len(at) + 1} points, {len(found)} cuts")
    print(f"F4: {machine.disk.kind}: {cuts} cuts, {len(machine.rig.jobs)} jobs, {len(wrong)} violations")
    assert not wrong, "\n".join(wrong)


@pytest.mark.skipif(shutil.which("eatmydata") is None, reason="needs eatmydata, to leave all syncs out")
def test_without_any_sync_a_power_cut_is_noticed(machine: Machine, unsynced: Callable[[Machine], Asked]) -> None:
    noticed = cut_after(machine, unsynced, ["eatmydata"])
    print(f"F4: {machine.disk.kind}: {unsynced.__name__} without any sync: {noticed[:150]}")
    assert noticed


# ── the life of a job ──────────────────────────────────────────────────────────────────────────────


def live(machine: Machine, role: str, tracing: Sequence[str]) -> None:
    """Let a job run, and a second time as it fails, with its *role* below strace with *tracing*, until that ends."""
    rig = machine.rig
    if role != "daemon":
        rig.start()
    rig.arm(role)
    if role == "daemon":
        rig.start(wait=False)
    again = ("--retries", "1", "--retry-delay", "0s", "--on-finish", "echo $JOBCTL_JOB_ID >> told")
    job = machine.submit(*again)
    machine.announced.add(job)
    pid = rig.await_held(role)
    with rig.attached(pid, *tracing) as strace:
        rig.release(role)
        until(lambda: strace.poll() is not None or is_gone(pid) or rig.is_finished(job), f"the {role} to end")
    machine.note_finished()


def told(machine: Machine) -> set[int]:
    path = machine.home.base / "told"
    return {int(line) for line in path.read_text().split()} if path.exists() else set()


@pytest.mark.parametrize("disk", KINDS, indirect=True)
def test_verdicts_are_right_after_the_power_was_cut_at_any_change_that_daemon_keeper_or_child_makes(
    machine: Machine, sample: Sample
) -> None:
    wrong = []
    sample = machine.another(sample)
    for role in sample.whole(("daemon", "keeper", "child"), ROLES_TRIED):
        trace = machine.home.base / "trace"
        live(machine, role, ["-o", str(trace)])
        at = points(trace.read_text(errors="replace"), only=CHANGES)
        assert len(at) > 3
        chosen = sample.of(at, CUTS)
        machine.cut()
        wrong += machine.wrongs()
        for point in chosen:
            live(machine, role, options(point))
            machine.cut()
            wrong += [f"{role}, cut at {point}: {why}" for why in machine.wrongs()]
            machine.note_finished()
        print(f"{machine.disk.kind}: {role}: {len(at)} points, {len(chosen) + 1} cuts")
    machine.rig.start()
    until(lambda: machine.announced <= told(machine), f"{machine.announced} to be told of", within=60)
    ends = Counter(end[1] for end in machine.finished.values())
    print(f"F4: {machine.disk.kind}: {len(machine.rig.jobs)} jobs: {dict(ends)}, {len(wrong)} violations")
    assert not wrong, "\n".join(wrong)
    assert set(ends) <= {"exit", "lost"}

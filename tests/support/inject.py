"""Meet one process of jobctl at one system call, by strace(1): kill it there, or let that call fail.

Points are enumerated from a recorded trace, as pairs of a call and which one of its name, because that is how
strace counts (`when=`): by name and by thread. A kill happens before the call is done. `--seccomp-bpf` would
be faster and injects no signal.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import psutil

from jobctl.model.spec import Spec
from jobctl.store import doorbell, spool
from jobctl.store import home as homes
from support.wait import until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from support.installed import Home

KILL = "signal=KILL"
_CALL = re.compile(r"^(?:\d+ +)?(\w+)\(")
#: What changes nothing outside the process, and what waits: a kill there is one before the next call, too.
_IDLE = {
    *("brk", "mmap", "munmap", "mprotect", "mremap", "madvise", "lseek", "ioctl", "futex", "poll", "exit_group"),
    *("getpid", "getppid", "gettid", "getuid", "geteuid", "getgid", "getegid", "getcwd", "getrandom", "getrusage"),
    *("rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "restart_syscall", "sched_yield", "clock_gettime"),
    *("sysinfo", "uname", "set_robust_list", "rseq", "prlimit64", "getrlimit"),
}
#: A look at the processes there are, as many as there are (with -y).
_OF_OTHERS = re.compile(r"/proc/\d")
FINISHED = frozenset(("completed", "failed", "cancelled"))
#: Each run notes itself; the exit status tells jobs apart.
SCRIPT = "echo $JOBCTL_JOB_ID >> ledger; exit $((JOBCTL_JOB_ID % 90 + 10))"
#: The same, once the job was told to go on (`Rig.let_go_on`).
WAITING = f"while [ ! -e go.$JOBCTL_JOB_ID ]; do sleep 0.02; done; {SCRIPT}"


class Point(NamedTuple):
    """The *nth* call of the name *call* that a process makes."""

    call: str
    nth: int

    def __str__(self) -> str:
        return f"{self.call}.{self.nth}"


#: Which call, and what happens to it, as strace names it.
Case = tuple[Point, str]


def points(trace: str, *, after: str = "", only: re.Pattern[str] | None = None) -> list[Point]:
    """Return each system call in the *trace* of one process that does something, until it executes another program.

    Those before the first with *after* in it are only counted, and with *only* those whose lines do not match it.
    """
    seen: Counter[str] = Counter()
    found = []
    begun = not after
    for line in trace.splitlines():
        call = _CALL.match(line)
        if call is None:
            continue
        seen[call[1]] += 1
        begun = begun or after in line
        is_meant = call[1] not in _IDLE if only is None else only.search(line)
        if begun and is_meant and not _OF_OTHERS.search(line):
            found.append(Point(call[1], seen[call[1]]))
        if begun and call[1] == "execve" and line.endswith(" = 0"):
            break
    return found


def options(point: Point, fault: str = KILL) -> list[str]:
    """Return the options of strace that let *fault* happen at *point*, and record nothing."""
    return ["-o", os.devnull, "-e", f"trace={point.call}", "-e", f"inject={point.call}:{fault}:when={point.nth}"]


class Rig:
    """A home whose daemons, keepers and children are met at system calls, and jobs that tell what became of them."""

    def __init__(self, home: Home, within: Sequence[str] = ()) -> None:
        """Work in *home*, with daemons that the command *within* executes."""
        self.home = home
        self.within = within
        home.config.write_text("[queues.default]\nslots = 8\n", encoding="ascii")
        self.layout = homes.create(home.environ)
        #: Those that are to be there: acknowledged.
        self.jobs: list[int] = []
        self.daemon: subprocess.Popen[bytes] | None = None
        self._place = home.base / "held"
        self._place.mkdir()
        for role in ("daemon", "nursery", "keeper", "child"):
            os.mkfifo(self._place / f"{role}.gate")

    # ── jobs ───────────────────────────────────────────────────────────────────────────────────

    def submit(self, script: str = SCRIPT) -> int:
        """Hand a job in as `submit` does, and wake the daemon."""
        job = self.hand_in(script)
        with contextlib.suppress(OSError):
            doorbell.ring(self.layout, job)
        return job

    def hand_in(self, script: str = SCRIPT) -> int:
        """Hand a job in and tell nobody."""
        spec = Spec(
            uuid="faults",
            command=("/bin/sh", "-c", script),
            cwd=str(self.home.base),
            umask=0o22,
            submitted_at="2026-11-25T12:00:00.000000Z",
            env=(("PATH", os.defpath),),
        )
        job = spool.deposit(self.layout, spec)
        self.jobs.append(job)
        return job

    def let_go_on(self, job: int) -> None:
        """Let a job with the script WAITING end."""
        (self.home.base / f"go.{job}").touch()

    def is_finished(self, job: int) -> bool:
        return self.home.status(job)["state"] in FINISHED

    def await_all(self, within: float = 40.0) -> None:
        """Wait until every job is finished: none is lost, none stays behind."""
        for job in self.jobs:
            until(lambda: self.is_finished(job), f"job {job} to end", within=within)  # noqa: B023

    def runs(self) -> Counter[int]:
        """Return how many times each job was executed."""
        ledger = self.home.base / "ledger"
        return Counter(int(line) for line in ledger.read_text().split()) if ledger.exists() else Counter()

    def outcomes(self) -> dict[int, str]:
        """Return what became of each job, all finished: `known`, `lost`, `killed` or `not started`.

        Demands what holds whatever was killed: none ran twice, none has another exit status than its own, none is
        said not to have been started that was.
        """
        runs = self.runs()
        found = {}
        for job in self.jobs:
            status = self.home.status(job)
            what = (status["state"], status["reason"], status["exit_code"], status["signal"])
            assert runs[job] <= 1, f"job {job} ran {runs[job]} times"
            if what == ("failed", "exit", job % 90 + 10, None):
                assert runs[job] == 1, f"job {job} has an exit status and never ran"
                found[job] = "known"
            elif what == ("failed", "lost", None, None):
                found[job] = "lost"
            elif what == ("failed", "signal", None, signal.SIGKILL):
                assert runs[job] == 0, f"job {job} ran and is said to have been killed"
                found[job] = "killed"
            elif what[:2] == ("failed", "not-started"):
                assert runs[job] == 0, f"job {job} ran and is said not to have been started"
                found[job] = "not started"
            else:
                raise AssertionError(f"job {job}, executed {runs[job]} times, ended as {what}: {status['error']}")
        return found

    def litter(self) -> list[str]:
        """Return what unfinished writes left in the directories of jobs, and what was set aside.

        What a killed process left elsewhere goes after ten minutes (tests/daemon/test_engine.py).
        """
        jobs = (path for job in self.jobs for path in Path(self.layout.job(job)).rglob("*.tmp"))
        return sorted(map(str, (*jobs, *Path(self.layout.corrupt).iterdir())))

    # ── processes ──────────────────────────────────────────────────────────────────────────────

    def start(self, *, wait: bool = True) -> None:
        """Start a daemon; with *wait* until it is heard."""
        command = [sys.executable, str(Path(__file__).with_name("held.py")), "jobctl.daemon", str(self._place)]
        log = (self.home.base / "daemon.stderr").open("ab")
        with log:
            self.daemon = subprocess.Popen(
                [*self.within, *command],
                env={**self.home.environ, "PYTHONPATH": str(Path(__file__).parent.parent)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        if wait:
            until(lambda: doorbell.is_heard(self.layout) or not self.is_up(), "a daemon")

    def is_up(self) -> bool:
        return self.daemon is not None and self.daemon.poll() is None

    def kill(self) -> None:
        """Kill the daemon, if it still lives."""
        if self.daemon is not None:
            self.daemon.kill()
            self.daemon.wait()

    def stop(self) -> None:
        """Ask the daemon to end, if it still lives, and wait until it has."""
        if self.daemon is not None:
            self.daemon.terminate()
            self.daemon.wait(timeout=20)

    def arm(self, role: str) -> None:
        """Hold the next process of *role*."""
        (self._place / f"{role}.armed").touch()

    def await_held(self, role: str) -> int:
        """Wait for the process that is held as *role*; return its number."""
        path = self._place / f"{role}.held"
        until(path.exists, f"a {role} to be held")
        pid = int(path.read_text())
        path.unlink()
        return pid

    def submit_held(self, role: str) -> tuple[int, int]:
        """Submit a job and return it and the number of its process of *role*, which is held.

        Where the keeper of a job that was tried again went on with it, another one.
        """
        self.arm(role)
        held = self._place / f"{role}.held"
        while True:
            job = self.submit()
            until(lambda: held.exists() or self.is_finished(job), f"a {role} to be held, or job {job} to end")  # noqa: B023
            if held.exists():
                return job, self.await_held(role)

    def release(self, role: str) -> None:
        """Let the held process of *role* go."""
        gate = os.open(self._place / f"{role}.gate", os.O_WRONLY)
        os.write(gate, b".")
        os.close(gate)

    @contextlib.contextmanager
    def attached(self, pid: int, *options: str) -> Iterator[subprocess.Popen[bytes]]:
        """Trace the process *pid* with *options* of strace; it is let alone afterwards."""
        strace = subprocess.Popen(["strace", "-qq", "-p", str(pid), *options], stderr=subprocess.PIPE)
        try:
            until(lambda: _is_traced(pid) or strace.poll() is not None, "strace to be attached")
            assert strace.poll() is None, strace.communicate()
            yield strace
        finally:
            with contextlib.suppress(ProcessLookupError):
                strace.terminate()
            strace.communicate(timeout=20)


def _is_traced(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as file:
            return any(line.startswith("TracerPid:") and line.split()[1] != "0" for line in file)
    except OSError:
        return False


def is_gone(pid: int) -> bool:
    """Return whether *pid* has ended; a zombie has."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def trace_of(rig: Rig, role: str) -> str:
    """Return the trace of the *role* of one job that nothing happens to."""
    trace = rig.home.base / f"trace.{role}"
    rig.arm(role)
    job = rig.submit()
    pid = rig.await_held(role)
    with rig.attached(pid, "-o", str(trace)):
        rig.release(role)
        until(lambda: rig.is_finished(job), f"job {job} to end")
    return trace.read_text(errors="replace")


class Life:
    """What a daemon may find when it starts, and what it does until it stops."""

    def __init__(self, rig: Rig, *, with_orphan: bool = True) -> None:
        """Leave a home with a job that waits, one that runs, one that ended unseen, and one that lost its keeper.

        The last one costs a look at every process of the machine.
        """
        self._rig = rig
        if not rig.is_up():
            rig.start()
        self.orphan = rig.submit(WAITING) if with_orphan else None
        self.running, self.ended = rig.submit(WAITING), rig.submit(WAITING)
        begun = [job for job in (self.orphan, self.running, self.ended) if job is not None]
        for job in begun:
            rig.home.await_state(job, "processing")
        rig.kill()
        if self.orphan is not None:
            os.kill(rig.home.start_record(self.orphan)["keeper"]["pid"], signal.SIGKILL)
        rig.let_go_on(self.ended)
        verdict = rig.home.path / f"spool/{self.ended}/1.1/final.json"
        until(verdict.exists, "the verdict of the job that ends unseen")
        self.waiting = rig.hand_in()
        rig.arm("daemon")
        rig.start(wait=False)
        self.pid = rig.await_held("daemon")

    def live(self) -> None:
        """Let the daemon take all in, start, settle and stop, as far as it comes."""
        self._rig.release("daemon")
        for job in (self.waiting, self.ended, self.running, self.orphan):
            if job is not None:
                self._rig.let_go_on(job)
                until(lambda: not self._rig.is_up() or self._rig.is_finished(job), f"job {job} to end")  # noqa: B023
        self._rig.stop()


def sweep_daemon(
    rig: Rig, choose: Callable[[list[Point]], Sequence[Case]], after: Callable[[Point, str], None]
) -> set[int]:
    """Let a daemon meet each case that is chosen of the points of its life; return the jobs that must be lost."""
    life = Life(rig)
    trace = rig.home.base / "trace.daemon"
    with rig.attached(life.pid, "-y", "-o", str(trace)):
        life.live()
    lost = {life.orphan}
    found = points(trace.read_text(errors="replace"))
    chosen = choose(found)
    for position, (point, fault) in enumerate(chosen):
        life = Life(rig, with_orphan=position % 4 == 0)
        print(f"jobs {life.running} to {life.waiting}: {point} of the daemon: {fault}")
        with rig.attached(life.pid, *options(point, fault)):
            life.live()
        lost.add(life.orphan)
        after(point, fault)
    print(f"daemon: {len(found)} points, {len(chosen)} cases tried")
    return {job for job in lost if job is not None}

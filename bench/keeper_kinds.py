"""The keeper forked from the daemon, or executed afresh: time from submit to start, and memory for each running job.

    python bench/keeper_kinds.py

Both run the same keeper code in a real daemon. "start" is from the call that stores the job to the moment its
start record is written, just before execve(2). Memory is read from /proc/PID/smaps_rollup while jobs sleep.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from jobctl.model.spec import Spec
from jobctl.store import clock, doorbell, home, records, requests, spool, status_reader
from jobctl.store.layout import Layout

JOBS = 60
RUNNING = 20

# A daemon whose keepers are programs of their own: the lock is handed over by inheritance.
EXECUTED = """
import os, sys
from jobctl.daemon import launch, program
def start_keeper(self, layout, *, job, task, attempt, lock):
    code = ("from jobctl.store.layout import Layout; from jobctl.daemon.keeper import keep;"
            f"keep(Layout({layout.home!r}), job={job}, task={task}, attempt={attempt}, lock={lock})")
    path = f"import sys; sys.path[:] = {sys.path!r}; "
    os.set_inheritable(lock, True)
    return os.posix_spawn(sys.executable, [sys.executable, "-I", "-S", "-c", path + code], dict(os.environ))
if sys.argv[1] == "executed":
    launch.Children.start_keeper = start_keeper
sys.exit(program.main([]))
"""


def main() -> None:
    """Measure both kinds, interleaved, and print the medians and their ratio."""
    starts: dict[str, list[float]] = {"forked": [], "executed": []}
    memory: dict[str, list[tuple[int, int]]] = {"forked": [], "executed": []}
    for _ in range(3):
        for kind, times in starts.items():
            with tempfile.TemporaryDirectory() as base:
                _measure(kind, base, times, memory[kind])
    for kind, times in starts.items():
        pss = statistics.median(pss for pss, _ in memory[kind])
        private = statistics.median(private for _, private in memory[kind])
        print(
            f"{kind:9} submit to start {statistics.median(times) * 1e3:6.2f} ms "
            f"(p95 {sorted(times)[int(len(times) * 0.95)] * 1e3:6.2f}); "
            f"for each running job {pss:6.0f} KiB PSS, {private:6.0f} KiB private"
        )


def _measure(kind: str, base: str, starts: list[float], memory: list[tuple[int, int]]) -> None:
    environ = {**os.environ, "JOBCTL_HOME": f"{base}/home", "JOBCTL_CONFIG": f"{base}/config.toml"}
    Path(base, "config.toml").write_text("[queues.default]\nslots = 100\n", encoding="utf-8")
    layout = home.create(environ)
    daemon = subprocess.Popen([sys.executable, "-c", EXECUTED, kind], env=environ)
    try:
        while not doorbell.is_heard(layout):
            pass
        for _ in range(JOBS // 3):
            job, began = _submit(layout, ("true",))
            _await(layout, job)
            record = records.start(layout.attempt(job, 1, 1))
            if record is not None:
                starts.append(record.steady - began)
        sleepers = [_submit(layout, ("sleep", "1000"))[0] for _ in range(RUNNING)]
        for job in sleepers:
            while (record := records.start(layout.attempt(job, 1, 1))) is None:
                pass
            memory.append(_memory(record.keeper.pid))
        for job in sleepers:
            requests.ask_to_cancel(layout, job, signal=None, now=True, note=None)
            _await(layout, job)
    finally:
        daemon.terminate()
        daemon.wait()


def _submit(layout: Layout, command: tuple[str, ...]) -> tuple[int, float]:
    spec = Spec(uuid="", command=command, cwd="/", umask=0o22, submitted_at=clock.now(), env=(("PATH", os.defpath),))
    began = clock.steady()
    job = spool.deposit(layout, spec)
    doorbell.ring(layout, job)
    return job, began


def _await(layout: Layout, job: int) -> None:
    while not status_reader.read(layout, job).finished:
        pass


def _memory(pid: int) -> tuple[int, int]:
    sizes = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]:
        name, size = line.split()[:2]
        sizes[name] = int(size)
    return sizes["Pss:"], sizes["Private_Clean:"] + sizes["Private_Dirty:"]


if __name__ == "__main__":
    main()

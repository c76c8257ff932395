"""One boot of a machine: the first process of a PID namespace. When it ends, everything ends at once.

As a program, below `unshare --pid --fork --kill-child --mount-proc`: `boot.py BASE BOOT SEED JOBS`. It gives the kernel
the boot ID *BOOT*, starts two daemons at once as `submit` and service managers do, lets *JOBS* jobs be submitted, kills
keepers and nurseries at random and ends at a random moment; with 0 jobs it ends when no job is left, without a kill.
Acknowledged IDs are in `BASE/acknowledged`, a letter for each kill in `BASE/kills`.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil

from jobctl.client import summon
from jobctl.model.retry import Retry
from jobctl.model.spec import Spec
from jobctl.store import doorbell, records, spool, status_reader
from jobctl.store import home as homes

#: Every attempt notes itself; the exit status tells the jobs apart.
SCRIPT = """
echo $JOBCTL_JOB_ID.$JOBCTL_ATTEMPT >> ledger
sleep 0.$((JOBCTL_JOB_ID % 5))
exit $((JOBCTL_JOB_ID % 90 + 10))
"""
#: Every job with a number that this divides is to run again when it is lost.
AGAIN = 4


def name_boot(base: Path, boot: str) -> None:
    """Let the kernel say that this is *boot*, in this mount namespace."""
    (base / "boot_id").write_text(f"{boot}\n", encoding="ascii")
    subprocess.run(["mount", "--bind", base / "boot_id", "/proc/sys/kernel/random/boot_id"], check=True)


def submit(base: Path, chance: random.Random, jobs: int) -> None:
    """Hand in jobs as `submit` does, and note each that was acknowledged."""
    layout = homes.create(os.environ)
    note = os.open(base / "acknowledged", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for _ in range(jobs):
        time.sleep(chance.uniform(0, 0.05))
        again = chance.randrange(AGAIN) == 0
        spec = Spec(
            uuid="again" if again else "once",
            command=("/bin/sh", "-c", SCRIPT),
            cwd=str(base),
            umask=0o22,
            submitted_at="2026-11-25T12:00:00.000000Z",
            env=(("PATH", os.defpath),),
            retry=Retry(on_crash="retry", delay=0.01, max_delay=0.1) if again else None,
        )
        job = spool.deposit(layout, spec)
        os.write(note, f"{job}\n".encode("ascii"))
        try:
            doorbell.ring(layout, job)
        except OSError:
            pass  # A hint.


def kill_a_keeper(chance: random.Random) -> bool:
    """Kill the keeper of some attempt that runs; return whether there was one."""
    layout = homes.create(os.environ)
    keepers = []
    for name in os.listdir(layout.active):
        if not name.isdigit():
            continue
        try:
            found = records.attempts(layout, int(name))
        except FileNotFoundError:
            continue  # Marked, and not published yet.
        for task, attempt in found:
            directory = layout.attempt(int(name), task, attempt)
            start = records.start(directory)
            if start is not None and start.keeper.boot == boot_id() and records.verdict(directory) is None:
                keepers.append(start.keeper.pid)
    if not keepers:
        return False
    try:
        os.kill(chance.choice(keepers), signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def nurseries() -> list[psutil.Process]:
    """Return the processes of this boot that fork keepers."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.name() == "jobctl-nursery" and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.NoSuchProcess:
            continue
    return found


def kill_a_nursery() -> bool:
    """Kill a nursery; return whether there was one."""
    for process in nurseries():
        process.kill()
        return True
    return False


def boot_id() -> str:
    with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
        return file.read().strip()


def is_idle() -> bool:
    """Return whether every visible job is shown as finished."""
    layout = homes.create(os.environ)
    return all(status_reader.read(layout, int(name)).finished for name in os.listdir(layout.spool) if name.isdigit())


def main(base: Path, boot: str, seed: int, jobs: int) -> int:
    """Be the machine from its start to its end."""
    chance = random.Random(seed)
    name_boot(base, boot)
    layout = homes.create(os.environ)
    subprocess.Popen(summon.program(), env=summon.environment(layout), stdin=subprocess.DEVNULL)
    summon.summon(layout)
    if jobs == 0:
        deadline = time.monotonic() + 60
        # Also where nothing is left to do: what the last boot cut off is mended by a daemon.
        while not (doorbell.is_heard(layout) and is_idle() and nurseries()):
            if time.monotonic() > deadline:
                return 1
            time.sleep(0.02)
        return 0
    if os.fork() == 0:
        submit(base, chance, jobs)
        os._exit(0)
    kills = ""
    # Anything from before the first daemon serves to long after the last job was submitted.
    ends_at = time.monotonic() + chance.choice((0.1, 0.4, 0.7, 1.0, 1.3)) * chance.uniform(0.5, 1.5)
    while time.monotonic() < ends_at:
        time.sleep(chance.uniform(0, 0.2))
        kills += "k" * (chance.randrange(2) and kill_a_keeper(chance))
        kills += "n" * (chance.randrange(8) == 0 and kill_a_nursery())
    with (base / "kills").open("a", encoding="ascii") as file:
        file.write(kills)
    return 0


if __name__ == "__main__":
    status = main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
    # At once: nothing is tidied up.
    os._exit(status)

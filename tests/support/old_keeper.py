"""A keeper as jobctl 0.1.0 had it, without a line of today's code: `old_keeper.py ATTEMPT-DIRECTORY COMMAND…`.

It holds the lock, lets its child record its start and become the command, ends it on a request to cancel, and records
the end: in the files, the keys and the order of layout 1. It is never changed; see tests/data/v1.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import sys
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import Any


def identity(pid: int) -> dict[str, Any]:
    with open(f"/proc/{pid}/stat", "rb") as file:
        birth = int(file.read().rpartition(b")")[2].split()[19])
    boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return {"pid": pid, "birth": birth, "boot": boot, "namespace": os.stat("/proc/self/ns/pid").st_ino}


def now() -> str:
    return datetime.now(tz=timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")  # noqa: UP017  # as it was


def publish(path: str, document: dict[str, Any]) -> None:
    temporary = f"{path}.{os.getpid()}.tmp"
    with open(temporary, "x", encoding="ascii") as file:
        file.write(json.dumps(document, separators=(",", ":")) + "\n")
        file.flush()
        os.fsync(file.fileno())
    os.link(temporary, path)
    os.unlink(temporary)


def main(directory: str, command: list[str]) -> int:
    os.umask(0o077)
    os.setsid()
    job = os.path.dirname(directory)
    task, attempt = map(int, os.path.basename(directory).split("."))
    lock = os.open(f"{directory}/lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    outputs = [
        os.open(f"{directory}/{name}", os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600) for name in ("stdout", "stderr")
    ]
    keeper = identity(os.getpid())
    started = time.clock_gettime(time.CLOCK_BOOTTIME)
    child = os.fork()
    if child == 0:
        os.setsid()
        start = {
            "v": 1,
            "task": task,
            "attempt": attempt,
            "process": identity(os.getpid()),
            "keeper": keeper,
            "started_at": now(),
            "steady": time.clock_gettime(time.CLOCK_BOOTTIME),
        }
        publish(f"{directory}/start.json", start)
        for number, output in zip((1, 2), outputs, strict=True):
            os.dup2(output, number)
        os.execvp(command[0], command)
    cancelled = None
    while os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        if cancelled is None and os.path.exists(f"{job}/cancel.json"):
            cancelled = json.loads(Path(f"{job}/cancel.json").read_bytes())
            os.killpg(child, cancelled["signal"] or signal.SIGTERM)
        time.sleep(0.01)
    ended = os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    assert ended is not None
    exit_code = ended.si_status if ended.si_code == os.CLD_EXITED else None
    number = None if exit_code is not None else ended.si_status
    error = None
    if cancelled is not None:
        message = f"cancelled: {cancelled['note']}" if cancelled["note"] else "cancelled"
        error = {"code": "cancelled", "message": message}
    elif exit_code != 0:
        said = f"exited with status {exit_code}" if number is None else f"ended by signal {number}"
        error = {"code": "exit" if number is None else "signal", "message": said}
    wall = time.clock_gettime(time.CLOCK_BOOTTIME) - started
    verdict = {
        "v": 1,
        "task": task,
        "attempt": attempt,
        "reason": "cancelled" if cancelled is not None else "exit" if number is None else "signal",
        "exit_code": exit_code,
        "signal": number,
        "error": error,
        "finished_at": now(),
        "usage": {"cpu_s": 0.0, "max_rss_bytes": None, "wall_s": wall},
        "by": "keeper",
    }
    publish(f"{directory}/final.json", verdict)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))

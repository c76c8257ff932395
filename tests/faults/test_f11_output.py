"""F11: what a job writes is kept to the last byte, whoever is killed, and reading it takes little memory."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from support.installed import COMMAND
from support.wait import until

if TYPE_CHECKING:
    from pathlib import Path

    from support.installed import Home

FAULT = "F11"
#: Bytes that a reading command may have in memory.
MOST = 50 * 2**20
WRITER = """
import hashlib, os, sys
kind, size = sys.argv[1], int(sys.argv[2])
chunk = {
    "lines": b"".join(b"line %d\\n" % n for n in range(9000)),
    "one line": b"x" * 65536,
    "binary": bytes(range(256)) * 256,
    "NULs": bytes(65536),
}[kind]
digest, written = hashlib.sha256(), 0
while written < size:
    part = chunk[: size - written]
    written += os.write(1, part)
    digest.update(part)
open("digest." + os.environ["JOBCTL_JOB_ID"], "w").write(digest.hexdigest())
"""
#: Linux carries the largest size through execve(2): a small process has to start what is measured.
MEASURE = """
import os, sys
nowhere = (os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0)
_, status, used = os.wait4(os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=[nowhere]), 0)
print(status, used.ru_maxrss)
"""


def digest(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def memory_of(home: Home, *arguments: str) -> tuple[int, int]:
    """Run `jobctl` with *arguments*; return its exit status and the most memory that it had, in bytes."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", MEASURE, COMMAND, *arguments],
        env=home.environ,
        stdout=subprocess.PIPE,
        check=True,
    )
    status, used = map(int, done.stdout.split())
    return os.waitstatus_to_exitcode(status), used * 1024  # Linux counts in KiB


@pytest.mark.timeout(600)
@pytest.mark.parametrize("kind", ["lines", "one line", "binary", "NULs"])
def test_every_byte_is_kept_and_reading_takes_little_memory(home: Home, kind: str, is_long: bool) -> None:
    size = (
        {"lines": 2**30, "one line": 200 * 10**6}.get(kind, 2**28) if is_long else 2**24 * (4 if kind == "lines" else 1)
    )
    (home.base / "writer.py").write_text(WRITER)
    job = home.submit("python3", "-S", "writer.py", kind, str(size))
    assert home.run("wait", str(job), timeout=300).returncode == 0
    output = home.path / "spool" / str(job) / "1.1" / "stdout"
    assert (output.stat().st_size, digest(output)) == (size, (home.base / f"digest.{job}").read_text())
    through = home.run("result", str(job), timeout=300).stdout if not is_long else output.read_bytes()
    assert hashlib.sha256(through).hexdigest() == digest(output)
    used = {}
    for command in (("status", str(job)), ("status", "--json", str(job)), ("watch", str(job)), ("logs", str(job))):
        status, memory = memory_of(home, *command)
        assert status == 0, command
        assert memory < MOST, command
        used[" ".join(command[:-1])] = memory // 2**20
    for command in (("logs", "-n", "5", str(job)), ("logs", "--raw", str(job)), ("result", str(job))):
        status, memory = memory_of(home, *command)
        assert status == 0, command
        assert memory < MOST, command
        used[" ".join(command[:-1])] = memory // 2**20
    print(f"F11: {kind}, {size} bytes, 0 lost; MiB of memory: {used}")


@pytest.mark.parametrize("victims", ["daemon", "keeper", "both"])
def test_nothing_is_lost_when_daemon_and_keeper_are_killed_under_a_writer(home: Home, victims: str) -> None:
    wanted = 40_000
    script = f"i=0; while [ $i -lt {wanted} ]; do echo $i; i=$((i+1)); done; exit 3"
    job = home.submit("-c", script)
    start = home.start_record(job)
    output = home.path / "spool" / str(job) / "1.1" / "stdout"
    until(lambda: output.stat().st_size > 1000, "the job to write")
    if victims in {"daemon", "both"}:
        home.kill_daemon()
    if victims in {"keeper", "both"}:
        os.kill(start["keeper"]["pid"], signal.SIGKILL)
    home.ok("daemon", "start")
    assert home.run("wait", str(job), timeout=60).returncode == (126 if victims == "both" else 3)
    assert output.read_bytes() == b"".join(b"%d\n" % number for number in range(wanted))
    assert home.run("logs", "--stdout", str(job)).stdout == output.read_bytes()
    print(f"F11: {victims} killed under a writer: {wanted} of {wanted} lines")

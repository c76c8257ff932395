"""Peers that are libraries of Python: huey, rq with its server, HyperQueue. Each is asked by a small program.

`pip install --group bench` installs them, and `apt-get install redis-server` what rq stands on. What is missing is
left out, by name.
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bench.peers import Peer
from bench.place import ENVIRON
from bench.wait import until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: Counts what was asked for and what was done, in two files that grow by a byte each time.
_COUNTING = """
import os, subprocess
PLACE = os.environ["BENCH_PLACE"]
def note(name):
    fd = os.open(f"{PLACE}/{name}", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.write(fd, b".")
    os.close(fd)
def work():
    subprocess.run(["true"], check=True)
    note("done")
"""
_HUEY = (
    _COUNTING
    + """
from huey import SqliteHuey
huey = SqliteHuey("bench", filename=f"{PLACE}/huey.db")
run = huey.task()(work)
def submit(jobs):
    for _ in range(jobs):
        note("asked")
        run()
"""
)
_RQ = (
    _COUNTING
    + """
def submit(jobs):
    from redis import Redis
    from rq import Queue
    queue = Queue(connection=Redis(unix_socket_path=f"{PLACE}/redis.socket"))
    for _ in range(jobs):
        note("asked")
        queue.enqueue(work)
"""
)
_HYPERQUEUE = (
    _COUNTING
    + """
def serve():
    import sys
    from hyperqueue.cluster import LocalCluster, WorkerConfig
    with LocalCluster(server_dir=f"{PLACE}/hyperqueue", worker_config=WorkerConfig(cores=2)):
        note("serves")
        sys.stdin.read()
def submit(jobs):
    from hyperqueue import Client, Job
    job = Job(default_workdir=PLACE)
    for _ in range(jobs):
        job.program(["true"], stdout=None, stderr=None)
    Client(f"{PLACE}/hyperqueue").submit(job)
    note("asked")
def drain():
    from hyperqueue import Client, Job
    from hyperqueue.job import SubmittedJob
    asked = os.stat(f"{PLACE}/asked").st_size
    Client(f"{PLACE}/hyperqueue").wait_for_jobs([SubmittedJob(Job(), number + 1) for number in range(asked)])
"""
)


@contextmanager
def huey(base: Path) -> Iterator[Peer | None]:
    """With two workers, and its queue in a file of SQLite."""
    program = Path(sys.executable).with_name("huey_consumer")
    if importlib.util.find_spec("huey") is None or not program.exists():
        yield None
        return
    made = _Program("huey", base, _HUEY)
    consumer = made.begin([str(program), "program.huey", "-w", "2", "-k", "process", "-q"])
    try:
        yield made.tried(made.until_done)
    finally:
        _end(consumer)


@contextmanager
def rq(base: Path) -> Iterator[Peer | None]:
    """With two workers, and its queue in the memory of a server."""
    program, server = Path(sys.executable).with_name("rq"), shutil.which("redis-server")
    if importlib.util.find_spec("rq") is None or not program.exists() or server is None:
        yield None
        return
    made = _Program("rq", base, _RQ)
    socket = made.place / "redis.socket"
    running = [made.begin([server, "--port", "0", "--unixsocket", str(socket), "--dir", str(made.place), "--save", ""])]
    try:
        until(socket.exists)
        running += [made.begin([str(program), "worker", "-q", "-u", f"unix://{socket}"]) for _ in range(2)]
        yield made.tried(made.until_done)
    finally:
        for process in reversed(running):
            _end(process)


@contextmanager
def hyperqueue(base: Path) -> Iterator[Peer | None]:
    """With one worker of two cores; one submission is one job, of as many tasks as are asked for."""
    if importlib.util.find_spec("hyperqueue") is None:
        yield None
        return
    made = _Program("HyperQueue", base, _HYPERQUEUE)
    (made.place / "hyperqueue").mkdir()
    cluster = made.begin(made.call("serve()"), stdin=subprocess.PIPE)
    try:
        until((made.place / "serves").exists)
        yield made.tried(
            lambda: subprocess.run(made.call("drain()"), env=made.environ, check=True, capture_output=True)
        )
    finally:
        cluster.communicate()


class _Program:
    """A module `program` in a place of its own, and what is run with it."""

    def __init__(self, name: str, base: Path, text: str) -> None:
        self._name = name
        self.place = base / name
        self.place.mkdir()
        (self.place / "program.py").write_text(text, encoding="ascii")
        self.environ = {**ENVIRON, "BENCH_PLACE": str(self.place), "PYTHONPATH": str(self.place)}

    def begin(self, command: list[str], stdin: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
        null = subprocess.DEVNULL
        return subprocess.Popen(command, env=self.environ, cwd=self.place, stdin=stdin, stdout=null, stderr=null)

    def call(self, what: str) -> list[str]:
        return [sys.executable, "-c", f"import program; program.{what}"]

    def until_done(self) -> None:
        until(lambda: self._count("done") == self._count("asked"), within=120.0)

    def tried(self, drain: Callable[[], object]) -> Peer | None:
        """Return the peer when it has done a job, so that its start is over; None if it cannot."""
        peer = Peer(self._name, self._submit(1), self.environ, drain, is_slow=True, bulk=self._submit)
        try:
            peer.submit()
            drain()
        except (RuntimeError, TimeoutError, subprocess.CalledProcessError) as failure:
            print(f"{self._name} does not work here: {failure}", file=sys.stderr)
            return None
        return peer

    def _submit(self, jobs: int) -> list[str]:
        return self.call(f"submit({jobs})")

    def _count(self, name: str) -> int:
        path = self.place / name
        return path.stat().st_size if path.exists() else 0


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()

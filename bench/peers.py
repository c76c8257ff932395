"""The programs that people use for the same: how each submits a job, and how to wait until all have run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.measure import process
from bench.place import ENVIRON
from bench.wait import until

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from bench.measure import Sample


@dataclass(frozen=True)
class Peer:
    """One of them, ready to be used."""

    name: str
    #: Submits one job that does nothing.
    command: list[str]
    environ: Mapping[str, str]
    #: Returns when all that was submitted has run.
    drain: Callable[[], object]
    #: Whether a submission takes so long that fewer must do.
    is_slow: bool = False
    #: The command that submits so many at once, where there is one.
    bulk: Callable[[int], list[str]] | None = None

    def submit(self) -> Sample:
        """Submit one job."""
        return process(self.command, self.environ)


@contextmanager
def all_of(base: Path, only: Collection[str] = ()) -> Iterator[list[Peer]]:
    """Make every peer ready that is installed, below *base*, with two slots each; end them after it.

    *only* names the makers of those that are wanted, where it is not all.
    """
    from bench import brokers  # they are made of what is declared here

    makers = (_task_spooler, _nq, _at, _sem, brokers.huey, brokers.rq, brokers.hyperqueue)
    with ExitStack() as stack:
        wanted = {make.__name__.strip("_"): make for make in makers if not only or make.__name__.strip("_") in only}
        made = {name: stack.enter_context(make(base)) for name, make in wanted.items()}
        if missing := [name for name, peer in made.items() if peer is None]:
            print(f"not installed, or not to be used here: {', '.join(missing)}", file=sys.stderr)
        yield [peer for peer in made.values() if peer is not None]


@contextmanager
def _task_spooler(base: Path) -> Iterator[Peer | None]:
    program = shutil.which("tsp")
    if program is None:
        yield None
        return
    environ = {**ENVIRON, "TS_SOCKET": str(base / "tsp.socket"), "TS_SLOTS": "2", "TMPDIR": str(base)}
    environ["TS_MAXFINISHED"] = "10"

    def drain() -> None:
        # Without a number `-w` waits for the job that was added last, and others may end after it.
        def is_idle() -> bool:
            listed = subprocess.run([program], env=environ, check=True, capture_output=True, text=True).stdout
            return not any(state in listed for state in (" queued ", " running "))

        until(is_idle)

    try:
        yield Peer("task-spooler", [program, "true"], environ, drain)
    finally:
        subprocess.run([program, "-K"], env=environ, check=False, capture_output=True)


@contextmanager
def _nq(base: Path) -> Iterator[Peer | None]:
    program = shutil.which("nq")
    if program is None:
        yield None
        return
    place = base / "nq"
    place.mkdir()
    environ = {**ENVIRON, "NQDIR": str(place)}
    drain = [program, "-w"]
    yield Peer("nq", [program, "-q", "true"], environ, lambda: subprocess.run(drain, env=environ, check=True))


@contextmanager
def _at(base: Path) -> Iterator[Peer | None]:
    program, server = shutil.which("at"), shutil.which("atd")
    if program is None or server is None or os.geteuid() != 0:
        yield None
        return
    text = base / "at.sh"
    text.write_text("true\n", encoding="ascii")
    spool = Path("/var/spool/cron/atjobs")

    def is_idle() -> bool:
        return not any(path.name[0] in "a=" for path in spool.iterdir() if path.name != ".SEQ")

    daemon = subprocess.Popen([server, "-f"])
    try:
        yield Peer("at", [program, "-f", str(text), "now"], ENVIRON, lambda: until(is_idle))
    finally:
        daemon.terminate()
        daemon.wait()


@contextmanager
def _sem(base: Path) -> Iterator[Peer | None]:
    program = shutil.which("sem")
    if program is None:
        yield None
        return
    home = base / "parallel"
    home.mkdir()
    environ = {**ENVIRON, "PARALLEL_HOME": str(home), "HOME": str(base)}
    (home / "will-cite").touch()
    common = [program, "--will-cite", "--id", "bench"]

    def drain() -> None:
        subprocess.run([*common, "--wait"], env=environ, check=True)

    yield Peer("GNU parallel (sem)", [*common, "-j2", "true"], environ, drain, is_slow=True)

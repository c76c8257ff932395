"""Progress of real programs, as status.json shows it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jobctl.model.spec import Spec
from jobctl.store import spool
from jobctl.store.layout import Layout
from support.installed import COMMAND, shell
from support.wait import until

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.installed import Home

pytestmark = pytest.mark.acceptance

SAMPLES = Path(__file__).parents[1] / "data" / "progress"
#: Prints what it was given piece by piece, a line from standard input for each.
REPLAY = """
import sys
data = open(sys.argv[1], "rb").read()
for position in range(0, len(data) // 2, 400):
    sys.stderr.buffer.write(data[position : position + 400])
open(sys.argv[2], "w").close()
import time
time.sleep(600)
"""


def await_progress(home: Home, job: int, of: Callable[[dict[str, Any]], bool], what: str) -> dict[str, Any]:
    """Wait until the progress of *job* is so, and return it."""

    def look() -> dict[str, Any] | None:
        progress = home.status(job)["progress"]
        return progress if progress is not None and of(progress) else None

    return until(look, what) or {}


def gates_of(home: Home, number: int) -> list[Path]:
    """Make FIFOs that a job reads one after the other.

    Not the same one twice: who opens it again before its writer has closed it reads no second line, but its end.
    """
    gates = [home.base / f"gate{which}" for which in range(number)]
    for gate in gates:
        os.mkfifo(gate)
    return gates


def test_a_program_that_knows_nothing_of_jobctl_is_followed(home: Home) -> None:
    """A loop that prints, without any flush: the variable that makes Python write at once is set."""
    script = "import sys\nfor i in range(1, 31): print(f'processed {i}/40 files')\nopen(sys.argv[1]).read()"
    os.mkfifo(home.base / "gate")
    job = home.submit("--", sys.executable, "-c", script, str(home.base / "gate"))
    shown = await_progress(home, job, lambda progress: progress["done"] == 30, "30 of 40")
    assert (shown["percent"], shown["total"], shown["unit"], shown["source"]) == (75.0, 40, "files", "output")
    (home.base / "gate").write_text("")
    done = home.await_state(job, "completed")["progress"]
    assert (done["percent"], done["done"], done["eta_s"]) == (100, 40, None)


def test_a_compressor_that_says_nothing_is_followed_by_the_file_it_reads(home: Home) -> None:
    (home.base / "big").write_bytes(os.urandom(48 << 20))
    job = home.submit("-c", "xz -9 --stdout big > big.xz")
    first = await_progress(home, job, lambda progress: progress["source"] == "file-offset", "a file offset")
    assert (first["total"], first["unit"]) == (48 << 20, "bytes")
    later = await_progress(home, job, lambda progress: progress["done"] > first["done"], "more")
    assert 0 < first["percent"] < later["percent"] < 100
    home.ok("cancel", "--now", str(job))


def test_the_output_of_curl_is_read(home: Home) -> None:
    ready = home.base / "ready"
    job = home.submit("--", sys.executable, "-c", REPLAY, str(SAMPLES / "curl-default-pipe.bin"), str(ready))
    shown = await_progress(home, job, lambda progress: progress["percent"] is not None, "a percentage")
    assert shown["source"] == "output"
    assert 0 < shown["percent"] < 100
    home.ok("cancel", "--now", str(job))


def test_a_job_reports_by_the_command_by_a_file_and_from_python(home: Home) -> None:
    gates = gates_of(home, 3)
    python = "import jobctl; jobctl.report_progress(9, 12, unit='pies', message='by python'); list(jobctl.track([1]))"
    job = home.submit(
        "-e",
        f"PATH={Path(COMMAND).parent}:{os.environ['PATH']}",
        "-c",
        f"""jobctl progress 3/12 -m 'by command'; read x < {gates[0]}
        echo 50% > "$JOBCTL_PROGRESS"; read x < {gates[1]}
        echo nonsense >> "$JOBCTL_PROGRESS"; {sys.executable} -c "{python.partition(";")[0]};{python.split(";")[1]}"
        read x < {gates[2]}""",
    )
    shown = await_progress(home, job, lambda progress: progress["done"] == 3, "the command's")
    assert (shown["percent"], shown["message"], shown["source"]) == (25.0, "by command", "reported")
    gates[0].write_text("\n")
    await_progress(home, job, lambda progress: progress["percent"] == 50, "the file's")
    gates[1].write_text("\n")
    shown = await_progress(home, job, lambda progress: progress["done"] == 9, "python's")
    assert (shown["total"], shown["unit"], shown["message"]) == (12, "pies", "by python")
    gates[2].write_text("\n")
    assert home.await_state(job, "completed")["progress"]["percent"] == 100


def test_another_daemon_goes_on_showing_progress(home: Home) -> None:
    gates = gates_of(home, 2)
    job = home.submit(
        "-c", 'echo 1/4 > "$JOBCTL_PROGRESS"; read x < gate0; echo 2/4 > "$JOBCTL_PROGRESS"; read x < gate1'
    )
    await_progress(home, job, lambda progress: progress["done"] == 1, "the first")
    home.kill_daemon()
    home.ok("daemon", "start")
    gates[0].write_text("\n")
    await_progress(home, job, lambda progress: progress["done"] == 2, "the second")
    gates[1].write_text("\n")
    home.await_state(job, "completed")


def test_what_a_job_of_the_same_name_took_is_an_estimate_for_the_next(home: Home) -> None:
    first = home.submit("-n", "nightly", "--", "sleep", "2")
    home.await_state(first, "completed")
    second = home.submit("-n", "nightly", "--", "sleep", "600")
    shown = await_progress(home, second, lambda progress: progress["source"] == "earlier-runs", "an estimate")
    assert shown["eta_s"] <= 2
    home.ok("cancel", "--now", str(second))


def test_a_program_that_is_silent_on_a_pipe_is_followed_on_a_terminal(home: Home) -> None:
    """By its specification, as `submit --pty` leaves it."""
    home.ok("daemon", "start")
    script = (
        "import time\nfrom rich.progress import track\n"
        "for n in track(range(1000), description='Working', update_period=.05): time.sleep(.02)"
    )
    spec = Spec(
        uuid="u",
        command=(sys.executable, "-c", script),
        cwd="/",
        umask=0o22,
        submitted_at="2026-11-23T12:00:00.000000Z",
        env=(("PATH", os.environ["PATH"]),),
        pty=True,
    )
    job = spool.deposit(Layout(str(home.path)), spec)
    shown = await_progress(home, job, lambda progress: progress["percent"] is not None, "a percentage")
    assert (shown["source"], shown["message"]) == ("output", "Working")
    home.ok("cancel", "--now", str(job))


def test_progress_outside_of_a_job_is_an_error(home: Home) -> None:
    done = home.run("progress", "45")
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"JOBCTL_PROGRESS is not set" in done.stderr


@pytest.mark.parametrize("words", [["x"], ["11/10"], ["101"], ["1", "2"], []])
def test_a_report_that_makes_no_sense_is_an_error_and_writes_nothing(home: Home, words: list[str]) -> None:
    place = home.base / "progress"
    done = home.run("progress", *words, env={"JOBCTL_PROGRESS": str(place)})
    assert (done.returncode, done.stdout) == (2, b"")
    assert not place.exists()


def test_reports_of_many_processes_at_once_are_whole_lines(home: Home) -> None:
    place = home.base / "progress"
    script = 'for n in 1 2 3 4 5 6 7 8; do jobctl progress $n/8 -m "the $n" & done; wait'
    done = shell(home, f"export JOBCTL_PROGRESS='{place}'; {script}")
    assert (done.returncode, done.stderr) == (0, b"")
    lines = place.read_bytes().splitlines()
    assert sorted(lines) == [b'{"done":%d,"total":8,"message":"the %d"}' % (n, n) for n in range(1, 9)]

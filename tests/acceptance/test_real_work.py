"""Real programs as jobs: a video, a build, a long loop. Each is compared with itself without jobctl."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.debian import fetch_source, need_root, need_tools
from support.gate import Gate
from support.installed import COMMAND, Home, shell
from support.journey import Journey, follow, see_all
from support.wait import until

if TYPE_CHECKING:
    from collections.abc import Sequence

pytestmark = pytest.mark.acceptance

_FFMPEG = ("ffmpeg", "-hide_banner", "-loglevel", "error", "-nostats", "-y")
#: The same input gives the same bytes, on every run.
_EXACT = ("-threads", "1", "-fflags", "+bitexact", "-flags:v", "+bitexact")

#: Plain C, a plain Makefile, sixteen objects, and warnings on standard error.
_PACKAGE = "task-spooler"
_PROGRAM = "ts"
_MAKE = ("make", "-j2", "--output-sync", "CFLAGS=-g -O2 -Wall")

_LOOP = 200
#: Seconds between two looks at all of them: looking takes the processor time that they need.
_LOOK_EVERY = 0.3


def direct(home: Home, command: Sequence[str], cwd: Path) -> subprocess.CompletedProcess[bytes]:
    """Run *command* without jobctl, in the environment and with the standard input that a job has."""
    return subprocess.run(
        command, cwd=cwd, env=home.environ, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=60
    )


def submit_and_follow(home: Home, command: Sequence[str], cwd: Path) -> Journey:
    """Submit *command*, which takes a while, and follow it; `submit` must be back before it is over."""
    journey = follow(home, home.submit(*command, cwd=cwd))
    assert journey.seen_unfinished, journey.states
    return journey


def standard_error(home: Home, job: int) -> bytes:
    """Return what *job* wrote to its standard error."""
    return home.ok("logs", "--stderr", "--raw", str(job))


# --- a video -----------------------------------------------------------------------------------------------------


@pytest.fixture
def video(home: Home) -> Path:
    """A short video, in a directory where the video of a job and the one to compare it with can be made."""
    need_tools("ffmpeg")
    path = home.base / "source.mkv"
    picture = ("-f", "lavfi", "-i", "testsrc=size=160x120:rate=10:duration=2")
    made = direct(home, [*_FFMPEG, *picture, *_EXACT, "-c:v", "mpeg4", "-q:v", "4", path.name], home.base)
    assert (made.returncode, made.stdout, made.stderr) == (0, b"", b"")
    return path


def transcode(source: str, *target: str) -> list[str]:
    """Return the command that transcodes *source* no faster than it would be watched."""
    return [*_FFMPEG, "-re", "-i", source, *_EXACT, "-c:v", "mpeg2video", *target]


def test_a_video_transcoded_by_a_job_is_the_one_that_ffmpeg_makes_without_jobctl(home: Home, video: Path) -> None:
    journey = submit_and_follow(home, transcode(video.name, "by-job.mkv"), home.base)
    assert journey.last["state"] == "completed", journey.last
    assert home.run("wait", str(journey.job)).returncode == 0

    alone = direct(home, transcode(video.name, "alone.mkv"), home.base)
    assert alone.returncode == 0
    assert (home.base / "by-job.mkv").read_bytes() == (home.base / "alone.mkv").read_bytes() != b""
    assert home.ok("result", str(journey.job)) == alone.stdout
    assert standard_error(home, journey.job) == alone.stderr


def test_a_video_written_to_standard_output_comes_back_from_result_byte_for_byte(home: Home, video: Path) -> None:
    command = transcode(video.name, "-f", "matroska", "pipe:1")
    journey = submit_and_follow(home, command, home.base)
    assert journey.last["state"] == "completed", journey.last
    assert home.run("wait", str(journey.job)).returncode == 0

    alone = direct(home, command, home.base)
    assert (alone.returncode, alone.stderr) == (0, b"")
    assert len(alone.stdout) > 10_000
    assert home.ok("result", str(journey.job)) == alone.stdout
    assert standard_error(home, journey.job) == b""
    # Into a file and into a pipe, as scripts do it.
    done = shell(home, 'jobctl result "$1" >fetched.mkv; jobctl result "$1" | cmp - fetched.mkv', str(journey.job))
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert (home.base / "fetched.mkv").read_bytes() == alone.stdout


def test_a_video_that_cannot_be_made_gives_the_words_and_the_exit_status_of_ffmpeg(home: Home, video: Path) -> None:
    command = transcode("missing.mkv", "never-made.mkv")
    alone = direct(home, command, home.base)
    assert alone.returncode != 0
    assert alone.stderr

    journey = follow(home, home.submit(*command, cwd=home.base))
    assert (journey.last["state"], journey.last["exit_code"]) == ("failed", alone.returncode)
    assert home.run("wait", str(journey.job)).returncode == alone.returncode
    fetched = home.run("result", str(journey.job))
    assert (fetched.returncode, fetched.stdout) == (alone.returncode, alone.stdout)
    assert standard_error(home, journey.job) == alone.stderr


# --- a build -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked source of a small C program, as Debian has it."""
    need_root()
    need_tools("make", "gcc")
    return fetch_source(_PACKAGE, tmp_path_factory.mktemp("source"))


@pytest.fixture
def source(home: Home, package: Path) -> Path:
    """The source, with nothing built."""
    assert direct(home, ["make", "clean"], package).returncode == 0
    assert not (package / _PROGRAM).exists()
    return package


def in_order(output: bytes) -> list[bytes]:
    """Return the lines of a parallel build's *output* without the order, which differs from run to run."""
    return sorted(output.splitlines(keepends=True))


@pytest.mark.timeout(400)  # the lists of Debian's source packages are fetched first
def test_a_debian_program_built_by_a_job_is_the_one_that_make_builds_without_jobctl(home: Home, source: Path) -> None:
    alone = direct(home, _MAKE, source)
    assert alone.returncode == 0, alone.stderr
    program = (source / _PROGRAM).read_bytes()
    assert direct(home, ["make", "clean"], source).returncode == 0

    journey = submit_and_follow(home, _MAKE, source)
    assert journey.last["state"] == "completed", journey.last
    assert home.run("wait", str(journey.job)).returncode == 0
    assert (source / _PROGRAM).read_bytes() == program
    assert program.startswith(b"\x7fELF")
    assert in_order(home.ok("result", str(journey.job))) == in_order(alone.stdout) != []
    assert in_order(standard_error(home, journey.job)) == in_order(alone.stderr)


@pytest.mark.timeout(400)
def test_a_build_that_fails_gives_the_words_and_the_exit_status_of_make(home: Home, source: Path) -> None:
    command = [*_MAKE, "--keep-going", "CC=false"]
    alone = direct(home, command, source)
    assert alone.returncode == 2
    assert alone.stderr

    journey = follow(home, home.submit(*command, cwd=source))
    assert (journey.last["state"], journey.last["exit_code"]) == ("failed", 2)
    assert home.run("wait", str(journey.job)).returncode == 2
    fetched = home.run("result", str(journey.job))
    assert (fetched.returncode, in_order(fetched.stdout)) == (2, in_order(alone.stdout))
    assert in_order(standard_error(home, journey.job)) == in_order(alone.stderr)


# --- a loop ------------------------------------------------------------------------------------------------------

#: What each job of the loop does: $1 is its number, $2 the gate.
_WORK = r"""
flock --shared "$2" true
seq "$1"
printf 'job %d complains\n' "$1" >&2
exit $(($1 % 5))
"""

#: $1 is the number of jobs, $2 the gate, $3 whether the submitting is done, $4 the work.
_SUBMIT_EACH = r"""
i=0
while [ "$i" -lt "$1" ]; do
    i=$((i + 1))
    id=$(jobctl submit sh "$4" "$i" "$2")
    printf '%s\n' "$id" >>ids
done
: >"$3"
i=0
while read -r id; do
    i=$((i + 1))
    status=0
    jobctl wait "$id" || status=$?
    printf '%s\n' "$status" >"$i.waited"
    status=0
    jobctl result "$id" >"$i.result" || status=$?
    printf '%s\n' "$status" >"$i.exited"
done <ids
"""


@pytest.mark.timeout(400)
def test_two_hundred_jobs_of_one_shell_loop_are_told_apart_waited_for_and_all_right(home: Home) -> None:
    """No job can end before the last has been submitted: whatever `submit` waits for, it is not the job."""
    need_tools("flock", "seq")
    work = home.base / "work.sh"
    work.write_text(_WORK)
    submitted = home.base / "submitted"
    journeys: dict[int, Journey] = {}
    arguments = (str(_LOOP), str(home.base / "gate"), str(submitted), str(work))
    with Gate(home.base / "gate") as gate, in_background(home, _SUBMIT_EACH, *arguments) as loop:

        def all_submitted() -> bool:
            see_all(home, journeys)
            assert not any(journey.over for journey in journeys.values())
            assert loop.poll() is None, "the loop gave up"
            return submitted.exists()

        until(all_submitted, "everything to be submitted", within=120, every=_LOOK_EVERY)
        see_all(home, journeys)
        assert len(journeys) == _LOOP
        assert not any(journey.over for journey in journeys.values())
        gate.open()

        def all_fetched() -> bool:
            see_all(home, journeys)
            return loop.poll() is not None

        until(all_fetched, "everything to be fetched", within=240, every=_LOOK_EVERY)
        assert loop.returncode == 0

    see_all(home, journeys)
    assert all(journey.over for journey in journeys.values())
    assert all(journey.seen_unfinished for journey in journeys.values())
    ids = [int(text) for text in (home.base / "ids").read_text().splitlines()]
    assert ids == sorted(set(ids))
    assert ids == sorted(journeys)
    for number, job in enumerate(ids, start=1):
        alone = direct(home, ["sh", str(work), str(number), str(home.base / "gate")], home.base)
        status = journeys[job].last
        assert (home.base / f"{number}.waited").read_text() == f"{alone.returncode}\n", status
        assert (home.base / f"{number}.exited").read_text() == f"{alone.returncode}\n", status
        assert (home.base / f"{number}.result").read_bytes() == alone.stdout, status
        assert Path(status["output"]["stderr"]).read_bytes() == alone.stderr, status
        assert status["exit_code"] == alone.returncode, status
        assert status["state"] == ("failed" if alone.returncode else "completed"), status


class in_background:  # noqa: N801  # reads as the statement it makes
    """Run a script as `shell` does, while the test looks on; what it says goes to files."""

    def __init__(self, home: Home, script: str, *arguments: str) -> None:
        path = f"{Path(COMMAND).parent}:{home.environ.get('PATH', '/usr/bin:/bin')}"
        self._log = home.base / "loop.log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                ["/bin/sh", "-euc", script, "sh", *arguments],
                cwd=home.base,
                env={**home.environ, "PATH": path},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def __enter__(self) -> subprocess.Popen[bytes]:
        return self._process

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        said = self._log.read_bytes()
        assert said == b"", said


def test_no_command_eats_the_standard_input_of_a_loop_that_reads(home: Home) -> None:
    script = r"""
    seq 12 >lines
    while read -r line; do
        id=$(jobctl submit sh -c 'cat; echo "$1"' sh "$line")
        jobctl status --json "$id" >/dev/null
        jobctl wait "$id"
        printf '%s %s %s\n' "$line" "$id" "$(jobctl result "$id")"
        jobctl logs "$id" >/dev/null
    done <lines
    """
    done = shell(home, script)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode().splitlines() == [f"{number} {number} {number}" for number in range(1, 13)]

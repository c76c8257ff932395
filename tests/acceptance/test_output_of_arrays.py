"""`run` and `logs -f` show what the tasks of an array job write: all of it, in order, as it comes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.installed import COMMAND
from support.terminal import Terminal
from support.wait import until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.installed import Home

pytestmark = pytest.mark.acceptance


@pytest.fixture(autouse=True)
def _slots(home: Home) -> None:
    """All tasks of a test may run at once, whatever machine it is."""
    home.config.write_text("[queues.default]\nslots = 4\n")


#: Each but the last task ends after the one behind it has.
BACKWARDS = """
echo out$JOBCTL_ITEM; echo err$JOBCTL_ITEM >&2
until [ "$JOBCTL_ITEM" = 3 ] || [ -e ended$((JOBCTL_ITEM + 1)) ]; do sleep 0.02; done
touch ended$JOBCTL_ITEM
"""


def test_run_brings_the_output_of_every_task_in_order_whichever_ends_first(home: Home) -> None:
    done = home.run("run", "--array", "1-3", "-c", BACKWARDS)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"out1\nout2\nout3\n", b"err1\nerr2\nerr3\n")


def test_run_gives_each_line_back_as_it_is(home: Home) -> None:
    done = home.run("run", "--each-line", "-", "echo", "{}", stdin=b"a\n b c\n\xff\n")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"a\n b c\n\xff\n", b"")


@pytest.fixture
def followed(home: Home) -> Iterator[subprocess.Popen[bytes]]:
    """`run` of five tasks of which the fourth has written something, and goes on until there is a file `end`."""
    script = 'echo $JOBCTL_ITEM; [ "$JOBCTL_ITEM" != 4 ] || until [ -e end ]; do sleep 0.02; done'
    command = [COMMAND, "run", "--array", "1-5", "-c", script]
    with subprocess.Popen(
        command,
        env=home.environ,
        cwd=home.base,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert [process.stdout.readline() for _ in range(4)] == [b"1\n", b"2\n", b"3\n", b"4\n"]
        yield process
        process.kill()


def test_a_task_is_seen_while_it_runs_when_those_before_it_are_over(
    home: Home, followed: subprocess.Popen[bytes]
) -> None:
    (home.base / "end").touch()
    assert followed.communicate(timeout=60) == (b"5\n", b"")
    assert followed.returncode == 0


def test_only_the_files_of_one_task_are_open_at_a_time(home: Home, followed: subprocess.Popen[bytes]) -> None:
    folder = Path(f"/proc/{followed.pid}/fd")

    def opened() -> list[str]:
        paths = [os.readlink(fd) for fd in folder.iterdir() if fd.is_symlink()]
        return sorted(path.removeprefix(f"{home.path}/spool/1/") for path in paths if path.startswith(str(home.path)))

    until(lambda: opened() == ["4.1/stderr", "4.1/stdout"], "the files of task 4 alone to be open")
    (home.base / "end").touch()


def test_whoever_leaves_the_run_of_an_array_leaves_it_running(home: Home, followed: subprocess.Popen[bytes]) -> None:
    followed.send_signal(signal.SIGINT)
    _, told = followed.communicate(timeout=60)
    assert followed.returncode == 130
    assert b"job 1 goes on" in told
    (home.base / "end").touch()
    home.await_state(1, "completed")


def test_run_exits_as_the_first_task_that_failed_and_shows_those_behind_it(home: Home) -> None:
    done = home.run("run", "--array", "1-4", "-c", "echo $JOBCTL_ITEM; exit $((JOBCTL_ITEM % 2 * JOBCTL_ITEM))")
    assert (done.returncode, done.stdout) == (1, b"1\n2\n3\n4\n")


def test_all_attempts_of_a_task_are_shown_before_the_next_task(home: Home) -> None:
    again = ("--retries", "1", "--retry-delay", "1ms")
    script = "echo $JOBCTL_ITEM.$JOBCTL_ATTEMPT; exit $((JOBCTL_ATTEMPT % 2))"
    assert home.ok("run", *again, "--array", "1-3", "-c", script) == b"1.1\n1.2\n2.1\n2.2\n3.1\n3.2\n"


def test_a_task_that_never_ran_is_passed_over(home: Home) -> None:
    done = home.run("run", "--max-fails", "1", "--array", "1-9%1", "-c", "echo $JOBCTL_ITEM; exit 7")
    assert (done.returncode, done.stdout) == (7, b"1\n")


def test_run_says_of_each_line_which_task_wrote_it_if_asked_for_json(home: Home) -> None:
    *lines, status = home.ok("run", "--json", "--array", "1-3", "echo", "{}").splitlines()
    where = {"v": 1, "id": 1, "attempt": 1, "stream": "stdout"}
    assert [json.loads(line) for line in lines] == [{**where, "task": n, "text": str(n)} for n in (1, 2, 3)]
    assert json.loads(status) == home.status(1)


def test_logs_follow_all_tasks_of_an_array_job_to_its_end(home: Home) -> None:
    job = home.submit("--array", "1-3", "-c", BACKWARDS)
    assert home.ok("logs", "-f", "--stdout", str(job)) == b"out1\nout2\nout3\n"
    assert home.status(job)["state"] == "completed"


def test_the_last_lines_are_those_of_what_had_been_written_before(home: Home) -> None:
    script = "printf '%s\\n' a b; [ $JOBCTL_ITEM = 1 ] || until [ -e end ]; do sleep 0.02; done; printf '%s\\n' c d"
    job = home.submit("--array", "1-3%1", "-c", script)
    written = home.path / f"spool/{job}/2.1/stdout"
    until(lambda: written.exists() and written.read_bytes() == b"a\nb\n", "task 2 to write")
    command = [COMMAND, "logs", "-f", "-n", "1", str(job)]
    with subprocess.Popen(command, env=home.environ, cwd=home.base, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert [process.stdout.readline() for _ in range(2)] == [b"d\n", b"b\n"]
        (home.base / "end").touch()
        assert process.stdout.read() == b"c\nd\na\nb\nc\nd\n"


def test_on_a_terminal_logs_name_the_task_above_what_it_wrote(home: Home) -> None:
    home.run("submit", "-W", "--array", "1-2", "-c", "echo out; echo err >&2")
    with Terminal(home, "logs", "-f", "1") as terminal:
        assert terminal.end() == 0
        shown = terminal.look()
    names = [f"==> 1.{task} {stream} <==" for task in (1, 2) for stream in ("stdout", "stderr")]
    assert shown.split("\n")[:8] == [line for name in names for line in (name, name.split()[2][3:])]

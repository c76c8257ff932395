"""status, wait, result, logs, cancel, run, daemon: answers, streams and exit statuses."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from jobctl.store import home as homes
from jobctl.store import spool
from store import make
from support.installed import COMMAND
from support.processes import alive
from support.wait import is_watching, until

if TYPE_CHECKING:
    from support.installed import Home


def start(home: Home, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [COMMAND, *arguments],
        env=home.environ,
        cwd=home.base,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def blocked(process: subprocess.Popen[bytes]) -> None:
    """Wait until *process* waits for something."""
    until(
        lambda: psutil.Process(process.pid).status() == psutil.STATUS_SLEEPING and is_watching(process.pid),
        "the command to wait",
    )


# ── selectors ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "arguments",
    [("status", "7"), ("wait", "7"), ("result", "7"), ("logs", "7"), ("cancel", "7"), ("watch", "7")],
    ids=" ".join,
)
def test_an_unknown_job_is_an_error_with_its_own_status(home: Home, arguments: tuple[str, ...]) -> None:
    home.ok("submit", "--no-start", "true")
    done = home.run(*arguments)
    assert (done.returncode, done.stdout) == (127, b"")
    assert b"no job 7" in done.stderr


def test_a_set_that_matches_nothing_is_not_an_error(home: Home) -> None:
    home.ok("submit", "--no-start", "true")
    assert home.ok("status", "--name", "nothing*") == b""
    assert home.ok("cancel", "--tag", "nothing") == b""
    assert home.ok("wait", "--queue", "nothing") == b""


def test_jobs_are_named_by_id_range_position_name_tag_and_state(home: Home) -> None:
    home.ok("submit", "--no-start", "--name", "build-a", "true")
    home.ok("submit", "--no-start", "--name", "build-b", "--tag", "nightly", "true")
    home.ok("submit", "--no-start", "--tag", "nightly", "--tag", "big", "true")

    def chosen(*arguments: str) -> list[int]:
        return [int(line) for line in home.ok("status", "-q", *arguments, env={"JOBCTL_NO_START": "1"}).split()]

    assert chosen("1-2") == [1, 2]
    assert chosen("2-99") == [2, 3]
    assert chosen("3", "1", "3") == [1, 3]
    assert chosen("1.1") == [1]
    assert chosen("@") == [3]
    assert chosen("@~2") == [1]
    assert chosen("--name", "build-*") == [1, 2]
    assert chosen("--tag", "nightly") == [2, 3]
    assert chosen("--tag", "nightly", "--tag", "big") == [3]
    assert chosen("--state", "pending", "--name", "*a") == [1]
    assert chosen("--state", "completed") == []


def test_several_jobs_tasks_and_states_may_be_named_in_one_word(home: Home) -> None:
    home.submit("--array", "1-4", "echo", "{}")
    home.submit("true")
    home.run("wait", "1,2")
    assert home.ok("status", "-q", "1,2") == b"1\n2\n"
    assert home.ok("status", "-q", "1.2-3,2") == b"1.2\n1.3\n2\n"
    assert home.ok("status", "-q", "1.3-1.9") == b"1.3\n1.4\n"
    assert home.ok("status", "-q", "--state", "failed,completed") == b"1\n2\n"
    assert home.submit("--after-ok", "1.1-3", "true") == 3
    for wrong, status in (("1.5-6", 127), ("1,,2", 2), ("1,99", 127)):
        assert home.run("wait", wrong).returncode == status
    assert home.run("status", "--state", "failed,").returncode == 2


@pytest.mark.parametrize("command", ["logs", "result", "why"])
def test_a_command_for_one_job_says_so_when_it_is_given_several(home: Home, command: str) -> None:
    done = home.run(command, "1", "2")
    assert done.returncode == 2
    assert f"jobctl {command} takes one job or task".encode() in done.stderr


def test_status_of_the_daemon_names_the_home_also_where_there_is_none_yet(home: Home) -> None:
    assert json.loads(home.ok("daemon", "status", "--json"))["home"] == str(home.path)
    assert not home.path.exists()


@pytest.mark.parametrize("selector", ["0", "-1", "x", "1.", "1.0", "3-1", "@~", "@~x", "01", "1e3", "\u0661"])
def test_what_names_no_job_is_a_usage_error(home: Home, selector: str) -> None:
    home.ok("submit", "--no-start", "true")
    assert home.run("status", "--", selector).returncode == 2


# ── status ──────────────────────────────────────────────────────────────────────────────────────────


def test_status_answers_0_whatever_became_of_the_job(home: Home) -> None:
    job = home.submit("false")
    home.run("wait", str(job))
    assert home.run("status", str(job)).returncode == 0


def test_status_json_is_the_status_file(home: Home) -> None:
    job = home.submit("true")
    home.run("wait", str(job))
    assert home.ok("status", "--json", "@") == (home.path / "spool" / str(job) / "status.json").read_bytes()


def test_status_in_a_pipe_is_one_line_a_job_with_tabs_between_columns(home: Home) -> None:
    job = home.submit("--name", "the\u00e4 name", "sh", "-c", "exit 4  # a\ttab\nand a line")
    home.run("wait", str(job))
    (line,) = home.ok("status").decode().splitlines()
    columns = line.split("\t")
    assert len(columns) == 13
    assert columns[:7] == ["1", "failed", "exit", "4", "", "1", "default"]
    assert columns[10] == "the\u00e4 name"
    assert columns[11] == "sh -c 'exit 4  # a\\ttab\\nand a line'"


def test_status_is_valid_and_only_moves_forward_at_every_look(home: Home) -> None:
    job = home.submit("sh", "-c", "sleep 0.2")
    order = ["pending", "queued", "processing", "completed"]
    seen: list[str] = []
    while not seen or seen[-1] != "completed":
        status = home.status(job)
        if not seen or seen[-1] != status["state"]:
            seen.append(status["state"])
    assert [order.index(state) for state in seen] == sorted(order.index(state) for state in seen)


def test_the_overview_shows_every_unfinished_job_and_the_last_finished_ones(home: Home) -> None:
    first = home.submit("sleep", "1000")
    home.await_state(first, "processing")
    for _ in range(5):
        home.run("submit", "-W", "true")
    assert [line.split(b"\t")[0] for line in home.ok("status", "-n", "2").splitlines()] == [b"1", b"5", b"6"]


def test_a_drawing_of_very_many_jobs_says_how_many_it_leaves_out_and_lines_for_scripts_leave_out_none(
    home: Home,
) -> None:
    layout = homes.create(home.environ)
    for _ in range(102):
        spool.deposit(layout, make.spec())
    drawn = home.ok("status", "--color", "always", env={"JOBCTL_NO_START": "1"}).decode()
    assert drawn.count("pending") == 30
    assert "72 more are not finished; `jobctl status --state queued` lists those that wait" in drawn
    assert home.ok("status", env={"JOBCTL_NO_START": "1"}).count(b"\tpending\t") == 102
    assert len(home.ok("status", "-q", env={"JOBCTL_NO_START": "1"}).split()) == 102


def test_jobs_can_be_chosen_by_when_they_ended(home: Home) -> None:
    home.run("submit", "-W", "true")
    assert home.ok("status", "-q", "--since", "1h") == b"1\n"
    assert home.ok("status", "-q", "--since", "2099-01-01") == b""
    assert home.run("status", "--since", "90").returncode == 2


# ── wait ────────────────────────────────────────────────────────────────────────────────────────────


def test_wait_exits_as_the_job_did(home: Home) -> None:
    assert home.run("wait", str(home.submit("sh", "-c", "exit 42"))).returncode == 42
    assert home.run("wait", str(home.submit("sh", "-c", "kill -9 $$"))).returncode == 128 + 9
    assert home.run("wait", str(home.submit("true"))).returncode == 0


def test_wait_for_several_exits_as_the_first_that_failed_in_order_of_id(home: Home) -> None:
    jobs = [home.submit("sh", "-c", f"sleep {delay}; exit {code}") for delay, code in ((0, 0), (0.3, 5), (0, 6))]
    assert home.run("wait", *map(str, reversed(jobs))).returncode == 5


def test_wait_any_returns_with_the_first_and_names_it(home: Home) -> None:
    home.config.write_text("[queues.default]\nslots = 2\n")
    slow, quick = home.submit("sleep", "1000"), home.submit("sh", "-c", "exit 3")
    done = home.run("wait", "--any", str(slow), str(quick))
    assert (done.returncode, done.stdout) == (3, f"{quick}\n".encode())


def test_wait_gives_up_after_its_time_and_the_job_goes_on(home: Home) -> None:
    job = home.submit("sleep", "1000")
    home.await_state(job, "processing")
    done = home.run("wait", str(job), "--timeout", "100ms")
    assert (done.returncode, done.stdout) == (124, b"")
    assert b"goes on" in done.stderr
    assert home.status(job)["state"] == "processing"


def test_requests_that_contradict_themselves_are_refused(home: Home) -> None:
    home.run("submit", "-W", "true")
    for arguments in (["status", "-q", "--json"], ["status", "1", "-n", "3"], ["result", "1", "--path", "--json"]):
        assert home.run(*arguments).returncode == 2, arguments


@pytest.mark.parametrize("duration", ["5", "-1s", "nan", "inf", "1x", ""])
def test_a_duration_needs_a_unit(home: Home, duration: str) -> None:
    home.ok("submit", "--no-start", "true")
    assert home.run("wait", "1", f"--timeout={duration}").returncode == 2


def test_wait_can_end_when_the_job_has_begun(home: Home) -> None:
    job = home.submit("sleep", "1000")
    assert home.run("wait", str(job), "--state", "processing").returncode == 0
    assert home.status(job)["state"] == "processing"


def test_wait_for_a_state_that_never_came_is_no_success(home: Home) -> None:
    job = home.submit("true")
    assert home.run("wait", str(job), "--state", "failed").returncode == 126


@pytest.mark.parametrize("command", [["wait"], ["watch"], ["logs", "-f"], ["result", "--wait"]], ids=" ".join)
def test_an_interrupted_reader_leaves_the_job_alone_and_says_so(home: Home, command: list[str]) -> None:
    job = home.submit("sleep", "1000")
    home.await_state(job, "processing")
    process = start(home, *command, str(job))
    blocked(process)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=10)
    assert process.returncode == 130
    assert f"interrupted; job {job} goes on".encode() in errors
    assert home.status(job)["state"] == "processing"


def test_a_command_that_waits_for_a_job_uses_no_inotify_which_the_kernel_takes_milliseconds_to_end(home: Home) -> None:
    job = home.submit("sleep", "1000")
    home.await_state(job, "processing")
    process = start(home, "wait", str(job))
    blocked(process)
    used = [str(link.readlink()) for link in Path(f"/proc/{process.pid}/fd").iterdir()]
    home.ok("cancel", "--now", str(job))
    process.communicate(timeout=10)
    assert not [link for link in used if "inotify" in link], used
    assert process.returncode == 137, "it was woken and saw how the job ended"


def test_a_waiting_reader_starts_the_daemon_again_that_was_killed(home: Home) -> None:
    job = home.submit("sh", "-c", "while [ ! -e go ]; do sleep 0.05; done; exit 3")
    home.await_state(job, "processing")
    process = start(home, "wait", str(job))
    blocked(process)
    home.kill_daemon()
    (home.base / "go").touch()
    process.communicate(timeout=20)
    assert process.returncode == 3


# ── result ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_result_is_the_standard_output_byte_for_byte_and_exits_as_the_job_did(home: Home) -> None:
    job = home.submit("sh", "-c", "printf 'a\\0b\\377\\r'; echo no >&2; exit 6")
    home.run("wait", str(job))
    done = home.run("result", str(job))
    assert (done.returncode, done.stdout, done.stderr) == (6, b"a\0b\xff\r", b"")


def test_what_a_job_leaves_in_its_result_file_is_its_result(home: Home) -> None:
    job = home.submit("-c", 'echo talk; echo \'{"answer": 42}\' > "$JOBCTL_RESULT"')
    home.run("wait", str(job))
    assert home.run("result", str(job)).stdout == b'{"answer": 42}\n'
    document = json.loads(home.ok("result", "--json", str(job)))
    assert document["result"]["inline"] == {"answer": 42}
    assert document["result"]["size"] == 15
    path = home.ok("result", "--path", str(job)).decode().strip()
    assert Path(path).read_bytes() == b'{"answer": 42}\n'


def test_a_result_that_is_not_ready_is_75_with_nothing_on_standard_output(home: Home) -> None:
    job = home.submit("sleep", "1000")
    done = home.run("result", str(job))
    assert (done.returncode, done.stdout) == (75, b"")
    done = home.run("result", "--json", str(job))
    assert (done.returncode, json.loads(done.stdout)["error"]["code"]) == (75, "no-result-yet")


@pytest.mark.parametrize("form", [[], ["--json"], ["--path"]], ids=str)
def test_a_job_that_could_not_be_executed_has_no_result(home: Home, form: list[str]) -> None:
    job = home.submit("--no-check", "./missing")
    home.run("wait", str(job))
    done = home.run("result", str(job), *form)
    assert done.returncode == 126
    assert b"./missing" in done.stderr
    assert form == ["--json"] or done.stdout == b""
    assert home.status(job)["result"] is None


def test_a_job_that_never_ran_has_no_result_and_says_why(home: Home) -> None:
    home.ok("submit", "--no-start", "true")
    home.ok("cancel", "1", "--reason", "wrong data")
    done = home.run("result", "1")
    assert (done.returncode, done.stdout) == (126, b"")
    assert b"wrong data" in done.stderr


def test_a_reader_that_has_seen_enough_ends_the_command_quietly(home: Home) -> None:
    job = home.submit("seq", "1000000")
    home.run("wait", str(job))
    done = subprocess.run(
        ["/bin/sh", "-c", f"{COMMAND} result {job} | head -n 1"], env=home.environ, capture_output=True, check=False
    )
    assert (done.stdout, done.stderr) == (b"1\n", b"")


# ── logs ────────────────────────────────────────────────────────────────────────────────────────────


def test_logs_show_both_streams_or_the_one_that_is_asked_for(home: Home) -> None:
    job = home.submit("-c", "echo out; echo err >&2")
    home.run("wait", str(job))
    assert home.ok("logs", str(job)) == b"out\nerr\n"
    assert home.ok("logs", str(job), "--stdout") == b"out\n"
    assert home.ok("logs", str(job), "--stderr") == b"err\n"
    assert home.ok("logs", str(job), "--stderr", "--path").decode().strip().endswith("/1.1/stderr")


def test_logs_show_the_last_lines(home: Home) -> None:
    job = home.submit("-c", "seq 100000; printf 'no newline'")
    home.run("wait", str(job))
    assert home.ok("logs", str(job), "-n", "2") == b"100000\nno newline"
    assert home.ok("logs", str(job), "-n", "0") == b""
    assert len(home.ok("logs", str(job), "-n", "90000").splitlines()) == 90000


def test_logs_follow_until_the_job_is_finished(home: Home) -> None:
    job = home.submit("-c", "echo one; while [ ! -e go ]; do sleep 0.05; done; echo two")
    process = start(home, "logs", "-f", str(job))
    assert process.stdout is not None
    assert process.stdout.readline() == b"one\n"
    (home.base / "go").touch()
    assert process.communicate(timeout=20)[0] == b"two\n"
    assert process.returncode == 0


# ── cancel ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_cancelled_running_job_is_ended_by_sigterm(home: Home) -> None:
    job = home.submit("sleep", "1000")
    home.await_state(job, "processing")
    home.ok("cancel", str(job), "--reason", "wrong data")
    status = home.status(job)
    assert (status["state"], status["reason"], status["signal"]) == ("cancelled", "cancelled", signal.SIGTERM)
    assert "wrong data" in status["error"]["message"]
    assert home.run("wait", str(job)).returncode == 143


def test_a_waiting_job_that_is_cancelled_never_starts(home: Home) -> None:
    home.config.write_text("[queues.default]\nslots = 1\n")
    home.submit("sleep", "1000")
    waiting = home.submit("touch", "ran")
    home.await_state(waiting, "queued")
    home.ok("cancel", str(waiting))
    home.ok("cancel", "1")
    assert home.run("submit", "-W", "true").returncode == 0
    assert not (home.base / "ran").exists()
    assert home.run("wait", str(waiting)).returncode == 126


def test_cancel_takes_the_whole_tree_also_what_has_left_the_group(home: Home) -> None:
    script = (
        "setsid sleep 1000 & (setsid sh -c 'sleep 1000 & echo $! > grandchild; sleep 1000' &); echo $! > child; wait"
    )
    job = home.submit("-c", script)
    pids = [
        int(until(lambda name=name: (home.base / name).exists() and (home.base / name).read_text(), name))
        for name in ("child", "grandchild")
    ]
    home.ok("cancel", "--now", str(job))
    assert not [pid for pid in pids if psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE]


def test_a_stopped_job_that_ignores_sigterm_is_killed_at_once_when_asked_to(home: Home) -> None:
    job = home.submit("-c", 'trap "" TERM; echo ready; kill -STOP $$; sleep 1000')
    until(lambda: b"ready" in home.run("logs", str(job)).stdout, "the job to be ready")
    home.ok("cancel", "--no-wait", str(job))
    home.ok("cancel", "--now", str(job))
    assert home.status(job)["signal"] == signal.SIGKILL


def test_a_job_that_is_ended_at_once_is_sent_nothing_it_could_handle(home: Home) -> None:
    for _ in range(5):
        job = home.submit("-c", 'trap "echo handled" TERM; echo ready; while :; do sleep 0.05; done')
        until(lambda job=job: b"ready" in home.run("logs", str(job)).stdout, "the job to be ready")
        home.ok("cancel", "--now", str(job))
        assert home.status(job)["signal"] == signal.SIGKILL
        assert home.run("logs", str(job)).stdout == b"ready\n"


def test_cancel_begins_with_the_signal_that_is_asked_for(home: Home) -> None:
    job = home.submit("-c", 'trap "echo interrupted; exit 5" INT; echo ready; while :; do sleep 0.05; done')
    until(lambda: b"ready" in home.run("logs", str(job)).stdout, "the job to be ready")
    home.ok("cancel", "-s", "INT", str(job))
    status = home.status(job)
    assert (status["state"], status["exit_code"]) == ("cancelled", 5)
    assert home.run("result", str(job)).stdout == b"ready\ninterrupted\n"


def test_cancelling_what_has_ended_changes_nothing_and_says_so(home: Home) -> None:
    job = home.submit("false")
    home.run("wait", str(job))
    done = home.run("cancel", str(job))
    assert done.returncode == 0
    assert b"had ended before: failed (exit 1)" in done.stderr
    assert home.status(job)["state"] == "failed"


def test_cancel_needs_to_be_told_what(home: Home) -> None:
    assert home.run("cancel").returncode == 2
    assert home.run("cancel", "1", "--now", "-s", "INT").returncode == 2
    assert home.run("cancel", "1", "-s", "NONSENSE").returncode == 2


def test_what_a_job_leaves_running_when_it_ends_is_ended_too(home: Home) -> None:
    job = home.submit("-c", "setsid sleep 1000 & echo $!")
    home.run("wait", str(job))
    left = int(home.run("result", str(job)).stdout)
    assert not psutil.pid_exists(left) or psutil.Process(left).status() == psutil.STATUS_ZOMBIE


# ── run, watch ──────────────────────────────────────────────────────────────────────────────────────


def test_run_shows_both_streams_as_they_are_and_exits_as_the_job_did(home: Home) -> None:
    done = home.run("run", "sh", "-c", "printf 'out\\0'; echo err >&2; exit 7")
    assert (done.returncode, done.stdout, done.stderr) == (7, b"out\0", b"err\n")


def test_an_interrupted_run_leaves_the_job_running(home: Home) -> None:
    process = start(home, "run", "sh", "-c", "echo ready; sleep 1000")
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    process.send_signal(signal.SIGINT)
    assert b"job 1 goes on" in process.communicate(timeout=10)[1]
    assert process.returncode == 130
    assert home.status(1)["state"] == "processing"


def test_watch_in_a_pipe_is_one_line_a_change(home: Home) -> None:
    job = home.submit("-c", "while [ ! -e go ]; do sleep 0.05; done; exit 2")
    home.await_state(job, "processing")
    process = start(home, "watch", "--exit-status", str(job))
    assert process.stdout is not None
    assert process.stdout.readline().split(b"\t")[:2] == [b"1", b"processing"]
    (home.base / "go").touch()
    rest = process.communicate(timeout=20)[0].splitlines()
    assert [line.split(b"\t")[:4] for line in rest] == [[b"1", b"failed", b"exit", b"2"]]
    assert process.returncode == 2


# ── daemon ──────────────────────────────────────────────────────────────────────────────────────────


def test_the_daemon_says_which_one_it_is(home: Home) -> None:
    home.submit("sleep", "1000")
    home.await_state(1, "processing")
    facts = json.loads(home.ok("daemon", "status", "--json"))
    assert facts["running"] is True
    assert psutil.Process(facts["pid"]).is_running()
    assert (facts["processing"], facts["waiting"], facts["home"]) == (1, 0, str(home.path))


def test_a_daemon_whose_file_is_gone_is_found_by_its_lock_and_stopped(home: Home) -> None:
    home.ok("daemon", "start")
    daemon = home.daemon().pid
    (home.path / "daemon.json").unlink()
    assert json.loads(home.ok("daemon", "status", "--json"))["pid"] == daemon
    home.ok("daemon", "stop")
    assert not alive(daemon)


def test_the_daemon_can_be_stopped_with_all_jobs_cancelled_or_after_the_last_one(home: Home) -> None:
    home.config.write_text("[queues.default]\nslots = 1\n")
    running, waiting = home.submit("sleep", "1000"), home.submit("sleep", "1000")
    home.await_state(running, "processing")
    home.ok("daemon", "stop", "--cancel-jobs")
    assert [home.status(job)["state"] for job in (running, waiting)] == ["cancelled", "cancelled"]
    last = home.submit("-c", "sleep 0.3; exit 4")
    home.ok("daemon", "stop", "--drain")
    assert home.status(last)["exit_code"] == 4
    assert json.loads(home.ok("daemon", "status", "--json"))["running"] is False


def test_stopping_a_daemon_that_does_not_run_is_done(home: Home) -> None:
    assert home.ok("daemon", "stop") == b""


def test_the_number_of_slots_is_configured_and_may_be_changed_while_the_daemon_runs(home: Home) -> None:
    home.config.write_text("[queues.default]\nslots = 1\n")
    jobs = [home.submit("sleep", "1000") for _ in range(3)]
    home.await_state(jobs[0], "processing")
    home.await_state(jobs[1], "queued")
    home.config.write_text("[queues.default]\nslots = 3\n")
    for job in jobs:
        home.await_state(job, "processing")


def test_a_configuration_that_is_not_understood_is_noted_and_changes_nothing(home: Home) -> None:
    home.config.write_text("[queues.default]\nslots = 0\n")
    assert home.run("submit", "-W", "true").returncode == 0
    log = home.ok("daemon", "logs").decode()
    assert "queues.default.slots is 0" in log
    assert str(home.config) in log


def test_the_job_inherits_neither_signals_nor_descriptors_of_its_keepers(home: Home) -> None:
    shell = ["/bin/sh", "-c", "trap '' INT QUIT HUP; exec jobctl daemon start"]
    path = os.path.dirname(COMMAND) + ":" + os.environ["PATH"]
    subprocess.run(shell, env={**home.environ, "PATH": path}, check=True, stdin=subprocess.DEVNULL)
    job = home.submit(sys.executable, "-c", "import time; time.sleep(1000)")
    pid = home.start_record(job)["process"]["pid"]
    until(lambda: psutil.Process(pid).cmdline()[-1:] == ["import time; time.sleep(1000)"], "the job")
    masks = {
        line.split(":")[0]: int(line.split(":")[1], 16)
        for line in Path(f"/proc/{pid}/status").read_text().splitlines()
        if line.startswith(("SigBlk", "SigIgn"))
    }
    # SIGPIPE and SIGXFSZ are ignored by the Python that the job is; 32 and 33 are the C library's own (nptl(7)).
    expected = sum(1 << (number - 1) for number in (signal.SIGPIPE, signal.SIGXFSZ, 32, 33))
    assert masks["SigBlk"] == 0
    assert masks["SigIgn"] & ~expected == 0
    until(lambda: sorted(os.listdir(f"/proc/{pid}/fd")) == ["0", "1", "2"], "the job to have no other descriptor")
    assert os.getsid(pid) == pid

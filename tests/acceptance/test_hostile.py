"""Jobs and callers that do what nobody should: the daemon goes on, the state is honest, nothing runs twice."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import psutil
import pytest

from support.installed import COMMAND, shell
from support.processes import alive
from support.wait import until

if TYPE_CHECKING:
    from support.installed import Home

strace = pytest.mark.skipif(not os.path.exists("/usr/bin/strace"), reason="needs strace, to interrupt at a system call")
ATTEMPT = '"$(dirname "$JOBCTL_RESULT")"'


def daemons(home: Home) -> list[psutil.Process]:
    """Return the daemons of the home; keepers, of which one may wait for another job, were executed as such."""
    found = []
    for process in home.processes():
        with contextlib.suppress(psutil.Error):
            if "jobctl.daemon" in process.cmdline() and process.name() != "jobctl-keeper":
                found.append(process)
    return found


def goes_on(home: Home) -> None:
    """Demand that the daemon takes in, runs and settles another job."""
    assert home.run("submit", "--wait", "sh", "-c", "exit 5", timeout=20).returncode == 5


# ── jobs ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_job_that_tidies_its_attempts_directory_is_recorded_and_not_run_again(home: Home) -> None:
    job = home.submit("-c", f"echo run >> ran; rm -rf {ATTEMPT}/*; exit 3")
    assert home.run("wait", str(job)).returncode == 3
    goes_on(home)
    assert (home.base / "ran").read_text() == "run\n"


def test_a_job_that_deletes_its_own_directory_does_not_stay_processing(home: Home) -> None:
    """It is forgotten; or, if the daemon wrote its status between two of its deletions, lost."""
    job = home.submit("-c", 'rm -rf "$JOBCTL_HOME/spool/$JOBCTL_JOB_ID"')

    def is_over() -> bool:
        done = home.run("status", "--json", str(job))
        return done.returncode in {65, 127} or b'"reason":"lost"' in done.stdout

    until(is_over, "the job to be forgotten or lost")
    goes_on(home)


def test_a_job_that_deletes_all_but_its_status_is_lost(home: Home) -> None:
    job = home.submit("-c", f'rm -r {ATTEMPT}; rm "$JOBCTL_HOME/spool/$JOBCTL_JOB_ID/spec.json"')
    assert home.run("wait", str(job)).returncode == 126
    assert home.status(job)["reason"] == "lost"


def test_a_job_that_replaces_its_status_file_by_a_directory_holds_nobody_up(home: Home) -> None:
    job = home.submit("-c", f"cd {ATTEMPT}/..; rm status.json; mkdir status.json; exit 3")
    goes_on(home)
    assert home.run("wait", str(job)).returncode == 3


def test_a_forged_verdict_does_not_stand_beside_a_living_keeper(home: Home) -> None:
    forged = '{"v":1,"task":1,"attempt":1,"reason":"exit","exit_code":0,"by":"me",'
    forged += '"finished_at":"2026-11-23T12:00:00.000000Z"}'
    job = home.submit("-c", f"echo '{forged}' > {ATTEMPT}/final.json; exit 3")
    assert home.run("wait", str(job)).returncode == 3


def test_a_job_that_removes_the_doorbell_silences_the_daemon_for_a_second_only(home: Home) -> None:
    home.submit("-W", "rm", str(home.path / "doorbell"))
    until((home.path / "doorbell").exists, "the doorbell", within=5)
    goes_on(home)
    # Whoever found no bell meanwhile has started another one, which leaves as soon as it has tried for the lock.
    until(lambda: len(daemons(home)) == 1, "one daemon")


def test_files_of_the_jobs_own_are_left_where_they_are(home: Home) -> None:
    job = home.submit("-c", 'touch "$JOBCTL_RESULT.tmp"; mkdir "$JOBCTL_RESULT.d.tmp"; exit 4')
    assert home.run("wait", str(job)).returncode == 4
    left = os.listdir(home.path / "spool" / str(job) / "1.1")
    assert sorted(left) == ["final.json", "lock", "result.d.tmp", "result.tmp", "start.json", "stderr", "stdout"]


def test_descendants_that_left_the_session_are_ended_too_when_the_keeper_is_gone(home: Home) -> None:
    script = "(setsid sh -c 'sleep 1000 & echo $! > escaped; exec sleep 1000' &); trap '' TERM; sleep 1000; sleep 1000"
    job = home.submit("-c", script)
    start = home.start_record(job)
    escaped = int(until(lambda: (home.base / "escaped").exists() and (home.base / "escaped").read_text(), "it"))
    home.await_state(job, "processing")
    os.kill(start["keeper"]["pid"], signal.SIGKILL)
    until(lambda: not alive(start["keeper"]["pid"]), "the keeper to be gone")
    home.ok("cancel", "--now", str(job))
    until(lambda: not alive(escaped), "what escaped to be gone", within=2)


def test_a_cancelled_job_without_keeper_and_daemon_is_cancelled_and_not_lost(home: Home) -> None:
    job = home.submit("sleep", "1000")
    start = home.start_record(job)
    home.await_state(job, "processing")
    home.kill_daemon()
    os.kill(start["keeper"]["pid"], signal.SIGKILL)
    home.ok("cancel", str(job))
    assert not alive(start["process"]["pid"])
    status = home.status(job)
    assert (status["state"], status["exit_code"], status["signal"]) == ("cancelled", None, None)


# ── callers ─────────────────────────────────────────────────────────────────────────────────────────


def test_the_daemon_keeps_no_descriptor_of_whoever_started_it(home: Home) -> None:
    """The lock of cron's `flock` idiom is free again, and a reader of a pipe sees its end."""
    done = shell(
        home,
        "(flock -n 9; jobctl submit true) 9>lock >/dev/null; (flock -n 9 && echo free) 9>lock; "
        "(exec 3>&1; jobctl submit true) | cat",
        timeout=20,
    )
    assert done.stdout == b"free\n2\n"


def test_a_caller_with_a_descriptor_beyond_its_limit_gets_its_daemon(home: Home) -> None:
    code = (
        "import os, resource, sys; os.dup2(os.open('/dev/null', 0), 200); "
        "resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64)); os.execv(sys.argv[1], sys.argv[1:])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, COMMAND, "submit", "-W", "true"], env=home.environ, capture_output=True, check=True
    )
    assert (done.stdout, done.stderr) == (b"1\n", b"")


def test_a_limit_on_the_size_of_files_of_whoever_starts_the_daemon_is_one_on_jobs_and_not_on_their_records(
    home: Home,
) -> None:
    code = (
        "import os, resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (8192, resource.RLIM_INFINITY)); "
        "os.execv(sys.argv[1], sys.argv[1:])"
    )
    command = [sys.executable, "-c", code, COMMAND, "submit", "-W", "sh", "-c", "ulimit -f; exit 4"]
    done = subprocess.run(command, env=home.environ, capture_output=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (4, b"1\n", b"")
    # In blocks of 512 or of 1024 bytes, as the shell counts.
    assert home.ok("logs", "1") in {b"16\n", b"8\n"}


def test_a_directory_in_the_place_of_the_output_is_no_result_of_the_job(home: Home) -> None:
    assert home.run("submit", "-W", "true").returncode == 0
    stdout = home.path / "spool" / "1" / "1.1" / "stdout"
    stdout.unlink()
    stdout.mkdir()
    done = home.run("result", "1")
    assert (done.returncode, done.stdout) == (65, b"")
    assert done.stderr.startswith(f"jobctl: cannot read {stdout}: it is a directory".encode())


def test_a_job_is_settled_though_a_signal_has_stopped_its_keeper(home: Home) -> None:
    job = home.submit("sleep", "1000")
    home.await_state(job, "processing")
    start = home.start_record(job)
    psutil.Process(start["keeper"]["pid"]).suspend()
    psutil.Process(start["process"]["pid"]).kill()
    assert home.run("wait", "--timeout", "20s", str(job)).returncode == 137
    assert home.status(job)["signal"] == 9


def test_a_daemon_started_with_all_signals_blocked_works_and_can_be_stopped(home: Home) -> None:
    code = (
        "import os, signal, sys; signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals()); "
        "os.execv(sys.argv[1], sys.argv[1:])"
    )
    subprocess.run([sys.executable, "-c", code, COMMAND, "daemon", "start"], env=home.environ, check=True, timeout=30)
    goes_on(home)
    home.ok("daemon", "stop")


def test_whatever_the_umask_the_job_can_be_read_by_its_owner(home: Home) -> None:
    done = shell(home, "umask 0777; jobctl submit --id-file id sleep 1000; jobctl cancel @")
    assert done.returncode == 0, done
    spool = home.path / "spool" / "1"
    assert {path.stat().st_mode & 0o777 for path in spool.rglob("*.json")} == {0o600}


def test_an_id_file_that_is_no_file_is_refused(home: Home) -> None:
    fifo = home.base / "fifo"
    os.mkfifo(fifo)
    for name in ("fifo", "/dev/stdout"):
        done = subprocess.run(
            [COMMAND, "submit", "--id-file", name, "true"],
            env=home.environ,
            cwd=home.base,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 73, name
        assert b"not a file" in done.stderr
    assert fifo.is_fifo()
    assert home.run("status", "1").returncode == 127


def test_an_id_file_that_is_a_link_is_written_through_it(home: Home) -> None:
    (home.base / "link").symlink_to("real")
    home.ok("submit", "--id-file", "link", "true")
    assert (home.base / "real").read_text() == "1\n"
    assert (home.base / "link").is_symlink()


def test_closed_streams_take_no_file_of_ours_for_themselves(home: Home) -> None:
    assert shell(home, "jobctl submit true 2>&-").stdout == b"1\n"
    assert shell(home, "jobctl submit --json true >/dev/full || echo $? >&2").stderr.splitlines()[-1] == b"3"
    assert shell(home, "jobctl status 99 2>&- || echo $?").stdout == b"127\n"
    done = home.run("status", "--json", "1")
    assert done.returncode == 0


def interrupted_submit(home: Home, when: int) -> subprocess.CompletedProcess[bytes]:
    """Submit, with SIGINT at the fsync number *when*: specification, status, their directory, the spool."""
    injection = ["strace", "-o", "/dev/null", "-e", "trace=fsync", "-e", f"inject=fsync:signal=INT:when={when}"]
    return subprocess.run(
        [*injection, COMMAND, "submit", "--no-start", "true"],
        env=home.environ,
        cwd=home.base,
        capture_output=True,
        check=False,
        timeout=60,
    )


@strace
def test_a_submit_interrupted_after_the_publication_says_so_and_names_the_id(home: Home) -> None:
    home.ok("submit", "--no-start", "true")
    done = interrupted_submit(home, 4)
    assert (done.returncode, done.stdout) == (3, b"")
    assert b"job 2 may have been accepted" in done.stderr


@strace
@pytest.mark.parametrize("when", [1, 2, 3])
def test_a_submit_interrupted_before_the_publication_leaves_nothing(home: Home, when: int) -> None:
    home.ok("submit", "--no-start", "true")
    done = interrupted_submit(home, when)
    assert (done.returncode, done.stdout) == (130, b"")
    assert sorted(os.listdir(home.path / "spool")) == ["1", "tmp"]
    assert os.listdir(home.path / "spool" / "tmp") == []
    assert sorted(os.listdir(home.path / "active")) == ["1"]


def test_a_daemon_with_few_descriptors_loses_nothing(home: Home) -> None:
    done = shell(
        home, "ulimit -n 15; for i in 1 2 3 4 5 6; do jobctl submit sh -c 'sleep 0.2; exit 6'; done", timeout=60
    )
    jobs = done.stdout.decode().split()
    assert jobs == ["1", "2", "3", "4", "5", "6"]
    home.run("wait", *jobs, timeout=90)
    assert [home.status(int(job))["exit_code"] for job in jobs] == [6] * 6
    assert os.listdir(home.path / "corrupt") == []


def test_what_was_open_before_the_limit_was_lowered_does_not_stay_open_in_the_daemon(home: Home) -> None:
    # As `x=$(…)` would, this waits until nobody has its pipe open for writing any more.
    reading, writing = os.pipe()
    try:
        os.dup2(writing, 200)
        os.close(writing)
        started = subprocess.Popen(
            ["sh", "-c", 'ulimit -n 64; exec "$0" submit sleep 1000', COMMAND],
            env=home.environ,
            stdout=subprocess.PIPE,
            pass_fds=[200],
        )
        os.close(200)
        output, _ = started.communicate(timeout=60)
        home.await_state(int(output), "processing")
        assert select.select([reading], [], [], 20.0)[0] == [reading]
        assert os.read(reading, 1) == b""
    finally:
        os.close(reading)

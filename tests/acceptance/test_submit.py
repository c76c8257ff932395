"""`jobctl submit`: what it accepts, what it refuses, what it prints."""

from __future__ import annotations

import json
import os
import stat
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.installed import COMMAND, shell

if TYPE_CHECKING:
    from support.installed import Home


def refused(home: Home, *arguments: str | bytes, says: str, status: int = 2, **more: object) -> None:
    done = home.run("submit", *arguments, **more)  # type: ignore[arg-type]  # whatever `run` takes
    assert (done.returncode, done.stdout) == (status, b""), done
    lines = done.stderr.decode(errors="replace").splitlines()
    assert len(lines) == 1, lines
    assert lines[0].startswith("jobctl: ")
    assert says in lines[0]
    assert not home.path.exists() or os.listdir(home.path / "spool") == ["tmp"]


def output(home: Home, job: int) -> bytes:
    done = home.run("result", "--wait", str(job))
    assert done.returncode == 0, done
    return done.stdout


def test_standard_output_is_the_id_and_nothing_else(home: Home) -> None:
    assert [home.ok("submit", "true") for _ in range(3)] == [b"1\n", b"2\n", b"3\n"]


def test_parsing_stops_at_the_first_word_that_is_not_an_option(home: Home) -> None:
    job = home.submit("--name", "mine", "echo", "--name", "x", "-t", "--", "--json")
    assert output(home, job) == b"--name x -t -- --json\n"
    assert home.status(job)["name"] == "mine"


def test_a_double_dash_ends_the_options_and_only_the_first_one_does(home: Home) -> None:
    assert output(home, home.submit("--", "echo", "--", "-n")) == b"-- -n\n"


def test_an_unknown_option_is_an_error_and_never_part_of_the_command(home: Home) -> None:
    refused(home, "--bogus", "echo", says="--bogus")


@pytest.mark.parametrize("arguments", [(), ("--",), ("",), ("--", ""), ("-c", ""), ("-c", "true", "more")])
def test_a_request_without_one_command_is_refused(home: Home, arguments: tuple[str, ...]) -> None:
    refused(home, *arguments, says="")


def test_a_command_that_is_not_on_the_path_is_refused(home: Home) -> None:
    refused(home, "no-such-command", says="not on the PATH")
    refused(home, "echo hello", says="-c TEXT has /bin/sh run a text")
    refused(home, "FOO=1", "env", says="-e FOO=1 gives the job a variable")


def test_the_path_is_the_one_the_job_will_have(home: Home) -> None:
    tool = home.base / "tool"
    tool.write_text("#!/bin/sh\necho mine\n")
    tool.chmod(0o755)
    refused(home, "tool", says="not on the PATH")
    assert output(home, home.submit("--env", f"PATH={home.base}", "tool")) == b"mine\n"


def test_a_command_that_is_not_executable_a_directory_or_missing_is_refused(home: Home) -> None:
    plain = home.base / "plain"
    plain.write_text("text")
    refused(home, "./plain", says="not executable")
    refused(home, str(home.base), says="directory")
    refused(home, "./missing", says="no such file")


def test_no_check_accepts_a_command_that_will_exist_later(home: Home) -> None:
    job = home.submit("--no-check", "./later")
    done = home.run("wait", str(job))
    status = home.status(job)
    assert (done.returncode, status["state"], status["reason"]) == (126, "failed", "not-started")
    assert "./later" in status["error"]["message"]
    assert status["exit_code"] is None


def test_a_script_without_a_first_line_for_it_runs_as_in_a_shell(home: Home) -> None:
    script = home.base / "script"
    script.write_text('echo "$1"\n')
    script.chmod(0o755)
    assert output(home, home.submit("./script", "one two")) == b"one two\n"


def test_the_longest_argument_that_the_system_takes_arrives(home: Home) -> None:
    assert len(output(home, home.submit("echo", "x" * 131_071))) == 131_072


def test_arguments_that_leave_no_room_for_what_a_job_is_told_are_refused(home: Home) -> None:
    room = os.sysconf("SC_ARG_MAX") - 16_384
    words = ["x" * 100_000] * (room // 100_010)
    refused(home, "echo", *words, "y" * (room % 100_010 - 8_000), says="the system allows", env={"LS_COLORS": ""})


def test_a_directory_that_does_not_exist_is_refused(home: Home) -> None:
    refused(home, "-C", "nowhere", "true", says="nowhere")
    (home.base / "file").touch()
    refused(home, "-C", "file", "true", says="not a directory")


def test_a_submit_from_a_deleted_directory_says_so(home: Home) -> None:
    gone = home.base / "gone"
    gone.mkdir()
    done = shell(home, 'cd gone; rmdir ../gone; jobctl submit true || echo "status $?"')
    assert done.stdout == b"status 2\n"
    assert b"-C" in done.stderr


def test_the_job_runs_where_with_what_and_under_which_umask_it_was_submitted(home: Home) -> None:
    place = home.base / "a place"
    place.mkdir()
    done = shell(
        home, 'cd "a place"; umask 027; export MINE="a b"; jobctl submit -c \'pwd; umask; echo "$MINE"; touch made\''
    )
    assert output(home, int(done.stdout)) == f"{place}\n0027\na b\n".encode()
    assert stat.S_IMODE((place / "made").stat().st_mode) == 0o640


def test_chdir_is_where_the_job_runs_and_what_it_is_told(home: Home) -> None:
    (home.base / "sub").mkdir()
    assert (
        output(home, home.submit("-C", "sub", "-c", 'pwd; echo "$PWD"'))
        == f"{home.base}/sub\n{home.base}/sub\n".encode()
    )


def test_the_environment_can_be_added_to_passed_on_and_emptied(home: Home) -> None:
    mine = {"MINE": "here", "OTHER": "too"}
    job = home.submit("--clean-env", "-e", "MINE", "-e", "A=1=2", "-e", "EMPTY=", "/usr/bin/env", env=mine)
    variables = set(output(home, job).decode().splitlines())
    assert {"MINE=here", "A=1=2", "EMPTY="} <= variables
    assert not any(line.startswith(("OTHER=", "PATH=", "HOME=")) for line in variables)
    refused_env = home.run("submit", "-e", "NOT_SET_ANYWHERE", "true")
    assert refused_env.returncode == 2


def test_a_job_finds_out_who_it_is(home: Home) -> None:
    job = home.submit("--name", "me", "-c", "unset JOBCTL_CONFIG; env | grep ^JOBCTL_ | sort")
    attempt = home.path / "spool" / str(job) / "1.1"
    assert output(home, job).decode().splitlines() == [
        "JOBCTL_ATTEMPT=1",
        f"JOBCTL_HOME={home.path}",
        f"JOBCTL_JOB_ID={job}",
        "JOBCTL_NAME=me",
        f"JOBCTL_PROGRESS={attempt}/progress",
        "JOBCTL_QUEUE=default",
        f"JOBCTL_RESULT={attempt}/result",
        "JOBCTL_TASK=1",
    ]


def test_the_environment_is_shown_nowhere(home: Home) -> None:
    job = home.submit("--env", "TOKEN=hunter2", "true")
    home.run("wait", str(job))
    for arguments in (["status", str(job)], ["status", str(job), "--json"], ["submit", "--dry-run", "--json", "true"]):
        assert b"hunter2" not in home.run(*arguments, env={"TOKEN": "hunter2"}).stdout


def test_arguments_that_are_not_utf_8_arrive_exactly(home: Home) -> None:
    odd = bytes(range(1, 256))
    job = home.submit(b"printf", b"%s", odd)
    assert output(home, job) == odd
    assert home.ok("status", str(job), "--json").isascii()


def test_standard_input_is_frozen_at_submission(home: Home) -> None:
    data = os.urandom(300_000)
    source = home.base / "data"
    source.write_bytes(data)
    job = home.submit("--stdin", "data", "--no-start", "cat")
    source.write_bytes(b"changed")
    assert output(home, job) == data
    assert output(home, int(home.ok("submit", "--stdin", "-", "cat", stdin=b"piped\0"))) == b"piped\0"


def test_without_it_a_job_reads_nothing_and_submit_leaves_its_own_input_alone(home: Home) -> None:
    done = shell(home, 'printf "a\\nb\\nc\\n" | while read -r line; do jobctl submit -- sh -c "cat; echo $line"; done')
    assert [output(home, int(job)) for job in done.stdout.split()] == [b"a\n", b"b\n", b"c\n"]


@pytest.mark.parametrize("source", ["missing", "."])
def test_standard_input_that_cannot_be_read_is_refused(home: Home, source: str) -> None:
    refused(home, "--stdin", source, "cat", says="--stdin")


def test_closed_standard_input_is_refused_where_it_is_asked_for_and_harmless_otherwise(home: Home) -> None:
    done = shell(home, "jobctl submit --stdin - cat <&- || echo $?; jobctl submit true <&-")
    assert done.stdout == b"2\n1\n"


def test_the_id_file_holds_the_id_when_submit_returns(home: Home) -> None:
    home.ok("submit", "--id-file", "id", "true")
    assert (home.base / "id").read_bytes() == b"1\n"
    assert sorted(os.listdir(home.base)) == ["home", "id"]


def test_an_id_file_that_cannot_be_written_refuses_the_job(home: Home) -> None:
    refused(home, "--id-file", "no/where", "true", says="no/where", status=73)


def test_an_id_that_cannot_be_printed_is_told_on_standard_error_with_status_3(home: Home) -> None:
    for redirection in (">/dev/full", ">&-"):
        done = shell(home, f"jobctl submit true {redirection} || echo status $? >&2")
        assert b"status 3" in done.stderr
        assert b"jobctl status " in done.stderr
    assert home.run("wait", "1", "2").returncode == 0


#: Runs what follows as a user whom modes bind: root without the right to pass over them.
BOUND = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
#: Stands in a directory that nobody may enter any more.
SHUT = 'cd shut; trap "chmod 700 ." EXIT; chmod 000 .; '


def test_a_job_cannot_be_submitted_from_where_its_user_may_not_go(home: Home) -> None:
    (home.base / "shut").mkdir()
    done = shell(home, f"{SHUT} {' '.join(BOUND)} jobctl submit true || exit $?")
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"cannot submit from " + os.fsencode(home.base / "shut") in done.stderr
    assert b"-C" in done.stderr
    assert shell(home, f"{SHUT} {' '.join(BOUND)} jobctl submit -C / pwd").stdout == b"1\n"
    assert home.ok("result", "--wait", "1") == b"/\n"


def test_a_job_whose_directory_was_shut_after_it_was_submitted_says_which(home: Home) -> None:
    (home.base / "shut").mkdir()
    home.ok("submit", "--no-start", "-C", "shut", "true")
    (home.base / "shut").chmod(0)
    try:
        started = subprocess.run(
            [*BOUND, COMMAND, "daemon", "start"], env=home.environ, cwd=home.base, capture_output=True, check=True
        )
        assert started.stderr == b""
        assert home.run("wait", "1").returncode == 126
    finally:
        (home.base / "shut").chmod(0o700)
    message = f"cannot enter the directory {home.base}/shut: Permission denied"
    assert home.status(1)["error"] == {"code": "not-started", "message": message}


@pytest.mark.parametrize("text", ["-n", "+x", "--"])
def test_a_text_for_the_shell_is_never_an_option_of_it(home: Home, text: str) -> None:
    (home.base / text).write_text("#!/bin/sh\necho found\n")
    (home.base / text).chmod(0o755)
    job = home.submit("-e", f"PATH={home.base}:/usr/bin:/bin", "-c", text)
    assert output(home, job) == b"found\n"
    assert home.status(job)["command"] == ["/bin/sh", "-c", text]


def test_json_answers_with_one_document(home: Home) -> None:
    document = json.loads(home.ok("submit", "--json", "true"))
    assert document == {
        "v": 1,
        "id": 1,
        "uuid": document["uuid"],
        "state": "pending",
        "status_path": str(home.path / "spool/1/status.json"),
        "deduplicated": False,
    }


def test_json_answers_also_when_it_fails(home: Home) -> None:
    for arguments in (["submit", "--json", "no-such-command"], ["submit", "--json", "--bogus"]):
        done = home.run(*arguments)
        assert done.returncode == 2
        assert set(json.loads(done.stdout)) == {"v", "error"}


def test_a_dry_run_says_what_would_be_and_stores_nothing(home: Home) -> None:
    lines = home.ok("submit", "--dry-run", "--name", "me", "echo", "a b").decode().splitlines()
    assert "command\techo 'a b'" in lines
    assert "name\tme" in lines
    assert not home.path.exists()


def test_no_start_leaves_the_job_pending_until_somebody_starts_a_daemon(home: Home) -> None:
    job = home.submit("--no-start", "true")
    home.ok("submit", "true", env={"JOBCTL_NO_START": "1"})
    assert home.processes() == []
    assert home.status(job)["state"] == "pending"
    home.ok("daemon", "start")
    assert home.run("wait", "1", "2").returncode == 0


def test_wait_makes_submit_exit_as_the_job_did(home: Home) -> None:
    done = home.run("submit", "-W", "sh", "-c", "exit 9")
    assert (done.stdout, done.returncode) == (b"1\n", 9)


def test_200_submitters_at_once_get_200_ids_and_every_job_runs(home: Home) -> None:
    script = "for i in $(seq 50); do jobctl submit sh -c 'echo $JOBCTL_JOB_ID'; done"
    crowd = [
        subprocess.Popen(
            ["/bin/sh", "-c", script],
            stdout=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            env={**home.environ, "PATH": f"{Path(COMMAND).parent}:{os.environ['PATH']}"},
        )
        for _ in range(4)
    ]
    ids = sorted(int(line) for process in crowd for line in process.communicate(timeout=100)[0].split())
    assert ids == list(range(1, 201))
    assert home.run("wait", "--all", timeout=100).returncode == 0
    for job in (1, 100, 200):
        assert output(home, job) == f"{job}\n".encode()


def test_a_crowd_that_meets_no_home_makes_one_home_and_one_daemon(home: Home) -> None:
    crowd = [
        subprocess.Popen([COMMAND, "submit", "true"], stdout=subprocess.PIPE, env=home.environ, cwd=home.base)
        for _ in range(30)
    ]
    ids = sorted(int(process.communicate(timeout=100)[0]) for process in crowd)
    assert ids == list(range(1, 31))
    assert home.run("wait", "--all").returncode == 0
    daemons = [process for process in home.processes() if "jobctl.daemon" in process.cmdline()]
    assert len([process for process in daemons if process.ppid() == 1 or process.parent() not in daemons]) == 1

"""The options of `submit` and `run`: what each stores, and that what is refused is one line and leaves nothing."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from support.installed import shell

if TYPE_CHECKING:
    from support.installed import Home


def spec(home: Home, *arguments: str | bytes, **more: Any) -> dict[str, Any]:
    """Submit a job that no daemon starts and return what was stored."""
    job = home.submit("--no-start", *arguments, **more)
    document = json.loads((home.path / "spool" / str(job) / "spec.json").read_bytes())
    assert isinstance(document, dict)
    return document


def litter(home: Home) -> list[str]:
    """What a refused submission left in the home."""
    if not home.path.exists():
        return []
    places = [f"{home.path}/{name}" for name in ("spool", "spool/tmp", "active", "keys")]
    return [
        f"{place}/{name}" for place in places if os.path.isdir(place) for name in os.listdir(place) if name != "tmp"
    ]


REFUSED = [
    ("--timeout 5", "no unit: write 5s"),
    ("--timeout -5s", "--timeout"),
    ("--timeout 0s", "--timeout must be more than nothing"),
    ("--grace nan", "--grace"),
    ("--memory 5X", "--memory"),
    ("--max-output -1", "--max-output"),
    ("--nice 30", "--nice 30 is not from -20 to 19"),
    ("--nice x", "--nice"),
    ("--retries -1", "--retries -1 is not from 0"),
    ("--retry-delay 5s", "go with --retries"),
    ("--retries 2 --retry-backoff 0.5", "--retry-backoff 0.5 is not from 1"),
    ("--retries 2 --retry-backoff inf", "is not a factor"),
    ("--retries 2 --retry-delay 5m --retry-max-delay 1m", "shorter than --retry-delay"),
    ("--retries 2 --retry-on 256", "--retry-on"),
    ("--retries 2 --retry-on 1 --no-retry-on 2", "either --retry-on or --no-retry-on"),
    ("--on-crash maybe", "none of fail, retry, hold"),
    ("--array 5", "0-99"),
    ("--array 9-3", "runs backwards"),
    ("--array 0-3 --each-line f", "either --array or --each-line"),
    ("--array 0-3 --max-fails 0", "--max-fails is at least 1"),
    ("--max-fails 3", "--array or --each-line"),
    ("--each-line missing", "missing for --each-line: No such file"),
    ("--each-line /dev/null", "no lines"),
    ("--each-line f%x", "behind the %"),
    ("--slots 0", "at least one slot"),
    ("--priority 1000001", "--priority"),
    ("--in 5", "no unit"),
    ("--in 5m --at 09:00", "either --in or --at"),
    ("--in 5m --max-wait 1m", "is over before"),
    ("--at someday", "is not understood"),
    ("--at 2020-01-01T00:00Z", "has passed"),
    ("--queue gpu", "no queue 'gpu'; make one with `jobctl queue set"),
    ("--after-ok x", "does not name a job"),
    ("--after-ok ,", "does not name a job"),
    ("--after-ok 1:2", "with commas"),
    ("--array 1,3", "--each-line takes any list"),
    ("--if-active skip", "--unique NAME"),
    ("--unique u --if-active maybe", "none of skip, coalesce, replace"),
    ("--webhook example.org", "is not an address"),
    ("--webhook file:///etc/passwd", "is not an address"),
    ("--webhook http://", "is not an address"),
    ("--progress-from (", "no regular expression"),
    ("--input missing", "missing' for --input: No such file"),
    ("--input a/../missing", "--input"),
    ("--input /", "NAME=/"),
    ("--input f --input ./f", "two inputs are called 'f'"),
    ("--stdin - --each-line -", "cannot both read standard input"),
]


@pytest.mark.parametrize(("options", "says"), REFUSED, ids=[options for options, _ in REFUSED])
def test_what_cannot_be_is_refused_in_one_line_and_leaves_nothing(home: Home, options: str, says: str) -> None:
    (home.base / "f").write_text("x\n")
    done = home.run("submit", *options.split(" "), "true")
    assert (done.returncode, done.stdout) == (2, b""), done
    (line,) = done.stderr.decode().splitlines()
    assert line.startswith("jobctl: ")
    assert says in line
    assert litter(home) == []


def test_an_array_without_a_command_is_refused_as_any_job_is(home: Home) -> None:
    for options in (("--array", "0-3"), ("--each-line", "/etc/passwd")):
        done = home.run("submit", *options)
        assert (done.returncode, litter(home)) == (2, [])
        assert b"no command given" in done.stderr


def test_a_job_or_task_to_wait_for_that_is_not_there_is_refused(home: Home) -> None:
    for word in ("1", "@", "1.1", "1-3"):
        done = home.run("submit", "--after-ok", word, "true")
        assert (done.returncode, done.stdout, litter(home)) == (127, b"", []), done
    home.submit("--no-start", "--array", "0-4", "true")
    before = litter(home)
    for word in ("1.6", "1,2", "1-2", "2-3", "@~1"):
        done = home.run("submit", "--after-any", word, "true")
        assert (done.returncode, done.stdout, litter(home)) == (127, b"", before), done


def test_every_option_is_in_what_is_stored(home: Home) -> None:
    (home.base / "config.toml").write_text("[queues.gpu]\nslots = 2\n")
    options = (
        "--pty -q gpu -p -5 --slots 2 --hold --max-wait 2h --in 90s --timeout 1h30m --grace 3s --memory 512M "
        "--max-output 1K --nice 5 --keep-children --retries 3 --retry-delay 2s --retry-backoff 1.5 "
        "--retry-max-delay 1m --no-retry-on 2,64-65 --on-crash hold --unique u --key k --progress-from none "
        "--webhook https://a.example/x --webhook http://localhost:8000/ --array 10-19:3%2 --max-fails 1"
    )
    found = spec(home, *options.split(), "--on-finish", "echo done", "true")
    wanted = {
        "pty": True,
        "queue": "gpu",
        "priority": -5,
        "slots": 2,
        "hold": True,
        "max_wait": 7200.0,
        "start_in": 90.0,
        "limits": {
            "timeout": 5400.0,
            "grace": 3.0,
            "memory": 2**29,
            "max_output": 1024,
            "nice": 5,
            "keep_children": True,
        },
        "retry": {
            "retries": 3,
            "delay": 2.0,
            "backoff": 1.5,
            "max_delay": 60.0,
            "only": None,
            "never": [2, 64, 65],
            "on_crash": "hold",
        },
        "array": {"tasks": 4, "first": 10, "step": 3, "lines": False, "at_once": 2, "max_fails": 1},
        "unique": "u",
        "key": "k",
        "progress_from": "none",
        "on_finish": "echo done",
        "webhooks": ["https://a.example/x", "http://localhost:8000/"],
    }
    assert {name: found[name] for name in wanted} == wanted
    assert found["boot"]
    assert found["steady"] > 0


def test_a_queue_that_queue_set_made_is_known(home: Home) -> None:
    home.submit("--no-start", "true")
    (home.path / "queues.json").write_text('{"v":1,"queues":{"gpu":{"slots":2,"paused":false}}}\n')
    assert spec(home, "-q", "gpu", "true")["queue"] == "gpu"
    assert spec(home, "-q", "default", "true")["queue"] == "default"


def test_dependencies_are_stored_as_ids_and_tasks(home: Home) -> None:
    home.submit("--no-start", "true")
    home.submit("--no-start", "--array", "1-9", "true")
    found = spec(home, "--after-ok", "1,2.9", "--after-any", "1-2", "--after-fail", "@", "--after-ok", "1", "true")
    assert [(one["kind"], one["job"], one["task"]) for one in found["after"]] == [
        ("ok", 1, None),
        ("ok", 2, 9),
        ("any", 1, None),
        ("any", 2, None),
        ("fail", 2, None),
    ]
    assert home.status(3)["waiting_on"] == ["1", "2.9", "1", "2", "2"]


def test_at_is_stored_in_utc(home: Home) -> None:
    assert spec(home, "--at", "2098-07-01T12:00+02:00", "true")["not_before"] == "2098-07-01T10:00:00.000000Z"
    local = spec(home, "--at", "2098-01-01 12:00", "true", env={"TZ": "EST5"})
    assert local["not_before"] == "2098-01-01T17:00:00.000000Z"


def test_a_dry_run_shows_all_of_it_and_stores_nothing(home: Home) -> None:
    (home.base / "f").write_text("x\ny\n")
    options = "--timeout 5m --memory 1G --retries 2 --retry-on 1,2 --each-line f%2 --input f --hold --key k --slots 3"
    shown = home.ok("submit", "--dry-run", *options.split(), "echo", "{}").decode().splitlines()
    for line in (
        "command\techo '{}'",
        "limits.timeout\t5m00s",
        "limits.memory\t1.0 GiB",
        "retry.retries\t2",
        "array.tasks\t2",
        "array.at_once\t2",
        f"inputs\tf ({home.base}/f)",
        "hold\tyes",
        "key\tk",
        "slots\t3",
    ):
        assert line in shown
    assert not home.path.exists()


# ── many ───────────────────────────────────────────────────────────────────────────────────────────


def test_100_000_lines_are_one_publication_and_no_file_for_a_task(home: Home) -> None:
    lines = b"".join(b"line %d\n" % number for number in range(100_000))
    job = int(home.ok("submit", "--no-start", "--each-line", "-", "--", "echo", "{}", stdin=lines))
    assert sorted(os.listdir(home.path / "spool" / str(job))) == ["items", "items.index", "spec.json", "status.json"]
    assert home.status(job)["tasks"]["total"] == 100_000


def test_a_line_that_no_command_can_take_is_refused_by_its_number(home: Home) -> None:
    for data, says in (
        (b"a\n" + b"x" * 140_000, b"line 2 of --each-line -"),
        (b"a\nb\0\n", b"line 2 of standard input"),
    ):
        done = home.run("submit", "--each-line", "-", "echo", "{}", stdin=data)
        assert (done.returncode, done.stdout, litter(home)) == (2, b"", [])
        assert says in done.stderr
        assert len(done.stderr.splitlines()) == 1


def test_a_command_whose_name_is_in_the_lines_is_looked_for_when_it_runs(home: Home) -> None:
    assert spec(home, "--each-line", "-", "--", "./{}", stdin=b"a\nb\n")["command"] == ["./{}"]


# ── inputs ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_job_reads_its_inputs_as_they_were(home: Home) -> None:
    (home.base / "tree").mkdir()
    (home.base / "tree" / "a").write_text("one\n")
    (home.base / "f").write_text("two\n")
    job = home.submit(
        "--no-start", "--input", "tree", "--input", "other=f", "-c", 'cd "$JOBCTL_INPUTS"; cat tree/a other'
    )
    (home.base / "tree" / "a").write_text("changed\n")
    (home.base / "f").unlink()
    assert home.run("result", "--wait", str(job)).stdout == b"one\ntwo\n"


def test_inputs_that_cannot_be_frozen_leave_nothing(home: Home) -> None:
    (home.base / "tree").mkdir()
    (home.base / "tree" / "a").write_text("one\n")
    os.mkfifo(home.base / "tree" / "pipe")
    done = home.run("submit", "--input", "tree", "true")
    assert (done.returncode, done.stdout, litter(home)) == (2, b"", [])
    assert b"tree/pipe: it is neither a file nor a directory" in done.stderr


# ── once ───────────────────────────────────────────────────────────────────────────────────────────


def test_the_same_key_is_the_same_job_also_from_another_shell_and_a_minute_later(home: Home) -> None:
    (home.base / "f").write_text("x\n")
    options = ("--no-start", "--key", "k", "--stdin", "f", "--input", "f", "-e", "A=1", "--at", "tomorrow 9:00", "cat")
    assert home.ok("submit", *options) == b"1\n"
    assert home.ok("submit", *options, env={"SSH_TTY": "/dev/pts/7"}) == b"1\n"
    document = json.loads(home.ok("submit", "--json", *options))
    assert (document["id"], document["deduplicated"], document["uuid"]) == (1, True, home.status(1)["uuid"])
    assert os.listdir(home.path / "spool/tmp") == []
    (home.base / "f").write_text("y\n")
    done = home.run("submit", *options)
    assert (done.returncode, done.stdout) == (65, b"")
    assert b"differs in the input f, the standard input;" in done.stderr
    done = home.run("submit", *options[:-1], "tac", cwd=home.path)
    assert done.returncode == 2  # the file is not there
    (home.base / "f").write_text("x\n")
    done = home.run("submit", *options[:-3], "--timeout", "5m", "tac")
    assert b"differs in --at, --timeout, the command;" in done.stderr


def test_a_run_that_overlaps_is_skipped_in_silence_and_names_the_one_that_is_active(home: Home) -> None:
    line = "jobctl submit --no-start --unique backup -- true"
    done = shell(home, f"{line}; {line}; {line}")
    assert (done.stdout, done.stderr) == (b"1\n1\n1\n", b"")


def test_coalesce_cancels_the_one_that_waits_and_replace_all_of_them(home: Home) -> None:
    unique = ("--no-start", "--unique", "backup")
    home.submit(*unique, "true")
    second = home.submit(*unique, "--if-active", "coalesce", "true")
    note = json.loads((home.path / "spool/1/cancel.json").read_bytes())["note"]
    assert note == f"job {second} takes its place"
    third = home.submit(*unique, "--if-active", "replace", "true")
    assert (home.path / f"spool/{second}/cancel.json").exists()
    assert not (home.path / f"spool/{third}/cancel.json").exists()
    assert home.status(third)["waiting_on"] == ["1", "2"]


# ── configuration ──────────────────────────────────────────────────────────────────────────────────


def test_a_full_home_refuses_with_75_and_stores_nothing(home: Home) -> None:
    home.config.write_text("max_pending = 2\n")
    for _ in range(2):
        home.submit("--no-start", "true")
    before = litter(home)
    done = home.run("submit", "true")
    assert (done.returncode, done.stdout, litter(home)) == (75, b"", before)
    assert b"max_pending" in done.stderr


def test_variables_that_the_configuration_names_are_left_out_unless_asked_for(home: Home) -> None:
    home.config.write_text('leave_out_env = ["TOKEN", "NOT_SET"]\n')
    found = spec(home, "true", env={"TOKEN": "hunter2", "KEPT": "1"})["env"]
    assert ("TOKEN" in found, found["KEPT"]) == (False, "1")
    assert spec(home, "-e", "TOKEN", "true", env={"TOKEN": "hunter2"})["env"]["TOKEN"] == "hunter2"


def test_a_setting_of_submit_that_cannot_be_understood_refuses_the_job(home: Home) -> None:
    home.config.write_text("max_pending = 0\n")
    done = home.run("submit", "true")
    assert (done.returncode, litter(home)) == (65, [])
    assert b"max_pending is 0" in done.stderr


def test_watch_shows_the_job_until_it_is_finished(home: Home) -> None:
    done = home.run("submit", "--watch", "--wait", "sh", "-c", "exit 9")
    assert done.returncode == 9
    assert done.stdout.startswith(b"1\n")
    assert b"failed" in done.stdout

"""The Python interface: the same jobs, the same store, the same rules as those of the command."""

from __future__ import annotations

import asyncio
import concurrent.futures
import datetime as dt
import gzip
import inspect
import io
import json
import os
import shutil
import signal
import threading
from typing import TYPE_CHECKING, Any

import pytest

import jobctl
from jobctl.cli import submit as submit_command
from jobctl.client.specify import Request
from jobctl.errors import CommandNotRunnable, Contradiction, NoResultYet, QueueFull, UsageError
from support.gate import Gate
from support.wait import until

if TYPE_CHECKING:
    from pathlib import Path

    from support.installed import Home

pytestmark = pytest.mark.acceptance


@pytest.fixture(autouse=True)
def _in_this_process(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """What this process submits goes to the home of the test."""
    monkeypatch.setenv("JOBCTL_HOME", str(home.path))
    monkeypatch.setenv("JOBCTL_CONFIG", str(home.config))


def spec_of(home: Home, job: jobctl.Job) -> dict[str, Any]:
    document = json.loads((home.path / "spool" / str(job.id) / "spec.json").read_bytes())
    assert isinstance(document, dict)
    return document


def test_a_job_is_submitted_waited_for_and_its_result_fetched() -> None:
    job = jobctl.submit(["printf", "%s\\0", "a b"], name="print", tags=["one"])
    status = job.wait()
    assert (status.state, status.exit_code, status.name, status.tags) == ("completed", 0, "print", ("one",))
    assert job.result() == b"a b\0"
    assert job.logs("stderr") == b""
    assert job.progress() is None


def test_the_command_and_the_interface_see_the_same_jobs(home: Home) -> None:
    job = jobctl.submit("exit 7", shell=True)
    assert home.run("wait", str(job.id)).returncode == 7
    other = home.submit("echo", "hello")
    assert jobctl.job(other).result() == b"hello\n"
    assert jobctl.job("@") == jobctl.job(str(other)) != job
    assert jobctl.jobs() == [job, jobctl.job(other)]
    assert jobctl.jobs(states=["failed"]) == [job]


def test_a_job_that_failed_raises_when_its_result_is_asked_for_and_gives_it_when_told() -> None:
    job = jobctl.submit("echo half; exit 3", shell=True)
    with pytest.raises(jobctl.JobFailed, match=r"job 1 failed: exited with status 3") as failed:
        job.result()
    assert failed.value.status.exit_code == 3
    assert job.result(check=False) == b"half\n"


def test_a_job_that_is_cancelled_is_over_for_whoever_waits() -> None:
    job = jobctl.submit(["sleep", "600"])
    assert job.cancel(reason="enough") is True
    assert job.wait().state == "cancelled"
    assert job.cancel() is False
    with pytest.raises(jobctl.NeverRan if job.status().result is None else jobctl.JobFailed):
        job.result(check=job.status().result is not None)


def test_waiting_gives_up_in_time_and_leaves_the_job_alone(tmp_path: Path) -> None:
    with Gate(tmp_path / "gate") as gate:
        job = jobctl.submit(["flock", "--shared", gate.path, "true"])
        with pytest.raises(jobctl.WaitTimedOut):
            job.wait(timeout=0.01)
        with pytest.raises(NoResultYet):
            job.result_path()
    assert job.wait().state == "completed"


def test_a_job_has_the_surroundings_it_is_given(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HERE", "inherited")
    place = tmp_path / "place"
    place.mkdir()
    before = os.umask(0o027)
    try:
        job = jobctl.submit(
            'umask; pwd; echo "$PWD $HERE $MORE"; cat', shell=True, cwd=place, env={"MORE": "added"}, stdin=b"frozen"
        )
        assert os.umask(0o027) == 0o027, "submit changed the umask of the process"
    finally:
        os.umask(before)
    assert job.result().decode().splitlines() == ["0027", str(place), f"{place} inherited added", "frozen"]
    bare = jobctl.submit(["/usr/bin/env"], env={"ONLY": "1"}, clean_env=True, progress_from="none")
    names = {line.partition(b"=")[0].decode() for line in bare.result().splitlines()}
    assert {name for name in names if not name.startswith("JOBCTL_")} == {"ONLY"}


def test_standard_input_is_frozen_from_bytes_a_path_or_an_open_file(tmp_path: Path) -> None:
    file = tmp_path / "data"
    file.write_bytes(b"one\ntwo\n")
    with file.open("rb") as opened:
        assert opened.readline() == b"one\n"
        sources = (b"bytes", file, str(file), opened, io.BytesIO(b"in memory"))
        jobs = [jobctl.submit(["cat"], stdin=source) for source in sources]
    file.write_bytes(b"changed")
    assert [job.result() for job in jobs] == [b"bytes", b"one\ntwo\n", b"one\ntwo\n", b"two\n", b"in memory"]


#: The same wishes by keyword and by option.
WISHES: list[tuple[dict[str, Any], list[str]]] = [
    ({"queue": "gpu", "priority": 5, "slots": 2, "hold": True}, ["-q", "gpu", "-p", "5", "--slots", "2", "--hold"]),
    ({"after_ok": 1, "after_any": [1, "1"]}, ["--after-ok", "1", "--after-any", "1"]),
    ({"start_in": 90, "max_wait": "1h"}, ["--in", "90s", "--max-wait", "1h"]),
    (
        {"start_at": dt.datetime(2126, 11, 24, 9, 0, 0, 5, tzinfo=dt.UTC)},
        ["--at", "2126-11-24T09:00:00.000005+00:00"],
    ),
    (
        {"timeout": 1.5, "grace": 3, "memory": "512M", "max_output": 4096, "nice": 5, "keep_children": True},
        [
            "--timeout",
            "1500ms",
            "--grace",
            "3s",
            "--memory",
            "512M",
            "--max-output",
            "4K",
            "--nice",
            "5",
            "--keep-children",
        ],
    ),
    (
        {"retries": 2, "retry_delay": 1.5, "retry_backoff": 3, "retry_max_delay": "1h", "retry_on": [75, 1]},
        [
            "--retries",
            "2",
            "--retry-delay",
            "1.5s",
            "--retry-backoff",
            "3",
            "--retry-max-delay",
            "1h",
            "--retry-on",
            "75,1",
        ],
    ),
    (
        {"retries": 1, "no_retry_on": [2], "on_crash": "retry"},
        ["--retries", "1", "--no-retry-on", "2", "--on-crash", "retry"],
    ),
    ({"array": range(0, 10, 3), "at_once": 2, "max_fails": 1}, ["--array", "0-9:3%2", "--max-fails", "1"]),
    ({"key": "k"}, ["--key", "k"]),
    ({"unique": "u", "if_active": "coalesce"}, ["--unique", "u", "--if-active", "coalesce"]),
    ({"pty": True, "progress_from": "none"}, ["--pty", "--progress-from", "none"]),
    (
        {"on_finish": "true", "webhooks": ["https://example.org/a"]},
        ["--on-finish", "true", "--webhook", "https://example.org/a"],
    ),
    (
        {"name": "n", "tags": ["a", "b"], "env": {"A": "1"}, "clean_env": True},
        ["-n", "n", "-t", "a", "-t", "b", "-e", "A=1", "--clean-env"],
    ),
]
#: What makes a submission the same job as another; left out where the two are to be compared.
ONCE: dict[str, None] = {"key": None, "unique": None, "if_active": None}


@pytest.mark.parametrize(
    ("keywords", "options"), WISHES, ids=lambda value: "-".join(value) if isinstance(value, dict) else ""
)
def test_a_keyword_means_what_the_option_means(
    home: Home, keywords: dict[str, Any], options: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    home.config.write_text("[queues.gpu]\nslots = 4\n")
    home.ok("submit", "--no-start", "/bin/true")
    home.ok("submit", "--no-start", *options, "/bin/true")
    monkeypatch.chdir(home.base)
    if "key" in keywords or "unique" in keywords:
        again = jobctl.submit(["/bin/true"], start_daemon=False, **{**keywords, "if_active": keywords.get("if_active")})
        assert (again.id == 2) == ("key" in keywords), "what the command has submitted is the same job"
    job = jobctl.submit(["/bin/true"], start_daemon=False, **{**keywords, **ONCE})
    theirs, ours = (spec_of(home, each) for each in (jobctl.job(2), job))
    its_own = {"uuid", "submitted_at", "steady", "boot", *ONCE}
    for spec in (theirs, ours):
        spec["env"] = spec["env"] if "clean_env" in keywords else None
    assert {key: value for key, value in ours.items() if key not in its_own} == {
        key: value for key, value in theirs.items() if key not in its_own
    }


def test_the_settings_for_submissions_hold_for_programs_too(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.config.write_text('max_pending = 1\nleave_out_env = ["SECRET"]\n')
    monkeypatch.setenv("SECRET", "x")
    job = jobctl.submit(["true"], start_daemon=False)
    assert "SECRET" not in spec_of(home, job)["env"]
    with pytest.raises(QueueFull):
        jobctl.submit(["true"], start_daemon=False)


def test_inputs_are_frozen_under_their_own_names_or_under_others(tmp_path: Path) -> None:
    (tmp_path / "a=b").write_text("one\n")
    (tmp_path / "c").write_text("two\n")
    jobs = [
        jobctl.submit('cat "$JOBCTL_INPUTS/a=b"', shell=True, inputs=[tmp_path / "a=b"]),
        jobctl.submit('cat "$JOBCTL_INPUTS/other"', shell=True, inputs={"other": tmp_path / "c"}),
    ]
    (tmp_path / "a=b").write_text("changed\n")
    assert [job.result() for job in jobs] == [b"one\n", b"two\n"]


def test_the_tasks_of_an_array_are_told_apart() -> None:
    job = jobctl.submit(["sh", "-c", 'echo "$1"; test "$1" != "b c"', "sh", "{}"], each=["a", "b c", "d"])
    assert job.wait().state == "failed"
    assert [task.state for task in job.tasks()] == ["completed", "failed", "completed"]
    assert job.result(check=False) == b"a\nb c\nd\n"
    assert job.result(task=3) == b"d\n"
    with pytest.raises(jobctl.JobFailed, match=r"job 1\.2 failed"):
        job.result(task=2)
    with pytest.raises(jobctl.NoSuchJob, match="its tasks are 1 to 3"):
        job.result_path(task=4)
    with pytest.raises(UsageError, match="name the task"):
        job.result_path()


@pytest.mark.parametrize(
    ("command", "options", "why"),
    [
        ("make", {}, "list of words, or 'make' with shell=True"),
        (["make"], {"shell": True}, "one text"),
        (" ", {"shell": True}, "empty"),
        ([], {}, "no command given"),
        (["true"], {"tags": "one"}, r"tags is a list, as in \['one'\]"),
        (["true"], {"inputs": "one"}, r"inputs is a list, as in \['one'\]"),
        (["true"], {"cwd": "/nowhere"}, "cannot run the job in /nowhere"),
        (["true"], {"timeout": "5"}, "timeout '5' has no unit"),
        (["true"], {"timeout": float("nan")}, "timeout is nan"),
        (["true"], {"stdin": "/nowhere"}, "cannot read /nowhere"),
        (["true"], {"max_fails": 3}, "--max-fails goes with"),
        (["true"], {"at_once": 3}, "at_once goes with array or each"),
        (["true"], {"array": range(0)}, "no indices of tasks"),
        (["true"], {"array": range(5, 0, -1)}, "no indices of tasks"),
        (["true"], {"each": "abc"}, "each is a list"),
        (["true"], {"each": ["a\nb"]}, "has several lines"),
        (["true"], {"on_crash": "explode"}, "none of fail, retry, hold"),
        (["true"], {"env": {"A=B": "1"}}, "cannot be the name of a variable"),
    ],
)
def test_a_mistake_is_said_and_nothing_is_stored(home: Home, command: Any, options: dict[str, Any], why: str) -> None:
    with pytest.raises(UsageError, match=why):
        jobctl.submit(command, **options)
    assert not home.path.exists()


@pytest.mark.parametrize(
    "options",
    [
        {"name": 5},
        {"tags": [1]},
        {"priority": 1.5},
        {"retries": "2"},
        {"memory": 1.5},
        {"env": {"A": None}},
        {"stdin": io.StringIO("text")},
        {"stdin": 5},
        {"array": 10},
        {"start_at": "tomorrow"},
        {"retry_on": ["a"], "retries": 1},
        {"on_finish": ["true"]},
        {"after_ok": 1.5},
    ],
    ids=str,
)
def test_a_value_of_another_type_is_refused_and_nothing_is_stored(home: Home, options: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match=next(iter(options)) if "after_ok" not in options else "float"):
        jobctl.submit(["true"], **options)
    assert not home.path.exists()


def test_every_option_of_the_command_is_a_keyword() -> None:
    #: Called otherwise, or two in one.
    others = {"tag": "tags", "chdir": "cwd", "no_check": "check", "at": "start_at", "webhook": "webhooks"}
    others |= {"each_line": "each", "command": "command", "no_start": "start_daemon"}
    #: What a program does with the job that it is given.
    after = {"id_file", "wait", "watch", "json", "dry_run", "options"}
    wanted = {*Request._fields, *inspect.signature(submit_command.run).parameters} - after
    assert {others.get(name, name) for name in wanted} | {"at_once"} == set(inspect.signature(jobctl.submit).parameters)


def test_what_does_not_exist_is_said(home: Home) -> None:
    with pytest.raises(CommandNotRunnable, match="no-such-command"):
        jobctl.submit(["no-such-command"])
    for look in (lambda: jobctl.job(17), lambda: jobctl.submit(["true"], after_ok=17)):
        with pytest.raises(jobctl.NoSuchJob, match="no job 17"):
            look()
    assert jobctl.jobs() == []


def test_a_full_disk_is_an_error_of_ours_and_leaves_nothing(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOBCTL_HOME", "/proc/nowhere")
    with pytest.raises(jobctl.JobctlError):
        jobctl.submit(["true"])


def test_durations_may_be_timedeltas_and_commands_paths_and_bytes(home: Home, tmp_path: Path) -> None:
    job = jobctl.submit([tmp_path / "later", b"\xff"], timeout=dt.timedelta(minutes=2), check=False, start_daemon=False)
    spec = spec_of(home, job)
    assert (spec["command"], spec["limits"]["timeout"]) == ([str(tmp_path / "later"), "\udcff"], 120)


def test_standard_input_is_what_a_file_object_reads_not_what_its_descriptor_has(tmp_path: Path) -> None:
    with gzip.open(tmp_path / "packed", "wb") as packed:
        packed.write(b"plain\n")
    reading, writing = os.pipe()
    os.write(writing, b"one\ntwo\n")
    os.close(writing)
    with gzip.open(tmp_path / "packed") as unpacked, os.fdopen(reading, "rb") as pipe:
        assert pipe.readline() == b"one\n"
        jobs = [jobctl.submit(["cat"], stdin=source) for source in (unpacked, pipe)]
    assert [job.result() for job in jobs] == [b"plain\n", b"two\n"]


def test_a_job_that_is_retried_has_its_old_attempts_and_a_new_result(tmp_path: Path) -> None:
    job = jobctl.submit(f"echo $JOBCTL_ATTEMPT; test -e {tmp_path}/mended", shell=True)
    assert job.wait().state == "failed"
    (tmp_path / "mended").touch()
    assert job.retry().result() == b"2\n"
    assert [job.logs(attempt=number) for number in (1, 2)] == [b"1\n", b"2\n"]
    with pytest.raises(jobctl.NoSuchJob, match="no attempt 3"):
        job.logs(attempt=3)
    again = job.rerun()
    assert (again.id, again.result()) == (job.id + 1, b"1\n")


def test_of_an_array_job_only_the_tasks_that_failed_are_retried(tmp_path: Path) -> None:
    command = f'echo "$JOBCTL_ITEM"; test "$JOBCTL_ITEM" != b || test -e {tmp_path}/mended'
    job = jobctl.submit(command, shell=True, each=["a", "b"])
    assert job.wait().state == "failed"
    (tmp_path / "mended").touch()
    assert job.retry().wait().state == "completed"
    assert [task.attempt for task in job.tasks()] == [1, 2]
    assert (job.logs(), job.logs(task=2, attempt=1)) == (b"a\nb\n", b"b\n")
    with pytest.raises(Contradiction, match="no task of it failed"):
        job.retry()
    assert job.retry(tasks=[1]).wait().state == "completed"
    assert [task.attempt for task in job.tasks()] == [2, 2]


def test_a_job_that_is_held_starts_when_it_is_released() -> None:
    job = jobctl.submit(["true"], hold=True)
    with pytest.raises(TimeoutError, match="job 1 goes on"):
        job.wait(timeout=0.01)
    job.release()
    assert job.wait().state == "completed"
    with pytest.raises(Contradiction, match="cannot be held"):
        job.hold()


def test_waiting_in_vain_leaves_no_descriptor_open() -> None:
    job = jobctl.submit(["true"], hold=True)
    before = len(os.listdir("/dev/fd"))
    for _ in range(3):
        with pytest.raises(jobctl.WaitTimedOut):
            job.wait(timeout=0.001)
    assert len(os.listdir("/dev/fd")) <= before
    job.cancel()


def test_threads_may_submit_and_wait_at_the_same_time() -> None:
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        results = pool.map(lambda number: jobctl.submit(["echo", str(number)], stdin=b"x").result(), range(8))
    assert sorted(map(int, results)) == list(range(8))


def test_what_may_be_a_mistake_is_a_warning_that_names_the_caller() -> None:
    with pytest.warns(RuntimeWarning, match="JOBCTL_ITEM") as told:
        jobctl.submit("echo {}", shell=True, each=["a"], start_daemon=False)
    assert [warning.filename for warning in told] == [__file__]


# ── futures ────────────────────────────────────────────────────────────────────────────────────────


def test_futures_are_done_as_their_jobs_finish(tmp_path: Path) -> None:
    with Gate(tmp_path / "gate") as gate, jobctl.JobExecutor(tags=["batch"], queue="default") as executor:
        slow = executor.submit(["flock", "--shared", gate.path, "true"])
        quick = [executor.submit(["echo", str(number)]) for number in range(3)]
        done, waiting = concurrent.futures.wait([*quick], return_when=concurrent.futures.ALL_COMPLETED)
        assert (len(done), len(waiting), slow.done()) == (3, 0, False)
        assert [future.result() for future in quick] == [b"0\n", b"1\n", b"2\n"]
        gate.open()
        assert list(concurrent.futures.as_completed([slow, *quick], timeout=60))
    assert slow.done()
    assert {job.status().tags for job in jobctl.jobs()} == {("batch",)}


def test_a_future_tells_how_its_job_failed_or_that_it_was_cancelled() -> None:
    with jobctl.JobExecutor() as executor:
        failing = executor.submit("exit 3", shell=True)
        cancelled = executor.submit(["sleep", "600"])
        assert isinstance(failing.exception(timeout=60), jobctl.JobFailed)
        with pytest.raises(jobctl.JobFailed, match="status 3"):
            failing.result()
        assert cancelled.cancel() is True
        with pytest.raises(concurrent.futures.CancelledError):
            cancelled.result(timeout=60)
        assert cancelled.cancelled()
        assert failing.cancel() is False
    with pytest.raises(RuntimeError, match="was shut down"):
        executor.submit(["true"])


def test_an_executor_that_is_shut_down_may_cancel_its_jobs() -> None:
    executor = jobctl.JobExecutor()
    future = executor.submit(["sleep", "600"])
    executor.shutdown(cancel_futures=True)
    assert future.cancelled()
    assert future.job.status().state == "cancelled"


def test_a_future_can_be_awaited() -> None:
    async def both() -> list[bytes]:
        with jobctl.JobExecutor() as executor:
            futures = [executor.submit(["echo", word]) for word in ("a", "b")]
            await asyncio.gather(*map(asyncio.wrap_future, futures))
        return [future.result() for future in futures]

    assert asyncio.run(both()) == [b"a\n", b"b\n"]


def test_a_job_of_somebody_else_can_be_followed(home: Home) -> None:
    job = jobctl.job(home.submit("echo", "theirs"))
    job.wait()
    assert jobctl.JobExecutor().watch(job).result(timeout=0) == b"theirs\n"


def test_a_future_whose_job_is_taken_away_is_done_all_the_same(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOBCTL_NO_START", "1")
    executor = jobctl.JobExecutor()
    future = executor.submit(["true"], hold=True)
    other = executor.submit(["true"], hold=True)
    shutil.rmtree(home.path / "spool" / "1")
    shutil.rmtree(home.path / "active")
    assert isinstance(future.exception(timeout=60), jobctl.NoSuchJob)
    shutil.rmtree(home.path)
    assert isinstance(other.exception(timeout=60), jobctl.NoSuchJob)


def test_futures_outlive_the_daemon(home: Home) -> None:
    with jobctl.JobExecutor() as executor:
        futures = [executor.submit(["sh", "-c", "sleep 0.2; echo $1", "sh", str(number)]) for number in range(6)]
        done = concurrent.futures.as_completed(futures, timeout=60)
        next(done)
        os.kill(json.loads((home.path / "daemon.json").read_bytes())["process"]["pid"], signal.SIGKILL)
        assert len(list(done)) == 5
    assert [future.result() for future in futures] == [b"%d\n" % number for number in range(6)]


def test_the_thread_of_an_executor_ends_with_its_last_job() -> None:
    executor = jobctl.JobExecutor()
    executor.submit(["true"]).result(timeout=60)
    until(lambda: "jobctl-executor" not in {thread.name for thread in threading.enumerate()}, "the thread to end")
    assert executor.submit(["true"]).exception(timeout=60) is None


# ── the package ────────────────────────────────────────────────────────────────────────────────────


def test_every_name_of_the_interface_is_there_and_documented() -> None:
    assert set(dir(jobctl)) == set(jobctl.__all__)
    for name in jobctl.__all__:
        found = getattr(jobctl, name)
        if not isinstance(found, str):
            assert inspect.getdoc(found), name
    with pytest.raises(AttributeError, match="nonsense"):
        jobctl.nonsense  # noqa: B018  # that it raises is the point

"""retry, rerun, hold, release, edit, queue, clean, and tasks of array jobs: the installed command and a real daemon."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from jobctl.model.array import Array
from jobctl.store import home as homes
from jobctl.store import records, spool
from support.wait import until

if TYPE_CHECKING:
    from jobctl.store.layout import Layout
    from support.installed import Home

pytestmark = pytest.mark.acceptance


def layout(home: Home) -> Layout:
    return homes.create({"JOBCTL_HOME": str(home.path)})


def refused(home: Home, *arguments: str, status: int, why: str) -> None:
    """Demand that the command says in one line *why* it exits with *status*, and prints nothing."""
    done = home.run(*arguments)
    assert (done.returncode, done.stdout) == (status, b""), done
    assert done.stderr.startswith(b"jobctl: ")
    assert done.stderr.count(b"\n") == 1
    assert why in done.stderr.decode()


def array(home: Home, script: str, size: int = 3) -> int:
    """Submit an array job, as `submit --array` does, from the specification of another job, which never starts."""
    first = home.submit("--no-start", "-c", script)
    place = layout(home)
    spec = records.spec(place, first).but(array=Array(tasks=size))
    home.run("cancel", str(first), "--no-wait", env={"JOBCTL_NO_START": "1"})
    number = spool.deposit(place, spec)
    home.ok("daemon", "start")
    return number


def occupy(home: Home, gate: str = "gate") -> int:
    """Take the only slot of the queue `default` until the file *gate* is there."""
    home.ok("queue", "set", "default", "--slots", "1")
    job = home.submit("-c", f"until test -e {gate}; do sleep 0.05; done")
    home.await_state(job, "processing")
    return job


# ── retry and rerun ─────────────────────────────────────────────────────────────────────────────────


def test_a_retried_job_runs_again_under_its_id_and_keeps_its_first_attempt(home: Home) -> None:
    job = home.submit("-c", "echo run $JOBCTL_ATTEMPT; test -e good")
    assert home.run("wait", str(job)).returncode == 1
    (home.base / "good").touch()
    assert home.ok("retry", str(job)) == b""
    assert home.status(job)["retried"] == 1
    home.ok("wait", str(job))
    assert home.ok("result", str(job)) == b"run 2\n"
    assert home.ok("result", str(job), "--attempt", "1") == b"run 1\n"
    assert home.ok("logs", str(job), "--attempt", "1") == b"run 1\n"
    assert [entry["exit_code"] for entry in home.status(job)["attempts"]] == [1, 0]


def test_an_unfinished_job_is_not_retried(home: Home) -> None:
    job = home.submit("sleep", "100")
    home.await_state(job, "processing")
    refused(home, "retry", str(job), status=75, why=f"job {job} is still processing; retry it when it is finished")
    assert home.status(job)["retried"] == 0


def test_every_failed_job_is_retried_and_no_other(home: Home) -> None:
    bad = [home.submit("false"), home.submit("-t", "x", "false")]
    good = home.submit("true")
    home.run("wait", f"{bad[0]}-{good}")
    printed = home.ok("retry", "--failed", "--tag", "x", "--json")
    assert [json.loads(line)["id"] for line in printed.splitlines()] == [bad[1]]
    home.run("wait", str(bad[1]))
    home.ok("retry", "--failed")
    home.run("wait", f"{bad[0]}-{good}")
    assert [home.status(job)["attempt"] for job in (*bad, good)] == [2, 3, 1]


def test_what_cannot_be_retried_keeps_the_others_from_nothing(home: Home) -> None:
    bad, running = home.submit("false"), home.submit("sleep", "100")
    home.run("wait", str(bad))
    home.await_state(running, "processing")
    done = home.run("retry", str(running), str(bad))
    assert done.returncode == 75
    home.run("wait", str(bad))
    assert home.status(bad)["attempt"] == 2


def test_a_job_that_was_cancelled_before_it_started_is_retried(home: Home) -> None:
    occupy(home)
    job = home.submit("true")
    home.ok("cancel", str(job))
    home.ok("retry", str(job))
    assert home.status(job)["state"] == "queued"
    (home.base / "gate").touch()
    home.ok("wait", str(job))


def test_a_rerun_is_a_new_job_of_the_same_specification_and_input(home: Home) -> None:
    first = home.submit("-n", "x", "-t", "a", "-e", "WORD=yes", "--stdin", "-", "-c", "cat; echo $WORD", stdin=b"in\n")
    home.ok("wait", str(first))
    again = int(home.ok("rerun", str(first)))
    assert again > first
    home.ok("wait", str(again))
    assert home.ok("result", str(again)) == b"in\nyes\n"
    one, other = home.status(first), home.status(again)
    assert (other["name"], other["tags"], other["command"]) == (one["name"], one["tags"], one["command"])
    assert other["uuid"] != one["uuid"]
    printed = json.loads(home.ok("rerun", "--json", str(first)))
    assert (printed["again"], printed["id"]) == (first, again + 1)


# ── hold, release, edit ─────────────────────────────────────────────────────────────────────────────


def test_a_held_job_starts_when_it_is_released(home: Home) -> None:
    occupy(home)
    job = home.submit("true")
    assert home.ok("hold", str(job), "--reason", "the disk is full") == b""
    assert home.status(job)["held"] is True
    (home.base / "gate").touch()
    later = home.submit("true")
    home.ok("wait", str(later))
    assert (home.status(job)["state"], home.status(job)["reason"]) == ("queued", "held")
    assert home.status(job)["error"] == {"code": "held", "message": "the disk is full"}
    home.ok("release", str(job))
    home.ok("wait", str(job))
    assert (home.status(job)["held"], home.status(job)["error"]) == (False, None)


def test_a_job_that_runs_or_is_finished_cannot_be_held_or_edited(home: Home) -> None:
    finished, running = home.submit("true"), home.submit("sleep", "100")
    home.ok("wait", str(finished))
    home.await_state(running, "processing")
    for command, past in ((("hold",), "held"), (("edit", "--priority", "1"), "edited")):
        refused(home, *command, str(running), status=75, why=f"{past}: it runs already; `jobctl cancel {running}`")
        refused(home, *command, str(finished), status=65, why=f"{past}: it is finished, completed")
    assert home.ok("hold", "--all") == b""
    assert home.status(running)["held"] is False


def test_an_edited_job_goes_by_its_new_priority_and_queue(home: Home) -> None:
    occupy(home)
    home.ok("queue", "set", "other", "--slots", "1")
    home.ok("queue", "pause", "other")
    slow, quick, moved = (home.submit("-c", f"echo {name} >> order") for name in ("slow", "quick", "moved"))
    home.ok("edit", str(quick), "--priority", "5", "--timeout", "1h", "--memory", "1G")
    home.ok("edit", str(moved), "--queue", "other", "--max-wait", "none")
    assert home.status(quick)["priority"] == 5
    assert home.status(moved)["queue"] == "other"
    (home.base / "gate").touch()
    home.ok("wait", str(slow), str(quick))
    assert (home.base / "order").read_text() == "quick\nslow\n"
    home.ok("queue", "resume", "other")
    home.ok("wait", str(moved))


SENSELESS = {
    "edit 1": "say what to edit",
    "edit --priority 1": "name the jobs",
    "edit 1 --timeout 5": "has no unit",
    "edit 1 --memory much": "not understood",
    "edit 1 --slots 0": "at least one slot",
    "edit 1 --queue \x01": "cannot be a name",
    "edit 1 --queue nope": "there is no queue 'nope'",
    "submit --id-file= true": "--id-file was given no name",
    "submit --chdir= true": "a directory without a name",
    "submit --stdin /dev/zero true": "it is a device",
    "edit 1 --nice 99": "not from -20 to 19",
    "hold": "name the jobs",
    "release": "name the jobs",
    "retry": "name the jobs",
    "rerun": "name the jobs",
    "retry --failed --state failed": "either --failed or --state",
    "retry --state queued": "none of completed, failed, cancelled",
    "clean --state queued": "none of completed, failed, cancelled",
    "clean --keep -1": "negative",
    "clean --older-than 3": "has no unit",
    "queue set x --slots 0": "1 to 100000 slots",
    "queue set \x01 --slots 1": "cannot be a name",
}


def test_what_makes_no_sense_is_a_usage_error(home: Home) -> None:
    home.ok("submit", "--no-start", "true")
    for command, why in SENSELESS.items():
        refused(home, *command.split(" "), status=2, why=why)


def test_an_unknown_job_is_an_error_of_every_verb(home: Home) -> None:
    home.ok("submit", "--no-start", "true")
    for command in ("retry", "rerun", "hold", "release", "clean", "edit --priority 1"):
        refused(home, *command.split(), "7", status=127, why="no job 7")


# ── queues ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_paused_queue_starts_nothing_until_it_is_resumed_and_others_go_on(home: Home) -> None:
    home.ok("queue", "pause", "default")
    job = home.submit("true")
    until(lambda: home.status(job)["reason"] == "queue-paused", "the job to wait for its queue")
    (line,) = home.ok("queue").decode().splitlines()
    assert line.split("\t")[0:5:2] == ["default", "0", "yes"]
    home.ok("queue", "resume", "default")
    home.ok("wait", str(job))


def test_slots_change_while_jobs_wait(home: Home) -> None:
    occupy(home)
    job = home.submit("true")
    home.ok("queue", "set", "default", "--slots", "2")
    home.ok("wait", str(job))
    listed = json.loads(home.ok("queue", "list", "--json"))
    shown = {"name": "default", "slots": 2, "used": 1, "waiting": 0, "paused": False, "draining": False}
    assert listed == {"v": 1, **shown, "slots_from": "set"}


def test_draining_waits_for_what_runs(home: Home) -> None:
    running = occupy(home)
    waiting = home.submit("true")
    home.ok("queue", "pause", "default")
    assert home.ok("queue").split(b"\t")[-2] == b"yes"
    (home.base / "gate").touch()
    home.ok("queue", "pause", "default", "--drain")
    assert [home.status(job)["state"] for job in (running, waiting)] == ["completed", "queued"]


def test_a_queue_is_removed_when_nothing_is_in_it_and_the_default_never(home: Home) -> None:
    refused(home, "queue", "pause", "unheard-of", status=65, why="no queue 'unheard-of'")
    refused(home, "queue", "remove", "default", status=65, why="always there")
    home.ok("queue", "set", "side", "--slots", "2")
    home.ok("queue", "pause", "side")
    occupy(home)
    job = home.submit("true")
    home.ok("edit", str(job), "--queue", "side")
    refused(home, "queue", "remove", "side", status=65, why=f"job {job} in it is not finished")
    home.ok("cancel", str(job))
    home.ok("queue", "remove", "side")
    assert [line.split(b"\t")[0] for line in home.ok("queue").splitlines()] == [b"default"]


def test_the_default_queue_goes_back_to_what_the_configuration_says(home: Home) -> None:
    occupy(home)
    home.ok("queue", "set", "default", "--slots", "7")
    done = home.run("config", "set", "queues.default.slots", "3")
    assert done.returncode == 0
    assert b"keeps the 7 slots" in done.stderr
    assert b"`jobctl queue remove default`" in done.stderr
    assert home.ok("queue").split(b"\t")[1:] == [b"7", b"1", b"0", b"no", b"no", b"set\n"]
    home.ok("queue", "remove", "default")
    assert home.ok("queue").split(b"\t")[1:] == [b"3", b"1", b"0", b"no", b"no", b"config\n"]
    home.ok("config", "set", "queues.default.slots", "4")


def test_a_queue_in_the_configuration_is_removed_there(home: Home) -> None:
    home.config.write_text("[queues.night]\nslots = 3\n")
    home.ok("queue", "set", "night", "--slots", "9")
    refused(home, "queue", "remove", "night", status=65, why=f"as {home.config} has it; remove it there")
    assert b"night\t3\t" in home.ok("queue")


def test_a_damaged_file_of_queues_is_named_and_the_daemon_goes_on(home: Home) -> None:
    home.ok("queue", "set", "default", "--slots", "3")
    (home.path / "queues.json").write_text("{")
    refused(home, "queue", "list", status=65, why="queues.json")
    job = home.submit("true")
    home.ok("wait", str(job))


# ── clean ───────────────────────────────────────────────────────────────────────────────────────────


def finished(home: Home, *commands: str) -> list[int]:
    jobs = [home.submit(command) for command in commands]
    home.run("wait", *map(str, jobs))
    until(lambda: not any((home.path / "active" / str(job)).exists() for job in jobs), "the daemon to be done")
    return jobs


def known(home: Home) -> list[int]:
    return sorted(int(path.name) for path in (home.path / "spool").iterdir() if path.name.isdigit())


def test_clean_forgets_what_is_finished_and_says_before_what_that_is(home: Home) -> None:
    jobs = finished(home, "true", "false")
    running = home.submit("sleep", "100")
    assert home.ok("clean", "--dry-run").split() == [str(job).encode() for job in jobs]
    assert known(home) == [*jobs, running]
    answer = json.loads(home.ok("clean", "--json"))
    assert (answer["v"], answer["jobs"], answer["dry_run"]) == (1, jobs, False)
    assert answer["bytes"] > 0
    assert known(home) == [running]
    assert home.run("status", str(jobs[0])).returncode == 127
    assert os.listdir(home.path / "spool" / "tmp") == []


def test_clean_chooses_by_state_age_and_how_many_to_keep(home: Home) -> None:
    one, two, three, four = finished(home, "true", "false", "true", "true")
    home.ok("clean", "--older-than", "1h")
    assert known(home) == [one, two, three, four]
    home.ok("clean", "--state", "completed", "--keep", "1")
    assert len(known(home)) == 2
    assert two in known(home)
    home.ok("clean", str(two))
    assert two not in known(home)


def test_an_unfinished_job_is_refused_and_the_others_are_forgotten(home: Home) -> None:
    (done,) = finished(home, "true")
    running = home.submit("sleep", "100")
    home.await_state(running, "processing")
    refused(home, "clean", str(running), str(done), status=75, why="only finished jobs are forgotten; cancel it first")
    assert known(home) == [running]


def test_the_next_id_is_a_new_one_after_all_was_forgotten(home: Home) -> None:
    jobs = finished(home, "true", "true")
    home.ok("clean")
    (home.path / "sequence").write_text("")  # as after a power cut
    assert home.submit("true") == jobs[-1] + 1


def test_the_daemon_forgets_what_is_older_than_configured(home: Home) -> None:
    old, young = finished(home, "true", "true")
    path = home.path / "spool" / str(old) / "status.json"
    document = json.loads(path.read_bytes())
    path.write_text(json.dumps({**document, "finished_at": "2001-01-01T00:00:00.000000Z"}) + "\n")
    home.config.write_text('retain = "30d"\n')
    until(lambda: known(home) == [young], "the old job to be forgotten")


# ── tasks ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def three(home: Home) -> int:
    """An array job of three tasks of which the second failed, with status 7."""
    script = 'echo "out $JOBCTL_TASK.$JOBCTL_ATTEMPT"; echo "err $JOBCTL_TASK" >&2; test $JOBCTL_TASK != 2 || exit 7'
    job = array(home, script)
    home.run("wait", str(job))
    return job


def test_a_task_is_shown_fetched_and_waited_for_by_itself(home: Home, three: int) -> None:
    document = json.loads(home.ok("status", "--json", f"{three}.2"))
    assert (document["id"], document["task"], document["state"], document["exit_code"]) == (three, 2, "failed", 7)
    assert home.ok("result", f"{three}.1") == b"out 1.1\n"
    assert home.run("result", f"{three}.2").returncode == 7
    assert home.ok("logs", f"{three}.3", "--stderr") == b"err 3\n"
    assert home.run("wait", f"{three}.2").returncode == 7
    home.ok("wait", f"{three}.1", f"{three}.3")
    refused(home, "status", f"{three}.4", status=127, why=f"job {three} has no task 4: its tasks are 1 to 3")
    refused(home, "hold", f"{three}.1", status=2, why="takes whole jobs")


def test_of_an_array_job_all_results_and_logs_come_in_order(home: Home, three: int) -> None:
    done = home.run("result", str(three))
    assert (done.returncode, done.stdout) == (7, b"out 1.1\nout 2.1\nout 3.1\n")
    lines = [json.loads(line) for line in home.run("result", "--json", str(three)).stdout.splitlines()]
    assert [(line["task"], line["exit_code"]) for line in lines] == [(1, 0), (2, 7), (3, 0)]
    assert home.ok("logs", str(three), "--stdout") == b"out 1.1\nout 2.1\nout 3.1\n"
    assert home.run("wait", str(three)).returncode == 7
    assert home.ok("logs", "-f", str(three), "--stdout") == b"out 1.1\nout 2.1\nout 3.1\n"


def test_a_retry_of_an_array_job_runs_what_did_not_complete(home: Home, three: int) -> None:
    home.ok("retry", str(three))
    home.run("wait", str(three))
    assert home.run("result", str(three)).stdout == b"out 1.1\nout 2.2\nout 3.1\n"
    home.ok("retry", f"{three}.3")
    home.run("wait", str(three))
    assert home.run("result", str(three)).stdout == b"out 1.1\nout 2.2\nout 3.2\n"
    home.ok("retry", "--all-tasks", str(three))
    home.run("wait", str(three))
    assert home.run("result", str(three)).stdout == b"out 1.2\nout 2.3\nout 3.3\n"


def test_a_task_that_never_started_is_retried_by_itself(home: Home) -> None:
    home.ok("queue", "pause", "default")
    job = array(home, "echo $JOBCTL_TASK")
    home.ok("cancel", str(job))
    home.ok("queue", "resume", "default")
    home.ok("retry", f"{job}.2")
    home.ok("wait", f"{job}.2")
    until(lambda: home.status(job)["state"] == "cancelled", "the job to be over")
    assert home.status(job)["tasks"]["cancelled"] == 2
    assert home.run("result", str(job)).stdout == b"2\n"
    home.ok("retry", str(job))
    home.ok("wait", str(job))
    assert home.ok("result", str(job)) == b"1\n2\n3\n"


def test_a_task_is_cancelled_and_the_others_go_on(home: Home) -> None:
    home.ok("queue", "set", "default", "--slots", "3")
    job = array(home, "until test -e gate; do sleep 0.05; done")
    for task in (1, 2, 3):
        home.start_record(job, task)
    home.ok("cancel", f"{job}.2")
    states = [json.loads(home.ok("status", "--json", f"{job}.{task}"))["state"] for task in (1, 2, 3)]
    assert states == ["processing", "cancelled", "processing"]
    (home.base / "gate").touch()
    home.ok("wait", f"{job}.1", f"{job}.3")


def test_the_tasks_of_a_held_array_job_wait_while_others_of_it_run(home: Home) -> None:
    home.ok("queue", "set", "default", "--slots", "1")
    job = array(home, "until test -e gate; do sleep 0.05; done")
    home.start_record(job, 1)
    until(lambda: home.status(job)["state"] == "processing", "the job to be shown as running")
    home.ok("hold", str(job))
    (home.base / "gate").touch()
    home.ok("wait", f"{job}.1")
    assert json.loads(home.ok("status", "--json", f"{job}.2"))["state"] == "queued"
    home.ok("release", str(job))
    home.ok("wait", str(job))


def test_the_failed_tasks_are_shown_with_their_job(home: Home, three: int) -> None:
    shown = home.ok("status", "--color", "always", str(three), env={"NO_COLOR": "1", "COLUMNS": "100"}).decode()
    assert "3: 2 completed, 1 failed" in shown
    assert f"{three}.2 (exit 7)" in shown


def test_a_key_is_forgotten_with_its_job_and_may_be_used_again(home: Home) -> None:
    first = home.submit("--key", "nightly", "true")
    assert home.run("wait", str(first)).returncode == 0
    home.ok("clean", str(first))
    assert os.listdir(home.path / "keys") == []
    assert home.submit("--key", "nightly", "true") > first

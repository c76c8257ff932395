"""What jobs tell by themselves: webhooks, commands, events, why, and output as JSON; with the daemon killed between."""

from __future__ import annotations

import json
import signal
import subprocess
from typing import TYPE_CHECKING, Any

from standardwebhooks import Webhook

from support.installed import COMMAND
from support.receiver import Receiver
from support.terminal import Terminal
from support.wait import until

if TYPE_CHECKING:
    from support.installed import Home

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
GATE = "while [ ! -e go ]; do sleep 0.05; done"


def rows(answer: bytes) -> list[list[str]]:
    return [line.split("\t") for line in answer.decode().splitlines()]


def documents(answer: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in answer.splitlines()]


# ── push ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_webhook_is_signed_and_holds_the_status_and_nothing_of_the_environment(home: Home) -> None:
    home.config.write_text(f'[notify]\nsecret = "{SECRET}"\n')
    with Receiver() as receiver:
        job = home.submit("-e", "TOKEN=hunter2", "--webhook", receiver.url, "-c", "exit 3")
        receiver.wait_for(1)
        headers, body = receiver.received[0]
    told = Webhook(SECRET).verify(body, headers)
    assert (told["event"], told["delivery"], told["job"]) == ("job.finished", headers["webhook-id"], home.status(job))
    assert b"hunter2" not in body


def test_a_receiver_that_is_dead_holds_up_no_job_and_is_told_when_it_is_back(home: Home) -> None:
    with Receiver(None) as silent, Receiver((503, {"Retry-After": "1"}), 204) as back:
        job = home.submit("--webhook", silent.url, "--webhook", back.url, "true")
        assert home.run("submit", "-W", "-c", "exit 5", timeout=20).returncode == 5
        back.wait_for(2)
        until(lambda: home.ok("deliveries").count(b"delivered") == 1, "the delivery to be on record")
        listed = rows(home.ok("deliveries", "list", str(job)))
    assert [(row[0], row[1], row[2]) for row in listed] == [
        (f"{job}:1", "waiting", "0"),
        (f"{job}:2", "delivered", "2"),
    ]
    assert len({headers["webhook-id"] for headers, _ in back.received}) == 1


def test_what_waits_survives_the_daemon_and_is_told_by_the_next_one(home: Home) -> None:
    with Receiver(500, 204) as receiver:
        home.submit("--webhook", receiver.url, "true")
        receiver.wait_for(1)
        until(lambda: b"HTTP 500" in home.ok("deliveries"), "the failure to be on record")
        home.kill_daemon()
        home.ok("deliveries", "redeliver", "1:1")
        receiver.wait_for(2)
        until(lambda: b"delivered" in home.ok("deliveries"), "it to be delivered")


def test_a_daemon_killed_while_a_job_runs_still_tells_of_its_end(home: Home) -> None:
    with Receiver() as receiver:
        job = home.submit("--webhook", receiver.url, "--on-finish", "echo told >> told", "-c", f"{GATE}; exit 4")
        home.await_state(job, "processing")
        home.kill_daemon()
        (home.base / "go").touch()
        until((home.path / "spool" / str(job) / "1.1" / "final.json").exists, "the job to end")
        home.ok("daemon", "start")
        receiver.wait_for(1)
        until((home.base / "told").exists, "the command to be run")
    assert json.loads(receiver.received[0][1])["job"]["exit_code"] == 4


def test_a_sender_that_is_killed_loses_nothing(home: Home) -> None:
    with Receiver(None, 204) as receiver:
        home.submit("--webhook", receiver.url, "true")
        receiver.wait_for(1)
        (sender,) = [process for process in home.processes() if "jobctl.daemon.sender" in process.cmdline()]
        sender.send_signal(signal.SIGKILL)
        sender.wait(10)
        home.ok("deliveries", "redeliver", "1:1")
        receiver.wait_for(2)


def test_a_command_that_is_told_may_submit_another_job(home: Home) -> None:
    home.submit("--on-finish", f'{COMMAND} submit -n next echo "$JOBCTL_JOB_ID $JOBCTL_STATE"', "-c", "exit 3")
    until((home.path / "spool" / "2" / "status.json").exists, "the other job")
    assert home.run("wait", "2").returncode == 0
    assert home.ok("result", "2") == b"1 failed\n"


def test_an_address_that_is_none_is_refused_and_nothing_is_stored(home: Home) -> None:
    for arguments in (["--webhook", "ftp://example.org"], ["--on-finish", " "]):
        done = home.run("submit", *arguments, "true")
        assert (done.returncode, done.stdout) == (2, b"")
    assert not home.path.exists()


def test_a_delivery_that_does_not_exist_is_an_error(home: Home) -> None:
    home.submit("--no-start", "true")
    assert home.run("deliveries", "redeliver", "1:1").returncode == 127
    assert home.run("deliveries", "redeliver", "x").returncode == 2
    assert home.ok("deliveries") == b""
    assert home.run("deliveries", "list", "99").returncode == 127


# ── events ──────────────────────────────────────────────────────────────────────────────────────────


def test_events_are_numbered_and_resumed_and_chosen_by_job(home: Home) -> None:
    for command in ("true", "false"):
        home.run("submit", "-W", command)
    everything = documents(home.ok("events", "--json"))
    assert [event["seq"] for event in everything] == [1, 2, 3, 4, 5, 6]
    assert everything == home.events()
    assert [event["seq"] for event in documents(home.ok("events", "--json", "--since", "4"))] == [5, 6]
    assert [row[5] for row in rows(home.ok("events", "2"))] == ["queued", "processing", "failed"]
    assert home.run("events", "9").returncode == 127


def test_events_are_followed_as_they_come(home: Home) -> None:
    home.run("submit", "-W", "true")
    follower = subprocess.Popen(
        [COMMAND, "events", "-f", "--json", "--since", "3"], env=home.environ, stdout=subprocess.PIPE
    )
    try:
        home.run("submit", "-W", "false")
        assert follower.stdout is not None
        seen = [json.loads(follower.stdout.readline()) for _ in range(3)]
        assert [(event["seq"], event["id"], event["to"]) for event in seen][-1] == (6, 2, "failed")
    finally:
        follower.kill()
        follower.wait()
        if follower.stdout is not None:
            follower.stdout.close()


def test_a_number_that_no_event_here_has_is_told_and_not_waited_for(home: Home) -> None:
    home.ok("submit", "-W", "true")
    done = home.run("events", "--since", "99")
    assert (done.returncode, done.stdout) == (0, b"")
    assert b"the last event here is 3, so --since 99 is a number of another home" in done.stderr
    assert home.ok("events", "--since", "3") == b""


def test_deliveries_are_a_table_on_a_terminal(home: Home) -> None:
    home.ok("submit", "-W", "--on-finish", "sh -c 'exit 3'", "true")
    until(lambda: b"failed" in home.ok("deliveries"), "the delivery to be tried")
    with Terminal(home, "deliveries", columns=60) as terminal:
        assert terminal.end() == 0
        head, row, why, *_ = terminal.look().splitlines()
    assert head.split() == ["DELIVERY", "STATE", "TRIES", "LAST", "NEXT", "TO"]
    assert row.startswith("1:1       failed")
    assert "exited with status 3" in why


# ── why ─────────────────────────────────────────────────────────────────────────────────────────────


def why(home: Home, job: int | str) -> dict[str, Any]:
    (document,) = documents(home.ok("why", "--json", str(job)))
    return document


def test_why_tells_a_failed_job_its_last_words_and_what_differs_from_its_last_success(home: Home) -> None:
    home.run("submit", "-W", "-n", "nightly", "-e", "SECRET=hunter2", "true")
    home.run("submit", "-W", "-n", "nightly", "-e", "SECRET=other", "-c", "echo out; echo 'no such table' >&2; exit 7")
    found = why(home, 2)
    assert found["summary"] == "its command exited with status 7"
    assert (found["stream"], found["tail"], found["last_success"]) == ("stderr", ["no such table"], 1)
    assert {difference["what"] for difference in found["differs"]} == {"command", "environment"}
    assert "hunter2" not in str(found)
    assert "other" not in str(found).replace("other values", "")
    assert ["why", "its command exited with status 7"] in rows(home.ok("why", "2"))


def test_why_tells_the_size_of_what_is_no_text_and_how_to_see_it(home: Home) -> None:
    job = home.submit("-c", "printf '\\000\\001\\377\\002' >&2; exit 4")
    home.run("wait", str(job))
    found = rows(home.ok("why", str(job)))
    assert ["stderr", "(binary, 4 B: not shown)"] in found
    assert ["try", f"jobctl logs {job} --stderr | hexdump -C | less"] in found
    assert ["try", f"jobctl logs {job}"] not in found
    (document,) = documents(home.ok("why", "--json", str(job)))
    assert (document["tail"], document["binary"]) == ([], 4)


def test_why_tells_a_waiting_job_what_is_before_it(home: Home) -> None:
    home.config.write_text("[queues.default]\nslots = 1\n")
    running = home.submit("sleep", "1000")
    home.await_state(running, "processing")
    first, second = home.submit("true"), home.submit("true")
    home.await_state(second, "queued")
    found = why(home, second)
    assert (found["line"]["running"], found["line"]["before"]) == ([running], [first])
    assert "1 slot, all taken, and 1 job goes first" in found["summary"]


def test_why_tells_a_held_job_by_whom_and_a_missing_daemon_by_how_to_start_one(home: Home) -> None:
    home.config.write_text("[queues.default]\nslots = 1\n")
    home.await_state(home.submit("sleep", "1000"), "processing")
    job = home.submit("true")
    home.ok("hold", "--reason", "disk is full", str(job))
    found = why(home, job)
    assert "disk is full" in str(found["facts"])
    assert found["advice"] == [f"jobctl release {job}"]
    home.kill_daemon()
    (document,) = documents(home.ok("why", "--json", str(job), env={"JOBCTL_NO_START": "1"}))
    assert document["advice"][0] == "jobctl daemon start"


def test_why_tells_why_nothing_was_executed_and_why_a_job_was_cancelled(home: Home) -> None:
    home.run("submit", "-W", "--no-check", "/nothing/there")
    job = home.submit("sleep", "1000")
    home.await_state(job, "processing")
    home.ok("cancel", "--reason", "wrong data", str(job))
    assert "nothing was executed: cannot execute /nothing/there" in why(home, 1)["summary"]
    assert "wrong data" in why(home, job)["summary"]


# ── output as JSON ──────────────────────────────────────────────────────────────────────────────────


def test_logs_as_json_are_one_document_a_line_and_bytes_come_back_exactly(home: Home) -> None:
    home.run("submit", "-W", "-c", r"printf 'one\ntw\377o\n\nend'; echo oops >&2")
    found = documents(home.ok("logs", "--json", "1"))
    texts = [document["text"].encode("utf-8", "surrogateescape") for document in found]
    assert texts == [b"one", b"tw\xffo", b"", b"end", b"oops"]
    assert [document["stream"] for document in found] == ["stdout"] * 4 + ["stderr"]
    assert found[0] == {"v": 1, "id": 1, "task": None, "attempt": 1, "stream": "stdout", "text": "one"}


def test_run_as_json_is_its_output_and_at_the_end_its_status(home: Home) -> None:
    done = home.run("run", "--json", "-c", "echo one; exit 3")
    *output, status = documents(done.stdout)
    assert done.returncode == 3
    assert [document["text"] for document in output] == ["one"]
    assert status == home.status(1)


def test_who_follows_sees_the_output_of_every_attempt_in_order(home: Home) -> None:
    job = home.submit("-c", f"echo attempt $JOBCTL_ATTEMPT; {GATE}; rm go; exit 3")
    follower = subprocess.Popen([COMMAND, "logs", "-f", str(job)], env=home.environ, stdout=subprocess.PIPE)
    try:
        assert follower.stdout is not None
        assert follower.stdout.readline() == b"attempt 1\n"
        # Stopped, it sees nothing of what comes and goes meanwhile.
        follower.send_signal(signal.SIGSTOP)
        for attempt in (1, 2):
            (home.base / "go").touch()
            home.run("wait", str(job))
            assert home.status(job)["attempt"] == attempt
            home.ok("retry", str(job))
        (home.base / "go").touch()
        home.run("wait", str(job))
        follower.send_signal(signal.SIGCONT)
        assert follower.stdout.read() == b"attempt 2\nattempt 3\n"
        assert follower.wait(20) == 0
    finally:
        follower.kill()
        follower.wait()
        if follower.stdout is not None:
            follower.stdout.close()

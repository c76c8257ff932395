"""Who is told of the ends of jobs: on record before the end is shown, at least once, and never in the daemon's way."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from standardwebhooks import Webhook

from jobctl.daemon import deliveries, post, sender
from jobctl.store import atomic, clock, config, outbox, retention
from jobctl.store.outbox import Delivery, Label, Tries, Turn
from support.receiver import Receiver
from support.stepped import Stepped

if TYPE_CHECKING:
    from jobctl.store.layout import Layout

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
URL = "https://example.org/hook"


def finish(daemon: Stepped, **more: Any) -> int:
    """Run a job to its end and publish it."""
    job = daemon.submit(**more)
    daemon.children.end(daemon.run_to_the_start(job), exit_code=3)
    daemon.step()
    return job


def mark(layout: Layout, label: Label, **known: Any) -> None:
    """Say what a sender made of a delivery."""
    turn = Turn(layout, label)
    turn.save(Tries(**known))
    turn.give_up()


# ── the daemon ──────────────────────────────────────────────────────────────────────────────────────


def test_a_job_that_names_nobody_leaves_no_delivery(daemon: Stepped) -> None:
    job = finish(daemon)
    assert daemon.children.senders == {}
    assert not os.path.lexists(daemon.layout.deliveries(job))
    assert not os.path.lexists(daemon.layout.outbox)


def test_whoever_is_named_is_told_by_one_sender_with_the_status_of_the_end(daemon: Stepped) -> None:
    job = finish(daemon, webhooks=(URL,), on_finish="notify me")
    assert list(daemon.children.senders.values()) == [[f"{job}:1", f"{job}:2"]]
    first, second = (outbox.read(daemon.layout, label) for label in outbox.of_job(daemon.layout, job))
    assert (first.kind, first.target, second.kind, second.target) == ("webhook", URL, "command", "notify me")
    assert first.body["job"]["state"] == "failed"
    assert first.body["job"]["exit_code"] == 3
    assert first.body["delivery"] == first.message != second.message


def test_the_configuration_names_others_for_every_job(daemon: Stepped) -> None:
    daemon.engine.deliveries.follow(
        config.parse(f"notify = {{webhooks = ['{URL}'], on_finish = 'all'}}".encode(), "config.toml")
    )
    job = finish(daemon, on_finish="mine")
    told = [outbox.read(daemon.layout, label).target for label in outbox.of_job(daemon.layout, job)]
    assert told == [URL, "mine", "all"]


def test_the_end_is_not_shown_while_it_cannot_be_put_on_record_who_is_told(
    daemon: Stepped, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as full:
        full.setattr(atomic, "make_directory", raising(OSError(28, "full")))
        job = finish(daemon, webhooks=(URL,))
        assert daemon.state(job) == "processing"
    daemon.look()
    assert daemon.state(job) == "failed"
    assert list(daemon.children.senders.values()) == [[f"{job}:1"]]


def raising(error: OSError) -> Any:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


def test_a_daemon_that_is_killed_before_the_end_is_shown_tells_nobody_twice(
    daemon: Stepped, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as killed:
        killed.setattr("jobctl.store.status_writer.write", raising(OSError(5, "killed here")))
        job = finish(daemon, webhooks=(URL,))
        daemon.look()
    (label,) = outbox.of_job(daemon.layout, job)
    before = outbox.read(daemon.layout, label)
    mark(daemon.layout, label, state="delivered", tries=1)
    daemon.another_daemon()
    daemon.look()
    assert daemon.state(job) == "failed"
    assert outbox.of_job(daemon.layout, job) == [label]
    assert outbox.read(daemon.layout, label) == before
    assert outbox.waiting(daemon.layout) == {}


def test_what_waits_is_told_by_the_next_daemon(daemon: Stepped) -> None:
    job = finish(daemon, webhooks=(URL,))
    daemon.another_daemon()
    daemon.children.senders.clear()
    daemon.look()
    assert list(daemon.children.senders.values()) == [[f"{job}:1"]]


def test_what_was_delivered_is_forgotten_by_the_loop(daemon: Stepped) -> None:
    job = finish(daemon, webhooks=(URL,))
    mark(daemon.layout, Label(job=job, number=1), state="delivered", tries=1)
    daemon.children.sender_ends(6_000_000)
    assert daemon.look() is None
    assert daemon.children.reaped[-1] == 6_000_000
    assert len(daemon.children.senders) == 1


def test_what_failed_is_tried_again_when_its_time_has_come_and_not_before(daemon: Stepped) -> None:
    job = finish(daemon, webhooks=(URL,))
    due = daemon.clock.seconds + 30
    mark(daemon.layout, Label(job=job, number=1), tries=1, due=due, boot=clock.boot_id())
    daemon.children.sender_ends(6_000_000)
    assert daemon.look() == 30
    daemon.look()
    assert len(daemon.children.senders) == 1
    daemon.clock.seconds += 30
    daemon.step()
    assert len(daemon.children.senders) == 2


def test_what_one_sender_is_done_with_does_not_wait_for_what_it_is_not_done_with(daemon: Stepped) -> None:
    job = finish(daemon, webhooks=(URL, URL + "/slow"))
    daemon.look()
    mark(daemon.layout, Label(job=job, number=1), tries=1, due=daemon.clock.seconds + 2, boot=clock.boot_id())
    daemon.look()
    daemon.clock.seconds += 2
    daemon.step()
    assert list(daemon.children.senders.values())[1:] == [[f"{job}:1"]]


def test_a_time_of_another_boot_means_now(daemon: Stepped) -> None:
    job = finish(daemon, webhooks=(URL,))
    mark(daemon.layout, Label(job=job, number=1), tries=3, due=daemon.clock.seconds + 1e6, boot="another")
    daemon.another_daemon()
    daemon.children.senders.clear()
    daemon.look()
    assert len(daemon.children.senders) == 1


def test_a_sender_that_is_killed_is_followed_by_another_one_later(daemon: Stepped) -> None:
    finish(daemon, webhooks=(URL,))
    daemon.children.sender_ends(6_000_000)
    assert daemon.step() == deliveries.UNTOLD
    daemon.clock.seconds += deliveries.UNTOLD
    daemon.step()
    assert len(daemon.children.senders) == 2


def test_senders_are_few_and_what_is_more_waits_for_one_of_them(
    daemon: Stepped, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries, "BATCH", 3)
    monkeypatch.setattr(deliveries, "SENDERS", 2)
    jobs = [daemon.submit() for _ in range(deliveries.BATCH * deliveries.SENDERS + 2)]
    for job in jobs:
        outbox.put(daemon.layout, Label(job=job, number=1), a_delivery())
    daemon.look()
    assert [len(batch) for batch in daemon.children.senders.values()] == [deliveries.BATCH] * deliveries.SENDERS
    for label in daemon.children.senders[6_000_000]:
        mark(daemon.layout, outbox.parse_label(label) or Label(job=0, number=0), state="delivered")
    daemon.children.sender_ends(6_000_000)
    daemon.step()
    assert len(daemon.children.senders[6_000_000 + deliveries.SENDERS]) == 2


def a_delivery(kind: Any = "webhook", target: str = URL) -> Delivery:
    return Delivery(kind=kind, target=target, message="uuid:1", body={"v": 1, "job": {"id": 1, "state": "failed"}})


def test_what_somebody_wants_again_is_told_again(daemon: Stepped) -> None:
    job = finish(daemon, webhooks=(URL,))
    label = Label(job=job, number=1)
    mark(daemon.layout, label, state="failed", tries=11)
    daemon.children.sender_ends(6_000_000)
    daemon.look()
    outbox.ask_again(daemon.layout, label)
    daemon.look()
    assert list(daemon.children.senders.values())[1:] == [[str(label)]]


def test_another_life_of_a_job_has_deliveries_of_its_own(daemon: Stepped) -> None:
    from jobctl.store import requests

    job = finish(daemon, webhooks=(URL,))
    mark(daemon.layout, Label(job=job, number=1), state="delivered")
    requests.retry(daemon.layout, job, 0, {"by": "user", "after": {"1": 1}, "unstarted": True})
    daemon.look()
    pid = daemon.children.pid_of(daemon.layout.attempt(job, 1, 2))
    daemon.children.record_start(pid)
    daemon.step(job)
    daemon.children.end(pid)
    daemon.step()
    assert daemon.state(job) == "completed"
    assert [str(label) for label in outbox.of_job(daemon.layout, job)] == [f"{job}:1", f"{job}:101"]


def test_a_job_of_whose_end_somebody_is_still_to_be_told_is_not_forgotten(daemon: Stepped) -> None:
    job = finish(daemon, webhooks=(URL,))
    assert retention.forget(daemon.layout, [job])[0] == []
    mark(daemon.layout, Label(job=job, number=1), state="failed")
    assert len(retention.forget(daemon.layout, [job])[0]) == 1


def test_http_and_tls_are_not_in_the_daemon() -> None:
    import subprocess

    code = "import sys, jobctl.daemon.program; print({'ssl', 'http.client', 'urllib.request'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout == "set()\n"


# ── the sender ──────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def label(daemon: Stepped, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Label:
    monkeypatch.setenv("JOBCTL_CONFIG", str(tmp_path / "config.toml"))
    return Label(job=daemon.submit(), number=1)


def send(layout: Layout, label: Label, delivery: Delivery) -> Tries:
    """Let a sender make *delivery*, and return what is on record of it after that."""
    outbox.put(layout, label, delivery)
    assert sender.main([layout.home, str(label)]) == 0
    return outbox.tries(layout, label)


def test_what_is_taken_is_delivered_and_waits_no_more(layout: Layout, label: Label) -> None:
    with Receiver(202) as receiver:
        known = send(layout, label, a_delivery(target=receiver.url))
    assert (known.state, known.tries, known.result, known.next_at) == ("delivered", 1, "HTTP 202", None)
    assert outbox.waiting(layout) == {}
    headers, body = receiver.received[0]
    assert body == b'{"v":1,"job":{"id":1,"state":"failed"}}'
    assert (headers["content-type"], headers["webhook-id"]) == ("application/json", "uuid:1")
    assert "webhook-signature" not in headers


def test_with_a_secret_it_is_signed_as_standard_webhooks_wants(layout: Layout, label: Label, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(f'[notify]\nsecret = "{SECRET}"\n')
    with Receiver() as receiver:
        send(layout, label, a_delivery(target=receiver.url))
    headers, body = receiver.received[0]
    assert Webhook(SECRET).verify(body, headers)["v"] == 1


def test_nothing_is_sent_unsigned_because_the_configuration_is_damaged(
    layout: Layout, label: Label, tmp_path: Path
) -> None:
    (tmp_path / "config.toml").write_text('[notify]\nsecret = "weak"\n')
    with Receiver() as receiver:
        known = send(layout, label, a_delivery(target=receiver.url))
    assert receiver.received == []
    assert (known.state, known.tries) == ("waiting", 1)
    assert "whsec_" in str(known.result)


@pytest.mark.parametrize("answer", [400, 404, 429, 500, 503, (302, {"Location": "http://127.0.0.1:1/"})])
def test_every_answer_but_2xx_is_tried_again_with_the_same_id(layout: Layout, label: Label, answer: Any) -> None:
    with Receiver(answer) as receiver:
        known = send(layout, label, a_delivery(target=receiver.url))
        sender.main([layout.home, str(label)])
    assert (known.state, known.tries) == ("waiting", 1)
    assert known.boot == clock.boot_id()
    assert len({headers["webhook-id"] for headers, _ in receiver.received}) == 1
    assert len(receiver.received) == 2
    assert outbox.tries(layout, label).tries == 2


def test_what_is_gone_is_given_up(layout: Layout, label: Label) -> None:
    with Receiver(410) as receiver:
        known = send(layout, label, a_delivery(target=receiver.url))
    assert (known.state, known.result) == ("failed", "HTTP 410 Gone")
    assert outbox.waiting(layout) == {}


@pytest.mark.parametrize(
    ("asked", "seconds"), [("7", 7.0), ("0", 1.0), ("99999999", 86400.0), ("soon", None), (None, None)]
)
def test_a_receiver_may_say_when_it_wants_it_again(
    layout: Layout, label: Label, asked: str | None, seconds: float | None
) -> None:
    with Receiver((503, {} if asked is None else {"Retry-After": asked})) as receiver:
        before = clock.steady()
        known = send(layout, label, a_delivery(target=receiver.url))
    assert known.due is not None
    least = sender.PAUSES[0] if seconds is None else seconds
    assert before + least <= known.due <= clock.steady() + least * 1.2


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "http://nowhere.invalid/", "file:///etc/passwd"])
def test_a_receiver_that_is_not_there_is_tried_again(layout: Layout, label: Label, url: str) -> None:
    known = send(layout, label, a_delivery(target=url))
    assert known.state == "waiting"
    assert known.result


def test_a_server_without_a_proper_certificate_is_not_told(layout: Layout, label: Label, tmp_path: Path) -> None:
    import ssl
    import subprocess

    make = "openssl req -x509 -newkey rsa:2048 -nodes -keyout key -out cert -subj /CN=localhost -days 1"
    subprocess.run(make.split(), cwd=tmp_path, check=True, capture_output=True)
    with Receiver() as receiver:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tmp_path / "cert", tmp_path / "key")
        receiver._server.socket = context.wrap_socket(receiver._server.socket, server_side=True)
        known = send(layout, label, a_delivery(target=receiver.url.replace("http:", "https:")))
    assert receiver.received == []
    assert known.state == "waiting"
    assert "certificate" in str(known.result)


def test_a_receiver_that_does_not_answer_holds_nobody_up(
    layout: Layout, label: Label, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "WITHIN", {"webhook": 0.2, "command": 0.2})
    other = label.but(number=2)
    with Receiver(None) as silent, Receiver() as quick:
        outbox.put(layout, other, a_delivery(target=quick.url))
        outbox.put(layout, label, a_delivery(target=silent.url))
        sender.main([layout.home, str(label), str(other)])
    assert outbox.tries(layout, label).state == "waiting"
    assert outbox.tries(layout, other).state == "delivered"


def test_after_the_last_try_it_is_given_up(layout: Layout, label: Label) -> None:
    delivery = a_delivery(target="http://127.0.0.1:1/")
    outbox.put(layout, label, delivery)
    for _ in sender.PAUSES:
        sender.main([layout.home, str(label)])
        assert outbox.tries(layout, label).state == "waiting"
    sender.main([layout.home, str(label)])
    assert outbox.tries(layout, label).state == "failed"


def test_what_was_made_is_not_made_again_because_its_mark_is_left(layout: Layout, label: Label) -> None:
    with Receiver() as receiver:
        send(layout, label, a_delivery(target=receiver.url))
        Path(layout.pending_delivery(label.job, label.number)).touch()
        sender.main([layout.home, str(label)])
        assert len(receiver.received) == 1
        assert outbox.waiting(layout) == {}
        outbox.ask_again(layout, label)
        sender.main([layout.home, str(label)])
    assert len(receiver.received) == 2
    assert outbox.tries(layout, label).tries == 1


def test_one_delivery_is_made_by_one_sender_at_a_time(layout: Layout, label: Label) -> None:
    with Receiver() as receiver:
        outbox.put(layout, label, a_delivery(target=receiver.url))
        turn = Turn(layout, label)
        sender.main([layout.home, str(label)])
        assert receiver.received == []
        turn.give_up()
        sender.main([layout.home, str(label)])
    assert len(receiver.received) == 1


def test_a_delivery_of_a_job_that_was_forgotten_is_dropped(layout: Layout) -> None:
    os.mkdir(layout.outbox)
    gone = Label(job=99, number=1)
    Path(layout.pending_delivery(99, 1)).touch()
    assert gone in outbox.waiting(layout)
    sender.main([layout.home, str(gone)])
    assert outbox.waiting(layout) == {}


def test_a_damaged_record_is_given_up_and_says_why(layout: Layout, label: Label) -> None:
    outbox.put(layout, label, a_delivery())
    Path(layout.delivery(label.job, label.number)).write_bytes(b"{}\n")
    sender.main([layout.home, str(label)])
    known = outbox.tries(layout, label)
    assert (known.state, "cannot read" in str(known.result)) == ("failed", True)


# ── commands ────────────────────────────────────────────────────────────────────────────────────────


def run(layout: Layout, label: Label, command: str) -> Tries:
    return send(layout, label, a_delivery("command", command))


def test_a_command_finds_the_job_in_its_environment_and_on_its_standard_input(layout: Layout, tmp_path: Path) -> None:
    stepped = Stepped(layout)
    job = stepped.submit(cwd=str(tmp_path), env=(("PATH", "/usr/bin:/bin"), ("MINE", "yes")), umask=0o77)
    command = 'cat > input; echo "$MINE $JOBCTL_STATE $JOBCTL_JOB_ID [$JOBCTL_EXIT_CODE]" > told; ls -l told'
    known = run(layout, Label(job=job, number=1), command)
    assert (known.state, known.result) == ("delivered", "exited with status 0")
    assert (tmp_path / "told").read_text() == "yes failed 1 []\n"
    assert (tmp_path / "input").read_bytes() == post.encoded(a_delivery().body)
    assert (tmp_path / "told").stat().st_mode & 0o777 == 0o600
    assert Path(layout.delivery(job, 1, "log")).read_text().endswith("told\n")


@pytest.mark.parametrize(("code", "state"), [(1, "failed"), (75, "waiting"), (127, "failed")])
def test_a_command_that_fails_is_run_again_only_if_it_asks_for_that(
    layout: Layout, label: Label, code: int, state: str
) -> None:
    known = run(layout, label, f"exit {code}")
    assert known.state == state
    assert f"exited with status {code}" in str(known.result)


def test_a_command_that_does_not_end_is_ended(layout: Layout, label: Label, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender, "WITHIN", {"webhook": 0.2, "command": 0.2})
    known = run(layout, label, "sleep 1000")
    assert known.state == "failed"
    assert "ended after" in str(known.result)

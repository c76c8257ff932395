"""Limits held by a real keeper, without a daemon."""

from __future__ import annotations

import errno
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from jobctl.daemon import keeper, processes
from jobctl.model.limits import Limits
from jobctl.model.spec import Spec
from jobctl.store import atomic, clock, outputs, records, requests, spool
from support.processes import alive
from support.stepped import run_of
from support.wait import until

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jobctl.model.attempt import Verdict
    from jobctl.store.layout import Layout

#: Keeps as many MiB as its argument says.
EATER = "import sys, time; kept = b'x' * (int(sys.argv[1]) << 20); print('full', flush=True); time.sleep(1000)"


#: Reports each SIGTERM and goes on.
STUBBORN = 'trap "echo asked" TERM; echo ready; while :; do sleep 0.02; done'


@pytest.fixture(autouse=True)
def _late(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock of the limits is an hour ahead as soon as a test says so, to all keepers of this test."""
    real, late = clock.awake, f"{layout.home}/late"
    monkeypatch.setattr(clock, "awake", lambda: real() + (3600 if os.path.exists(late) else 0))


class Kept:
    """An attempt with its keeper."""

    def __init__(self, layout: Layout, *command: str, **limits: Any) -> None:
        spec = Spec(
            uuid="u",
            command=command,
            cwd="/",
            umask=0o22,
            submitted_at="x",
            env=(("PATH", os.defpath),),
            limits=Limits(**limits),
        )
        self.layout = layout
        self.job = spool.deposit(layout, spec)
        self.directory = layout.attempt(self.job, 1, 1)
        records.make_attempt(self.directory)
        lock = records.try_lock(self.directory)
        assert lock is not None
        run = run_of(layout, self.job, limits=Limits(**limits))
        self.pid = processes.fork_into(lambda: keeper.keep(layout, run, lock))
        os.close(lock)

    def stdout(self) -> bytes:
        path = Path(self.directory, "stdout")
        return path.read_bytes() if path.exists() else b""

    def await_stdout(self, line: str) -> None:
        until(lambda: line.encode() in self.stdout(), f"{line!r} on the standard output")

    def let_time_pass(self) -> None:
        """Let an hour pass at once; what is made in the job's directory wakes the keeper."""
        Path(self.layout.home, "late").touch()
        Path(self.layout.job(self.job), "wake").touch()

    def verdict(self) -> Verdict:
        assert os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1]) == 0
        found = records.verdict(self.directory)
        assert found is not None
        return found

    def ended(self) -> tuple[str, str, Verdict]:
        """The reason, the message, and all of the verdict, when it is there."""
        verdict = self.verdict()
        assert verdict.error is not None
        assert verdict.error["code"] == verdict.reason
        return verdict.reason, verdict.error["message"], verdict


# ── time ───────────────────────────────────────────────────────────────────────────────────────────


def test_a_job_that_runs_too_long_is_ended_and_the_verdict_says_after_how_long(layout: Layout) -> None:
    reason, message, verdict = Kept(layout, "sleep", "1000", timeout=0.1).ended()
    assert (reason, verdict.signal, verdict.exit_code) == ("timeout", signal.SIGTERM, None)
    assert float(message.split(" s, ")[0].removeprefix("still running after ")) >= 0.1
    assert message.endswith("longer than its limit of 0.1 s")


def test_a_job_that_exits_with_0_when_its_time_is_up_has_failed_all_the_same(layout: Layout) -> None:
    kept = Kept(layout, "sh", "-c", 'trap "exit 0" TERM; echo ready; while :; do sleep 0.02; done', timeout=900)
    kept.await_stdout("ready")
    kept.let_time_pass()
    reason, message, verdict = kept.ended()
    assert (reason, verdict.exit_code, verdict.event) == ("timeout", 0, "fail")
    assert message.endswith("longer than its limit of 15m00s")


def test_a_job_that_ends_in_time_is_not_touched(layout: Layout) -> None:
    verdict = Kept(layout, "sh", "-c", "exit 3", timeout=1000, memory=2**40, max_output=2**40).verdict()
    assert (verdict.reason, verdict.exit_code) == ("exit", 3)


def test_a_job_that_ignores_the_first_signal_is_killed_with_all_its_descendants_after_the_grace(layout: Layout) -> None:
    script = f"setsid sh -c 'echo $$ >&2; exec sleep 1000' & {STUBBORN}"
    kept = Kept(layout, "sh", "-c", script, timeout=900, grace=0.3)
    kept.await_stdout("ready")
    child = int(until(lambda: Path(kept.directory, "stderr").read_text(), "the child"))
    kept.let_time_pass()
    reason, _, verdict = kept.ended()
    assert (reason, verdict.signal) == ("timeout", signal.SIGKILL)
    assert b"asked" in kept.stdout()
    assert not alive(child)


def test_a_stopped_job_is_ended_too(layout: Layout) -> None:
    kept = Kept(layout, "sh", "-c", "echo $$; kill -STOP $$", timeout=900)
    kept.await_stdout("\n")
    until(lambda: psutil.Process(int(kept.stdout())).status() == psutil.STATUS_STOPPED, "the job to stop")
    kept.let_time_pass()
    reason, _, verdict = kept.ended()
    assert (reason, verdict.signal) == ("timeout", signal.SIGTERM)


def test_time_begins_with_the_start_so_that_the_shortest_limit_still_has_a_start_and_a_verdict(layout: Layout) -> None:
    kept = Kept(layout, "sleep", "1000", timeout=0.001)
    assert kept.ended()[0] == "timeout"
    assert records.start(kept.directory) is not None


# ── grace ──────────────────────────────────────────────────────────────────────────────────────────


def test_the_grace_of_the_job_holds_for_cancelling_as_well(layout: Layout) -> None:
    kept = Kept(layout, "sh", "-c", STUBBORN, grace=0.1)
    kept.await_stdout("ready")
    requests.ask_to_cancel(layout, kept.job, signal=None, now=False, note=None)
    reason, _, verdict = kept.ended()
    assert (reason, verdict.signal) == ("cancelled", signal.SIGKILL)


def test_a_request_after_the_time_was_up_only_makes_the_end_come_sooner(layout: Layout) -> None:
    kept = Kept(layout, "sh", "-c", STUBBORN, timeout=900, grace=9000)
    kept.await_stdout("ready")
    kept.let_time_pass()
    kept.await_stdout("asked")
    requests.ask_to_cancel(layout, kept.job, signal=None, now=True, note="too late")
    reason, _, verdict = kept.ended()
    assert (reason, verdict.signal) == ("timeout", signal.SIGKILL)


def test_a_time_that_is_up_in_the_grace_of_a_cancellation_changes_nothing(layout: Layout) -> None:
    kept = Kept(layout, "sh", "-c", STUBBORN, timeout=900, grace=900)
    kept.await_stdout("ready")
    requests.ask_to_cancel(layout, kept.job, signal=None, now=False, note=None)
    kept.await_stdout("asked")
    kept.let_time_pass()
    assert kept.ended()[0] == "cancelled"


# ── memory ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_job_over_its_memory_is_killed_and_the_verdict_says_what_was_measured_and_how(layout: Layout) -> None:
    reason, message, verdict = Kept(layout, sys.executable, "-c", EATER, "200", memory=64 << 20).ended()
    assert (reason, verdict.signal) == ("memory-limit", signal.SIGKILL)
    assert "(sampled), more than their limit of 64.0 MiB (67108864 bytes)" in message
    assert int(message.split("(")[1].split(" bytes")[0]) > 64 << 20


def test_the_memory_of_all_descendants_counts_together_wherever_they_are(layout: Layout) -> None:
    one = f'setsid {sys.executable} -c "{EATER}" 60'
    script = f"({one} & {one} & {one} &); wait; while :; do sleep 1; done"
    assert Kept(layout, "sh", "-c", script, memory=150 << 20).ended()[0] == "memory-limit"


def test_memory_that_processes_share_counts_once(layout: Layout) -> None:
    """Eight processes with the same 60 MiB are not over 200 MiB."""
    script = "import os, time; kept = b'x' * (60 << 20); [os.fork() for _ in range(3)]; time.sleep(0.5)"
    assert Kept(layout, sys.executable, "-c", script, memory=200 << 20).verdict().exit_code == 0


def test_what_the_child_shares_with_its_keeper_before_it_executes_the_job_is_not_the_jobs(layout: Layout) -> None:
    large = b"x" * (400 << 20)
    assert Kept(layout, "sleep", "0.2", memory=64 << 20).verdict().exit_code == 0
    assert len(large) > 64 << 20  # until here, so that the keeper is as large


def test_what_a_daemon_that_the_job_has_started_uses_is_not_the_jobs(layout: Layout) -> None:
    eats = "import time; kept = b'x' * (200 << 20); time.sleep(0.5)"
    script = f'env -i {sys.executable} -c "{eats}" jobctl.daemon; exit 0'
    assert Kept(layout, "sh", "-c", script, memory=64 << 20).verdict().exit_code == 0


# ── output ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("stream", "called"), [("stdout", "standard output"), ("stderr", "standard error")])
def test_a_job_that_writes_too_much_is_ended_and_its_output_cut_and_counted(
    layout: Layout, stream: str, called: str
) -> None:
    limit = 100_000
    script = f"echo first; echo first >&2; yes >&{2 if stream == 'stderr' else 1}"
    kept = Kept(layout, "sh", "-c", script, max_output=limit)
    reason, message, verdict = kept.ended()
    assert (reason, verdict.exit_code) == ("output-limit", None)
    assert f"to its {called}, more than its limit of 97.7 KiB (100000 bytes)" in message
    content = Path(kept.directory, stream).read_bytes()
    assert limit < len(content) <= limit + outputs.ROOM
    assert content.startswith(b"first\ny\n")
    assert content.endswith(b"y\n")
    dropped, written = (int(word) for word in message.split("; ")[1].split()[:3:2])
    assert written == limit + dropped
    assert b"[jobctl: %d bytes dropped here" % dropped in content
    assert sorted(os.listdir(kept.directory)) == ["final.json", "lock", "start.json", "stderr", "stdout"]


def test_a_job_that_wrote_too_much_faster_than_anybody_looked_has_failed_as_well(layout: Layout) -> None:
    kept = Kept(layout, "head", "-c", "300000", "/dev/zero", max_output=1000)
    reason, message, verdict = kept.ended()
    assert reason == "output-limit"
    assert "299000 of 300000 bytes of its standard output were dropped" in message
    assert verdict.event == "fail"


def test_an_output_of_exactly_its_limit_is_allowed(layout: Layout) -> None:
    kept = Kept(layout, "head", "-c", "1000", "/dev/zero", max_output=1000)
    assert kept.verdict().exit_code == 0
    assert kept.stdout() == bytes(1000)


def test_a_job_that_goes_on_writing_in_its_grace_is_killed_before_that_is_over(layout: Layout) -> None:
    script = "trap '' TERM; exec yes"
    reason, _, verdict = Kept(layout, "sh", "-c", script, max_output=1000, grace=1000).ended()
    assert (reason, verdict.signal) == ("output-limit", signal.SIGKILL)


def test_an_output_that_gets_too_long_in_the_grace_of_a_timeout_is_cut_and_the_reason_stands(layout: Layout) -> None:
    script = "trap 'exec yes' TERM; echo ready; while :; do sleep 0.02; done"
    kept = Kept(layout, "sh", "-c", script, timeout=900, grace=9000, max_output=1000)
    kept.await_stdout("ready")
    kept.let_time_pass()
    reason, message, _ = kept.ended()
    assert reason == "timeout"
    assert "bytes of its standard output were dropped" in message
    assert len(kept.stdout()) <= 1000 + outputs.ROOM


def test_an_output_that_cannot_be_cut_is_whole_and_the_message_says_so(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rewrite(path: str, pieces: Iterable[bytes], **_: bool) -> None:
        if path.endswith("stdout"):
            raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(atomic, "rewrite", rewrite)
    # In one write, or it might be ended between two.
    kept = Kept(layout, "dd", "if=/dev/zero", "bs=5000", "count=1", "status=none", max_output=1000)
    reason, message, _ = kept.ended()
    assert reason == "output-limit"
    assert "standard output could not be cut (Input/output error)" in message
    assert kept.stdout() == bytes(5000)


def test_an_output_that_the_job_removed_has_no_length(layout: Layout) -> None:
    kept = Kept(layout, "sh", "-c", 'rm "${JOBCTL_RESULT%/*}/stdout"; head -c 9999 /dev/zero', max_output=1000)
    assert kept.verdict().exit_code == 0


# ── nice ───────────────────────────────────────────────────────────────────────────────────────────


def test_a_job_has_the_nice_value_that_was_asked_for(layout: Layout) -> None:
    kept = Kept(layout, "nice", nice=7)
    assert kept.verdict().exit_code == 0
    assert int(kept.stdout()) == os.nice(0) + 7


def test_a_nice_value_that_is_not_permitted_is_why_the_job_did_not_start(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nice(increment: int) -> int:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "nice", nice)
    reason, message, _ = Kept(layout, "true", nice=-5).ended()
    assert reason == "not-started"
    assert message == "cannot change the nice value by -5: Operation not permitted"


# ── keep-children ──────────────────────────────────────────────────────────────────────────────────


CHILD = "sleep 1000 & echo $!"


@pytest.mark.parametrize("keep", [True, False])
def test_what_a_command_leaves_running_is_left_so_only_if_that_was_asked_for(layout: Layout, *, keep: bool) -> None:
    kept = Kept(layout, "sh", "-c", CHILD, keep_children=keep)
    assert kept.verdict().exit_code == 0
    child = int(kept.stdout())
    assert alive(child) is keep
    if keep:
        os.kill(child, signal.SIGKILL)


def test_children_to_be_kept_are_killed_when_the_job_is_ended(layout: Layout) -> None:
    kept = Kept(layout, "sh", "-c", f"{CHILD}; exec sleep 1000", keep_children=True, timeout=900)
    kept.await_stdout("\n")
    kept.let_time_pass()
    assert kept.ended()[0] == "timeout"
    assert not alive(int(kept.stdout()))

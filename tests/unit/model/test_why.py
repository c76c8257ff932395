"""Why a job waits or failed, in words."""

from __future__ import annotations

from typing import Any

import pytest

from jobctl.model import differences
from jobctl.model import status as model
from jobctl.model.array import Array
from jobctl.model.inputs import Input
from jobctl.model.limits import Limits
from jobctl.model.spec import Spec
from jobctl.model.why import explain as why
from jobctl.model.why.facts import Explanation, Known, Line, Need

SIGNALS = {9: "SIGKILL", 11: "SIGSEGV", 15: "SIGTERM"}
SPEC = Spec(
    uuid="u",
    command=("make", "-j4"),
    cwd="/src",
    umask=0o22,
    submitted_at="2026-11-23T12:00:00.000000Z",
    env=(("PATH", "/bin"), ("SECRET", "hunter2")),
)
AT_ONCE = "jobctl rerun 17 && jobctl cancel 17 (runs the same now, as a new job)"
FIRST = model.first(17, SPEC, "/s")


def explain(known: Known | None = None, spec: Spec | None = SPEC, **status: Any) -> Explanation:
    return why.explain(FIRST.but(**status), spec, known or Known(), SIGNALS)


def test_a_pending_job_waits_for_a_daemon_and_is_told_how_to_start_one() -> None:
    found = explain(Known(daemon=False), state="pending")
    assert found.summary == "no daemon has taken it in yet"
    assert found.advice == ("jobctl daemon start",)


def test_a_job_whose_daemon_a_signal_has_stopped_is_told_how_it_goes_on() -> None:
    for state in ("pending", "processing"):
        found = explain(Known(stopped=4711), state=state)
        assert ("daemon", "a signal has stopped it (process 4711), so nothing will change") in found.facts
        assert found.advice[0] == "kill -CONT 4711"
    assert "kill -CONT 4711" not in explain(Known(stopped=4711), state="completed").advice


@pytest.mark.parametrize(
    ("before", "words"),
    [((), "it is next"), ((12,), "and 1 job goes first"), ((12, 13), "and 2 jobs go first")],
)
def test_a_job_in_line_is_told_what_is_before_it(before: tuple[int, ...], words: str) -> None:
    line = Line(queue="gpu", slots=2, paused=False, running=(10, 11), before=before)
    found = explain(Known(line=line), state="queued", reason="slots")
    assert "queue 'gpu' has 2 slots, all taken" in found.summary
    assert words in found.summary
    assert ("running", "10, 11") in found.facts


def tasks(**counts: int) -> dict[str, Any]:
    return {"state": "processing", "tasks": model.counts(10, **counts)}


@pytest.mark.parametrize(
    ("known", "at_once", "status", "words", "advice"),
    [
        (Known(line=Line(queue="default", slots=2, paused=False)), None, {}, "has 2 slots, all taken", "queue set"),
        (Known(line=Line(queue="default", slots=2, paused=True)), None, {}, "is paused and starts nothing", "resume"),
        (Known(line=Line(queue="default", slots=9, paused=False)), 2, {}, "to run at most 2 at once", "watch 17"),
        (Known(held_note="later"), None, {"held": True}, "somebody holds them", "release 17"),
    ],
)
def test_an_array_job_of_which_a_part_runs_is_told_what_the_rest_waits_for(
    known: Known, at_once: int | None, status: dict[str, Any], words: str, advice: str
) -> None:
    spec = SPEC.but(array=Array(tasks=10, at_once=at_once))
    found = explain(known, spec, **tasks(processing=2, completed=1, retrying=1), **status)
    assert found.summary.startswith("2 tasks of it run, 1 waits for another attempt, 6 wait for their turn: ")
    assert found.summary.endswith(words)
    assert advice in found.advice[0]


def test_an_array_job_of_which_all_that_is_left_runs_waits_for_nothing() -> None:
    assert explain(**tasks(processing=2, completed=8)).summary == "it runs and waits for nothing"


def test_a_long_line_is_cut() -> None:
    line = Line(queue="default", slots=1, paused=False, running=(1,), before=tuple(range(2, 102)))
    facts = dict(explain(Known(line=line), state="queued", reason="slots").facts)
    assert facts["before it in line"].endswith("and 88 more")


def test_a_job_that_needs_others_is_told_which_and_how_they_stand() -> None:
    needs = (
        Need(label="3", kind="ok", state="completed", summary="completed", met=True),
        Need(label="4.2", kind="fail", state="processing", summary="processing", met=None),
    )
    found = explain(Known(needs=needs), state="queued", reason="dependency")
    assert found.summary == "it waits for 1 other job to end"
    assert found.facts == (("needs job 4.2 to end badly", "processing"),)
    assert found.advice == ("jobctl watch 4.2", AT_ONCE)


@pytest.mark.parametrize(
    ("reason", "known", "words", "advice"),
    [
        ("not-before", Known(not_before="09:00", not_before_in=90.0), "before 09:00, in 1m30s", (AT_ONCE,)),
        ("queue-paused", Known(), "'default' is paused", ("jobctl queue resume default",)),
        ("resources", Known(), "could not be started", ("jobctl daemon logs -n 20", "jobctl doctor")),
        (None, Known(), "about to be started", ()),
    ],
)
def test_every_reason_to_wait_has_its_words(reason: str, known: Known, words: str, advice: tuple[str, ...]) -> None:
    found = explain(known, state="queued", reason=reason)
    assert words in found.summary
    assert found.advice == advice


def test_a_job_that_needs_more_slots_than_there_are_is_told_so() -> None:
    line = Line(queue="default", slots=2, paused=False)
    found = explain(Known(line=line), SPEC.but(slots=4), state="queued", reason="resources")
    assert found.summary == "it needs 4 slots and its queue 'default' has 2"


def test_a_held_job_is_told_by_whom_whatever_else_it_waits_for() -> None:
    found = explain(Known(held_note="held by somebody: disk full"), state="queued", reason="held", held=True)
    assert found.facts == (("note", "held by somebody: disk full"),)
    assert found.advice == ("jobctl release 17",)


def test_a_job_between_attempts_is_told_when_the_next_one_is_and_what_went_wrong() -> None:
    found = explain(
        Known(again_at="12:01:00", again_in=30.0),
        state="retrying",
        attempt=1,
        max_attempts=3,
        error={"code": "exit", "message": "exited with status 7"},
    )
    assert found.summary == "attempt 1 of 3 failed; the next one starts at 12:01:00, in 30s"
    assert ("attempt failed", "exited with status 7") in found.facts


@pytest.mark.parametrize(
    ("code", "convention"),
    [(1, None), (127, "does not find"), (137, "SIGKILL"), (139, "SIGSEGV"), (200, None)],
)
def test_an_exit_status_is_explained_where_there_is_a_convention(code: int, convention: str | None) -> None:
    found = explain(state="failed", reason="exit", exit_code=code)
    assert found.summary == f"its command exited with status {code}"
    told = dict(found.facts).get("convention")
    assert (told is None) if convention is None else (convention in str(told))


def test_a_signal_is_named_and_explained() -> None:
    found = explain(state="failed", reason="signal", signal=9)
    assert found.summary == "a signal ended its command: SIGKILL"
    assert "want of memory" in dict(found.facts)["usual meaning"]
    assert explain(state="failed", reason="signal", signal=64).summary.endswith("signal 64")


@pytest.mark.parametrize(("reason", "option"), [("timeout", "--timeout"), ("memory-limit", "--memory")])
def test_a_limit_is_told_with_what_was_measured_and_its_option(reason: str, option: str) -> None:
    found = explain(state="failed", reason=reason, error={"code": reason, "message": "used 3 of 2"})
    assert found.summary == "used 3 of 2"
    assert option in found.advice[1]


@pytest.mark.parametrize(
    ("reason", "limits", "shell", "advice"),
    [
        ("timeout", Limits(timeout=2700.0), False, "jobctl submit --timeout 1h30m -- make -j4"),
        ("memory-limit", Limits(memory=51 * 2**20), False, "jobctl submit --memory 102M -- make -j4"),
        ("output-limit", Limits(max_output=7), True, "jobctl submit --max-output 14 -c 'make -j4'"),
    ],
)
def test_a_job_that_ended_for_a_limit_is_not_told_to_try_again_with_the_same(
    reason: str, limits: Limits, shell: bool, advice: str
) -> None:
    command = ("/bin/sh", "-c", "make -j4") if shell else SPEC.command
    found = explain(None, SPEC.but(limits=limits), state="failed", reason=reason, shell=shell, command=command)
    assert found.advice == ("jobctl logs 17", advice)


def test_a_failed_dependency_leads_to_the_first_that_failed() -> None:
    error = {"code": "dependency-failed", "message": "it needs job 5 to end well", "job": "3"}
    found = explain(state="cancelled", reason="dependency-failed", error=error)
    assert found.advice == ("jobctl why 3", "jobctl retry 3 (brings this one back)")


def test_an_array_job_names_its_failed_tasks() -> None:
    found = explain(
        Known(failed=(("17.3", "exited with status 2"),)),
        state="failed",
        reason="exit",
        tasks=model.counts(10, failed=1, completed=9),
    )
    assert found.summary == "1 of 10 tasks failed"
    assert found.advice[0] == "jobctl why 17.3"


@pytest.mark.parametrize("reason", ["not-started", "lost", "expired", "cancelled", "exit", "signal", "timeout", None])
def test_there_is_something_to_say_even_where_nothing_is_on_record(reason: str | None) -> None:
    assert explain(spec=None, state="failed", reason=reason).summary


def test_what_differs_from_a_success_is_told_without_any_value_of_the_environment() -> None:
    then = SPEC.but(
        cwd="/old",
        umask=0o77,
        limits=Limits(timeout=5.0),
        env=(("PATH", "/bin"), ("SECRET", "other"), ("GONE", "x"), ("SHLVL", "1")),
        inputs=(Input(name="a", source="/a", size=1, sha256="1" * 64, mtime_ns=1),),
    )
    now = SPEC.but(env=(*SPEC.env, ("NEW", "y"), ("SHLVL", "2")))
    succeeded = FIRST.but(state="completed", usage={"wall_s": 10.0})
    found = differences.between((FIRST.but(state="failed", usage={"wall_s": 100.0}), now), (succeeded, then))
    told = {(one.what, one.then, one.now) for one in found}
    assert told == {
        ("directory", "/old", "/src"),
        ("umask", "0077", "0022"),
        ("limits", "timeout 5, grace 10, keep_children 0", "none"),
        ("environment", "set now and not then", "NEW"),
        ("environment", "set then and not now", "GONE"),
        ("environment", "other values", "SECRET"),
        ("input a", "sha256 111111111111…", "absent"),
        ("duration", "10s", "1m40s"),
    }
    assert "hunter2" not in str(found)


def test_nothing_differs_from_itself() -> None:
    assert differences.between((FIRST, SPEC), (FIRST, SPEC)) == ()

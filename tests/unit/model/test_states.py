"""The table of states, as a table."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from jobctl.errors import IllegalTransition
from jobctl.model import states

if TYPE_CHECKING:
    from jobctl.model.states import Event, State

STATES = ("pending", "queued", "processing", "retrying", "completed", "failed", "cancelled")
EVENTS = ("accept", "start", "succeed", "fail", "defer", "due", "cancel", "retry")

#: Written down a second time on purpose: who changes the table has to mean it.
LEGAL = {
    ("pending", "accept"): "queued",
    ("queued", "start"): "processing",
    ("processing", "succeed"): "completed",
    ("processing", "fail"): "failed",
    ("processing", "defer"): "retrying",
    ("retrying", "due"): "queued",
    ("pending", "cancel"): "cancelled",
    ("queued", "cancel"): "cancelled",
    ("processing", "cancel"): "cancelled",
    ("retrying", "cancel"): "cancelled",
    ("completed", "retry"): "queued",
    ("failed", "retry"): "queued",
    ("cancelled", "retry"): "queued",
}
PAIRS = tuple(itertools.product(STATES, EVENTS))


def test_there_are_seven_states_and_eight_events() -> None:
    assert states.STATES == STATES
    assert states.EVENTS == EVENTS
    assert len(PAIRS) == 56


def test_exactly_thirteen_of_the_pairs_are_legal() -> None:
    assert states.TRANSITIONS == LEGAL
    assert len(LEGAL) == 13


@pytest.mark.parametrize(("state", "event"), PAIRS)
def test_a_step_leads_where_the_table_says_or_is_refused(state: State, event: Event) -> None:
    if (state, event) in LEGAL:
        assert states.step("17", state, event) == LEGAL[state, event]
    else:
        with pytest.raises(IllegalTransition):
            states.step("17", state, event)


def test_an_illegal_step_names_the_job_its_state_and_the_event() -> None:
    with pytest.raises(IllegalTransition, match=r"^job 17\.3 is completed: 'start' is not possible there$") as refused:
        states.step("17.3", "completed", "start")
    assert refused.value.exit_status == 125


def test_three_states_are_terminal_and_the_others_are_unfinished() -> None:
    assert {"completed", "failed", "cancelled"} == set(states.TERMINAL)
    assert {"pending", "queued", "processing", "retrying"} == set(states.UNFINISHED)


@pytest.mark.parametrize("state", sorted(states.TERMINAL))
def test_only_the_user_brings_a_finished_job_back(state: State) -> None:
    assert {event for event in EVENTS if (state, event) in states.TRANSITIONS} == {"retry"}


@pytest.mark.parametrize("state", sorted(states.UNFINISHED))
def test_whatever_is_unfinished_can_be_cancelled(state: State) -> None:
    assert states.step("17", state, "cancel") == "cancelled"


def test_every_state_is_reached_from_pending() -> None:
    reached = {"pending"}
    while True:
        more = {after for (before, _), after in states.TRANSITIONS.items() if before in reached} - reached
        if not more:
            break
        reached |= more
    assert reached == set(STATES)

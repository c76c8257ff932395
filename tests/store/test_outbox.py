"""In which order a delivery comes to wait and ceases to: whatever is killed between, it is not forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from jobctl.store import outbox
from jobctl.store.outbox import Delivery, Label, Tries, Turn
from store import make

if TYPE_CHECKING:
    from jobctl.store.layout import Layout
    from store.calls import Calls

DELIVERY = Delivery(kind="command", target="true", message="m", body={})


def test_a_delivery_is_on_record_before_its_mark_says_that_it_waits(layout: Layout, store_calls: Calls) -> None:
    label = Label(job=make.job(layout, "completed"), number=1)
    store_calls.made.clear()
    outbox.put(layout, label, DELIVERY)
    directory = f"spool/{label.job}/deliveries"
    assert store_calls.story("link", "rename", "fsync")[-6:] == [
        f"fsync {directory}/1.json.tmp",
        f"link {directory}/1.json",
        f"fsync {directory}",
        "fsync .",
        f"rename outbox/{label.job}.1",
        "fsync outbox",
    ]


def test_what_came_of_a_delivery_is_on_record_before_it_waits_no_more(layout: Layout, store_calls: Calls) -> None:
    label = Label(job=make.job(layout, "completed"), number=1)
    outbox.put(layout, label, DELIVERY)
    turn = Turn(layout, label)
    store_calls.made.clear()
    turn.save(Tries(state="delivered", tries=1))
    turn.give_up()
    directory = f"spool/{label.job}/deliveries"
    assert store_calls.story("link", "rename", "fsync", "unlink") == [
        f"fsync {directory}/1.tries.json.tmp",
        f"rename {directory}/1.tries.json",
        f"fsync {directory}",
        f"unlink outbox/{label.job}.1",
    ]
    assert outbox.waiting(layout) == {}


def test_only_one_at_a_time_has_the_turn_to_make_a_delivery(layout: Layout) -> None:
    """The sender of a killed daemon goes on, while the next daemon starts another one."""
    label = Label(job=make.job(layout, "completed"), number=1)
    outbox.put(layout, label, DELIVERY)
    turn = Turn(layout, label)
    with pytest.raises(BlockingIOError):
        Turn(layout, label)
    turn.give_up()
    Turn(layout, label).give_up()


@pytest.mark.parametrize(("state", "waits"), [("waiting", True), ("delivered", False), ("failed", False)])
def test_an_end_that_was_told_is_not_told_again_by_a_daemon_that_takes_the_same_step_again(
    layout: Layout, state: str, waits: bool
) -> None:
    label = Label(job=make.job(layout, "completed"), number=1)
    outbox.put(layout, label, DELIVERY)
    turn = Turn(layout, label)
    turn.save(Tries(state=state, tries=1))
    turn.give_up()
    outbox.put(layout, label, DELIVERY.but(message="another"))
    assert (label in outbox.waiting(layout)) is waits
    assert outbox.read(layout, label) == DELIVERY

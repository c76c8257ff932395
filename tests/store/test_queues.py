"""What holds for each queue: the configuration, and over it what was changed."""

from __future__ import annotations

import errno
import json
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jobctl.errors import Contradiction, UnknownVersion, UnreadableRecord, UsageError
from jobctl.store import doorbell, queues
from jobctl.store.config import Config
from store.children import in_children

if TYPE_CHECKING:
    from jobctl.store.layout import Layout
    from jobctl.store.queues import Queues
    from store.calls import Calls

SETTINGS = Config(queues=(("default", 4), ("night", 2)))


def load(layout: Layout) -> Queues:
    return queues.load(layout, SETTINGS)


def test_without_changes_the_queues_are_those_configured(layout: Layout) -> None:
    found = load(layout)
    assert found.names() == ["default", "night"]
    assert [found.slots(name) for name in ("default", "night", "unheard-of")] == [4, 2, 1]
    assert not any(found.paused(name) for name in ("default", "night", "unheard-of"))
    assert (found.known("night"), found.known("unheard-of")) == (True, False)


def test_a_change_comes_before_the_configuration(layout: Layout) -> None:
    queues.change(layout, "night", slots=9)
    queues.change(layout, "gpu", slots=3)
    found = load(layout)
    assert [found.slots(name) for name in ("default", "night", "gpu")] == [4, 9, 3]
    assert found.names() == ["default", "gpu", "night"]


def test_a_paused_queue_keeps_its_slots_and_goes_on_with_them(layout: Layout) -> None:
    queues.change(layout, "night", paused=True)
    assert (load(layout).paused("night"), load(layout).slots("night")) == (True, 2)
    queues.change(layout, "night", slots=5)
    queues.change(layout, "night", paused=False)
    assert (load(layout).paused("night"), load(layout).slots("night")) == (False, 5)


def test_the_file_is_for_its_owner_and_says_its_version(layout: Layout) -> None:
    queues.change(layout, "gpu", slots=2)
    assert json.loads(Path(layout.queues).read_bytes()) == {
        "v": 1,
        "queues": {"gpu": {"slots": 2, "paused": False}},
    }
    assert stat.S_IMODE(os.stat(layout.queues).st_mode) == 0o600


def test_a_queue_that_was_removed_is_as_configured(layout: Layout) -> None:
    queues.change(layout, "night", slots=9)
    queues.change(layout, "gpu", slots=3)
    queues.remove(layout, "night")
    queues.remove(layout, "gpu")
    assert load(layout) == queues.Queues(configured=SETTINGS.queues)
    with pytest.raises(Contradiction, match="no queue 'gpu'"):
        queues.remove(layout, "gpu")


def test_every_change_wakes_the_daemon(layout: Layout) -> None:
    bell = doorbell.Doorbell(layout)
    try:
        queues.change(layout, "gpu", slots=1)
        assert os.read(bell.fd, 100) == b"\n"
        queues.remove(layout, "gpu")
        assert os.read(bell.fd, 100) == b"\n"
    finally:
        bell.close()


def test_of_many_changes_at_once_none_is_lost(layout: Layout) -> None:
    in_children(12, lambda number: queues.change(layout, f"q{number}", slots=number + 1))
    found = load(layout)
    assert [found.slots(f"q{number}") for number in range(12)] == list(range(1, 13))


def test_a_change_is_on_the_disk_or_was_not_made(layout: Layout, store_calls: Calls) -> None:
    queues.change(layout, "gpu", slots=1)
    changes = [call for call in store_calls.made if call.name in {"fsync", "rename"}]
    assert [call.name for call in changes] == ["fsync", "rename", "fsync"]
    store_calls.fail(lambda call: call.name == "fsync", errno.EIO)
    with pytest.raises(OSError, match="Input/output"):
        queues.change(layout, "gpu", slots=2)
    assert load(layout).slots("gpu") == 1


@pytest.mark.parametrize("name", ["", "a\nb", "x" * 201])
def test_a_name_that_cannot_be_is_refused(layout: Layout, name: str) -> None:
    with pytest.raises(UsageError, match="cannot be a name"):
        queues.change(layout, name, slots=1)


@pytest.mark.parametrize(
    "entry", [{"slots": 0}, {"slots": True}, {"slots": "2"}, {"paused": 1}, {"paused": None}, 3, None, {"slots": 10**9}]
)
def test_a_damaged_file_is_named_and_stays_as_it_is(layout: Layout, entry: Any) -> None:
    Path(layout.queues).write_text(json.dumps({"v": 1, "queues": {"gpu": entry}}) + "\n")
    before = Path(layout.queues).read_bytes()
    for use in (load, lambda home: queues.change(home, "gpu", slots=1)):
        with pytest.raises(UnreadableRecord, match=r"queues.json: what it says of queue 'gpu'"):
            use(layout)
    assert Path(layout.queues).read_bytes() == before


def test_a_file_of_another_version_or_without_queues_is_refused(layout: Layout) -> None:
    Path(layout.queues).write_text('{"v":2,"queues":{}}\n')
    with pytest.raises(UnknownVersion, match=r"queues.json"):
        load(layout)
    Path(layout.queues).write_text('{"v":1}\n')
    with pytest.raises(UnreadableRecord, match="no 'queues'"):
        load(layout)

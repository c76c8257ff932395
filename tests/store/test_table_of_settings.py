"""The kinds of settings: what each takes from a file, and how words of a command become what is written there."""

from __future__ import annotations

from typing import Any

import pytest

from jobctl.errors import UsageError
from jobctl.store import settings
from jobctl.store.settings import Kind


@pytest.mark.parametrize(
    ("kind", "words", "written", "used"),
    [
        (settings.whole(1, 5), ["5"], 5, 5),
        (settings.duration(), ["1m30s"], "1m30s", 90.0),
        (settings.size(), ["2K"], "2K", 2048),
        (settings.names(), ["A", "B"], ["A", "B"], ("A", "B")),
    ],
)
def test_words_become_what_is_written_and_that_what_is_used(
    kind: Kind, words: list[str], written: Any, used: Any
) -> None:
    assert kind.write(words) == written
    assert kind.accept(written) == used


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (settings.whole(1, 5), 6),
        (settings.whole(1, 5), True),
        (settings.duration(), "90"),
        (settings.duration(), 90),
        (settings.size(), "lots"),
        (settings.size(), -1),
        (settings.names(), "A"),
        (settings.names(), ["A", 1]),
        (settings.names(), ["A", ""]),
    ],
)
def test_what_is_not_allowed_is_refused(kind: Kind, value: object) -> None:
    with pytest.raises((ValueError, UsageError)):
        kind.accept(value)


def test_every_setting_is_found_by_its_key_and_its_default_is_allowed_or_nothing() -> None:
    for setting in settings.SETTINGS:
        assert settings.find(setting.name.split(".")) is setting
        assert setting.help.endswith(".")
    assert settings.find(["colour"]) is None
    assert "*" in settings.below(["queues"])

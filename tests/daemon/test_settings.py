"""The daemon goes by what it is told now, and by what it was told before while that cannot be understood."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jobctl.daemon.settings import Settings
from jobctl.store import config, queues

if TYPE_CHECKING:
    from types import ModuleType

    from jobctl.store.layout import Layout


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The configuration: night has two slots."""
    made = tmp_path / "config.toml"
    made.write_text("[queues.night]\nslots = 2\n")
    return made


def test_a_change_is_seen_at_the_next_look(layout: Layout, file: Path) -> None:
    settings = Settings(layout, str(file))
    assert settings.refresh().slots("night") == 2
    queues.change(layout, "night", slots=7)
    assert settings.refresh().slots("night") == 7
    queues.change(layout, "night", paused=True)
    assert settings.refresh().paused("night")
    queues.remove(layout, "night")
    assert (settings.refresh().slots("night"), settings.queues.paused("night")) == (2, False)


def test_while_no_file_changes_nothing_is_read(layout: Layout, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(layout, str(file))
    before = settings.refresh()
    monkeypatch.setattr(queues, "load", lambda *_: pytest.fail("it was read"))
    assert settings.refresh() is before


def test_a_damaged_file_changes_nothing_until_it_is_mended(layout: Layout, file: Path) -> None:
    queues.change(layout, "gpu", slots=3)
    settings = Settings(layout, str(file))
    settings.refresh()
    Path(layout.queues).write_text("{")
    assert settings.refresh().slots("gpu") == 3
    file.write_text("[queues.night]\nslots = 5\n")
    assert (settings.refresh().slots("gpu"), settings.queues.slots("night")) == (3, 5)
    os.unlink(layout.queues)
    assert settings.refresh().slots("gpu") == 1
    file.write_text("[queues")
    assert settings.refresh().slots("night") == 5


@pytest.mark.parametrize("module", [config, queues])
def test_an_error_of_the_moment_is_said_once_and_the_file_is_read_when_it_is_over(
    layout: Layout, file: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, module: ModuleType
) -> None:
    queues.change(layout, "night", slots=7)
    settings = Settings(layout, str(file))

    def fail(*_: object) -> None:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    with monkeypatch.context() as patch:
        patch.setattr(module, "load", fail)
        for _ in range(3):
            settings.refresh()
    assert [record.message.partition(":")[2] for record in caplog.records] == [" [Errno 24] Too many open files"]
    assert settings.refresh().slots("night") == 7
    assert dict(settings.config.queues)["night"] == 2


def test_how_long_jobs_are_kept_is_read_again_too(layout: Layout, file: Path) -> None:
    settings = Settings(layout, str(file))
    settings.refresh()
    assert settings.config.retain is None
    file.write_text('retain = "1d"\n')
    settings.refresh()
    assert settings.config.retain == 86400

"""The configuration: what it means, and that no mistake in it is passed over."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import pytest

from jobctl.errors import InvalidConfig
from jobctl.store import config

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The path of a configuration."""
    return tmp_path / "config.toml"


def test_without_a_configuration_there_are_as_many_slots_as_cpus(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 2, 5}, raising=False)
    settings = config.load(str(file))
    assert settings == config.defaults()
    assert settings.slots("default") == 3


def test_where_nobody_says_which_cpus_are_ours_all_are(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: int) -> None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))

    monkeypatch.setattr(os, "cpu_count", lambda: 6)
    monkeypatch.setattr(os, "sched_getaffinity", refuse, raising=False)
    assert config.usable_cpus() == 6
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    assert config.usable_cpus() == 8
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert config.usable_cpus() == 1


def test_a_queue_has_the_slots_that_are_configured_and_others_have_one(file: Path) -> None:
    file.write_text("[queues.default]\nslots = 7\n[queues.gpu]\nslots = 2\n[queues.night]\n")
    settings = config.load(str(file))
    assert [settings.slots(name) for name in ("default", "gpu", "night", "unheard-of")] == [7, 2, 1, 1]


def test_a_configuration_that_leaves_default_out_leaves_it_as_it_was(file: Path) -> None:
    file.write_text("[queues.gpu]\nslots = 2\n")
    assert config.load(str(file)).slots("default") == config.usable_cpus()


@pytest.mark.parametrize("text", ["", "# nothing\n", "[queues]\n", "[queues.default]\n"])
def test_a_configuration_that_says_nothing_is_that_of_somebody_who_has_none(file: Path, text: str) -> None:
    file.write_text(text)
    assert config.load(str(file)) == config.defaults()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("queues", "cannot read"),
        ("[queues.default\n", "cannot read"),
        ("[queues.a]\n[queues.a]\n", "cannot read"),
        ("colour = 1\n", "the top level has no setting 'colour'; there is queues, retain"),
        ("[queue.default]\nslots = 2\n", "the top level has no setting 'queue'; there is queues, .*perhaps 'queues'"),
        ("max_pendin = 2\n", "no setting 'max_pendin'; .*; perhaps 'max_pending' is meant"),
        ('[queues.""]\nslots = 2\n', "line 1: '' cannot be a name, tag, queue"),
        ('[notify]\nsecret = "hunter2!"\n', "notify.secret is not what it must be; it must be a secret in base64"),
        ("[queues.gpu]\nslot = 2\n", "queues.gpu has no setting 'slot'; there is slots"),
        ("queues = 5\n", "queues is 5; it must be a table"),
        ("[queues]\ngpu = 5\n", r"queues.gpu is 5; it must be a table, as in \[queues.gpu\]"),
        ("[queues.gpu]\nslots = 0\n", "queues.gpu.slots is 0; it must be a whole number from 1 to"),
        ("[queues.gpu]\nslots = -1\n", "queues.gpu.slots is -1"),
        ("[queues.gpu]\nslots = 100001\n", "queues.gpu.slots is 100001"),
        ("[queues.gpu]\nslots = 1.5\n", "queues.gpu.slots is 1.5"),
        ('[queues.gpu]\nslots = "2"\n', "queues.gpu.slots is '2'"),
        ("[queues.gpu]\nslots = true\n", "queues.gpu.slots is True"),
        ("[queues.gpu]\nslots = nan\n", "queues.gpu.slots is nan"),
    ],
)
def test_a_mistake_is_refused_with_the_file_the_key_and_what_is_allowed(file: Path, text: str, why: str) -> None:
    file.write_text(text)
    with pytest.raises(config.InvalidConfig, match=why) as refused:
        config.load(str(file))
    assert str(file) in str(refused.value)
    assert refused.value.exit_status == 65


def test_bytes_that_are_not_text_are_refused(file: Path) -> None:
    file.write_bytes(b"# caf\xe9\n")
    with pytest.raises(config.InvalidConfig, match="cannot read"):
        config.load(str(file))


@pytest.mark.parametrize("slots", [1, 100_000])
def test_the_limits_of_slots_are_allowed(file: Path, slots: int) -> None:
    file.write_text(f"[queues.gpu]\nslots = {slots}\n")
    assert config.load(str(file)).slots("gpu") == slots


def test_a_configuration_that_cannot_be_read_is_not_taken_for_none(file: Path) -> None:
    file.mkdir()
    with pytest.raises(IsADirectoryError):
        config.load(str(file))
    with pytest.raises(config.InvalidConfig, match="cannot read"):
        config.load_for_command(str(file))


def test_finished_jobs_are_kept_unless_it_is_said_how_long(file: Path) -> None:
    assert config.load(str(file)).retain is None
    file.write_text('retain = "30d"\n')
    assert config.load(str(file)).retain == 30 * 86400


@pytest.mark.parametrize("value", ["30", '"30"', "true", '"-1d"', '""', "[]"])
def test_a_time_to_keep_jobs_that_is_not_understood_is_refused(file: Path, value: str) -> None:
    file.write_text(f"retain = {value}\n")
    with pytest.raises(InvalidConfig, match="retain"):
        config.load(str(file))


def test_what_submit_follows_is_read_only_where_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "config.toml"
    assert config.for_submission(str(file)) is None
    file.write_text("[queues.gpu]\nslots = 2\n")
    monkeypatch.setattr(config, "parse", lambda *_: pytest.fail("it was parsed"))
    assert config.for_submission(str(file)) is None


def test_the_settings_of_submit_are_a_limit_and_names_of_variables(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('max_pending = 7\nleave_out_env = ["A", "B"]\n')
    found = config.for_submission(str(file))
    assert found is not None
    assert (found.max_pending, found.leave_out_env) == (7, ("A", "B"))
    assert config.load(str(file)) == found


@pytest.mark.parametrize(
    "line",
    [
        "max_pending = 0",
        "max_pending = true",
        "max_pending = 1.5",
        'max_pending = "7"',
        "max_pending = ",
        'leave_out_env = "A"',
        "leave_out_env = [1]",
        'leave_out_env = [""]',
    ],
)
def test_settings_of_submit_that_cannot_be_are_refused_by_name(tmp_path: Path, line: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(line + "\n")
    with pytest.raises(InvalidConfig, match=r"config\.toml"):
        config.for_submission(str(file))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("# a\n\n[queues.gpu]\nslots = 2\n[queues.x]\n\n  slots = 0\n", 7),
        ("queues = {a = {slots = 0}}\n", 1),
        ("queues.a.slots = 1\nqueues.b.slots = 0 # \u2028\n", 2),
        ("[queues.a]\r\nslots = 1\r\n[queues.b]\r\nslots = [\r\n1,\r\n2]\r\n", 4),
        ("\n\ncolour = '''\nred'''\n", 3),
    ],
)
def test_a_mistake_is_found_on_its_line(file: Path, text: str, line: int) -> None:
    file.write_bytes(text.encode("utf-8"))
    with pytest.raises(config.InvalidConfig, match=f", line {line}: "):
        config.load(str(file))


def test_every_setting_has_its_value_or_its_default(file: Path) -> None:
    file.write_text("[queues.gpu]\nslots = 2\n")
    settings = config.load(str(file))
    assert settings.value("queues", "gpu", "slots") == 2
    assert settings.value("queues", "other", "slots") == 1


@pytest.mark.parametrize("keys", [("a",), ("a", "b c"), ("a", ""), ("a", "b.c", "d")])
def test_a_key_is_taken_apart_as_it_was_put_together(keys: tuple[str, ...]) -> None:
    assert config.split(config.dotted(keys)) == keys

"""`jobctl config`: the settings are looked at and changed, and nothing else in the file is lost."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from support.installed import COMMAND

if TYPE_CHECKING:
    from support.installed import Home

pytestmark = pytest.mark.acceptance

COMMENTED = "# mine\n[queues.gpu]  # the cards\nslots = 2   # two of them\n\n[queues.default]\nslots = 3\n"


def test_without_a_file_the_defaults_are_shown_as_such(home: Home) -> None:
    for command in (("config",), ("config", "get")):
        shown = [line.split("\t") for line in home.ok(*command).decode().splitlines()]
        assert {source for _, _, source, _ in shown} == {"default"}
        found = {name: value for name, value, _, _ in shown}
        assert int(found["queues.default.slots"]) >= 1
        assert found["retain"] == ""
    assert home.ok("config", "path").decode() == f"{home.config}\n"


def test_a_setting_is_changed_and_comments_order_and_permissions_stay(home: Home) -> None:
    home.config.write_text(COMMENTED)
    home.config.chmod(0o640)
    assert home.ok("config", "set", "queues.gpu.slots", "5") == b""
    assert home.config.read_text() == COMMENTED.replace("slots = 2 ", "slots = 5 ")
    assert home.config.stat().st_mode & 0o777 == 0o640
    assert home.ok("config", "get", "queues.gpu.slots") == b"5\n"
    assert json.loads(home.ok("config", "get", "queues.gpu.slots", "--json"))["value"] == 5


def test_a_setting_that_was_not_there_is_added_and_taken_out_again(home: Home) -> None:
    home.config.write_text(COMMENTED)
    home.ok("config", "set", 'queues."two words".slots', "1")
    assert home.config.read_text().startswith(COMMENTED)
    assert b'queues."two words".slots\t1\tfile\t1\n' in home.ok("config", "get")
    home.ok("config", "set", 'queues."two words".slots', "--default")
    assert home.ok("config", "get", 'queues."two words".slots') == b"1\n"
    assert b"two words" not in home.ok("config", "get")


def test_the_file_and_its_directory_are_made_and_a_link_stays_a_link(home: Home) -> None:
    real = home.base / "dotfiles" / "jobctl.toml"
    home.config.symlink_to(real)
    home.ok("config", "set", "queues.default.slots", "2")
    assert home.config.is_symlink()
    assert real.read_text() == "[queues.default]\nslots = 2\n"


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("queues.default.slots", "x"), "queues.default.slots cannot be 'x'; it must be a whole number from 1"),
        (("queues.default.slots", "0"), "line 2: queues.default.slots is 0; it must be a whole number from 1"),
        (("queues.default.slots", "1", "2"), "cannot be '1 2'"),
        (("queues.default.slots",), "give either a value"),
        (("queues.default.slots", "1", "--default"), "give either a value"),
        (("colour", "red"), "no setting 'colour'; there is queues.NAME.slots"),
        (("a b", "red"), "'a b' is no key"),
    ],
)
def test_what_is_not_allowed_is_refused_and_changes_nothing(home: Home, arguments: tuple[str, ...], why: str) -> None:
    done = home.run("config", "set", *arguments)
    assert (done.returncode, done.stdout) == (2, b"")
    assert why in done.stderr.decode()
    assert not home.config.exists()


def test_a_file_that_is_not_valid_is_named_with_its_line_and_left_alone(home: Home) -> None:
    home.config.write_text("[queues.gpu]\nslots = 1\n\n[queues.night]\n# few\nslot = 2\n")
    before = home.config.read_bytes()
    done = home.run("config", "get")
    assert done.returncode == 65
    assert f"{home.config}, line 6: queues.night has no setting 'slot'; there is slots" in done.stderr.decode()
    assert home.run("config", "set", "queues.gpu.slots", "2").returncode == 2
    assert home.config.read_bytes() == before


def test_the_editor_gets_a_file_that_explains_itself_and_what_is_not_valid_never_takes_its_place(home: Home) -> None:
    seen = home.base / "seen"
    done = home.run("config", "edit", env={"EDITOR": f"cat >{seen}", "VISUAL": ""})
    assert done.returncode == 0, done.stderr
    assert "#[queues.default]\n#slots = " in seen.read_text()
    assert not home.config.exists(), "nothing was changed in it"

    spoil = {"VISUAL": r"sed -i '$a [queues.x]\nslots = none'"}
    done = home.run("config", "edit", env=spoil)
    assert done.returncode == 65
    assert "goes on from here" in done.stderr.decode()
    assert not home.config.exists()
    mend = {"VISUAL": "sed -i 's/none/7/'"}
    assert home.run("config", "edit", env=mend).returncode == 0
    assert home.ok("config", "get", "queues.x.slots") == b"7\n"
    assert not list(home.base.glob("*.draft"))


def test_a_duration_is_shown_as_it_can_be_set_again(home: Home) -> None:
    home.ok("config", "set", "retain", "1h30m")
    shown = home.ok("config", "get", "retain").decode().strip()
    assert shown == "1h30m"
    home.ok("config", "set", "retain", shown)
    assert home.ok("config", "get", "retain").decode().strip() == shown


def test_a_configuration_that_cannot_be_read_is_named(home: Home) -> None:
    home.config.mkdir()
    for command in (("config", "get"), ("queue", "list"), ("submit", "true")):
        done = home.run(*command)
        assert (done.returncode, done.stdout) == (65, b""), command
        assert f"cannot read {home.config}: Is a directory".encode() in done.stderr


def test_a_configuration_below_a_home_of_somebody_else_leads_to_that_home(home: Home) -> None:
    theirs = home.base / "theirs"
    theirs.mkdir()
    theirs.chmod(0)
    # Root may read it all the same, unless it gives that up.
    bound = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    environ = {name: value for name, value in home.environ.items() if name not in {"JOBCTL_CONFIG", "XDG_CONFIG_HOME"}}
    try:
        for command in (("submit", "true"), ("queue", "list"), ("doctor",)):
            done = subprocess.run(
                [*bound, COMMAND, *command], env={**environ, "HOME": str(theirs)}, capture_output=True, check=False
            )
            assert done.returncode == 73, command
            assert f"HOME is {theirs}: set it to a directory of yours".encode() in done.stderr + done.stdout
    finally:
        theirs.chmod(0o700)


def test_an_editor_that_fails_changes_nothing(home: Home) -> None:
    done = home.run("config", "edit", env={"VISUAL": "false"})
    assert done.returncode == 125
    assert "the editor false ended with 1" in done.stderr.decode()
    assert not home.config.exists()


def test_a_secret_is_shown_only_to_who_asks_for_it_and_durations_as_they_are_written(home: Home) -> None:
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    home.config.write_text(f'retain = "30d"\n[notify]\nsecret = "{secret}"\n')
    assert home.ok("config", "get", "notify.secret").decode().strip() == secret
    shown = home.ok("config", "get").decode()
    assert "retain\t30d\tfile\t\n" in shown
    assert "notify.secret\t****\tfile\t\n" in shown
    as_json = home.ok("config", "get", "--json").decode()
    assert secret not in shown + as_json
    assert {"default", "help", "key", "source", "value"} == set(json.loads(as_json)["settings"][0])

"""The home: ours alone, on a disk that keeps promises, of a layout we know."""

from __future__ import annotations

import errno
import itertools
import os
import pwd
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs
import pytest

from jobctl.errors import JobctlError, SpoolUnusable, UnknownVersion, UnsafeHome
from jobctl.store import home, spool, status_reader
from jobctl.store.layout import Layout, default_config, default_home
from store import make
from store.calls import CHANGES, Calls
from store.children import in_child, in_children

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Whoever made it, and however: this is a whole home.
WHOLE = {"version", "doorbell", "spool", "spool/tmp", "active", "corrupt"}

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """An environment that asks for a home which is not there yet."""
    return {"JOBCTL_HOME": str(tmp_path / "deep" / "home")}


def make_home(environ: Mapping[str, str]) -> Path:
    return Path(home.create(environ).home)


def refused(environ: Mapping[str, str], why: str) -> None:
    """Demand that neither way to a home takes this one, and that nothing changes by trying."""
    above = Path(environ["JOBCTL_HOME"]).parent
    before = make.tree(str(above))
    for way in (home.create, home.existing):
        with pytest.raises(UnsafeHome, match=why) as error:
            way(environ)
        assert error.value.exit_status == 73
        assert str(error.value).startswith(f"cannot use {environ['JOBCTL_HOME']} as jobctl's home: ")
    assert make.tree(str(above)) == before


# ── made ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("umask", [0, 0o022, 0o077])
def test_a_new_home_is_whole_and_for_its_owner_only_whatever_the_umask(
    environ: dict[str, str], tmp_path: Path, umask: int
) -> None:
    def create() -> int:
        os.umask(umask)
        home.create(environ)
        return os.umask(umask)

    assert in_child(create) == umask
    found = make.tree(environ["JOBCTL_HOME"])
    assert set(found) == WHOLE
    kinds = {
        name: "fifo" if stat.S_ISFIFO(mode) else "directory" if stat.S_ISDIR(mode) else "file"
        for name, mode in found.items()
    }
    assert kinds == dict.fromkeys(WHOLE, "directory") | {"version": "file", "doorbell": "fifo"}
    modes = {name: stat.S_IMODE(mode) for name, mode in found.items()}
    assert modes == dict.fromkeys(WHOLE, 0o700) | {"version": 0o600, "doorbell": 0o600}
    for path in (tmp_path / "deep", tmp_path / "deep" / "home"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700


def test_the_version_of_the_layout_is_written_down(environ: dict[str, str]) -> None:
    assert (make_home(environ) / "version").read_bytes() == b"1\n"


def test_a_home_is_made_once_and_found_afterwards(environ: dict[str, str]) -> None:
    assert home.existing(environ) is None
    path = make_home(environ)
    before = {name: os.lstat(path / name).st_ino for name in WHOLE}
    assert Path(home.create(environ).home) == path
    found = home.existing(environ)
    assert found is not None
    assert found.home == str(path)
    assert {name: os.lstat(path / name).st_ino for name in WHOLE} == before


def test_to_ask_for_a_home_makes_none(environ: dict[str, str], tmp_path: Path) -> None:
    assert home.existing(environ) is None
    assert make.tree(str(tmp_path)) == {}


def test_an_empty_directory_of_ours_becomes_a_home(environ: dict[str, str]) -> None:
    os.makedirs(environ["JOBCTL_HOME"], 0o700)
    os.chmod(environ["JOBCTL_HOME"], 0o700)
    assert set(make.tree(str(make_home(environ)))) == WHOLE


@pytest.mark.parametrize("missing", sorted(WHOLE - {"version", "spool"}))
def test_what_a_killed_process_had_not_made_yet_is_made_up_for(environ: dict[str, str], missing: str) -> None:
    path = make_home(environ)
    (path / "version").unlink()
    if missing == "doorbell":
        (path / missing).unlink()
    else:
        (path / missing).rmdir()
    assert home.existing(environ) is None
    assert set(make.tree(str(make_home(environ)))) == WHOLE


def test_a_home_is_on_the_disk_before_anything_is_kept_in_it(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], tmp_path: Path
) -> None:
    calls = Calls(monkeypatch, str(tmp_path))
    home.create(environ)
    story = calls.story(*CHANGES)
    for made in (
        "deep",
        "deep/home",
        "deep/home/spool",
        "deep/home/spool/tmp",
        "deep/home/active",
        "deep/home/corrupt",
    ):
        assert f"fsync {os.path.dirname(made) or '.'}" in story[story.index(f"mkdir {made}") :]
    assert story[-2:] == ["link deep/home/version", "fsync deep/home"]


def test_twenty_processes_make_one_home_and_each_can_use_it(environ: dict[str, str]) -> None:
    def create(_: int) -> int:
        return spool.deposit(home.create(environ), make.spec())

    assert sorted(in_children(20, create)) == list(range(1, 21))
    layout = home.create(environ)
    assert {status_reader.read(layout, job).state for job in range(1, 21)} == {"pending"}
    assert os.listdir(layout.staging) == []


def test_whatever_was_opened_is_closed(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], tmp_path: Path
) -> None:
    calls = Calls(monkeypatch, str(tmp_path))
    home.create(environ)
    home.create(environ)
    home.existing(environ)
    assert calls.named("open")
    assert calls.still_open == []


# ── not made ───────────────────────────────────────────────────────────────────────────────────────


def unusable_home(environ: Mapping[str, str]) -> SpoolUnusable | None:
    """Make the home; return why that was not possible, if it was not."""
    try:
        home.create(environ)
    except SpoolUnusable as unusable:
        return unusable
    return None


def test_a_home_that_cannot_be_made_whole_leaves_nothing_behind(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], tmp_path: Path
) -> None:
    calls = Calls(monkeypatch, str(tmp_path))
    for position in itertools.count():
        calls.fail_at(position)
        failure = unusable_home(environ)
        story = calls.story(*CHANGES)
        if story[-2:] == ["link deep/home/version", "fsync deep/home"]:
            break  # The last step; what a failure of it leaves is in the test below.
        assert "No space left" in str(failure)
        assert make.tree(str(tmp_path)) == {}, story
    assert position >= 15


def test_a_home_whose_last_step_the_disk_did_not_confirm_can_be_made_the_next_time(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], tmp_path: Path
) -> None:
    calls = Calls(monkeypatch, str(tmp_path))
    calls.fail(lambda call: call.name == "fsync" and "link deep/home/version" in calls.story("link"), errno.EIO)
    with pytest.raises(SpoolUnusable):
        home.create(environ)
    calls.succeed()
    assert spool.deposit(home.create(environ), make.spec()) == 1


def test_a_home_that_another_process_made_stays_when_we_fail_to_make_it(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], tmp_path: Path
) -> None:
    calls = Calls(monkeypatch, str(tmp_path))

    def fails_after_the_other_succeeded(call: object) -> bool:
        if not calls.story("link") and calls.story("mkfifo") and calls.made[-1].path.endswith("version.tmp"):
            calls.succeed()
            home.create(environ)
            return True
        return False

    calls.fail(fails_after_the_other_succeeded)
    with pytest.raises(SpoolUnusable):
        home.create(environ)
    assert spool.deposit(home.create(environ), make.spec()) == 1


def test_a_home_in_which_nothing_could_be_stored_is_taken_back(environ: dict[str, str]) -> None:
    layout = home.create(environ)
    Path(layout.sequence).write_bytes(b"")
    home.take_back(layout)
    assert not os.path.lexists(layout.home)


def test_a_home_with_a_job_is_not_taken_back(environ: dict[str, str]) -> None:
    layout = home.create(environ)
    job = spool.deposit(layout, make.spec())
    home.take_back(layout)
    assert status_reader.read(layout, job).state == "pending"
    assert home.existing(environ) is not None


def test_a_home_that_is_taken_back_when_another_process_uses_it_can_still_be_used(environ: dict[str, str]) -> None:
    layout = home.create(environ)
    spool.deposit(layout, make.spec())
    home.take_back(layout)
    assert spool.deposit(home.create(environ), make.spec()) == 2


def test_a_home_that_is_taken_back_while_a_daemon_begins_to_use_it_can_still_be_used(environ: dict[str, str]) -> None:
    layout = home.create(environ)
    Path(layout.boot).write_bytes(b"boot\n")
    home.take_back(layout)
    assert spool.deposit(home.create(environ), make.spec()) == 1


def test_a_home_that_is_taken_back_while_another_process_makes_it_whole_again_stays(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    layout = home.create(environ)
    Path(layout.boot).write_bytes(b"boot\n")
    real = os.rmdir

    def rmdir(path: str) -> None:
        if path == layout.active:
            home.create(environ)
        real(path)

    monkeypatch.setattr(os, "rmdir", rmdir)
    home.take_back(layout)
    assert spool.deposit(home.create(environ), make.spec()) == 1


def test_only_who_made_a_home_is_told_so(environ: dict[str, str]) -> None:
    assert [home.create_or_find(environ)[1] for _ in range(2)] == [True, False]
    Path(environ["JOBCTL_HOME"], "version").unlink()
    assert home.create_or_find(environ)[1] is True


def test_directories_that_somebody_removed_are_made_again(environ: dict[str, str]) -> None:
    path = make_home(environ)
    (path / "spool" / "tmp").rmdir()
    (path / "spool").rmdir()
    assert set(make.tree(str(make_home(environ)))) == WHOLE


def test_a_home_below_a_file_is_unusable_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(SpoolUnusable, match="Not a directory"):
        home.create({"JOBCTL_HOME": str(tmp_path / "file" / "home")})


def test_a_file_in_place_of_the_home_is_unusable_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(SpoolUnusable, match="Not a directory"):
        home.create({"JOBCTL_HOME": str(tmp_path / "file")})


@pytest.mark.parametrize(
    ("number", "remedy"),
    [(errno.ENOSPC, "make room there"), (errno.EDQUOT, "make room there"), (errno.EACCES, "check it with `ls -ld`")],
)
def test_an_unusable_home_says_what_to_do(tmp_path: Path, number: int, remedy: str) -> None:
    layout = Layout(str(tmp_path))
    said = str(home.unusable(layout, "use", OSError(number, os.strerror(number), layout.spool)))
    assert said.startswith(f"cannot use {layout.spool}: {os.strerror(number)}; {remedy}")


# ── refused ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("mode", [0o777, 0o755, 0o710, 0o701, 0o770, 0o1777])
def test_a_home_that_others_may_use_is_refused(environ: dict[str, str], mode: int) -> None:
    make_home(environ).chmod(mode)
    refused(environ, f"others may use it \\(mode {mode:04o}\\).*chmod 700")


@pytest.mark.parametrize("mode", [0o777, 0o755])
def test_an_empty_directory_that_others_may_use_does_not_become_a_home(environ: dict[str, str], mode: int) -> None:
    path = Path(environ["JOBCTL_HOME"])
    path.mkdir(parents=True)
    path.chmod(mode)
    refused(environ, "others may use it")


@only_root
def test_somebody_elses_home_is_refused(environ: dict[str, str]) -> None:
    os.chown(make_home(environ), 12345, -1)
    refused(environ, "it belongs to user 12345 and you are user 0")


def test_a_link_is_refused_and_its_target_named(environ: dict[str, str], tmp_path: Path) -> None:
    real = home.create({"JOBCTL_HOME": str(tmp_path / "real")}).home
    path = Path(environ["JOBCTL_HOME"])
    path.parent.mkdir()
    path.symlink_to(real)
    refused(environ, f"it is a symbolic link; set JOBCTL_HOME to {real}")


def test_a_link_that_leads_nowhere_is_refused(environ: dict[str, str]) -> None:
    path = Path(environ["JOBCTL_HOME"])
    path.parent.mkdir()
    path.symlink_to("nowhere")
    refused(environ, "it is a symbolic link")


@pytest.mark.parametrize("made", [True, False], ids=["made", "new"])
def test_a_home_that_others_could_move_away_is_refused(environ: dict[str, str], made: bool) -> None:
    path = Path(environ["JOBCTL_HOME"])
    if made:
        make_home(environ)
    else:
        path.parent.mkdir()
    path.parent.chmod(0o777)
    refused(environ, f"others may rename it, because {path.parent} has mode 0777")


def test_a_directory_above_is_looked_at_as_well(environ: dict[str, str], tmp_path: Path) -> None:
    make_home(environ)
    tmp_path.chmod(0o777)
    refused(environ, f"others may rename it, because {tmp_path} has mode 0777")


def test_a_sticky_directory_above_is_safe(environ: dict[str, str]) -> None:
    path = make_home(environ)
    path.parent.chmod(0o1777)
    assert home.existing(environ) is not None


@only_root
def test_a_home_below_somebody_elses_directory_is_refused(environ: dict[str, str]) -> None:
    path = make_home(environ)
    os.chown(path.parent, 12345, -1)
    refused(environ, f"{path.parent} belongs to user 12345, who may rename it")


@only_root
def test_a_directory_above_that_a_foreign_group_may_write_is_refused(environ: dict[str, str]) -> None:
    path = make_home(environ)
    os.chown(path.parent, -1, 12345)
    path.parent.chmod(0o770)
    refused(environ, "others may rename it")


def test_a_directory_above_that_the_users_own_group_may_write_is_safe(environ: dict[str, str]) -> None:
    path = make_home(environ)
    os.chown(path.parent, -1, os.geteuid())
    path.parent.chmod(0o770)
    assert home.existing(environ) is not None


def test_what_a_link_above_hides_is_looked_at(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    (tmp_path / "open" / "safe").mkdir(mode=0o700)
    (tmp_path / "link").symlink_to("open/safe")
    refused({"JOBCTL_HOME": str(tmp_path / "link" / "home")}, f"because {tmp_path}/open has mode 0777")


@pytest.mark.parametrize("below", ["home", "deep/home"])
def test_a_home_can_be_made_where_the_directory_above_it_is_a_link(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, below: str
) -> None:
    calls = Calls(monkeypatch, str(tmp_path))
    (tmp_path / "real").mkdir(mode=0o700)
    (tmp_path / "link").symlink_to("real")
    home.create({"JOBCTL_HOME": str(tmp_path / "link" / below)})
    assert (tmp_path / "real" / below / "version").exists()
    assert "fsync real" in calls.story("fsync")


@pytest.mark.parametrize(("written", "shown"), [("2\n", "2"), ("0\n", "0"), ("", ""), ("one\n", "one")])
def test_a_home_of_another_version_is_refused_by_name_and_left_as_it_is(
    environ: dict[str, str], written: str, shown: str
) -> None:
    path = make_home(environ)
    (path / "version").write_text(written)
    before = make.tree(str(path))
    for way in (home.create, home.existing):
        with pytest.raises(UnknownVersion, match=f"{path}/version: it has version '{shown}' and this jobctl knows 1"):
            way(environ)
    assert make.tree(str(path)) == before


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "9p", "fuse.sshfs", "fuse"])
@pytest.mark.parametrize("made", [True, False], ids=["made", "new"])
def test_a_home_on_a_file_system_that_keeps_no_promises_is_refused(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], made: bool, kind: str
) -> None:
    path = Path(environ["JOBCTL_HOME"])
    path.parent.mkdir()
    if made:
        make_home(environ)
    monkeypatch.setattr(os, "major", lambda _: 0)
    monkeypatch.setattr(home, "file_system", lambda _: kind)
    before = make.tree(str(path.parent))
    for way in (home.create, home.existing):
        with pytest.raises(UnsafeHome, match=f"on {kind}, where locks and fsync may not hold.*JOBCTL_REMOTE_HOME=1"):
            way(environ)
    assert make.tree(str(path.parent)) == before
    for other in ("0", "", "yes"):
        with pytest.raises(UnsafeHome):
            home.create({**environ, "JOBCTL_REMOTE_HOME": other})
    assert set(make.tree(home.create({**environ, "JOBCTL_REMOTE_HOME": "1"}).home)) == WHOLE


@pytest.mark.parametrize("kind", ["ext4", "btrfs", "tmpfs", "overlay", "zfs", None])
def test_a_home_on_a_local_file_system_or_one_that_cannot_be_learnt_is_taken(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], kind: str | None
) -> None:
    monkeypatch.setattr(os, "major", lambda _: 0)
    monkeypatch.setattr(home, "file_system", lambda _: kind)
    assert set(make.tree(home.create(environ).home)) == WHOLE


@pytest.mark.skipif(not os.path.exists("/proc/self/mountinfo"), reason="there is no such file here")
def test_the_type_of_a_file_system_is_found_by_its_number() -> None:
    assert home.file_system(os.stat("/proc").st_dev) == "proc"
    assert home.file_system(os.makedev(4000, 1)) is None


def test_every_refusal_is_an_error_of_jobctl(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "deep").write_bytes(b"")
    with pytest.raises(JobctlError):
        home.existing(environ)


# ── where ──────────────────────────────────────────────────────────────────────────────────────────


def where(environ: Mapping[str, str | None], monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """The home, by our rule and by that of platformdirs."""
    for name, value in environ.items():
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    return default_home(os.environ), platformdirs.user_state_dir("jobctl", appauthor=False)


@pytest.mark.parametrize("state", [None, "", "/var/state", "/var/state/", "relative/state", "~/state", "."])
@pytest.mark.parametrize("user", [None, "/home/user", "/home/user/"])
def test_our_rule_for_the_home_is_that_of_platformdirs(
    monkeypatch: pytest.MonkeyPatch, state: str | None, user: str | None
) -> None:
    ours, theirs = where({"XDG_STATE_HOME": state, "HOME": user}, monkeypatch)
    assert os.path.isabs(ours)
    assert os.path.normpath(ours) == os.path.normpath(theirs)


def test_the_root_may_be_the_directory_of_a_user(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = where({"XDG_STATE_HOME": None, "HOME": "/"}, monkeypatch)
    assert ours == theirs == "/.local/state/jobctl"


@pytest.mark.parametrize("user", ["", "relative"])
def test_a_home_of_the_user_that_is_no_place_counts_as_none(monkeypatch: pytest.MonkeyPatch, user: str) -> None:
    ours, theirs = where({"XDG_STATE_HOME": None, "HOME": user}, monkeypatch)
    assert ours == theirs


def test_whoever_has_no_directory_at_all_is_told_to_name_a_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user ID that no passwd file knows, as containers have it."""

    def unknown(_: int) -> None:
        raise KeyError

    monkeypatch.setattr(pwd, "getpwuid", unknown)
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    with pytest.raises(JobctlError, match="JOBCTL_HOME"):
        home.create(os.environ)


@pytest.mark.parametrize("state", [None, "", "relative"])
def test_without_a_directory_for_state_the_home_is_below_that_of_the_user(
    monkeypatch: pytest.MonkeyPatch, state: str | None
) -> None:
    ours, _ = where({"XDG_STATE_HOME": state, "HOME": "/home/user"}, monkeypatch)
    assert ours == "/home/user/.local/state/jobctl"


def test_the_variable_of_jobctl_goes_before_all_others(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, _ = where({"XDG_STATE_HOME": "/var/state", "JOBCTL_HOME": "/srv/jobs"}, monkeypatch)
    assert ours == "/srv/jobs"


def test_an_empty_variable_of_jobctl_asks_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = where({"XDG_STATE_HOME": "/var/state", "JOBCTL_HOME": ""}, monkeypatch)
    assert ours == theirs


def test_a_relative_home_is_meant_from_here_and_stays_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert default_home({"JOBCTL_HOME": "jobs/../here"}) == str(tmp_path / "here")


def test_a_relative_configuration_is_meant_from_here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert default_config({"JOBCTL_CONFIG": "jobs.toml"}) == str(tmp_path / "jobs.toml")


def test_off_linux_platformdirs_says_where_home_and_configuration_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(platformdirs, "user_state_dir", lambda *_, **__: "/Users/user/Library/state")
    monkeypatch.setattr(platformdirs, "user_config_dir", lambda *_, **__: "/Users/user/Library/config")
    assert default_home({}) == "/Users/user/Library/state"
    assert default_config({}) == "/Users/user/Library/config/config.toml"


@pytest.mark.parametrize("config", [None, "", "/etc/user", "relative"])
def test_our_rule_for_the_configuration_is_that_of_platformdirs(
    monkeypatch: pytest.MonkeyPatch, config: str | None
) -> None:
    where({"XDG_CONFIG_HOME": config, "HOME": "/home/user", "JOBCTL_CONFIG": None}, monkeypatch)
    theirs = platformdirs.user_config_dir("jobctl", appauthor=False)
    assert default_config(os.environ) == theirs + "/config.toml"

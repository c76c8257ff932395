"""One minute of a real cron: the recipes of jobctl(7) as they are printed, and what a job from a crontab is given."""

from __future__ import annotations

import re
import shlex
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from jobctl.daemon import chatty
from support import cron, manual
from support.debian import need_tools
from support.gate import Gate
from support.installed import COMMAND, Home
from support.journey import Journey, follow
from support.wait import until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(200)]  # cron begins at a full minute

#: The crontabs of the manual.
RECIPES = "".join(manual.displays(manual.part("RECIPES", "Cron", page="jobctl.7")))

#: What cron runs, by itself and by jobctl: everything it was given, apart from standard input. $1 is the gate.
_SURROUNDINGS = r"""
env -0 | sort -z
pwd
umask
id
ulimit -a
nice
for stream in 0 1 2; do
    if [ -t "$stream" ]; then echo "$stream is a terminal"; fi
done
if (: </dev/tty) 2>/dev/null; then echo "there is a terminal"; fi
echo "and complaints" >&2
flock --shared "$1" true
exit 7
"""

#: What must not overlap with itself says so, and stays until the gate opens.
_ALONE = """#!/bin/sh
exec 9>>"$0.lock"
flock --nonblock 9 || exit 9
flock --shared "$HOME/gate" true
"""


class Minute(NamedTuple):
    """What one minute of cron has left."""

    user: cron.UserHome
    #: What was mailed, by the command of the line.
    mail: dict[str, str]
    #: The two jobs with the surroundings, and what was seen of them while cron ran.
    began: list[Journey]
    statuses: list[dict[str, Any]]
    #: The days on which this was.
    days: int

    def named(self, program: str) -> list[dict[str, Any]]:
        """Return the status of each job that ran bin/*program*, in the order of IDs."""
        return [status for status in self.statuses if status["command"][0].endswith(f"/bin/{program}")]


@pytest.fixture(scope="module")
def minute(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Minute]:
    """Run one crontab with every line there is for a minute, with jobs that last until cron is gone."""
    need_tools("flock")
    base = tmp_path_factory.mktemp("cron")
    user = cron.UserHome(base)
    _prepare(user)
    today = datetime.now().date()  # noqa: DTZ005  # as date(1)
    try:
        with Gate(user.directory / "gate"):
            ids = [base / f"id.{number}" for number in range(6)]
            with cron.running(base, user, _crontab(user, base, ids)) as daemon:
                until(lambda: all(path.exists() and path.read_bytes() for path in ids), "cron to submit", within=75)
                began = [Journey(int(path.read_text())) for path in ids[-2:]]

                def nobody_waits() -> bool:
                    for journey in began:
                        journey.see(user.ok("status", "--json", str(journey.job)))
                        assert not journey.over
                    return not daemon.waits_for()

                # Cron and `cat` wait until nobody holds their pipes: neither the jobs nor the daemon of jobctl do.
                until(nobody_waits, "cron to have nothing to wait for", within=60)
                mail = daemon.mail()
            # Cron is gone, and what it submitted goes on.
            for journey in began:
                user.await_state(journey.job, "processing")
        for journey in began:
            follow(user, journey.job, journey=journey)
        user.run("wait", "1-1000")
        statuses = [user.status(int(job)) for job in user.ok("status", "-q", "--all").split()]
        days = (datetime.now().date() - today).days + 1  # noqa: DTZ005  # as above
        yield Minute(user, mail, began, sorted(statuses, key=lambda status: status["id"]), days)
    finally:
        user.destroy()
        other = Home(base)
        other.path = user.directory / "other"
        other.destroy()
        log = user.path / "daemon.log"
        print(log.read_text(errors="replace") if log.exists() else "jobctl was never started")


def _prepare(user: cron.UserHome) -> None:
    """Give *user* what the recipes run, and a job of another home that waits for a daemon."""
    for directory in (".local/bin", "bin", ".config/jobctl"):
        (user.directory / directory).mkdir(parents=True, mode=0o700)
    (user.directory / ".local/bin/jobctl").symlink_to(COMMAND)
    (user.directory / ".config/jobctl/config.toml").write_text("[queues.default]\nslots = 50\n")
    scripts = {
        **dict.fromkeys(("backup", "sync", "fetch"), _ALONE),
        "check": "#!/bin/sh\necho the disk is nearly full\n",
        "report": "#!/bin/sh\necho half of it; exit 4\n",
        "check-well": "#!/bin/sh\n",
        "report-well": "#!/bin/sh\necho all of it\n",
        "daily": '#!/bin/sh\necho >>"$HOME/done-today"\n',
    }
    for name, script in scripts.items():
        file = user.directory / "bin" / name
        file.write_text(script)
        file.chmod(0o755)
    other = {"JOBCTL_HOME": str(user.directory / "other")}
    user.ok("submit", "--no-start", "touch", str(user.directory / "waited"), env=other)


def _crontab(user: cron.UserHome, base: Path, ids: list[Path]) -> list[str]:
    """Return the recipes, due in every minute, and more lines; the last ones say in *ids* that they ran."""
    recipes = [line for line in RECIPES.splitlines() if not line.startswith("#")]
    lines = [re.sub(r"^(\S+ ){4}\S+ ", "* * * * * ", line) for line in recipes if "@reboot" not in line]
    backup, sync, fetch, check, report, daily = lines
    work = base / "work.sh"
    work.write_text(_SURROUNDINGS)
    submit = shlex.join([COMMAND, "submit", "sh", str(work), str(user.directory / "gate")])
    alone = shlex.join(["sh", str(work), str(base / "no-gate")])
    again = (backup, sync, sync, fetch)
    return [
        *(line for line in recipes if "@reboot" in line and "submit" in line),
        *lines,
        check.replace("check", "check-well"),
        report.replace("report", "report-well"),
        daily.replace("day-", "same-day-").replace("--key", "-q nowhere --key"),
        cron.line(f"{alone} >{base}/alone.out 2>{base}/alone.err"),
        *(line.replace("/dev/null", str(path)) for line, path in zip(again, ids, strict=False)),
        cron.line(f"{submit} 2>&1 >{ids[-2]} | cat >{base}/err"),
        cron.line(f"{submit} >{ids[-1]}"),
        f"JOBCTL_HOME={user.directory / 'other'}",
        *(line for line in recipes if "@reboot" in line and "daemon" in line),
    ]


def test_a_run_that_is_due_while_another_goes_on_is_skipped_put_behind_it_or_takes_its_place(minute: Minute) -> None:
    reasons = {
        program: [status["reason"] for status in minute.named(program)] for program in ("backup", "sync", "fetch")
    }
    assert reasons["backup"] == [None], "two were due and one was enough"
    assert len(reasons["sync"]) == 3
    assert set(reasons["sync"][:-1]) <= {None, "cancelled"}
    assert reasons["sync"].count(None) <= 2, "one that ran, and one that waited for it"
    assert reasons["sync"][-1] is None, "what was due last was done"
    assert reasons["fetch"] == ["cancelled", None]
    # Nothing exited 9: none of them ran beside another of its name.
    assert all(status["exit_code"] != 9 for status in minute.statuses)


def test_cron_mails_only_what_went_wrong(minute: Minute) -> None:
    told = {re.findall(r"bin/([a-z-]+)", command)[1]: text for command, text in minute.mail.items()}
    assert told.pop("check") == "the disk is nearly full\n"
    assert told.pop("report") == "half of it\n"
    refused = told.pop("daily")
    assert refused.startswith("jobctl: ")
    assert "nowhere" in refused
    assert told == {}


def test_what_a_machine_that_was_off_has_missed_is_done_once_when_it_is_back(minute: Minute) -> None:
    # One line at the start of cron and one in the minute, with the same key.
    assert 1 <= len(minute.named("daily")) <= minute.days
    # Nobody but the line for it has started a daemon in that home.
    until((minute.user.directory / "waited").exists, "the job that waited for a daemon")


def test_a_job_from_cron_runs_in_crons_environment_and_its_exit_status_comes_back(minute: Minute) -> None:
    """One line of the crontab runs a script, two submit it: one with a pipe of its own, one with cron's."""
    user, base = minute.user, minute.user.base
    assert (base / "err").read_bytes() == b""
    for journey in minute.began:
        each = str(journey.job)
        assert (journey.last["state"], journey.last["exit_code"]) == ("failed", 7)
        waited = user.run("wait", each)
        assert (waited.returncode, waited.stdout) == (7, b"")
        fetched = user.run("result", each)
        assert fetched.returncode == 7
        assert without_ours(fetched.stdout) == (base / "alone.out").read_bytes()
        complaints = user.ok("logs", "--stderr", "--raw", each)
        assert complaints == (base / "alone.err").read_bytes() == b"and complaints\n"
        given = {entry.partition(b"=")[0] for entry in fetched.stdout.split(b"\0")}
        assert given.isdisjoint({b"TERM", b"DISPLAY", b"XDG_STATE_HOME", b"XDG_RUNTIME_DIR", b"JOBCTL_CONFIG"})
        assert journey.last["cwd"] == str(user.directory)


def without_ours(output: bytes) -> bytes:
    """Return *output* of the script without the variables that jobctl adds for a job."""
    ours = (b"JOBCTL_", *(f"{name}=".encode() for name in chatty.VARIABLES))
    return b"\0".join(entry for entry in output.split(b"\0") if not entry.startswith(ours))

"""What is built and installed: the same bytes each time, all that is needed, and a new version over a running one."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import jobctl
from support.installed import Home

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
#: What installers put below share/, beside the manual.
COMPLETIONS = {
    "bash-completion/completions/jobctl",
    "fish/vendor_completions.d/jobctl.fish",
    "zsh/site-functions/_jobctl",
}
#: The version that is installed over this one.
NEXT = "99.0"


def run(*command: str | Path, cwd: Path = ROOT) -> bytes:
    done = subprocess.run(command, cwd=cwd, capture_output=True, check=False)
    assert done.returncode == 0, done
    return done.stdout


def build(source: Path, into: Path, *kinds: str) -> Path:
    """Build what *kinds* say, as `python -m build` does where the backend is installed, and return the last of it."""
    options = [word for kind in kinds for word in ("--target", kind)]
    run(sys.executable, "-m", "hatchling", "build", "--directory", into, *options, cwd=source)
    return max(into.iterdir(), key=lambda made: made.suffix == ".whl")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source distribution, unpacked."""
    base = tmp_path_factory.mktemp("source")
    with tarfile.open(build(ROOT, base / "built", "sdist")) as packed:
        packed.extractall(base, filter="data")
    return base / f"jobctl_cli-{jobctl.__version__}"


def test_built_twice_and_from_its_own_source_distribution_it_is_the_same_bytes(source: Path, tmp_path: Path) -> None:
    for number, origin in enumerate((ROOT, ROOT, source)):
        build(origin, tmp_path / str(number), "sdist", "wheel")
    every = [{made.name: made.read_bytes() for made in (tmp_path / str(number)).iterdir()} for number in range(3)]
    assert len(every[0]) == 2
    assert every[0] == every[1] == every[2]


def test_the_source_distribution_has_all_that_the_project_has(source: Path) -> None:
    if (ROOT / ".git").exists():
        listed = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
        tracked = set(listed.decode().strip("\0").split("\0"))
        packed = {str(path.relative_to(source)) for path in source.rglob("*") if path.is_file()}
        assert tracked - packed == set()
        assert packed - tracked == {"PKG-INFO"}
    assert (source / "tests" / "run").stat().st_mode & 0o111, "what is executable stays so"


def test_the_wheel_carries_manual_and_completions_where_installers_put_them(tmp_path: Path) -> None:
    pages = [page.name for page in (ROOT / "man").glob("*.[157]")]
    with zipfile.ZipFile(build(ROOT, tmp_path, "wheel")) as content:
        shared = {name.partition(".data/data/share/")[2] for name in content.namelist()} - {""}
        texts = {name.rpartition("/")[2] for name in content.namelist() if "/cli/pages/" in name}
    links = [f"man/man1/{link.name}" for link in (ROOT / "man" / "links").iterdir()]
    assert shared == {*COMPLETIONS, *links, *(f"man/man{page[-1]}/{page}" for page in pages)}
    assert texts == {f"{page}.txt" for page in pages}


class Installed(Home):
    """A home, and jobctl in an environment that has nothing else."""

    def __init__(self, base: Path, wheels: Path) -> None:
        super().__init__(base)
        self.command = str(base / "venv" / "bin" / "jobctl")
        self._wheels = wheels
        run(sys.executable, "-m", "venv", "--without-pip", base / "venv")

    def install(self, version: str) -> None:
        """Install *version* from wheels alone."""
        pip = (sys.executable, "-m", "pip", "--python", self.base / "venv" / "bin" / "python")
        run(*pip, "install", "--no-index", "--find-links", self._wheels, f"jobctl-cli=={version}")


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory, source: Path) -> Path:
    """The wheels of this version, of one that is newer, and of what both need."""
    base = tmp_path_factory.mktemp("wheels")
    run(sys.executable, "-m", "pip", "wheel", "--wheel-dir", base, source)
    newer = shutil.copytree(source, base / "newer")
    (newer / "PKG-INFO").unlink()  # it would say the version
    package = newer / "src" / "jobctl" / "__init__.py"
    package.write_text(re.sub(r'__version__ = ".*"', f'__version__ = "{NEXT}"', package.read_text()))
    shutil.copy(build(newer, base / "built", "wheel"), base)
    return base


@pytest.fixture
def installed(tmp_path: Path, wheels: Path) -> Iterator[Installed]:
    made = Installed(tmp_path, wheels)
    try:
        yield made
    finally:
        made.destroy()


@pytest.mark.acceptance
def test_a_new_version_is_installed_over_running_jobs_and_nothing_is_lost(installed: Installed) -> None:
    installed.install(jobctl.__version__)
    gate = installed.base / "gate"
    gate.touch()
    ran = installed.submit("-c", f"while test -e {gate}; do sleep 0.1; done; exit 7")
    waits = installed.submit("--after-any", str(ran), "-c", "exit 5")
    installed.await_state(ran, "processing")
    installed.await_state(waits, "queued")
    before = installed.daemon()

    installed.install(NEXT)
    assert installed.ok("--version").decode() == f"jobctl {NEXT}\n"
    told = [installed.run("submit", "-W", "-c", "exit 3") for _ in range(2)]
    assert [done.returncode for done in told] == [3, 3], "the old daemon goes on with its work"
    assert f"the daemon is jobctl {jobctl.__version__} and this is {NEXT}".encode() in told[0].stderr
    assert told[1].stderr == b"", "once is enough"

    installed.ok("daemon", "restart")
    assert installed.daemon().pid != before.pid
    assert f"version\t{NEXT}\n".encode() in installed.ok("daemon", "status")
    assert installed.status(ran)["state"] == "processing", "the new daemon has taken it over"
    gate.unlink()
    assert [installed.run("wait", str(job)).returncode for job in (ran, waits)] == [7, 5]
    assert installed.run("submit", "-W", "-c", "exit 4").returncode == 4

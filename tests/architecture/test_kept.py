"""The modules that are kept in one file: what a command opens, and what becomes of it when something has changed."""

from __future__ import annotations

import marshal
import os
import shutil
import stat
import subprocess
import sys
from importlib.util import MAGIC_NUMBER, cache_from_source
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import jobctl
from jobctl import kept
from jobctl.store import atomic

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Runs a command and tells which files of compiled modules of ours it opened.
PROBE = """
import os, sys
opened = []
sys.addaudithook(lambda event, arguments: opened.append(str(arguments[0])) if event == "open" else None)
real = os._exit
def report(status):
    found = [path for path in opened if "/jobctl/" in path and path.endswith(".pyc")]
    os.write(int(os.environ["PROBE"]), "\\n".join(found).encode())
    real(status)
os._exit = report
from jobctl.__main__ import main
main()
"""


class Installation:
    """A copy of the package that nobody else uses."""

    def __init__(self, base: Path) -> None:
        self.package = base / "site" / "jobctl"
        shutil.copytree(Path(jobctl.__file__).parent, self.package, ignore=shutil.ignore_patterns("__pycache__"))
        self.environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PYTHON")},
            "PYTHONPATH": str(self.package.parent),
            "JOBCTL_HOME": str(base / "home"),
            "JOBCTL_NO_START": "1",
        }

    def run(self, *arguments: str, **variables: str) -> tuple[list[str], str]:
        """Run `jobctl` with *arguments*; return which files with compiled modules it opened, and what it said."""
        reading, writing = os.pipe()
        done = subprocess.run(
            [sys.executable, "-c", PROBE, *arguments],
            env={**self.environ, **variables, "PROBE": str(writing)},
            pass_fds=[writing],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        os.close(writing)
        with os.fdopen(reading) as pipe:
            return [Path(path).name for path in pipe.read().split()], done.stderr

    def python(self, code: str) -> str:
        """Run *code* with this package and return what it prints."""
        done = subprocess.run(
            [sys.executable, "-c", code], env=self.environ, capture_output=True, text=True, check=True, timeout=60
        )
        return done.stdout

    @property
    def kept(self) -> Path:
        return self.package / "__pycache__" / f"compiled.{sys.implementation.cache_tag}.pyc"


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return Installation(tmp_path)


def file_of(piece: object = (), *, index: bytes | None = None, length: int | None = None) -> bytes:
    """Return a file that has *piece* for `submit`, or another *index* or *length* of it."""
    held = marshal.dumps(piece)
    index = marshal.dumps({"submit": (0, len(held))}) if index is None else index
    length = len(index) if length is None else length
    return kept.HEAD + length.to_bytes(8, "little") + (len(index) + len(held)).to_bytes(8, "little") + index + held


def modules(opened: Iterable[str]) -> set[str]:
    return {name.split(".")[0] for name in opened} - {"compiled"}


#: What has to be found before anything that is kept can be; and, where no daemon runs, what says so.
DOOR = {"__init__", "__main__", "kept"}
NO_DAEMON = {"summon"}


def test_from_the_second_command_on_all_modules_come_from_one_file(installation: Installation) -> None:
    before, _ = installation.run("submit", "--", "true")
    assert len(modules(before)) > 20
    opened, _ = installation.run("submit", "--", "true")
    assert modules(opened) - NO_DAEMON == DOOR
    assert opened.count(installation.kept.name) == 1


def test_a_command_whose_modules_are_kept_does_not_load_what_says_that_annotations_are_postponed(
    installation: Installation,
) -> None:
    code = """
import os, sys
real = os._exit
def report(status):
    os.write(1, b"loaded" if "__future__" in sys.modules else b"not loaded")
    real(status)
os._exit = report
sys.argv = ["jobctl", "status", "1"]
from jobctl.__main__ import main
main()
"""
    installation.run("submit", "--", "true")
    told = [installation.python(code).splitlines()[-1] for _ in range(2)]
    assert told == ["loaded", "not loaded"]


def test_what_another_command_needs_is_kept_as_well(installation: Installation) -> None:
    installation.run("submit", "--", "true")
    first, _ = installation.run("status", "1")
    assert {"status", "selection"} <= modules(first)
    for arguments in (("status", "1"), ("submit", "--", "true")):
        opened, _ = installation.run(*arguments)
        assert modules(opened) - NO_DAEMON == DOOR


def test_what_only_an_option_needs_is_not_loaded_by_who_does_not_give_it(installation: Installation) -> None:
    for _ in range(2):
        opened, _ = installation.run("submit", "--retries", "2", "--", "true")
    assert "choices" in modules(opened)
    found = installation.kept.stat()
    opened, _ = installation.run("submit", "--", "true")
    assert modules(opened) - NO_DAEMON == DOOR
    names = "import marshal; from jobctl import kept; print(*marshal.loads(kept.read('submit')['submit'])[0])"
    assert "'jobctl.cli.submit'" in (found_names := installation.python(names))
    assert "choices" not in found_names
    assert installation.kept.stat() == found


def test_a_module_that_was_kept_is_what_an_import_makes_of_it(installation: Installation) -> None:
    installation.run("submit", "--", "true")
    code = """
import sys
from jobctl import kept
if {kept}:
    assert not kept.use("submit")
from jobctl.cli import dispatch, quick, submit
for name, module in sorted(sys.modules.items()):
    if name.startswith("jobctl.") and name != "jobctl.kept":
        spec, package = module.__spec__, sys.modules[name.rpartition(".")[0]]
        assert getattr(package, name.rpartition(".")[2]) is module
        assert module.__loader__ is spec.loader and module.__cached__ == spec.cached
        print(name, module.__file__, module.__package__, getattr(module, "__path__", None))
        print(type(spec.loader), spec.name, spec.origin, spec.has_location, spec.submodule_search_locations)
        print(sorted(vars(module).keys() - {"annotations"}))
"""
    entered, imported = (installation.python(code.replace("{kept}", str(way))) for way in (True, False))
    assert entered == imported != ""


def test_what_is_kept_has_the_code_and_not_the_docstrings(installation: Installation) -> None:
    installation.run("submit", "--", "true")
    written = installation.kept.read_bytes()
    assert b"publish_record" in written
    assert atomic.publish_record.__doc__ is not None
    assert atomic.publish_record.__doc__[:40].encode("ascii") not in written


def test_whoever_may_read_the_sources_may_read_what_is_kept(installation: Installation) -> None:
    (installation.package / "kept.py").chmod(0o644)
    installation.run("submit", "--", "true")
    assert stat.S_IMODE(installation.kept.stat().st_mode) == 0o644


def test_a_source_that_has_changed_counts_at_once_and_is_kept_anew(installation: Installation) -> None:
    installation.run("submit", "--", "true")
    with (installation.package / "cli" / "submit.py").open("a") as file:
        file.write("\nimport sys\nsys.stderr.write('this is new')\n")
    assert "this is new" in installation.run("submit", "--", "true")[1]
    opened, said = installation.run("submit", "--", "true")
    assert "this is new" in said
    assert modules(opened) - NO_DAEMON == DOOR


@pytest.mark.parametrize(
    "damage",
    [
        "empty",
        "cut",
        "longer",
        "another Python's",
        "another version's",
        "a directory",
        "a long index",
        "an endless index",
        "no index",
        "no piece",
        "a far piece",
        "an endless piece",
        "too few modules",
    ],
)
def test_a_file_that_is_not_as_we_write_it_costs_nothing_but_time(installation: Installation, damage: str) -> None:
    installation.run("submit", "--", "true")
    whole = installation.kept.read_bytes()
    version = jobctl.__version__.encode()
    contents = {
        "empty": b"",
        "cut": whole[: len(whole) // 2],
        "longer": whole + b"\0",
        "another Python's": whole.replace(MAGIC_NUMBER, b"\0" * len(MAGIC_NUMBER), 1),
        "another version's": whole.replace(version, b"9" * len(version), 1),
        "a long index": file_of(index=b"", length=2**63),
        "an endless index": file_of(index=b"", length=2**50),
        "no index": file_of(index=marshal.dumps(["submit"])),
        "no piece": file_of(index=marshal.dumps({"submit": None})),
        "a far piece": file_of(index=marshal.dumps({"submit": (2**70, 9)})),
        "an endless piece": file_of(index=marshal.dumps({"submit": (0, 2**50)})),
        "too few modules": file_of(((), (None,))),
    }
    if damage == "a directory":
        installation.kept.unlink()
        installation.kept.mkdir()
    else:
        installation.kept.write_bytes(contents[damage])
    opened, said = installation.run("submit", "--", "true")
    assert len(modules(opened)) > 20
    assert said == ""
    if damage != "a directory":
        assert modules(installation.run("submit", "--", "true")[0]) - NO_DAEMON == DOOR


def test_who_interrupts_a_command_that_keeps_its_modules_has_its_answer_and_exit_status(
    installation: Installation,
) -> None:
    code = """
import sys
def interrupt(event, arguments):
    if event == "import" and arguments[0] == "jobctl.keeping":
        raise KeyboardInterrupt
sys.addaudithook(interrupt)
sys.argv = ["jobctl", "submit", "--", "true"]
from jobctl.__main__ import main
main()
"""
    assert installation.python(code) == "1\n"
    assert not installation.kept.exists()


def test_where_python_is_told_to_keep_nothing_nothing_is_kept(installation: Installation) -> None:
    _, said = installation.run("submit", "--", "true", PYTHONDONTWRITEBYTECODE="1")
    assert said == ""
    assert not installation.kept.exists()


def test_an_error_is_shown_with_the_line_of_the_source_that_it_comes_from(installation: Installation) -> None:
    installation.run("submit", "--", "true")
    code = (
        "import traceback; from jobctl import kept; assert not kept.use('submit')\n"
        "from jobctl.store import codec\n"
        "print(codec.__file__)\n"
        "try: codec.decode(b'{', 'here')\n"
        "except Exception: traceback.print_exc()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=installation.environ, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == str(installation.package / "store" / "codec.py")
    assert "raise UnreadableRecord" in done.stderr


def test_an_uninstallation_leaves_nothing_behind_for_it_has_the_name_of_a_compiled_module(
    installation: Installation,
) -> None:
    installation.run("submit", "--", "true")
    assert installation.kept == Path(cache_from_source(str(installation.package / "compiled.py")))
    assert (installation.package / "compiled.py").is_file()
    said = installation.python("import jobctl.compiled; print(jobctl.compiled.__doc__)")
    assert said.startswith("Nothing: ")

"""The manual page and the code say the same: whatever one of them names, the other one has."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import typer

import jobctl
from jobctl.cli import app
from jobctl.cli import manual as help_of
from jobctl.cli.status import columns
from jobctl.daemon import child
from jobctl.model import states
from jobctl.model.array import Array
from jobctl.model.inputs import Input
from jobctl.model.spec import Spec
from jobctl.model.status import Status
from jobctl.store import config, settings
from jobctl.store.layout import AttemptFiles, Layout
from support import errors, manual
from support.debian import need_tools

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.installed import Home

SOURCE = Path(jobctl.__file__).parent
FILES = "jobctl-files.5"


def leaves(group: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each command that does something, by the words that call it."""
    for word, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from leaves(command, f"{name}{word} ")
        else:
            yield name + word, command


TOP = typer.main.get_command(app.app)
COMMANDS = dict(leaves(TOP))
#: The pages of commands beside the first one.
SPLIT = [page.name for page in manual.PAGES if page.name.startswith("jobctl-") and page.suffix == ".1"]
BY_NAME = pytest.mark.parametrize("name", COMMANDS)


def declared(command: Any) -> dict[str, bool]:
    """Return the options of *command*, and whether each takes a value."""
    found = {}
    for parameter in command.params:
        if parameter.param_type_name == "option" and parameter.name != "help":
            for flag in (*parameter.opts, *parameter.secondary_opts):
                found[flag] = not parameter.is_flag
    return found


# ── commands and options ───────────────────────────────────────────────────────────────────────────


def test_every_command_is_on_one_page_and_no_other() -> None:
    assert sorted(manual.commands()) == sorted(COMMANDS)


def test_the_first_page_lists_every_command_with_the_page_that_has_it() -> None:
    listed, page = {}, ""
    for line in manual.part("COMMANDS"):
        if line.startswith(".Xr "):
            page = f"{line.split()[1]}.1"
        elif line == "Below:":
            page = "jobctl.1"
        elif line.startswith(".It Cm "):
            listed[line.split()[2]] = page
    assert listed == {name.split()[0]: page for name, page in manual.commands().items()}
    assert set(listed) == set(TOP.commands)


def test_man_finds_a_page_by_the_name_of_every_command() -> None:
    for name, page in manual.commands().items():
        own = manual.FOLDER / f"jobctl-{name.split()[0]}.1"
        link = manual.FOLDER / "links" / own.name
        assert own.exists() != link.exists()
        assert own.name == page or link.read_text() == f".so man1/{page}\n"


@pytest.mark.parametrize("page", SPLIT)
def test_every_command_of_a_page_is_in_its_synopsis_and_no_other(page: str) -> None:
    synopsis = [line.removeprefix(".Cm ") for line in manual.part("SYNOPSIS", page=page) if line.startswith(".Cm ")]
    assert list(dict.fromkeys(synopsis)) == manual.subsections("COMMANDS", page=page)


@BY_NAME
def test_every_option_is_in_the_page_and_no_other(name: str) -> None:
    assert set(manual.options(manual.about(name))) == set(declared(COMMANDS[name]))


@BY_NAME
def test_an_option_takes_a_value_in_the_page_if_it_does(name: str) -> None:
    assert manual.options(manual.about(name)) == declared(COMMANDS[name])


def test_every_option_of_jobctl_itself_is_in_the_page_and_no_other() -> None:
    of_help = dict.fromkeys(app.app.info.context_settings["help_option_names"], False)
    assert manual.options(manual.part("OPTIONS")) == {**of_help, **declared(TOP)}


def test_every_option_in_the_synopsis_exists() -> None:
    command, wrong = "", []
    for line in (line for page in ("jobctl.1", *SPLIT) for line in manual.part("SYNOPSIS", page=page)):
        if line.startswith(".Nm"):
            command = ""
        elif line.startswith(".Cm "):
            command = line.removeprefix(".Cm ")
        known = {**declared(COMMANDS.get(command, TOP)), "--": False, "-h": False}
        wrong += [flag for flag in re.findall(r"\bFl (\S+)", line) if f"-{flag}" not in known]
    assert wrong == []


def test_the_columns_of_status_are_in_the_page_in_their_order() -> None:
    # A status whose every value is the name of its key.
    odd: Any = {"command": ("command",), "task": None, "tasks": None, "progress": {"percent": 42}}
    status = Status(**{**{key: key for key in Status._fields}, **odd})
    shown = ["progress.percent" if value == 42 else value for value in columns(status)]
    lines = manual.about("status")
    assert manual.mentions(lines[: lines.index(".Bl -tag -width Ds")], "Va") == shown


# ── states, reasons, statuses ──────────────────────────────────────────────────────────────────────


def literal(name: str) -> tuple[str, ...]:
    """Return the values of the type *name* of model/states.py, which only type checkers see."""
    for node in ast.walk(ast.parse((SOURCE / "model/states.py").read_text(encoding="utf-8"))):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            assert isinstance(node.value, ast.Subscript)
            return tuple(ast.literal_eval(node.value.slice))
    raise AssertionError(name)


def constants(*places: str) -> set[str]:
    """Return every text that is written as a constant in the modules at *places*."""
    return {
        node.value
        for place in places
        for file in SOURCE.glob(place)
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_every_state_is_in_the_page_and_no_other() -> None:
    assert manual.names(manual.part("STATES AND REASONS"), "Sy") == list(states.STATES)


def test_every_reason_is_in_the_page_and_no_other() -> None:
    occurring = manual.names(manual.part("STATES AND REASONS", "Reasons"), "Sy")
    assert sorted(occurring) == sorted(literal("Reason"))


def test_a_reason_is_reserved_in_the_page_as_long_as_nothing_sets_it() -> None:
    set_somewhere = set(literal("Reason")) & constants("daemon/*.py", "model/attempt.py")
    assert set(manual.names(manual.part("STATES AND REASONS", "Reasons"), "Sy")) == set_somewhere


def test_every_exit_status_is_in_the_page_and_no_other() -> None:
    documented = {head[0] for head in manual.items(manual.part("EXIT STATUS"))}
    assert documented == {"0", "128+n", *(str(error.exit_status) for error in errors.classes())}


# ── the status file ────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def document(home: Home) -> dict[str, Any]:
    """The status file of a job that has all that a job can have: it ran and it failed."""
    job = home.submit("-n", "name", "-t", "tag", "-c", "exit 7")
    home.run("wait", str(job))
    return home.status(job)


def test_every_key_of_a_status_file_is_in_the_page_in_its_order_and_no_other(document: dict[str, Any]) -> None:
    assert manual.names(manual.part("STATUS FILE", page=FILES), "Va") == list(document)


def test_every_part_of_a_key_is_in_the_page_and_no_other(document: dict[str, Any]) -> None:
    objects = {key: value for key, value in document.items() if isinstance(value, dict)}
    objects["attempts"] = document["attempts"][0]
    parts = [f"{key}.{part}" for key, value in objects.items() for part in value]
    documented = [name for name in manual.mentions(manual.part("STATUS FILE", page=FILES), "Va") if "." in name]
    assert sorted(documented) == sorted(parts)


# ── the surroundings ───────────────────────────────────────────────────────────────────────────────


def test_every_variable_that_a_job_finds_is_in_the_page_and_no_other(layout: Layout) -> None:
    frozen = Input(name="data", source="/data", size=0, sha256="", mtime_ns=0)
    spec = Spec(
        uuid="", command=("true",), cwd="/", umask=0, submitted_at="", env=(), array=Array(tasks=1), inputs=(frozen,)
    )
    documented = manual.names(manual.part("ENVIRONMENT", "What a job finds"), "Ev")
    found = child.Common(layout, spec, 1).environment(1, 1, "an item")
    assert sorted(documented) == sorted(map(os.fsdecode, found))


def test_every_variable_of_jobctl_is_in_the_page_and_no_other() -> None:
    text = "".join(file.read_text(encoding="utf-8") for file in SOURCE.rglob("*.py"))
    users, *found = (manual.names(manual.part("ENVIRONMENT", who), "Ev") for who in manual.subsections("ENVIRONMENT"))
    ours = {name for names in (users, *found) for name in names if name.startswith("JOBCTL_")}
    assert ours == set(re.findall(r"\bJOBCTL_[A-Z_]+\b", text))
    assert set(users) - ours <= constants("**/*.py")


def test_every_file_in_the_page_is_one_of_the_layout_and_the_other_way_round() -> None:
    known = Layout("")
    job: Any = "ID"
    paths = {getattr(known, name) for name in Layout.__slots__} - {"", known.spool}
    paths |= {path(job) for path in (known.job, known.spec, known.status, known.stdin, known.cancel, known.cancel_now)}
    paths |= {path(job) for path in (known.items, known.items_index, known.inputs, known.deliveries)}
    attempt = known.attempt(job, 1, 1)
    names = {name for key, name in vars(AttemptFiles).items() if key.isupper() and name[0] != "."}
    paths |= {attempt} | {f"{attempt}/{name}" for name in names}
    documented = {f"/{path.rstrip('/')}" for path in manual.names(manual.part("FILES", page=FILES), "Pa")}
    documented = {path.replace("/active/ID", "/active") for path in documented}
    assert documented == paths


def test_every_key_of_the_specification_is_in_the_page_and_no_other() -> None:
    documented = manual.names(manual.part("SPECIFICATION", page=FILES), "Va")
    assert sorted(documented) == sorted(["v", *Spec._fields])


def test_every_key_of_an_event_is_in_the_page_in_its_order(home: Home) -> None:
    home.run("submit", "-W", "true")
    documented = manual.mentions(manual.part("EVENTS", page=FILES), "Va")
    assert documented == list(home.events()[0])


def test_every_key_of_the_file_of_the_daemon_is_in_the_page_and_no_other(home: Home) -> None:
    home.run("submit", "-W", "true")
    document = json.loads((home.path / "daemon.json").read_bytes())
    documented = manual.names(manual.part("DAEMON FILE", page=FILES), "Va")
    assert sorted(documented) == sorted(document)


def test_every_setting_is_in_its_page_in_the_order_of_the_table_and_no_other() -> None:
    documented = manual.names(manual.part("SETTINGS", page="jobctl.toml.5"), "Va")
    assert documented == [setting.name.replace("*", "NAME") for setting in settings.SETTINGS]


def test_the_configuration_in_the_page_is_one_that_is_accepted_and_has_every_setting(tmp_path: Path) -> None:
    (example,) = manual.displays(manual.part("EXAMPLES", page="jobctl.toml.5"))
    file = tmp_path / "config.toml"
    file.write_text(example)
    assert config.load(str(file)).slots("default") == 4
    given = {settings.find(keys) for keys, _ in config.given(example.encode(), str(file))}
    assert given == set(settings.SETTINGS)


def test_all_thirteen_promises_are_in_the_page() -> None:
    documented = manual.names(manual.part("PROMISES", page="jobctl.7"), "Sy")
    assert documented == [f"P{number}" for number in range(1, 14)]


@pytest.mark.parametrize("page", manual.PAGES, ids=lambda page: page.name)
def test_a_page_is_good_mdoc(page: Path) -> None:
    need_tools("mandoc")
    lint = subprocess.run(["mandoc", "-Tlint", page], capture_output=True, text=True, check=False)
    # Which other pages are installed is the business of this machine.
    assert [line for line in lint.stdout.splitlines() if "referenced manual not found" not in line] == []


# ── what readers look for ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("word", ["queue", "background", "later", "schedule", "batch", "cron", "durabl", "progress"])
def test_apropos_finds_a_page_by_what_people_look_for(word: str) -> None:
    described = [line for page in manual.PAGES for line in manual.part("NAME", page=page.name)]
    assert [line for line in described if line.startswith(".Nd ") and word in line] != []


@pytest.mark.parametrize("page", SPLIT)
def test_a_page_of_commands_ends_with_exit_statuses_that_there_are_and_with_examples(page: str) -> None:
    known = {head[0] for head in manual.items(manual.part("EXIT STATUS"))} | {"130"}
    assert {head[0] for head in manual.items(manual.part("EXIT STATUS", page=page))} <= known
    shown = manual.displays(manual.part("EXAMPLES", page=page))
    assert 4 <= len(shown) <= 6
    named = {name.split()[0] for name in manual.subsections("COMMANDS", page=page)}
    assert any(line.split()[1] in named for text in shown for line in text.splitlines() if line.startswith("jobctl "))


def uses(text: str) -> Iterator[list[str]]:
    """Yield the words of each use of jobctl in a line of shell, without what a shell makes of operators and quotes."""
    for begin in re.finditer(r"(?<![^\s(\"'/])jobctl (?=[a-z])", text):
        words, quote = [""], ""
        for char in text[begin.end() :]:
            if quote:
                quote, words[-1] = ("", words[-1]) if char == quote else (quote, words[-1] + char)
            elif char in "'\"":
                quote = char
            elif char in "|;&<>)":
                break
            elif char == " ":
                words.append("")
            else:
                words[-1] += char
        yield [word for word in words if word]


def shown_uses() -> list[list[str]]:
    """Return each use of jobctl that the pages show: in displays and in what they mark as typed."""
    lines = [line for page in manual.PAGES for line in page.read_text(encoding="utf-8").splitlines()]
    marked = [line[4:] for line in lines if line.startswith((".Ic ", ".Dl ", ".Ql "))]
    displayed = "".join(manual.displays(lines)).splitlines()
    return [words for line in [*map(manual.shown, marked), *displayed] for words in uses(line)]


def test_every_use_of_jobctl_that_the_pages_show_is_one_that_it_takes() -> None:
    found = shown_uses()
    assert len(found) > 120
    for words in found:
        name = next((name for name in (" ".join(words[:2]), words[0], f"{words[0]} list") if name in COMMANDS), None)
        assert name is not None, words
        options = {**declared(COMMANDS[name]), "--help": False}
        rest = words[len(name.split()) :]
        while rest and rest[0].startswith("-") and rest[0] not in {"-", "--"}:
            flag, equals, _ = rest.pop(0).partition("=")
            assert flag in options, words
            if options[flag] and not equals:
                assert rest, words
                rest.pop(0)


def test_every_page_is_installed_where_man_looks() -> None:
    project = tomllib.loads((manual.FOLDER.parent / "pyproject.toml").read_text())
    shared = project["tool"]["hatch"]["build"]["targets"]["wheel"]["shared-data"]
    for page in manual.PAGES:
        assert shared[f"man/{page.name}"] == f"share/man/man{page.suffix[1:]}/{page.name}"
    assert shared["man/links"] == "share/man/man1"


# ── jobctl help ────────────────────────────────────────────────────────────────────────────────────


def test_the_text_of_help_is_rendered_from_the_pages(tmp_path: Path) -> None:
    need_tools("mandoc")
    subprocess.run([manual.FOLDER / "render", tmp_path], check=True)
    packaged = SOURCE / "cli" / "pages"
    rendered = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()}
    assert {path.name: path.read_text(encoding="utf-8") for path in packaged.iterdir()} == rendered


@pytest.mark.parametrize(
    ("topic", "first"),
    [
        (None, "JOBCTL(1)"),
        ("jobctl.toml", "JOBCTL.TOML(5)"),
        ("configuration", "JOBCTL.TOML(5)"),
        ("files", "JOBCTL-FILES(5)"),
        ("concepts", "JOBCTL(7)"),
        ("exit status", "EXIT STATUS"),
        ("Recipes", "RECIPES"),
        ("cron", "   Cron"),
        ("submit", "JOBCTL-SUBMIT(1)"),
        ("jobctl-daemon", "JOBCTL-DAEMON(1)"),
        ("limits", "LIMITS"),
        ("watch", "   watch"),
        *((tool, "   at and batch") for tool in ("at", "batch")),
        *((tool, "   task-spooler") for tool in ("tsp", "TSP")),
        *((tool, "   Slurm and Grid Engine") for tool in ("sbatch", "srun", "qsub")),
        *((tool, "   parallel, sem and xargs") for tool in ("parallel", "sem", "xargs")),
        ("nq", "   nq"),
        ("flock", "   nohup and flock"),
        ("make", "   Makefiles"),
        ("ssh", "   Other machines"),
    ],
)
def test_help_shows_the_page_or_the_part_that_is_asked_for(home: Home, topic: str | None, first: str) -> None:
    shown = home.ok("help", *([] if topic is None else [topic])).decode()
    assert shown.startswith(first)


@BY_NAME
def test_help_shows_every_command_and_its_options(name: str) -> None:
    shown = help_of._find(name)
    assert shown is not None
    assert shown.startswith((f"   {name}\n", f"JOBCTL-{name.upper()}(1)"))
    assert [flag for flag in declared(COMMANDS[name]) if flag not in shown] == []


def test_every_other_tool_that_help_knows_leads_to_a_heading() -> None:
    assert [tool for tool, heading in help_of.KNOWN_AS.items() if help_of._find(heading) is None] == []


def test_help_on_what_there_is_not_says_what_there_is(home: Home) -> None:
    done = home.run("help", "nonsense")
    assert done.returncode == 2
    assert b"there are the pages jobctl, concepts, files" in done.stderr

"""What the process that becomes a task is told, and what it executes."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import pytest

from jobctl.daemon import child, processes
from jobctl.model.array import Array
from jobctl.model.attempt import Start
from jobctl.model.inputs import Input
from jobctl.store import records, spool
from jobctl.store.enclosure import Enclosure
from store import make
from support.stepped import NOBODY, NOON

if TYPE_CHECKING:
    from pathlib import Path
    from typing import NoReturn

    from jobctl.model.spec import Spec
    from jobctl.store.layout import Layout

START = Start(task=1, attempt=1, process=NOBODY, keeper=NOBODY, started_at=NOON, steady=1.0)


def environment(layout: Layout, spec: Spec, job: int, task: int) -> dict[str, str]:
    """What a task finds in its environment."""
    common = child.Common(layout, spec, job)
    env = common.environment(task, 1, common.item(task))
    return {os.fsdecode(name): os.fsdecode(value) for name, value in env.items()}


def told(layout: Layout, spec: Spec, job: int, task: int) -> dict[str, str]:
    """The variables that only some jobs have."""
    env = environment(layout, spec, job, task)
    names = ("ITEM", "ARRAY_INDEX", "ARRAY_SIZE", "INPUTS")
    return {name: env[f"JOBCTL_{name}"] for name in names if f"JOBCTL_{name}" in env}


def command_of(layout: Layout, spec: Spec, job: int, task: int) -> tuple[str, ...]:
    return child.command_of(spec, child.Common(layout, spec, job).item(task))


def test_a_start_that_could_not_be_recorded_is_taken_back_by_whoever_recorded_it(layout: Layout) -> None:
    directory = layout.attempt(make.job(layout), 1, 1)
    records.make_attempt(directory)
    record = records.prepare_start(directory, START)

    def half(pid: int, birth: int) -> None:
        record(pid, birth)
        raise OSError(errno.EIO, "Input/output error")  # of the last sync

    with pytest.raises(OSError, match="Input/output"):
        child._record(half, directory, START, -1)  # its keeper may be killed by then
    assert records.start(directory) is None
    assert records.verdict(directory) is None


def test_a_start_that_is_on_record_is_not_taken_back_by_whoever_finds_it(layout: Layout) -> None:
    """Or the attempt could be started once more."""
    directory = layout.attempt(make.job(layout), 1, 1)
    records.make_attempt(directory)
    make.publish_start(directory, START)
    stands = records.start(directory)
    record = records.prepare_start(directory, START)
    report, other_end = os.pipe()
    with pytest.raises(FileExistsError):
        child._record(record, directory, START, other_end)
    os.close(other_end)
    assert os.read(report, 10) == b"", "and nobody is told that it has started"
    os.close(report)
    assert stands is not None
    assert records.start(directory) == stands


def test_a_task_of_an_array_knows_its_index_and_how_many_there_are(layout: Layout) -> None:
    spec = make.spec(command=("render", "--frame={}", "{}"), array=Array(tasks=5, first=10, step=5))
    assert told(layout, spec, 1, 3) == {"ITEM": "20", "ARRAY_INDEX": "20", "ARRAY_SIZE": "5"}
    assert command_of(layout, spec, 1, 3) == ("render", "--frame=20", "20")


def test_a_line_arrives_exactly_as_one_argument_and_as_a_variable(layout: Layout) -> None:
    lines = (b"a  'b' \"$(c)\"", b"", b"caf\xe9\r")
    spec = make.spec(command=("cat", "{}"), array=Array(tasks=3, lines=True))
    job = spool.hand_over(layout, spec, Enclosure(lines=lines)).job
    for task, line in enumerate(lines, 1):
        assert command_of(layout, spec, job, task) == ("cat", os.fsdecode(line))
        assert told(layout, spec, job, task)["ITEM"] == os.fsdecode(line)


def test_an_item_never_becomes_shell_text(layout: Layout) -> None:
    command = ("/bin/sh", "-c", 'find . -exec grep "$JOBCTL_ITEM" {} +')
    spec = make.spec(command=command, shell=True, array=Array(tasks=2))
    assert command_of(layout, spec, 1, 1) == command


def test_a_plain_job_keeps_its_braces_and_is_no_task_of_the_array_that_submitted_it(layout: Layout) -> None:
    inherited = (("JOBCTL_ITEM", "x"), ("JOBCTL_ARRAY_INDEX", "1"), ("JOBCTL_INPUTS", "/elsewhere"))
    spec = make.spec(command=("echo", "{}"), env=inherited)
    assert told(layout, spec, 1, 1) == {}
    assert command_of(layout, spec, 1, 1) == ("echo", "{}")


def test_a_job_with_inputs_is_told_where_they_are(layout: Layout) -> None:
    frozen = Input(name="data", source="/data", size=1, sha256="", mtime_ns=0)
    assert told(layout, make.spec(inputs=(frozen,)), 7, 1) == {"INPUTS": layout.inputs(7)}


def executed(command: tuple[str, ...], path: str) -> int:
    """Let a process execute *command* with the PATH *path*; return its exit status, or the errno that there was."""

    def become() -> NoReturn:
        try:
            child.execution(command, {b"PATH": os.fsencode(path)})()
        except OSError as failure:
            os._exit(failure.errno or 255)

    return os.waitstatus_to_exitcode(os.waitpid(processes.fork_into(become), 0)[1])


def program(place: Path, text: str, mode: int = 0o755) -> Path:
    place.mkdir()
    (place / "program").write_text(text)
    (place / "program").chmod(mode)
    return place


def test_a_command_is_the_first_in_the_path_that_can_be_executed(tmp_path: Path) -> None:
    nowhere, no_program = tmp_path / "nowhere", tmp_path / "directory"
    (no_program / "program").mkdir(parents=True)
    not_executable = program(tmp_path / "file", "", mode=0o644)
    without_interpreter = program(tmp_path / "broken", "#!/nowhere/to/be/found\n")
    first = program(tmp_path / "first", "#!/bin/sh\nexit 7\n")
    second = program(tmp_path / "second", "#!/bin/sh\nexit 8\n")
    places = (nowhere, no_program, not_executable, without_interpreter, first, second)
    assert executed(("program",), ":".join(map(str, places))) == 7
    assert executed((f"{second}/program",), "") == 8


def test_a_script_that_names_no_interpreter_is_run_by_sh(tmp_path: Path) -> None:
    place = program(tmp_path / "place", 'exit "$1"\n')
    assert executed(("program", "9"), f"/nowhere:{place}") == 9


def test_what_cannot_be_executed_fails_as_execvp_has_it(tmp_path: Path) -> None:
    place = program(tmp_path / "place", "", mode=0o644)
    assert executed(("program",), f"{place}:/nowhere") == errno.EACCES
    assert executed(("program",), "/nowhere") == errno.ENOENT
    assert executed((f"{place}/program/below",), "") == errno.ENOTDIR

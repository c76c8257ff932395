"""What the process that becomes a task is told, and what it executes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from jobctl.daemon import child
from jobctl.model.array import Array
from jobctl.model.inputs import Input
from jobctl.store import spool
from jobctl.store.enclosure import Enclosure
from store import make

if TYPE_CHECKING:
    from jobctl.model.spec import Spec
    from jobctl.store.layout import Layout


def told(layout: Layout, spec: Spec, job: int, task: int) -> dict[str, str]:
    """The variables that only some jobs have."""
    env = child.environment(layout, spec, job, task, 1)
    names = ("ITEM", "ARRAY_INDEX", "ARRAY_SIZE", "INPUTS")
    return {name: env[f"JOBCTL_{name}"] for name in names if f"JOBCTL_{name}" in env}


def test_a_task_of_an_array_knows_its_index_and_how_many_there_are(layout: Layout) -> None:
    spec = make.spec(command=("render", "--frame={}", "{}"), array=Array(tasks=5, first=10, step=5))
    assert told(layout, spec, 1, 3) == {"ITEM": "20", "ARRAY_INDEX": "20", "ARRAY_SIZE": "5"}
    assert child.command_of(spec, child.environment(layout, spec, 1, 3, 1)) == ("render", "--frame=20", "20")


def test_a_line_arrives_exactly_as_one_argument_and_as_a_variable(layout: Layout) -> None:
    lines = (b"a  'b' \"$(c)\"", b"", b"caf\xe9\r")
    spec = make.spec(command=("cat", "{}"), array=Array(tasks=3, lines=True))
    job = spool.hand_over(layout, spec, Enclosure(lines=lines)).job
    for task, line in enumerate(lines, 1):
        env = child.environment(layout, spec, job, task, 1)
        assert child.command_of(spec, env) == ("cat", os.fsdecode(line))
        assert env["JOBCTL_ITEM"] == os.fsdecode(line)


def test_an_item_never_becomes_shell_text(layout: Layout) -> None:
    command = ("/bin/sh", "-c", 'find . -exec grep "$JOBCTL_ITEM" {} +')
    spec = make.spec(command=command, shell=True, array=Array(tasks=2))
    assert child.command_of(spec, child.environment(layout, spec, 1, 1, 1)) == command


def test_a_plain_job_keeps_its_braces_and_is_no_task_of_the_array_that_submitted_it(layout: Layout) -> None:
    inherited = (("JOBCTL_ITEM", "x"), ("JOBCTL_ARRAY_INDEX", "1"), ("JOBCTL_INPUTS", "/elsewhere"))
    spec = make.spec(command=("echo", "{}"), env=inherited)
    assert told(layout, spec, 1, 1) == {}
    assert child.command_of(spec, child.environment(layout, spec, 1, 1, 1)) == ("echo", "{}")


def test_a_job_with_inputs_is_told_where_they_are(layout: Layout) -> None:
    frozen = Input(name="data", source="/data", size=1, sha256="", mtime_ns=0)
    assert told(layout, make.spec(inputs=(frozen,)), 7, 1) == {"INPUTS": layout.inputs(7)}

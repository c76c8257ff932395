"""Which jobs run, told to whoever draws a few of very many; and which few those are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jobctl.cli import overview
from jobctl.store import running, status_reader
from store import make

if TYPE_CHECKING:
    from jobctl.store.layout import Layout


def test_what_is_said_to_run_can_be_read(layout: Layout) -> None:
    running.write(layout, {17, 4})
    assert running.read(layout) == {4, 17}
    assert Path(layout.running).read_bytes() == b'{"v":1,"running":[4,17]}\n'


@pytest.mark.parametrize("content", [None, b"", b"{}\n", b'{"v":1,"running":7}\n', b'{"v":1,"running":["x",true]}\n'])
def test_what_cannot_be_learnt_is_not_said_to_run(layout: Layout, content: bytes | None) -> None:
    if content is not None:
        Path(layout.running).write_bytes(content)
    assert running.read(layout) == frozenset()


def test_few_unfinished_jobs_are_all_drawn(layout: Layout) -> None:
    ended = [make.job(layout, "completed") for _ in range(3)]
    waiting = [make.job(layout) for _ in range(2)]
    assert overview.drawn(layout, 2) == ([*ended[1:], *waiting], 0)
    assert overview.jobs(layout, 2) == [*ended[1:], *waiting]


def test_of_many_unfinished_jobs_those_that_run_and_the_first_and_last_of_the_others_are_drawn(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "FEW", 3)
    monkeypatch.setattr(overview, "_FIRST_DRAWN", 1)
    monkeypatch.setattr(overview, "_LAST_DRAWN", 2)
    ended = [make.job(layout, "completed") for _ in range(3)]
    waiting = [make.job(layout) for _ in range(8)]
    running.write(layout, [waiting[3], 99, ended[0]])
    assert overview.drawn(layout, 2) == ([*ended[1:], waiting[0], waiting[3], *waiting[-2:]], 4)
    assert overview.jobs(layout, 0) == waiting, "scripts are told of every one"


def test_drawing_a_few_of_many_jobs_looks_for_none_of_the_others(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "FEW", 3)
    make.job(layout, "completed")
    for _ in range(50):
        make.job(layout)
    looked: list[int] = []
    monkeypatch.setattr(status_reader, "exists", lambda _layout, job: not looked.append(job))
    shown, left_out = overview.drawn(layout, 1)
    assert (len(shown), left_out) == (1 + 30, 20)
    assert looked == [1]


def test_a_glance_reads_the_beginning_of_each_status_and_nothing_of_what_is_none(layout: Layout) -> None:
    job, gone = make.job(layout), 99
    found = dict(status_reader.glances(layout, [job, gone]))
    assert found == {job: Path(layout.status(job)).read_bytes()[:1024], gone: b""}

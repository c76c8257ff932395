"""Run something in several processes at once."""

from __future__ import annotations

import json
import os
import traceback
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable


def in_children(count: int, work: Callable[[int], Any]) -> list[Any]:
    """Call *work* in *count* forked processes, released at the same moment; return what each returned, as JSON has it.

    An exception in one of them is this process's failure.
    """
    gate, hold = os.pipe()
    children = []
    for number in range(count):
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(hold)
            _work(number, work, gate, writing)
        os.close(writing)
        children.append((pid, reading))
    os.close(gate)
    os.close(hold)
    return [_result(pid, reading) for pid, reading in children]


def in_child(work: Callable[[], Any]) -> Any:
    """Call *work* in one forked process and return what it returned."""
    return in_children(1, lambda _: work())[0]


def _work(number: int, work: Callable[[int], Any], gate: int, writing: int) -> NoReturn:
    status = 1
    try:
        os.read(gate, 1)  # Nothing is ever written there: it ends when the parent has forked everybody.
        result = json.dumps(work(number))
        status = 0
    except BaseException:  # noqa: BLE001  # whatever it is, it must not run on as a second pytest
        result = traceback.format_exc()
    try:
        with open(writing, "w", encoding="utf-8") as pipe:
            pipe.write(result)
    finally:
        os._exit(status)


def _result(pid: int, reading: int) -> Any:
    with open(reading, encoding="utf-8") as pipe:
        said = pipe.read()
    _, status = os.waitpid(pid, 0)
    assert status == 0, f"a child failed ({status}):\n{said}"
    return json.loads(said)

"""`jobctl result`: what a job left as its result, byte for byte; exits as the job did."""

from __future__ import annotations

import os

from jobctl.cli import output, summon, waiting
from jobctl.cli.streaming import Sink, Source
from jobctl.client import findings
from jobctl.errors import NeverRan, NoResultYet, NoSuchJob, UnreadableRecord, UsageError
from jobctl.store import home, selection
from jobctl.store.layout import AttemptFiles

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

    from jobctl.model.status import Status
    from jobctl.store.layout import Layout

#: A result up to this many bytes that is JSON is shown inside the document that --json prints.
_INLINE: Final = 16 * 1024


def run(
    *,
    selector: str,
    path: bool = False,
    wait: bool = False,
    json: bool = False,
    attempt: int | None = None,
) -> int:
    """Fetch a result; the parameters are the options of jobctl-status(1)."""
    if path and json:
        raise UsageError("give either --path or --json; the document holds the path as well")
    layout = home.existing(os.environ)
    target = selection.one_target(layout, selector)
    assert layout is not None  # noqa: S101  # it has found a job in it
    if wait:
        try:
            (status,) = waiting.until(layout, [target], lambda status: status.finished)
        except KeyboardInterrupt:
            return waiting.interrupted([target])
    else:
        status = waiting.read(layout, target)
        if not status.finished:
            summon.ensure(layout, patient=False)
    if status.tasks is None:
        _fetch(layout, status, attempt, path=path, json=json)
    else:
        _fetch_all(layout, status, attempt, path=path, json=json)
    return waiting.exit_status(layout, status)


def _fetch(layout: Layout, status: Status, attempt: int | None, *, path: bool, json: bool) -> None:
    location = findings.result(layout, status, attempt)
    if path:
        output.write(os.fsencode(location) + b"\n")
    elif json:
        output.write_json(_describe(location, status))
    else:
        if os.path.isdir(location):
            if os.path.basename(location) == AttemptFiles.STDOUT:
                # No result that the job has left: the job, or somebody else, has put it there.
                raise UnreadableRecord(location, "it is a directory")
            what = f"the result of job {status.label} is the directory {location}"
            raise UsageError(f"{what}; fetch its place with --path")
        source = Source(location)
        source.copy(Sink(1))
        source.close()


def _fetch_all(layout: Layout, job: Status, attempt: int | None, *, path: bool, json: bool) -> None:
    """Fetch the results of an array job in the order of its tasks; one that has none is passed over.

    Raises:
        NoResultYet: the job is not finished.
        NeverRan, NoSuchJob: none of its tasks has one; as the first of them says.
    """
    from jobctl.store import tasks  # noqa: PLC0415  # only for array jobs

    if not job.finished:
        raise NoResultYet(job.label, job.state)
    missing: NeverRan | NoSuchJob | None = None
    fetched = False
    for task in tasks.each(layout, job):
        try:
            _fetch(layout, task, attempt, path=path, json=json)
            fetched = True
        except (NeverRan, NoSuchJob) as none:
            missing = missing or none
    if missing is not None and not fetched:
        raise missing


def _describe(location: str, status: Status) -> dict[str, Any]:
    size, digest, inline = None, None, None
    if not os.path.isdir(location):
        size, digest = _digest(location)
        if size <= _INLINE:
            inline = _as_json(location)
    return {
        "v": 1,
        "id": status.id,
        **({} if status.task is None else {"task": status.task}),
        "state": status.state,
        "exit_code": status.exit_code,
        "signal": status.signal,
        "result": {"path": location, "size": size, "sha256": digest, "inline": inline},
    }


def _digest(path: str) -> tuple[int, str]:
    import hashlib  # noqa: PLC0415  # only with --json

    with open(path, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return file.tell(), digest


def _as_json(path: str) -> Any:
    """Return the content of the file *path* if it is strict JSON, else None."""
    import json  # noqa: PLC0415  # only with --json

    def refuse(constant: str) -> None:
        raise ValueError(constant)

    try:
        with open(path, "rb") as file:
            return json.loads(file.read(), parse_constant=refuse)
    except (ValueError, RecursionError):
        return None

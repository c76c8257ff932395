"""`jobctl result`: what a job left as its result, byte for byte; exits as the job did."""

from __future__ import annotations

import os
import stat

from jobctl.cli import output, summon, waiting
from jobctl.cli.streaming import Sink, Source
from jobctl.errors import NeverRan, NoResultYet, NoSuchJob, UnreadableRecord, UsageError
from jobctl.model import status as model
from jobctl.store import home, selection, status_reader
from jobctl.store.layout import results

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
    """Fetch a result; the parameters are the options of jobctl(1)."""
    if path and json:
        raise UsageError("give either --path or --json; the document holds the path as well")
    layout = home.existing(os.environ)
    job = selection.one(layout, selector)
    assert layout is not None  # noqa: S101  # `one` has found a job in it
    if wait:
        try:
            (status,) = waiting.until(layout, [job], lambda status: status.finished)
        except KeyboardInterrupt:
            return waiting.interrupted([job])
    else:
        status = status_reader.read(layout, job)
        if not status.finished:
            summon.ensure(layout, patient=False)
    location = locate(layout, status, attempt)
    if path:
        output.write(os.fsencode(location) + b"\n")
    elif json:
        output.write_json(_describe(location, status))
    else:
        if os.path.isdir(location):
            raise UsageError(f"the result of job {job} is the directory {location}; fetch its place with --path")
        source = Source(location)
        source.copy(Sink(1))
        source.close()
    return model.exit_status(status)


def locate(layout: Layout, status: Status, attempt: int | None) -> str:
    """Return the path of the result: what the job left in $JOBCTL_RESULT, else its standard output.

    Raises:
        NoResultYet: the attempt has not ended.
        NeverRan: there was none.
        NoSuchJob: there is no such attempt.
        UnreadableRecord: the file is gone, or is not the job's own.
    """
    if attempt is not None:
        known = [entry for entry in status.attempts if entry.get("attempt") == attempt]
        if not known:
            if attempt == status.attempt and not status.finished:
                raise NoResultYet(str(status.id), status.state)
            raise NoSuchJob(f"job {status.id} has no attempt {attempt}")
    elif not status.finished:
        raise NoResultYet(str(status.id), status.state)
    elif not status.attempts:
        raise _never_ran(status)
    number = status.attempt if attempt is None else attempt
    if any(entry.get("attempt") == number and entry.get("reason") == "not-started" for entry in status.attempts):
        raise _never_ran(status)
    directory = layout.attempt(status.id, 1, number)
    for place in results(directory):
        try:
            found = os.lstat(place)
        except FileNotFoundError:
            continue
        if stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode):
            return place
        raise UnreadableRecord(place, "the job left neither a file nor a directory there")
    raise UnreadableRecord(place, "it is gone")


def _never_ran(status: Status) -> NeverRan:
    why = (status.error or {}).get("message", model.summary(status))
    return NeverRan(f"job {status.id} has no result, it never ran: {why}")


def _describe(location: str, status: Status) -> dict[str, Any]:
    size, digest, inline = None, None, None
    if not os.path.isdir(location):
        size, digest = _digest(location)
        if size <= _INLINE:
            inline = _as_json(location)
    return {
        "v": 1,
        "id": status.id,
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

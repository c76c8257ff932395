"""`jobctl submit`: validate, make durable, print the ID, wake the daemon. It waits for nobody."""

from __future__ import annotations

import os

from jobctl.cli import output, skew
from jobctl.client import hand_in as client
from jobctl.client.specify import Order, Request, specify
from jobctl.errors import OutcomeUnknown, UsageError
from jobctl.store import doorbell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from jobctl.model.spec import Spec
    from jobctl.store.layout import Layout
    from jobctl.store.spool import Answer


def run(
    *,
    json: bool = False,
    dry_run: bool = False,
    no_start: bool = False,
    wait: bool = False,
    watch: bool = False,
    **options: Any,
) -> int:
    """Submit a job; the parameters are the options of jobctl-submit(1), those in *options* the fields of `Request`."""
    request = Request(**options)
    order = take_in(request)
    if dry_run:
        from jobctl.cli import dry  # noqa: PLC0415  # only who asks for it

        dry.show(order, as_json=json)
        return 0
    layout, answer = hand_in(order, request.id_file)
    tell_id(layout, answer.job, _document(layout, answer, order.spec.uuid) if json else None)
    start_daemon(layout, answer.job, may_start=not no_start)
    if output.is_terminal(2) and not answer.existed:
        _tell_start(answer.job, order.spec)
    if watch:
        from jobctl.cli import watch as view  # noqa: PLC0415  # only who watches pays for it

        return view.run(selectors=[str(answer.job)], exit_status=wait)
    if wait:
        from jobctl.cli import waiting  # noqa: PLC0415  # only who waits pays for it

        return waiting.until_finished(layout, [answer.job])
    return 0


def take_in(request: Request) -> Order:
    """Return what *request* asks for; say what may be a mistake in it.

    Raises:
        UsageError, NoSuchJob, InvalidConfig: as `specify`.
    """
    if request.id_file == "":
        raise UsageError("--id-file was given no name; write the path of the file")
    # What this process makes from here on is for its owner, whatever the umask was.
    order = specify(request, os.umask(0o077))
    for words in (order.advice, order.guess):
        if words is not None:
            output.hint(words)
    return order


def hand_in(order: Order, id_file: str | None) -> tuple[Layout, Answer]:
    """Store the job and, in *id_file*, its ID; return the home and the answer.

    Raises:
        SpoolUnusable, UsageError, Contradiction, QueueFull, OutcomeUnknown: as client/hand_in.py.
    """
    noted = None
    if id_file is not None:
        from jobctl.client.id_file import IdFile  # noqa: PLC0415  # only who asks for the file pays for it

        noted = IdFile(id_file, order.spec.umask)
    layout, answer = client.hand_in(order, warn=output.warn, noted=noted)
    if answer.existed:
        output.hint(f"job {answer.job} is there already; nothing was submitted")
    return layout, answer


def start_daemon(layout: Layout, job: int, *, may_start: bool) -> None:
    """Wake the daemon for *job*, starting one if need be; that it cannot be started is said, and loses nothing."""
    if client.wake(layout, job, may_start=may_start, warn=output.warn):
        skew.tell(layout)
    elif output.is_terminal(2):
        # None runs yet that would know it.
        skew.tell_of_config()


def tell_id(layout: Layout, job: int, document: dict[str, Any] | None) -> None:
    """Print the ID of *job*, which is stored, or the *document* that has it.

    Raises:
        OutcomeUnknown: it could not be printed; this names it.
    """
    try:
        if document is not None:
            output.write_json(document)
        else:
            output.write(f"{job}\n".encode("ascii"))
    except (OSError, KeyboardInterrupt) as failure:
        doorbell.ring(layout, job)
        why = output.explain(failure) if isinstance(failure, OSError) else "interrupted"
        raise OutcomeUnknown(job, f"it was stored, but its ID could not be printed ({why})") from failure


def _tell_start(job: int, spec: Spec) -> None:
    """Say when a job starts that waits for a time: it may have been understood otherwise than it was meant."""
    if spec.not_before is None and spec.start_in is None:
        return
    from jobctl.cli import due  # noqa: PLC0415  # only who waits for a time

    starts = due.earliest(spec)
    if starts is not None:
        output.hint(f"job {job} starts {due.long(starts)}")


def _document(layout: Layout, answer: Answer, uuid: str) -> dict[str, Any]:
    state = "pending"
    if answer.existed:
        from jobctl.store import status_reader  # noqa: PLC0415  # only with --key and --unique

        status = status_reader.read(layout, answer.job)
        uuid, state = status.uuid, status.state
    return {
        "v": 1,
        "id": answer.job,
        "uuid": uuid,
        "state": state,
        "status_path": layout.status(answer.job),
        "deduplicated": answer.existed,
    }

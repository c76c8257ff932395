"""`jobctl submit`: validate, make durable, print the ID, wake the daemon. It waits for nobody."""

from __future__ import annotations

import os

from jobctl.cli import output, skew, summon
from jobctl.cli.specify import Order, Request, specify
from jobctl.errors import JobctlError, OutcomeUnknown, UsageError
from jobctl.store import doorbell, home, spool

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from jobctl.cli.id_file import IdFile
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
    """Submit a job; the parameters are the options of jobctl(1), those in *options* the fields of `Request`."""
    request = Request(**options)
    if request.id_file == "":
        raise UsageError("--id-file was given no name; write the path of the file")
    order = specify(request)
    if dry_run:
        from jobctl.cli import dry  # noqa: PLC0415  # only who asks for it

        dry.show(order, as_json=json)
        return 0
    layout, answer = hand_in(order, request.id_file)
    _tell_id(layout, answer, as_json=json, uuid=order.spec.uuid)
    start_daemon(layout, answer.job, may_start=not no_start)
    if watch:
        from jobctl.cli import watch as view  # noqa: PLC0415  # only who watches pays for it

        return view.run(selectors=[str(answer.job)], exit_status=wait)
    if wait:
        from jobctl.cli import waiting  # noqa: PLC0415  # only who waits pays for it

        return waiting.until_finished(layout, [answer.job])
    return 0


def hand_in(order: Order, id_file: str | None) -> tuple[Layout, Answer]:
    """Store the job in the home of the environment, which is made if there is none; return the home and the answer.

    Raises:
        SpoolUnusable: it could not be stored; nothing is left, not even a home that was made for it.
        UsageError, Contradiction, QueueFull, OutcomeUnknown: as `spool.hand_over`.
    """
    layout, made = home.create_or_find(os.environ)
    try:
        return layout, deposit(layout, order, id_file)
    except OutcomeUnknown:
        raise
    except JobctlError:
        if made:
            home.take_back(layout)
        raise


def deposit(layout: Layout, order: Order, id_file: str | None) -> Answer:
    """Store the job and, in *id_file*, its ID; cancel the jobs whose place it takes.

    Raises:
        SpoolUnusable: it could not be stored; nothing of it is left.
        UsageError, Contradiction, QueueFull, OutcomeUnknown: as `spool.hand_over`.
    """
    noted = None
    if id_file is not None:
        from jobctl.cli.id_file import IdFile  # noqa: PLC0415  # only who asks for the file pays for it

        noted = IdFile(id_file, order.spec.umask)
    try:
        answer = spool.hand_over(layout, order.spec, order.enclosed, order.rules)
    except OutcomeUnknown as unknown:
        doorbell.ring(layout, unknown.job)
        raise
    except (OSError, JobctlError) as failure:
        if noted is not None:
            noted.forget()
        if isinstance(failure, OSError):
            raise home.unusable(layout, "store the job in", failure) from failure
        raise
    if answer.displaced:
        _cancel(layout, answer)
    if noted is not None:
        _note(layout, noted, answer.job)
    if answer.existed:
        output.hint(f"job {answer.job} is there already; nothing was submitted")
    return answer


def start_daemon(layout: Layout, job: int, *, may_start: bool) -> None:
    """Wake the daemon for *job*, starting one if need be; that it cannot be started is said, and loses nothing."""
    try:
        if doorbell.ring(layout, job):
            skew.tell(layout)
            return
        if not may_start:
            return
        summon.summon(layout)
    except OSError as failure:
        output.warn(
            f"job {job} is accepted, but no daemon runs and none could be started ({failure.strerror}); "
            "`jobctl daemon start` starts one"
        )


def _cancel(layout: Layout, answer: Answer) -> None:
    """Ask to cancel the jobs whose place the new one takes; that it cannot be asked is said, and loses nothing."""
    from jobctl.store import requests  # noqa: PLC0415  # only with --unique

    for job in answer.displaced:
        try:
            requests.ask_to_cancel(layout, job, signal=None, now=False, note=f"job {answer.job} takes its place")
        except OSError as failure:
            output.warn(f"job {job}, whose place job {answer.job} takes, cannot be cancelled: {failure.strerror}")


def _note(layout: Layout, noted: IdFile, job: int) -> None:
    try:
        noted.write(job)
    except OSError as failure:
        doorbell.ring(layout, job)
        why = f"it was stored, but its ID could not be written to {noted.path} ({failure.strerror})"
        raise OutcomeUnknown(job, why) from failure


def _tell_id(layout: Layout, answer: Answer, *, as_json: bool, uuid: str) -> None:
    job = answer.job
    try:
        if as_json:
            output.write_json(_document(layout, answer, uuid))
        else:
            output.write(f"{job}\n".encode("ascii"))
    except (OSError, KeyboardInterrupt) as failure:
        doorbell.ring(layout, job)
        why = failure.strerror if isinstance(failure, OSError) else "interrupted"
        raise OutcomeUnknown(job, f"it was stored, but its ID could not be printed ({why})") from failure


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

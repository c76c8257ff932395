"""Hand an order in: store it in the home of the environment, and let the daemon know."""

from __future__ import annotations

import os

from jobctl.errors import JobctlError, OutcomeUnknown
from jobctl.store import doorbell, home, spool

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from jobctl.client.id_file import IdFile
    from jobctl.client.specify import Order
    from jobctl.store.layout import Layout
    from jobctl.store.spool import Answer

    #: Says what is wrong beside the job, which is stored.
    Warn = Callable[[str], None]


def hand_in(order: Order, *, warn: Warn, noted: IdFile | None = None) -> tuple[Layout, Answer]:
    """Store the job in the home of the environment, which is made if there is none; return the home and the answer.

    Its ID is written to the file *noted*, and the jobs whose place it takes are cancelled. Nobody has been told yet.

    Raises:
        SpoolUnusable: it could not be stored; nothing is left, not even a home that was made for it.
        UsageError, Contradiction, NotNow (QueueFull), OutcomeUnknown: as `spool.hand_over`.
    """
    try:
        layout, made = home.create_or_find(os.environ)
        try:
            answer = spool.hand_over(layout, order.spec, order.enclosed, order.rules)
        except OutcomeUnknown as unknown:
            doorbell.ring(layout, unknown.job)
            raise
        except (OSError, JobctlError) as failure:
            if made:
                home.take_back(layout)
            if isinstance(failure, OSError):
                raise home.unusable(layout, "store the job in", failure) from failure
            raise
    except OutcomeUnknown:
        raise
    except JobctlError:
        if noted is not None:
            noted.forget()
        raise
    if answer.displaced:
        _cancel(layout, answer, warn)
    if noted is not None:
        _note(layout, noted, answer.job)
    return layout, answer


def wake(layout: Layout, job: int, *, may_start: bool, warn: Warn) -> bool:
    """Wake the daemon for *job*, starting one if need be; return whether one ran before.

    That it cannot be started is said, and loses nothing.
    """
    try:
        if doorbell.ring(layout, job):
            return True
        if may_start:
            from jobctl.client.summon import summon  # noqa: PLC0415  # a daemon nearly always runs

            summon(layout)
    except OSError as failure:
        warn(
            f"job {job} is accepted, but no daemon runs and none could be started ({failure.strerror}); "
            "`jobctl daemon start` starts one"
        )
    return False


def _cancel(layout: Layout, answer: Answer, warn: Warn) -> None:
    """Ask to cancel the jobs whose place the new one takes; that it cannot be asked is said, and loses nothing."""
    from jobctl.store import requests  # noqa: PLC0415  # only with --unique

    for job in answer.displaced:
        try:
            requests.ask_to_cancel(layout, job, signal=None, now=False, note=f"job {answer.job} takes its place")
        except OSError as failure:
            warn(f"job {job}, whose place job {answer.job} takes, cannot be cancelled: {failure.strerror}")


def _note(layout: Layout, noted: IdFile, job: int) -> None:
    try:
        noted.write(job)
    except OSError as failure:
        doorbell.ring(layout, job)
        why = f"it was stored, but its ID could not be written to {noted.path} ({failure.strerror})"
        raise OutcomeUnknown(job, why) from failure

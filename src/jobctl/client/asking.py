"""Ask something of a job, durably, and see it done: what a daemon that runs, or is started now, does in a moment."""

from __future__ import annotations

from jobctl.client import waiting
from jobctl.errors import DaemonSilent, NoSuchJob, NotNow, WaitTimedOut
from jobctl.store import home

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final, TypeVar

    from jobctl.model.status import Status
    from jobctl.store.layout import Layout

    T = TypeVar("T")

#: Seconds within which a daemon that runs, or is started now, takes a request in.
_WITHIN: Final = 30.0


def leave(layout: Layout, job: object, what: str, request: Callable[[], T]) -> T:
    """Leave a durable *request* to *what* (a verb) the *job*, or a task, and return what it returns.

    Raises:
        NotNow: the job is being retried already.
        NoSuchJob: the job was forgotten meanwhile.
        SpoolUnusable: it could not be written.
    """
    try:
        return request()
    except FileExistsError:
        raise NotNow(f"job {job} is being retried already; `jobctl wait {job}` waits for it") from None
    except FileNotFoundError:
        raise NoSuchJob(f"cannot {what} job {job}: there is no such job any more") from None
    except OSError as failure:
        raise home.unusable(layout, f"ask to {what} job {job} in", failure) from failure


def see_it_done(
    layout: Layout, jobs: list[int], reached: Callable[[Status], bool], *, tend: Callable[[], None]
) -> None:
    """Wait until *reached* holds for *jobs*; *tend* is called while no daemon listens.

    Raises:
        DaemonSilent: it does not in time. What was asked stays on record.
    """
    try:
        waiting.until(layout, jobs, reached, tend=tend, timeout=_WITHIN)
    except WaitTimedOut:
        raise DaemonSilent(
            f"what was asked of {waiting.name(jobs)} is on record, but no daemon has acted on it within "
            f"{_WITHIN:.0f} s; `jobctl daemon status` and `jobctl daemon logs` may say why"
        ) from None

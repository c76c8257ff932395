"""What clients ask about a job: records beside its specification, each written once by one of them.

A job begins its first life (number 0) when it is submitted and another one with every request to retry it.
What is asked of one life means nothing in the next.
"""

from __future__ import annotations

import os

from jobctl.errors import UnknownVersion, UnreadableRecord
from jobctl.store import atomic, clock, codec, doorbell, markers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, Literal

    from jobctl.store.layout import Layout

    Kind = Literal["retry", "steer"]

#: Version of cancel.json, retry.N.json and steer.N.json.
VERSION = 1


def ask_to_cancel(
    layout: Layout, job: int, *, task: int | None = None, signal: int | None, now: bool, note: str | None
) -> None:
    """Leave the durable request to cancel *job*, or one *task*; the first stands, and only its urgency can be raised.

    *signal* is the first signal to send (None: SIGTERM), *now* asks for SIGKILL without a grace, *note* is
    a reason for people. The daemon and the keeper act on it; this does not wait for them.

    Raises:
        OSError: it could not be written, or, after the last step, may not be durable.
    """
    document = {"v": VERSION, "at": clock.now(), "signal": signal, "note": note}
    while True:
        life = count(layout, job, "retry")
        # The urgency first: whoever is woken by the request then sees both.
        for path in [layout.cancel_now(job, life, task), layout.cancel(job, life, task)][0 if now else 1 :]:
            try:
                atomic.publish_record(path, codec.encode(document))
            except FileExistsError:
                continue
        if count(layout, job, "retry") == life:
            break
    if task is None:
        tell(layout, job)
    else:
        # The keeper looks for the record above; the daemon is told by one that it finds without a look at all names.
        steer(layout, job, {"cancel": task})


def steer(layout: Layout, job: int, document: dict[str, Any]) -> int:
    """Leave the durable request *document* to steer *job*, tell the daemon, and return the request's number.

    Raises:
        OSError: it could not be written, or, after the last step, may not be durable.
    """
    content = codec.encode({"v": VERSION, "at": clock.now(), **document})
    while True:
        number = count(layout, job, "steer") + 1
        try:
            atomic.publish_record(layout.request(job, "steer", number), content)
        except FileExistsError:
            continue  # Somebody else asked at the same time; ours is the next.
        break
    tell(layout, job)
    return number


def retry(layout: Layout, job: int, retried: int, document: dict[str, Any]) -> int:
    """Leave the durable request *document* to retry *job*, tell the daemon, and return the number of the new life.

    *retried* is what the finished job's status says, so that of several who ask at once one is heard, and a
    request is about the end that whoever asks has seen.

    Raises:
        FileExistsError: the job is being retried already.
        OSError: it could not be written, or, after the last step, may not be durable.
    """
    content = codec.encode({"v": VERSION, "at": clock.now(), **document})
    atomic.publish_record(layout.request(job, "retry", retried + 1), content)
    tell(layout, job)
    return retried + 1


def tell(layout: Layout, job: int) -> None:
    """Let the daemon know that something is asked of *job*."""
    markers.touch(layout, job)
    doorbell.ring(layout, job)


def count(layout: Layout, job: int, kind: Kind, *, known: int = 0) -> int:
    """Return how many requests of *kind* there are about *job*, of which *known* are known to be there."""
    number = known
    while os.path.lexists(layout.request(job, kind, number + 1)):
        number += 1
    return number


def all_of(layout: Layout, job: int, kind: Kind) -> list[dict[str, Any]]:
    """Return the requests of *kind* about *job*, the first first. One that is damaged asks for nothing.

    Raises:
        OSError: one cannot be read now.
    """
    found: list[dict[str, Any]] = []
    while True:
        try:
            found.append(codec.read(layout.request(job, kind, len(found) + 1)))
        except FileNotFoundError:
            return found
        except UnreadableRecord:
            found.append({})


def is_any_among(names: Iterable[str]) -> bool:
    """Return whether one of the *names* in a job's directory is that of a request, or of a record of its end."""
    return any(map(_is_one, names))


def damaged(layout: Layout, job: int, names: Iterable[str]) -> list[UnreadableRecord | UnknownVersion]:
    """Return what is wrong with what `is_any_among` finds among the *names* of *job*, for people to be told.

    Raises:
        OSError: they cannot be read now.
    """
    found: list[UnreadableRecord | UnknownVersion] = []
    directory = layout.job(job)
    for name in names:
        if _is_one(name):
            path = f"{directory}/{name}"
            try:
                version = codec.read(path).get("v")
            except FileNotFoundError:
                continue
            except UnreadableRecord as wrong:
                found.append(wrong)
            else:
                if version != VERSION:
                    found.append(UnknownVersion(path, version, VERSION))
    return found


def _is_one(name: str) -> bool:
    return name.startswith(("cancel", "end.", "retry.", "steer.")) and name.endswith(".json")


def cancellation(layout: Layout, job: int, life: int, task: int | None = None) -> dict[str, Any] | None:
    """Return the request to cancel *job* in its *life*, or that about one *task*, or None.

    One that is damaged still asks to cancel.

    Raises:
        OSError: whether there is one cannot be told now.
    """
    try:
        return codec.read(layout.cancel(job, life, task))
    except FileNotFoundError:
        return None
    except UnreadableRecord:
        return {"v": VERSION, "at": clock.now(), "signal": None, "note": None}


def is_urgent(layout: Layout, job: int, life: int, task: int | None = None) -> bool:
    """Return whether what is cancelled is to be ended without a grace."""
    return os.path.lexists(layout.cancel_now(job, life, task))


def of_task(layout: Layout, job: int, life: int, task: int) -> dict[str, Any] | None:
    """Return the request to cancel *job* in its *life*, or else that about its *task*, or None.

    Raises:
        OSError: whether there is one cannot be told now.
    """
    return cancellation(layout, job, life) or cancellation(layout, job, life, task)


def places_of_task(layout: Layout, job: int, life: int, task: int) -> tuple[str, str]:
    """Return where the requests lie of which `of_task` tells, for who looks whether there is one again and again."""
    return layout.cancel(job, life), layout.cancel(job, life, task)


def task_is_urgent(layout: Layout, job: int, life: int, task: int) -> bool:
    """Return whether *task*, or all of its cancelled job, is to be ended without a grace."""
    return is_urgent(layout, job, life) or is_urgent(layout, job, life, task)

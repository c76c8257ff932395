"""What keeps a job from being stored twice, or beside others of its kind: keys, unique names, the limit of the home.

All of it is decided and noted while the lock of `sequence` is held, and noted durably before the job is published:
a record in keys/ names the job that is about to be, and one that names a job that never came to be is stale
(docs/internals.md, "Once").
"""

from __future__ import annotations

import hashlib
import os

from jobctl.errors import Contradiction, QueueFull, UnreadableRecord
from jobctl.model import states
from jobctl.model.dependency import Dependency
from jobctl.model.value import Value
from jobctl.store import atomic, codec, markers, records, sequence, status_reader
from jobctl.store.layout import AttemptFiles

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

    from jobctl.model.spec import Spec
    from jobctl.store.layout import Layout

#: Version of the records in keys/.
VERSION: Final = 1
#: What --if-active may be.
IF_ACTIVE: Final = ("skip", "coalesce", "replace")
#: Stored beside whatever is active, and remembered under the name: a job that was asked for by itself.
ALONG: Final = "along"
#: Jobs of one unique name that are remembered: finished ones too, because `jobctl retry` may bring them back.
_REMEMBERED: Final = 50


class Rules(Value):
    """What must hold for a job to be stored."""

    key: str | None = None
    #: What identifies the job: name of each part, and a digest of it. The contents that are frozen come on top.
    fingerprint: tuple[tuple[str, str], ...] = ()
    unique: str | None = None
    if_active: str = "skip"
    #: Jobs that may be unfinished, None: any number.
    most: int | None = None


class Decision(Value):
    """What follows from the rules: the job there is already, or what is to be stored in place of which others."""

    existing: int | None = None
    spec: Spec
    #: Everything that identifies the job, for its key.
    fingerprint: tuple[tuple[str, str], ...] = ()
    #: Jobs to be cancelled when this one is stored.
    displaced: tuple[int, ...] = ()


def digest(text: str) -> str:
    """Return a digest of *text*, which may hold lone surrogates, that does not give it away."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def decide(layout: Layout, rules: Rules, spec: Spec, contents: dict[str, str]) -> Decision:
    """Return what is to become of *spec*, whose frozen *contents* have these digests. The lock is held.

    Raises:
        Contradiction: another job has the key.
        QueueFull: too many jobs are unfinished.
        UnreadableRecord: a record in keys/, or the job that it names, cannot be understood.
    """
    fingerprint = tuple(sorted((*rules.fingerprint, *contents.items())))
    if rules.key is not None:
        existing = _with_key(layout, rules.key, dict(fingerprint))
        if existing is not None:
            return Decision(existing=existing, spec=spec)
    displaced: tuple[int, ...] = ()
    if rules.unique is not None and rules.if_active != ALONG:
        active = [job for job in _with_name(layout, rules.unique) if _is_active(layout, job)]
        if active and rules.if_active == "skip":
            return Decision(existing=active[-1], spec=spec)
        displaced = tuple(job for job in active if rules.if_active == "replace" or not _has_started(layout, job))
        # Also behind those that are cancelled: one of them may be starting at this moment.
        behind = tuple(Dependency(kind="any", job=job) for job in active)
        spec = spec.but(after=spec.after + behind)
    if rules.most is not None:
        unfinished = len(markers.names(layout))
        if unfinished - len(displaced) >= rules.most:
            raise QueueFull(unfinished, rules.most)
    return Decision(spec=spec, fingerprint=fingerprint, displaced=displaced)


def note(layout: Layout, rules: Rules, job: int, fingerprint: tuple[tuple[str, str], ...]) -> None:
    """Note durably that *job*, which is about to be published, has the key and the name. The lock is held.

    Raises:
        OSError: it could not be written.
    """
    documents = {}
    if rules.key is not None:
        documents[_key(layout, rules.key)] = {"key": rules.key, "job": job, "fingerprint": dict(fingerprint)}
    if rules.unique is not None:
        jobs = [other for other in _with_name(layout, rules.unique) if status_reader.exists(layout, other)]
        documents[_name(layout, rules.unique)] = {"unique": rules.unique, "jobs": [*jobs, job][-_REMEMBERED:]}
    if documents:
        atomic.make_directory(layout.keys, exist_ok=True)
        for path, document in documents.items():
            atomic.replace(path, codec.encode({"v": VERSION, **document}))
        atomic.sync_directory(layout.keys)


def take_back(layout: Layout, rules: Rules, job: int) -> None:
    """Forget that *job*, which did not come to be, has the key. The lock is held. Best effort: it is stale anyway."""
    if rules.key is None:
        return
    path = _key(layout, rules.key)
    try:
        if _read(path, "job") == job:
            os.unlink(path)
    except (OSError, UnreadableRecord):
        pass


def forget_stale(layout: Layout) -> int:
    """Take away the records in keys/ that name no job there is any more, and return how many.

    Raises:
        OSError: one could not be taken away.
        NotNow: as `sequence.hold`.
    """
    if not os.path.isdir(layout.keys):
        return 0
    held = sequence.hold(layout)
    try:
        return _forget_stale(layout)
    finally:
        os.close(held)


def _forget_stale(layout: Layout) -> int:
    taken = 0
    for name in os.listdir(layout.keys):
        path = layout.key(name)
        if not name.endswith(".tmp"):  # what a killed submitter left says nothing
            try:
                document = codec.read(path)
            except UnreadableRecord:
                continue
            jobs = document.get("jobs") or [document.get("job")]
            if any(isinstance(job, int) and _is_known(layout, job) for job in jobs):
                continue
        os.unlink(path)
        taken += 1
    return taken


def _with_key(layout: Layout, key: str, fingerprint: dict[str, str]) -> int | None:
    """Return the job that has *key*, or None.

    Raises:
        Contradiction: it is another one than that with *fingerprint*.
    """
    path = _key(layout, key)
    job = _read(path, "job")
    if job is None:
        return None
    if not isinstance(job, int):
        raise UnreadableRecord(path, "it names no job")
    if not status_reader.exists(layout, job):
        if os.path.lexists(layout.set_aside(str(job))):
            raise UnreadableRecord(
                f"job {job}",
                f"it has the key {key!r} and was set aside in {layout.corrupt}",
                "look at it there; under another key the job can be submitted",
            )
        return None
    known = _read(path, "fingerprint")
    if not isinstance(known, dict):
        raise UnreadableRecord(path, "it has no fingerprint")
    differ = sorted(name for name in {*known, *fingerprint} if known.get(name) != fingerprint.get(name))
    if differ:
        raise Contradiction(
            f"the key {key!r} belongs to job {job}, and this would be another one: it differs in {', '.join(differ)}; "
            "submit it under a key of its own"
        )
    return job


def _with_name(layout: Layout, name: str) -> list[int]:
    """Return the jobs that were stored under the unique *name*, as far as they are remembered, the oldest first."""
    path = _name(layout, name)
    jobs = _read(path, "jobs")
    if jobs is None:
        return []
    if not isinstance(jobs, list) or not all(isinstance(job, int) for job in jobs):
        raise UnreadableRecord(path, "it names no jobs")
    return jobs


def _read(path: str, part: str) -> Any:
    try:
        return codec.read(path).get(part)
    except FileNotFoundError:
        return None


def _is_known(layout: Layout, job: int) -> bool:
    return status_reader.exists(layout, job) or os.path.lexists(layout.set_aside(str(job)))


def _is_active(layout: Layout, job: int) -> bool:
    if not status_reader.exists(layout, job):
        return False
    try:
        return not status_reader.read(layout, job).finished
    except status_reader.UNREADABLE:
        return os.path.lexists(layout.marker(job))


def _has_started(layout: Layout, job: int) -> bool:
    try:
        status = status_reader.read(layout, job)
    except status_reader.UNREADABLE:
        return True
    if status.state not in {states.PENDING, states.QUEUED} or status.attempt:
        return True
    # The status file may be a moment late.
    return any(
        os.path.lexists(f"{layout.attempt(job, task, attempt)}/{AttemptFiles.START}")
        for task, attempt in records.attempts(layout, job)
    )


def _key(layout: Layout, key: str) -> str:
    return layout.key(digest(f"key {key}"))


def _name(layout: Layout, name: str) -> str:
    return layout.key(digest(f"unique {name}"))

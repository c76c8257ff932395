"""The submitter's side of the spool: hand a job over, whole and durably, or not at all.

A job belongs to its submitter until the one rename that publishes it, and to the daemon after it. The steps S1 to
S5 and what a crash after each of them leaves are in docs/internals.md, "Submitting".
"""

from __future__ import annotations

import fcntl
import os

from jobctl.errors import OutcomeUnknown
from jobctl.model import status
from jobctl.model.value import Value
from jobctl.store import atomic, codec, markers, sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from jobctl.model.spec import Spec
    from jobctl.store.enclosure import Copies, Enclosure
    from jobctl.store.layout import Layout
    from jobctl.store.once import Decision, Rules


class Answer(Value):
    """What became of a submission: the job, whether it was there before, and the jobs it takes the place of."""

    job: int
    existed: bool = False
    displaced: tuple[int, ...] = ()


def deposit(layout: Layout, spec: Spec, stdin: int | None = None) -> int:
    """Store the job that *spec* describes and return its ID.

    *stdin* is a descriptor whose rest becomes the frozen standard input. On return the job is
    visible, complete and on the disk, whether or not a daemon runs; nobody has been told yet.

    Raises:
        OSError: it could not be stored; nothing of it is visible and nothing is left behind.
        NotNow: as that, because somebody who submits was stopped in the midst of it.
        OutcomeUnknown: it is visible, but the disk did not confirm that it is durable, or nobody waited for that.
    """
    if stdin is None:
        return hand_over(layout, spec).job
    from jobctl.store.enclosure import Enclosure  # noqa: PLC0415  # only what encloses something pays for it

    return hand_over(layout, spec, Enclosure(stdin=stdin)).job


def deposit_again(layout: Layout, job: int, most: int | None = None) -> int:
    """Store a new job from the specification of *job*, with all that was frozen into it, and return its ID.

    What *job* waited for and its key were its own: the new one has neither, and may start when its turn comes.
    At *most* so many jobs may be unfinished; None: any number.

    Raises:
        FileNotFoundError: there is no such job.
        UnreadableRecord, UnknownVersion: its specification cannot be understood.
        OSError, NotNow, OutcomeUnknown: as `deposit`.
        QueueFull: too many jobs are unfinished.
    """
    from jobctl.store import clock, once, records  # noqa: PLC0415  # only `rerun` pays for it
    from jobctl.store.enclosure import Copies  # noqa: PLC0415  # as above

    spec = records.spec(layout, job).but(
        uuid=new_uuid(),
        submitted_at=clock.now(),
        steady=clock.steady(),
        boot=clock.boot_id(),
        hold=False,
        not_before=None,
        start_in=None,
        after=(),
        key=None,
    )
    rules = once.Rules(unique=spec.unique, if_active=once.ALONG, most=most)
    return hand_over(layout, spec, Copies(layout=layout, job=job), rules).job


def new_uuid() -> str:
    """Return a random UUID (RFC 9562, version 4); the uuid module is not worth its import here."""
    number = bytearray(os.urandom(16))
    number[6] = number[6] & 0x0F | 0x40
    number[8] = number[8] & 0x3F | 0x80
    text = number.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def hand_over(
    layout: Layout, spec: Spec, enclosed: Enclosure | Copies | None = None, rules: Rules | None = None
) -> Answer:
    """As `deposit`, with all that is *enclosed*, if the *rules* allow it.

    Where the job is there already, nothing is stored, and what is there is on the disk on return.

    Raises:
        OSError, OutcomeUnknown: as `deposit`.
        UsageError: something enclosed cannot be read.
        NotNow: as `deposit`.
        Contradiction, QueueFull: the rules forbid it; nothing was stored.
    """
    staged = f"{layout.staging}/{os.getpid()}.{os.urandom(8).hex()}"
    # S1. Not synced: only what is published must survive.
    os.mkdir(staged, 0o700)
    job, held, lock = 0, -1, -1
    decision: Decision | None = None
    try:
        # Held until publication: the daemon takes away what lies here unheld for long.
        held = os.open(staged, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # S2
        contents: dict[str, str] = {}
        if enclosed is not None:
            spec, contents = enclosed.freeze(spec, staged)
        if rules is not None:
            from jobctl.store import once  # noqa: PLC0415  # only whom a rule binds pays for it

            # From here to the publication nobody else gets an ID.
            lock = sequence.hold(layout)
            decision = once.decide(layout, rules, spec, contents)
            spec = decision.spec
        if decision is not None and decision.existing is not None:
            _discard(layout, staged, 0)
            return _confirm(layout, Answer(job=decision.existing, existed=True))
        atomic.write_new(staged + "/spec.json", codec.encode(spec.document()))
        job = sequence.next_id(layout) if lock < 0 else sequence.bump(layout, lock)
        first = status.first(job, spec, layout.status(job))
        atomic.write_new(staged + "/status.json", codec.encode(first.document()))
        # S3
        atomic.sync_directory(staged)
        if rules is not None and decision is not None:
            once.note(layout, rules, job, decision.fingerprint)
        markers.make(layout, job)
        # S4: publication.
        atomic.move_directory(staged, layout.job(job))
    except BaseException as failure:
        if job and not os.path.lexists(staged):
            # Interrupted with the publication behind it.
            raise OutcomeUnknown(job, "interrupted before the disk confirmed it") from failure
        if rules is not None and job:
            once.take_back(layout, rules, job)
        _discard(layout, staged, job)
        raise
    finally:
        for fd in (held, lock):
            if fd >= 0:
                atomic.let_go(fd)
    # S5: durability.
    return _confirm(layout, Answer(job=job, displaced=() if decision is None else decision.displaced))


def _confirm(layout: Layout, answer: Answer) -> Answer:
    """Make sure that the job of *answer* is on the disk: also one that another submitter has only just published."""
    try:
        atomic.sync_directory(layout.spool)
    except OSError as failure:
        raise OutcomeUnknown(answer.job, f"the disk did not confirm it ({failure.strerror})") from failure
    except KeyboardInterrupt as failure:
        raise OutcomeUnknown(answer.job, "interrupted before the disk confirmed it") from failure
    return answer


def _discard(layout: Layout, staged: str, job: int) -> None:
    """Take back what was not published. Best effort: what stays is removed by the daemon later."""
    from jobctl.store.removal import remove_tree  # noqa: PLC0415  # only when something went wrong

    try:
        remove_tree(staged)
        if job and not os.path.lexists(layout.job(job)):
            markers.drop(layout, job)
    except OSError:
        pass

"""Who is told when a job ends, and when: what waits is handed to processes of their own (`sender`).

The loop never talks to a receiver: it puts on record what is to be told, before the end of the job is shown, and
starts a sender for what is due. A receiver that is slow or dead holds up neither the loop nor a job.
"""

from __future__ import annotations

import logging
import os

from jobctl.store import clock as system_clock
from jobctl.store import outbox
from jobctl.store.config import defaults
from jobctl.store.outbox import Delivery, Label

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from jobctl.daemon.job import Job
    from jobctl.daemon.surroundings import Clock, Processes
    from jobctl.store.config import Config
    from jobctl.store.layout import Layout
    from jobctl.store.outbox import Kind, Stamp

#: Deliveries that one sender makes, all at once, and senders at work: more wait, and cost nothing meanwhile.
BATCH: Final = 16
SENDERS: Final = 8
#: Numbers of deliveries that one life of a job has for itself; nobody can name so many receivers.
_A_LIFE: Final = 100
#: Seconds after which a delivery is tried again of which no sender has said what came of it.
UNTOLD: Final = 60.0

_log = logging.getLogger("jobctl.daemon")


class Deliveries:
    """The deliveries of one home that wait, and the senders at work."""

    def __init__(self, layout: Layout, clock: Clock, processes: Processes) -> None:
        """Begin with what waits since an earlier daemon; the first `step` with a look finds it."""
        self._layout = layout
        self._clock = clock
        self._processes = processes
        self._boot = system_clock.boot_id()
        self._config: Config | None = None
        self._changed_at = -1
        #: What waits, with the stamp of its mark, and when it is due on the steady clock.
        self._stamps: dict[Label, Stamp] = {}
        self._due: dict[Label, float] = {}
        self._next: float | None = None
        self._senders: dict[int, list[Label]] = {}

    def follow(self, config: Config) -> None:
        """Tell those as well whom *config* names, of jobs that end from now on."""
        self._config = config

    def note(self, job: Job) -> None:
        """Put on record who is to be told that *job* has ended; called before its status says that it has.

        Raises:
            OSError: it may not be on record: the end must not be shown yet.
        """
        config = self._config or defaults()
        targets: list[tuple[Kind, str]] = [("webhook", url) for url in (*job.plan.webhooks, *config.webhooks)]
        targets += [("command", text) for text in (job.plan.on_finish, config.on_finish) if text is not None]
        status = job.status
        for position, (kind, target) in enumerate(targets):
            # The same after a crash, and another one for every life of the job.
            label = Label(job=status.id, number=status.retried * _A_LIFE + position + 1)
            message = f"{status.uuid}:{label.number}"
            body = {"v": 1, "event": "job.finished", "delivery": message, "job": status.document()}
            outbox.put(self._layout, label, Delivery(kind=kind, target=target, message=message, body=body))
            self._let_wait({label: self._clock.steady()})

    def step(self, *, look: bool) -> None:
        """Start senders for what is due; with *look* find what others have let wait."""
        if look:
            self._look()
        now = self._clock.steady()
        if self.next is None or self.next > now:
            return
        due = sorted((at, label.job, label.number) for label, at in self._due.items() if at <= now)
        while due and len(self._senders) < SENDERS:
            batch, due = [Label(job=job, number=number) for _, job, number in due[:BATCH]], due[BATCH:]
            try:
                self._senders[self._processes.start_sender(self._layout, batch)] = batch
            except OSError as failure:
                _log.error("cannot start a sender (%s); trying again", failure)
                self._let_wait(dict.fromkeys(batch, now + 1.0))
                return
            for label in batch:
                del self._due[label]
        self._next = min(self._due.values(), default=None)

    def ended(self, pid: int) -> bool:
        """Take in that the child *pid* has ended, if it is a sender; return whether it is."""
        batch = self._senders.pop(pid, None)
        if batch is None:
            return False
        untold = self._clock.steady() + UNTOLD
        left = [label for label in batch if os.path.lexists(self._layout.pending_delivery(label.job, label.number))]
        self._let_wait({label: self._when(label, otherwise=untold) for label in left})
        return True

    @property
    def next(self) -> float | None:
        """When there is something to do, on the steady clock; None while nothing is known to wait for its time."""
        return self._next if len(self._senders) < SENDERS else None

    def _let_wait(self, due: dict[Label, float]) -> None:
        self._due.update(due)
        self._next = min(self._due.values(), default=None)

    def _look(self) -> None:
        try:
            changed_at = outbox.changed_at(self._layout)
            if changed_at == self._changed_at:
                return
            waiting = outbox.waiting(self._layout)
        except OSError as failure:
            _log.error("cannot look for deliveries (%s); trying again", failure)
            return
        self._changed_at = changed_at if system_clock.is_settled(changed_at) else -1
        now = self._clock.steady()
        senders = {label: batch for batch in self._senders.values() for label in batch}
        for label in set(self._due) - set(waiting):
            del self._due[label]
        due = {}
        for label, stamp in waiting.items():
            if self._stamps.get(label) == stamp:
                continue
            at = self._when(label, otherwise=now)
            if label not in senders:
                due[label] = at
            elif at > now:
                # Its sender is done with it, and not yet with others.
                senders[label].remove(label)
                due[label] = at
        self._stamps = waiting
        self._let_wait(due)

    def _when(self, label: Label, *, otherwise: float) -> float:
        """Return when *label* is due on the steady clock: now if somebody wants that, as on record, or *otherwise*."""
        if outbox.is_wanted_again(self._layout, label):
            return self._clock.steady()
        try:
            known = outbox.tries(self._layout, label)
        except OSError:
            return otherwise
        if known.boot != self._boot or known.due is None or known.state != outbox.WAITING:
            return otherwise
        return known.due

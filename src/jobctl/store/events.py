"""`events.jsonl`: every transition of every job, numbered, appended by the daemon.

Not fsynced: it is derived. A line that a crash cut is taken away when the next daemon starts.
"""

from __future__ import annotations

import os

from jobctl.errors import UnreadableRecord
from jobctl.store import aside, atomic, clock, codec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final, Protocol

    from jobctl.model.event import Step
    from jobctl.store.layout import Layout

    class Reported(Protocol):
        """A job that keeps its unreported steps."""

        steps: list[Step]


#: Version of an event.
VERSION: Final = 1
#: The file is set aside as events.1.jsonl when it has grown over this many bytes; one old file is kept.
_ROTATE_AT: Final = 16 * 2**20
_TAIL: Final = 64 * 1024


class EventLog:
    """The daemon's end of the event log; there is one in a home, because there is one daemon."""

    def __init__(self, layout: Layout) -> None:
        """Open the log, cut off what a crash left incomplete, and learn the last number.

        Raises:
            OSError: it cannot be opened or repaired.
        """
        self._layout = layout
        self._path = layout.events
        self._older = layout.events_before
        self._fd = self._open()
        self.sequence = 0
        #: What the end of the log reports of each job: a daemon that was killed between an event and the
        #: status file takes the same step again, and must not report it again.
        self._reported: dict[int, set[tuple[int | None, int, str, int]]] = {}
        self._repair()

    def append_all(self, job: Reported) -> None:
        """Report the steps of *job* that were not reported yet, in order.

        Raises:
            OSError: one could not be written; it and those behind it are still to be reported.
        """
        while job.steps:
            self.append(job.steps[0])
            del job.steps[0]

    def append(self, step: Step) -> None:
        """Report a *step* of a job or of a task.

        Raises:
            OSError: it could not be written; nothing of it is left.
        """
        if (step.task, step.retried, step.to, step.attempt) in self._reported.get(step.id, ()):
            return
        document = {
            "v": VERSION,
            "seq": self.sequence + 1,
            "at": clock.now(),
            "id": step.id,
            "task": step.task,
            "from": step.before,
            "to": step.to,
            "reason": step.reason,
            "retried": step.retried,
            "attempt": step.attempt,
            "exit_code": step.exit_code,
            "signal": step.signal,
        }
        size = os.fstat(self._fd).st_size
        if size > _ROTATE_AT:
            self._rotate()
            size = 0
        try:
            atomic.write_all(self._fd, codec.encode(document))
        except OSError:
            os.ftruncate(self._fd, size)
            raise
        self.sequence += 1

    def recall(self, job: int) -> None:
        """Learn all that the log reports of *job*, however long ago: for one that takes very many steps.

        Raises:
            OSError: it cannot be read.
        """
        mark = f'"id":{job},'.encode("ascii")
        for path in filter(aside.is_ours, (self._older, self._path)):
            try:
                with open(path, "rb") as log:
                    self._learn(b"".join(line for line in log if mark in line), whole=True)
            except FileNotFoundError:
                continue

    def caught_up(self, job: int) -> None:
        """Say that the steps of *job* that an earlier daemon may have reported have been taken again."""
        self._reported.pop(job, None)

    def close(self) -> None:
        """Stop writing."""
        os.close(self._fd)

    def _open(self) -> int:
        if not aside.is_ours(self._path):
            aside.put(self._layout, self._path, "events.jsonl")
        return os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)

    def _rotate(self) -> None:
        atomic.set_aside(self._path, self._older)
        os.close(self._fd)
        self._fd = self._open()

    def _repair(self) -> None:
        size = os.fstat(self._fd).st_size
        if size < _TAIL:
            # It has just begun: the numbers, and what was reported last, are in the file before.
            self._learn_older()
        look = _TAIL
        while True:
            start = max(0, size - look)
            keep, learnt = self._learn(os.pread(self._fd, size - start, start), whole=start == 0)
            if learnt or start == 0:
                break
            look *= 4  # A power cut may leave any number of NULs.
        if start + keep < size:
            self._cut(start + keep, size)

    def _cut(self, at: int, size: int) -> None:
        """Take away what is behind *at*: half a line that a crash left, or what is no event and is kept elsewhere."""
        rest = os.pread(self._fd, size - at, at)
        if b"\n" in rest:
            atomic.write_new(aside.free(self._layout, "events.jsonl"), rest, durable=False)
            for line in rest.splitlines(keepends=True):
                # No number is given twice, whatever became of its event.
                self._learn(line, whole=True)
        os.ftruncate(self._fd, at)

    def _learn_older(self) -> None:
        if not aside.is_ours(self._older):
            return
        try:
            with open(self._older, "rb") as older:
                start = max(0, os.fstat(older.fileno()).st_size - _TAIL)
                older.seek(start)
                self._learn(older.read(), whole=start == 0)
        except FileNotFoundError:
            pass

    def _learn(self, tail: bytes, *, whole: bool) -> tuple[int, bool]:
        """Take in the events of *tail*; return how many bytes of it are complete events, and whether there is any."""
        # The first line of a tail is half a line, but by chance.
        keep, learnt = (0 if whole else tail.find(b"\n") + 1), False
        tail = tail[keep:]
        for line in tail.splitlines(keepends=True):
            try:
                event = codec.decode(line, self._path)
                number, job = int(event["seq"]), int(event["id"])
                # Events of a time before there were array jobs and retries have neither.
                task, retried = event.get("task"), int(event.get("retried", 0))
                step = (None if task is None else int(task), retried, str(event["to"]), int(event["attempt"]))
            except (UnreadableRecord, KeyError, TypeError, ValueError):
                break
            self.sequence = max(self.sequence, number)
            self._reported.setdefault(job, set()).add(step)
            learnt = True
            keep += len(line)
        return keep, learnt

"""The keeper: the parent of one running attempt, which outlives the daemon.

It holds the attempt's lock, starts the job, ends it when asked, and puts the verdict on record before it
reaps: peek, write durably, only then reap, so that whoever is killed in between loses no exit status.
Then it is free, and the daemon gives it another attempt to keep or lets it end.
Steps H1 to H9 are in docs/internals.md, "Keeping".
"""

from __future__ import annotations

import _socket
import errno
import gc
import os
import select
import signal
from itertools import count

from jobctl.daemon import cgroup, child, ending, identity, kernel, orders, processes, tree
from jobctl.daemon.ear import Ear
from jobctl.daemon.limits import Limiter
from jobctl.daemon.terminal import Terminal
from jobctl.errors import JobctlError
from jobctl.model import attempt as model
from jobctl.store import atomic, clock, codec, records, requests
from jobctl.store.layout import AttemptFiles

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final, NoReturn

    from jobctl.daemon.ending import Ending
    from jobctl.daemon.job import Run
    from jobctl.model.attempt import Identity, Verdict
    from jobctl.model.spec import Spec
    from jobctl.store.layout import Layout

#: Room for a verdict. The longest is far below: messages are cut at 4000 bytes.
_VERDICT_SIZE: Final = 16384
#: Seconds until the child is asked again whether it can be signalled.
_LOOK_SOON: Final = 0.01
#: Seconds before a verdict that could not be written is tried again.
_WRITE_AGAIN: Final = 1.0

#: Attempts kept from one garbage collection to the next.
_COLLECT_EVERY: Final = 20

#: Milliseconds from the fork to execve(2), where neither the disk nor the directory to enter is slow.
_MOSTLY_WITHIN_MS: Final = 50
#: Seconds from the record of a start to execve(2), unless it has to enter a directory that does not answer, say.
_EXECUTED_WITHIN: Final = 0.02

_OUTPUT = os.O_CREAT | os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
#: Exit status of a keeper that met a bug before it started anything.
BROKEN: Final = 255


#: What a keeper says by its way for orders: nothing of the job runs any more, its verdict is being recorded.
OVER: Final = b"O"
#: The verdict is durable, the lock free, and it can keep another attempt.
FREE: Final = b"F"


def keep(layout: Layout, run: Run, lock: int, spec: Spec | None = None, way: int = -1) -> NoReturn:
    """Be the keeper of *run*, in a process just forked for it; *lock* is the held lock's descriptor.

    *spec* is the specification of the job, where somebody has read it already; *way* is the descriptor by which
    the daemon orders more when the verdict is durable, -1 for none.
    Exits 0 when the verdict is durable, and with an errno that says why when nothing was executed.
    """
    status = BROKEN
    try:
        os.setsid()
        kernel.call_myself("jobctl-keeper")
        os.umask(0o077)
        kernel.reset_signals()
        processes.close_all_but(lock, way)
        kernel.become_subreaper()
        myself = identity.of(os.getpid())
        assert myself is not None  # noqa: S101  # this very process lives
        ear = Ear()
        daemon = _socket.socket(fileno=way) if way >= 0 else None
        common = None
        for kept in count(1):
            if common is None or (common.layout.home, common.job) != (layout.home, run.job):
                common = child.Common(layout, spec or records.spec(layout, run.job), run.job)
                spec = None
            status = _Keeper(common, run, ear, myself, daemon=daemon).run()
            if kept % _COLLECT_EVERY == 0:
                # Nothing else collects in a keeper (`processes.fork_into`), and it may keep thousands.
                gc.collect()
            # What the job has left running, and may keep, would be taken for the next one's.
            if status or daemon is None or kernel.reap_all():
                break
            atomic.let_go(lock)
            order = _next(daemon, layout)
            if order is None:
                break
            status = BROKEN
            layout, run, (lock, *_) = order
    except OSError as failure:
        status = failure.errno or BROKEN
    except JobctlError:
        pass
    finally:
        os._exit(status)


def _next(daemon: _socket.socket, layout: Layout) -> tuple[Layout, Run, list[int]] | None:
    """Return another attempt to keep, when there is one; None if the daemon has none for us, or is gone.

    *layout* is that of the attempt before.
    """
    try:
        daemon.send(FREE)
        return orders.receive(daemon, layout)
    except ConnectionError:
        return None


class _Keeper:
    """The keeping of one attempt."""

    def __init__(
        self, common: child.Common, run: Run, ear: Ear, myself: Identity, *, daemon: _socket.socket | None
    ) -> None:
        self._layout = common.layout
        self._spec = common.spec
        self._common = common
        self._ear = ear
        self._myself = myself
        self._daemon = daemon
        self._job = run.job
        self._task = run.task
        self._attempt = run.attempt
        #: What requests are about that concern us.
        self._subject = (common.layout, run.job, run.life, run.task)
        self._requests = requests.places_of_task(*self._subject)
        self._directory = run.directory
        self._place = os.lstat(run.directory)
        self._child = 0
        self._reserve = -1
        self._outputs: tuple[int, int] = (-1, -1)
        self._terminal: Terminal | None = None
        self._report = -1
        self._told = b""
        self._look_soon = False
        self._limits = run.limits
        self._limiter: Limiter
        #: Why it is being ended, if it is, and when SIGKILL is due on the clock of its limits.
        self._ending: Ending | None = None
        self._kill_at: float | None = None
        self._started = 0.0

    def run(self) -> int:
        """Keep the attempt to its end; return 0 when the verdict is durable and the job reaped, else an errno."""
        self._prepare()
        self._fork()
        ended = self._watch()
        self._ending = self._ending or self._limiter.overrun()
        if self._ending is not None or not self._limits.keep_children:
            self._end_descendants()
        if self._terminal is not None:
            self._terminal.close()
        self._ending = self._limiter.close(self._ending)
        # It knows us as well, and who know each other go only when somebody collects them.
        del self._limiter
        verdict = self._verdict(ended)
        if verdict is None:
            return self._withdraw(ended)
        self._tell_over()
        for output in self._outputs:
            atomic.sync_output(output)
        self._record(verdict)
        # What is left where the disk refused to remove it, or to take the verdict into the room reserved.
        records.clear_unfinished(self._directory)
        kernel.reap(self._child)
        for descriptor in (*self._outputs, self._report):
            atomic.let_go(descriptor)
        return 0

    def _prepare(self) -> None:
        """H2 and H3: open the outputs, reserve room for the verdict."""
        self._ear.listen_to(self._layout.job(self._job))
        if AttemptFiles.START in records.clear_unfinished(self._directory):
            raise FileExistsError(errno.EEXIST, "this attempt was started before", self._directory)
        self._outputs = (
            os.open(f"{self._directory}/{AttemptFiles.STDOUT}", _OUTPUT, 0o600),
            os.open(f"{self._directory}/{AttemptFiles.STDERR}", _OUTPUT, 0o600),
        )
        self._reserve = atomic.reserve(f"{self._directory}/{AttemptFiles.RESERVE}", _VERDICT_SIZE)
        # The name of the attempt's directory; its content is synced with the start record.
        atomic.sync_directory(self._layout.job(self._job))

    def _fork(self) -> None:
        """H4."""
        spec = self._spec
        outputs = self._outputs
        if spec.pty:
            self._terminal = Terminal(dict(spec.env), self._outputs[0])
            outputs = (self._terminal.slave, self._terminal.slave)
        if spec.pty and not spec.stdin:
            stdin = os.dup(outputs[0])
        else:
            stdin = os.open(self._layout.stdin(self._job) if spec.stdin else os.devnull, os.O_RDONLY | os.O_CLOEXEC)
        streams = (stdin, *outputs)
        self._report, report = os.pipe()
        os.set_blocking(self._report, False)
        self._started, awake = clock.steady(), clock.awake()
        group = None
        if self._limits.memory is not None:
            group = cgroup.make(cgroup.name(self._job, self._task, self._attempt), self._limits.memory)
        self._limiter = Limiter(
            self._limits,
            self._directory,
            started=awake,
            # Until the child has executed the job, its memory is what it shares with us.
            members=lambda: tree.descendants(os.getpid()) if self._has_begun() else [],
            group=group,
        )
        start = model.Start(
            task=self._task,
            attempt=self._attempt,
            process=self._myself,
            keeper=self._myself,
            started_at=clock.now(),
            steady=self._started,
            awake=awake,
        )
        become = child.prepare(self._common, start, streams, report, group)
        executing = select.poll()
        executing.register(self._report, 0)
        self._child = processes.fork_bare(become)
        os.close(report)
        # Nothing can be done to the child before its start is on record, and whatever this did before the child has
        # executed the job, which closes its end, or ended, would cost copies of the pages that the two share.
        if not executing.poll(_MOSTLY_WITHIN_MS):
            self._await_start()
        os.close(stdin)

    def _await_start(self) -> None:
        """Wait until the child has executed the job or ended, or takes long from the record of its start to that."""
        longest = None
        while select.select([self._report], [], [], longest)[0]:
            told = os.read(self._report, 8192)
            if not told:
                return
            self._told += told
            longest = _EXECUTED_WITHIN

    def _watch(self) -> kernel.Ended:
        """H5: wait for the end of the job, reap the orphans it leaves, and end it when asked."""
        while True:
            while (found := kernel.peek_any()) is not None and found != self._child:
                kernel.reap(found)
            ended = None if found is None else kernel.peek(self._child)
            self._look_soon = False
            if ended is None:
                self._look_for_request()
            if ended is None or self._kill_at is not None:
                self._look_at_limits()
            if self._kill_at is not None and clock.awake() >= self._kill_at:
                # The job's own process is killed first: the tree below excludes nothing but a zombie.
                if ended is None:
                    tree.signal_group(self._child, signal.SIGKILL)
                self._end_descendants()
                self._kill_at = None
                continue
            if ended is not None:
                # The descendants of a job that we end have the grace too; those of one that ended by itself have not.
                if self._kill_at is None or not tree.descendants(os.getpid(), besides=self._child):
                    return ended
                tree.reap_children(besides=self._child)
            self._sleep()

    def _end_descendants(self) -> None:
        try:
            tree.kill_descendants(os.getpid(), besides=self._child)
        except Exception:  # noqa: BLE001, S110  # whatever it is, the verdict is worth more than what is left over
            pass

    def _sleep(self) -> None:
        now = clock.awake()
        longest = min(_LOOK_SOON if self._look_soon else self._ear.look_every, self._limiter.next_look(now))
        if self._kill_at is not None:
            longest = min(longest, max(0.0, self._kill_at - now))
        readable = [self._ear.fd] if self._terminal is None else [self._ear.fd, self._terminal.master]
        select.select(readable, [], [], longest)
        if self._terminal is not None:
            self._terminal.copy()
        self._ear.drain()

    def _look_for_request(self) -> None:
        if self._kill_at is not None and requests.task_is_urgent(*self._subject):
            self._kill_at = clock.awake()
        if self._ending is not None or not any(map(_is_there, self._requests)):
            return
        try:
            request = requests.of_task(*self._subject)
        except OSError:
            return  # It cannot be told now; the next look will.
        if request is not None:
            self._end(ending.cancelled(request, urgent=requests.task_is_urgent(*self._subject)))

    def _look_at_limits(self) -> None:
        found = self._limiter.look(clock.awake())
        if found is None:
            return
        if self._ending is None:
            self._end(found)
        elif found.urgent and self._kill_at is not None:
            self._kill_at = clock.awake()

    def _end(self, why: Ending) -> None:
        """End the job, now or when it can be signalled."""
        if not self._has_begun():
            # Until it has said so, a signal is lost, because it still ignores what the keeper ignores, or ends it
            # with its start half recorded.
            self._look_soon = True
            return
        self._ending = why
        self._kill_at = clock.awake()
        if not why.urgent:
            tree.signal_group(self._child, why.signal)
            self._kill_at += self._limits.grace

    def _verdict(self, ended: kernel.Ended) -> Verdict | None:
        """Return how the attempt ended, None if nothing of it was executed."""
        told = self._hear()
        if not told.startswith(child.STARTED):
            return None
        message = told.removeprefix(child.STARTED).decode("utf-8", "surrogateescape")
        if message:
            return child.verdict(self._task, self._attempt, message, "keeper")
        verdict = model.of_exit(
            task=self._task,
            attempt=self._attempt,
            exit_code=ended.exit_code,
            signal=ended.signal,
            finished_at=clock.now(),
            steady=clock.steady(),
            usage=ended.usage(clock.steady() - self._started),
            by="keeper",
        )
        return self._ending.of(verdict) if self._ending is not None else verdict

    def _has_begun(self) -> bool:
        """Return whether the child is about to execute the job, or has."""
        return self._hear().startswith(child.STARTED)

    def _hear(self) -> bytes:
        """Return all that the child has reported so far."""
        try:
            self._told += os.read(self._report, 8192)
        except BlockingIOError:
            pass
        return self._told

    def _tell_over(self) -> None:
        """Let another task of the job have the slot while the disk takes in how this one ended."""
        if self._daemon is not None and self._spec.lends_slots:
            try:
                self._daemon.send(OVER)
            except OSError:
                pass  # It is gone, and with it who would start one.

    def _withdraw(self, ended: kernel.Ended) -> int:
        """Leave the attempt as if it had never been tried: nothing was executed, whatever was being recorded."""
        try:
            records.withdraw_start(self._directory)
        except OSError as failure:
            why = f"its start could not be recorded ({failure.strerror})"
            self._record(child.verdict(self._task, self._attempt, why, "keeper"))
        records.clear_unfinished(self._directory)
        # Before anybody could take the child for the job.
        kernel.reap(self._child)
        return ended.exit_code or BROKEN

    def _record(self, verdict: Verdict) -> None:
        """H8: into the room reserved, else into a new file, for as long as it takes.

        What lies there already is replaced: it is by a child that could not be executed, or is forged.
        """
        try:
            reserved = f"{self._directory}/{AttemptFiles.RESERVE}"
            final = f"{self._directory}/{AttemptFiles.FINAL}"
            atomic.fulfil(self._reserve, reserved, final, codec.encode(verdict.document()))
        except OSError:
            self._record_anew(verdict)

    def _record_anew(self, verdict: Verdict) -> None:
        while True:
            if not self._is_ours():
                # The attempt's directory was removed or replaced, or the home moved: nothing can be recorded there,
                # ever. The zombie goes to the daemon, which sees that as well.
                os._exit(BROKEN)
            try:
                records.replace_verdict(self._directory, verdict)
            except OSError:
                pass
            else:
                return
            select.select([], [], [], _WRITE_AGAIN)

    def _is_ours(self) -> bool:
        """Return whether the directory is that of this attempt: in a home that was made anew it is another job's."""
        try:
            return os.path.samestat(os.lstat(self._directory), self._place)
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError:
            return True  # It cannot be told now, and what is tried will say so.


def _is_there(path: str) -> bool:
    """Return whether there is something at *path*, a link that leads nowhere included, without an error for nothing."""
    return os.access(path, os.F_OK, follow_symlinks=False)

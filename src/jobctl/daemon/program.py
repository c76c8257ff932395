"""The daemon as a program: one for each home, one thread, one loop over what can wake it."""

from __future__ import annotations

import logging
import logging.handlers
import os
import select
import selectors
import socket
import sys
import time

import jobctl
from jobctl.daemon import identity, kernel, processes
from jobctl.daemon.announcement import Announcement
from jobctl.daemon.engine import Engine
from jobctl.daemon.home_lock import HomeLock
from jobctl.daemon.launch import Children
from jobctl.daemon.settings import Settings
from jobctl.daemon.wake import REST, Wake
from jobctl.errors import JobctlError, SpoolUnusable, UnsafeHome
from jobctl.store import aside, atomic, clock, home
from jobctl.store.doorbell import Doorbell
from jobctl.store.events import EventLog
from jobctl.store.layout import default_config
from jobctl.store.retention import Retention

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Final, TypeVar

    T = TypeVar("T")

    from jobctl.daemon.nursery import Nursery
    from jobctl.model.attempt import Identity
    from jobctl.store.layout import Layout

#: Seconds between looks at what no signal announces. It bounds what a lost ring costs.
_LOOK_EVERY: Final = 1.0
#: How often what the system refused is tried where that has an end.
_TRIES: Final = 5
_LOG_SIZE: Final = 1024 * 1024

_log = logging.getLogger("jobctl.daemon")


def main(arguments: Sequence[str], starting: int = -1, nursery: Nursery | None = None) -> int:
    """Serve the home of the environment until told to stop; return the exit status.

    `--foreground` logs to standard error as well. *starting* is what `beginning.cut_loose` has returned; keepers
    come from *nursery*.
    """
    foreground = "--foreground" in arguments
    try:
        os.umask(0o077)
        _persist(lambda: os.chdir("/"))
        layout = _persist(lambda: home.create(os.environ))
        _persist(lambda: _start_log(layout, foreground=foreground))
        _serve(layout, starting, _persist(lambda: Children(nursery)))
    except JobctlError as failure:
        # Not into the log: it is the other daemon's, or there is no home to have one.
        if foreground:
            sys.stderr.write(f"jobctl: {failure}\n")
        return failure.exit_status
    except OSError:
        _log.exception("stopped")
        return SpoolUnusable.exit_status
    except Exception:
        _log.exception("stopped by a bug")
        raise
    return 0


class _Watches:
    """Processes that are not our children, watched through descriptors (pidfd_open(2)) where there are any."""

    def __init__(self, selector: selectors.BaseSelector) -> None:
        self._selector = selector

    def add(self, process: Identity, run: tuple[int, int]) -> int:
        try:
            fd = identity.open_verified(process)
        except (NotImplementedError, OSError):
            return -1
        if fd is None:
            return -1
        try:
            self._selector.register(fd, selectors.EVENT_READ, run)
        except OSError:
            os.close(fd)
            return -1
        return fd

    def remove(self, fd: int) -> None:
        if fd >= 0:
            try:
                self._selector.unregister(fd)
            except KeyError:
                pass  # Its end was reported already.


def _persist(make: Callable[[], T]) -> T:
    """Return what *make* makes, after some tries if need be: a disk in trouble for a moment keeps no daemon away.

    Only for what comes before anybody hears of us; whoever starts us learns that there is none, and may try again.
    """
    for _ in range(_TRIES - 1):
        try:
            return make()
        except UnsafeHome:
            raise
        except (OSError, SpoolUnusable):
            select.select([], [], [], REST)
    return make()


def _serve(layout: Layout, starting: int, children: Children) -> None:
    lock = _persist(lambda: HomeLock(layout))
    kernel.become_subreaper()
    wake = _persist(Wake)
    # Before anybody can hear of us: who does may ask which process we are.
    announcement = Announcement(layout)
    announcement.make()
    selector = _persist(selectors.DefaultSelector)
    bell = _persist(lambda: Doorbell(layout))
    if starting >= 0:
        atomic.let_go(starting)
    with selector:
        for fd in (bell.fd, wake.fd, *([children.fd] if children.fd >= 0 else [])):
            _persist(lambda: selector.register(fd, selectors.EVENT_READ))  # noqa: B023  # called at once
        processes.keep_shared()
        settings = Settings(layout, default_config(os.environ))
        engine = _begin(layout, settings, selector, wake, children)
        if engine is not None:
            _log.info("daemon %d (jobctl %s) serves %s", os.getpid(), jobctl.__version__, layout.home)
            _tell_service_manager("READY=1")
            retention = Retention(layout, clock.steady)
            _loop(engine, selector, bell, wake, settings, lock=lock, retention=retention, announcement=announcement)
            _tell_service_manager("STOPPING=1")
            if wake.stop:
                _leave(engine, bell, layout, wake)
            _log.info("daemon %d stops; %d jobs go on", os.getpid(), engine.counts["processing"])
    lock.release()


def _begin(
    layout: Layout, settings: Settings, selector: selectors.BaseSelector, wake: Wake, children: Children
) -> Engine | None:
    """Return the engine, however long the disk does not let us look: we were heard. None if we are to stop before."""
    events: EventLog | None = None
    while not wake.stop:
        try:
            events = events or EventLog(layout)
            return Engine(
                layout,
                settings.refresh(),
                events,
                clock=clock,
                processes=children,
                watches=_Watches(selector),
            )
        except OSError as failure:
            _log.error("cannot begin (%s); trying again", failure)
            wake.rest()
    return None


def _tell_service_manager(state: str) -> None:
    """Tell systemd how it goes, if it is that which started us (sd_notify(3)); jobs and keepers never do."""
    place = os.environ.get("NOTIFY_SOCKET", "")
    if place[:1] not in {"/", "@"}:
        return
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as speaker:
            # "@" stands for the NUL that an abstract address begins with (unix(7)).
            speaker.sendto(state.encode("ascii"), "\0" + place[1:] if place[0] == "@" else place)
    except OSError as failure:
        _log.error("cannot tell the service manager %s: %s", state, failure.strerror)


def _leave(engine: Engine, bell: Doorbell, layout: Layout, wake: Wake) -> None:
    """Cease to listen, with all taken in of which somebody believes that we have heard it.

    A submitter marks its job before it rings, so what was rung until the bell is closed has its marker.
    """
    for _ in range(_TRIES):
        try:
            engine.step(bell.drain(), set(), look=True)
            bell.close()
            if not engine.is_behind:
                return
            bell = Doorbell(layout)
        except OSError as failure:
            _log.error("cannot stop yet (%s); trying again", failure)
            wake.rest()


def _loop(
    engine: Engine,
    selector: selectors.BaseSelector,
    bell: Doorbell,
    wake: Wake,
    settings: Settings,
    *,
    lock: HomeLock,
    retention: Retention,
    announcement: Announcement,
) -> None:
    """Do all there is to do until we are told to stop, or what is under the home's path is not ours to serve."""
    look_at = 0.0
    deadline: float | None = 0.0
    while not wake.stop:
        try:
            until_look = max(0.0, look_at - clock.steady())
            ready = selector.select(until_look if deadline is None else min(deadline, until_look))
            gone = set()
            for key, _ in ready:
                if key.data is not None:
                    # A process descriptor stays readable: once is enough.
                    selector.unregister(key.fileobj)
                    gone.add(key.data)
            wake.drain()
            if not lock.is_in_place():
                # Whoever listens under another path than the one that he looks at holds all up there; and a home
                # that was made in its place may have a daemon of its own.
                _log.error("the home was moved or removed: its daemon.lock is not the one that is held")
                return
            look = clock.steady() >= look_at
            if look:
                look_at = clock.steady() + _LOOK_EVERY
                if not bell.is_in_place():
                    # Somebody removed it: nobody would hear of us any more.
                    _hang_anew(bell, selector)
            rung = bell.drain()
            # After the bell was heard: whoever changed a queue has rung.
            engine.follow(settings.refresh())
            engine.deliveries.follow(settings.config)
            deadline = engine.step(rung, gone, look=look)
            if look:
                announcement.make(settings.trouble)
                _forget(retention, settings)
        except Exception as failure:  # noqa: BLE001  # as the engine does with what concerns one job
            # What was heard in this turn is found by a look.
            _log.error("a turn ended early (%s); going on", failure, exc_info=not isinstance(failure, OSError))
            look_at = 0.0
            wake.rest()


def _forget(retention: Retention, settings: Settings) -> None:
    try:
        for job in retention.work(settings.config.retain):
            _log.info("job %d: forgotten, it was finished for longer than is configured", job)
    except (JobctlError, OSError) as failure:
        _log.error("old jobs stay: %s", failure)


def _hang_anew(bell: Doorbell, selector: selectors.BaseSelector) -> None:
    try:
        before = bell.replace()
    except OSError as failure:
        _log.error("the doorbell was removed and cannot be made anew: %s", failure)
        return
    selector.unregister(before)
    atomic.let_go(before)
    selector.register(bell.fd, selectors.EVENT_READ)


def _start_log(layout: Layout, *, foreground: bool) -> None:
    # A log that cannot be written must not stop the daemon (P10), nor print where nobody looks.
    logging.raiseExceptions = False
    if not aside.is_ours(layout.daemon_log):
        # Opening a FIFO would wait for a reader; nobody reads there.
        aside.put(layout, layout.daemon_log, "daemon.log")
    handlers: list[logging.Handler] = [
        logging.handlers.RotatingFileHandler(
            layout.daemon_log,
            maxBytes=_LOG_SIZE,
            backupCount=1,
            encoding="utf-8",
            errors="backslashreplace",
            delay=True,
        )
    ]
    if foreground:
        handlers.append(logging.StreamHandler(sys.stderr))
    form = logging.Formatter("%(asctime)s %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%SZ")
    form.converter = time.gmtime
    _log.setLevel(logging.INFO)
    _log.propagate = False
    for handler in handlers:
        handler.setFormatter(form)
        _log.addHandler(handler)

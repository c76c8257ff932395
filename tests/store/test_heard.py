"""Signals as something to wait for."""

from __future__ import annotations

import os
import select
import signal

from jobctl.store.heard import Heard


def test_a_signal_is_heard_that_whoever_started_this_program_has_blocked() -> None:
    """The mask is inherited through execve(2): `jobctl wait` would be told of nothing."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGIO])
    heard = Heard((signal.SIGIO,))
    try:
        os.kill(os.getpid(), signal.SIGIO)
        assert select.select([heard.fd], [], [], 20)[0] == [heard.fd]
    finally:
        heard.close()
        signal.pthread_sigmask(signal.SIG_SETMASK, before)

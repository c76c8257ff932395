"""The daemon, and the processes that it forks, held at their first instruction until a test lets them go.

As a program: `held.py jobctl.daemon DIRECTORY`. A process looks for `DIRECTORY/ROLE.armed`, for its role; if that is
there it takes it away, says who it is in `ROLE.held`, and waits until somebody writes to `ROLE.gate`, a FIFO.
"""

from __future__ import annotations

import contextlib
import os
import select
import sys
from typing import TYPE_CHECKING

from jobctl.daemon import beginning, launch, processes, program

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

#: Who is forked by whom.
ROLE_OF = {"jobctl.daemon.nursery": "nursery", "jobctl.daemon.launch": "keeper"}


def hold(directory: str, role: str) -> None:
    """Wait to be let go, if somebody armed *role*."""
    try:
        os.unlink(f"{directory}/{role}.armed")
    except FileNotFoundError:
        return
    gate = os.open(f"{directory}/{role}.gate", os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    poll = select.poll()
    poll.register(gate, select.POLLIN)
    with open(f"{directory}/{role}.tmp", "w", encoding="ascii") as file:
        file.write(str(os.getpid()))
    os.rename(f"{directory}/{role}.tmp", f"{directory}/{role}.held")
    poll.poll()
    with contextlib.suppress(OSError):  # which may be the call that is to fail
        os.close(gate)


def main(directory: str) -> int:
    """Be the daemon of the environment's home."""
    # Each job has a keeper that is forked for it, and can be held, unless one goes on at once.
    launch._SPARE_FOR = 0.0
    plain, bare = processes.fork_into, processes.fork_bare

    def held(role: str | None, become: Callable[[], NoReturn]) -> Callable[[], NoReturn]:
        def run() -> NoReturn:
            if role is not None:
                hold(directory, role)
            become()

        return run

    processes.fork_into = lambda become: plain(held(ROLE_OF.get(become.__module__), become))
    processes.fork_bare = lambda become, *, for_parent=False: bare(
        held("keeper" if for_parent else "child", become), for_parent=for_parent
    )
    hold(directory, "daemon")
    return program.main(["--foreground"], beginning.cut_loose([]), beginning.nursery())


if __name__ == "__main__":
    sys.exit(main(sys.argv[2]))

"""What a daemon keeps, and what it does not, of whoever started it."""

from __future__ import annotations

import os
import subprocess
import sys


def test_a_daemon_that_was_started_without_standard_streams_opens_nothing_of_its_own_in_their_place() -> None:
    """Or it is closed by nobody after it: a nursery that had both ends of its socket there did not end, ever."""
    program = "from jobctl.daemon import beginning; beginning.cut_loose([]); import os; os._exit(os.dup(0))"

    def close() -> None:
        os.closerange(0, 3)

    done = subprocess.run([sys.executable, "-c", program], preexec_fn=close, timeout=20, check=False)
    assert done.returncode == 3

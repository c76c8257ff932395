"""`python -m jobctl.daemon`: how the command line, systemd and launchd start the daemon."""

from __future__ import annotations

import sys

from jobctl.daemon import beginning

arguments = sys.argv[1:]
starting = beginning.cut_loose(arguments)
nursery = beginning.nursery()

# Only now: what a keeper does not need must not make it larger.
from jobctl.daemon.program import main  # noqa: E402  # see above

sys.exit(main(arguments, starting, nursery))

"""`python -m jobctl.daemon`: how the command line, systemd and launchd start the daemon."""

from __future__ import annotations

import sys

from jobctl.daemon.program import main

sys.exit(main(sys.argv[1:]))

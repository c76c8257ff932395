"""The main job, once, with the installed command."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from support.installed import Home


def test_a_submitted_job_runs_and_its_result_and_exit_status_come_back(home: Home) -> None:
    job = home.submit("sh", "-c", "echo hello; exit 3")
    assert home.run("wait", str(job)).returncode == 3
    done = home.run("result", str(job))
    assert (done.stdout, done.returncode) == (b"hello\n", 3)

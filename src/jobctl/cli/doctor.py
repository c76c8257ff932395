"""`jobctl doctor`: what is wrong with the home, the daemon and what surrounds them, and how to mend it."""

from __future__ import annotations

import os

from jobctl.cli import output
from jobctl.cli.checks import CHECKS, Surroundings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from jobctl.cli.checks import Finding

_MARKS: Final = {"ok": "ok", "note": "--", "warning": "!", "problem": "!!"}


def run(*, json: bool = False) -> int:
    """`doctor`: make every check; exit with the status of the first problem, 0 if there is none."""
    surroundings = Surroundings(os.environ)
    findings = [finding for check in CHECKS for finding in _made(check.__name__, list(check(surroundings)))]
    problems = [finding.exit_status for finding in findings if finding.level == "problem"]
    if json:
        shown = [{"check": f.check, "level": f.level, "found": f.found, "remedy": f.remedy} for f in findings]
        output.write_json({"v": 1, "ok": not problems, "checks": shown})
    else:
        for finding in findings:
            _show(finding)
    return problems[0] if problems else 0


def _made(name: str, findings: list[Finding]) -> list[Finding]:
    """Return *findings*, each with the *name* of its check."""
    return [finding.but(check=name.strip("_").replace("_", "-")) for finding in findings]


def _show(finding: Finding) -> None:
    if not output.is_terminal():
        output.write_columns(finding.check, finding.level, finding.found, finding.remedy)
        return
    output.write_line(f"{_MARKS[finding.level]:>2}  {finding.check:<12} {finding.found}")
    if finding.remedy:
        output.write_line(f"{'':17}-> {finding.remedy}")

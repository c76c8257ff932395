"""`jobctl help`: the manual, as text that comes with the package, for where there is no man or no page installed."""

from __future__ import annotations

import os

from jobctl.cli import output
from jobctl.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

#: The pages, and by what else they are asked for. `man/render` makes their text.
PAGES: Final = {
    "jobctl.1": ("jobctl", "jobctl(1)", "commands"),
    **{
        f"jobctl-{command}.1": (command, f"jobctl-{command}", f"jobctl-{command}(1)")
        for command in ("submit", "status", "cancel", "queue", "progress", "deliveries", "daemon", "config")
    },
    "jobctl.7": ("jobctl(7)", "concepts"),
    "jobctl.toml.5": ("jobctl.toml", "jobctl.toml(5)", "configuration"),
    "jobctl-files.5": ("jobctl-files", "jobctl-files(5)", "files"),
}
#: What people know of other tools, and the heading under which jobctl has it.
KNOWN_AS: Final = {
    **dict.fromkeys(("at", "atq", "atrm", "batch"), "at and batch"),
    **dict.fromkeys(("nohup", "flock", "setsid", "&"), "nohup and flock"),
    **dict.fromkeys(("tsp", "ts"), "task-spooler"),
    **dict.fromkeys(("fq", "pueue"), "nq"),
    **dict.fromkeys(
        ("sbatch", "srun", "squeue", "sacct", "scancel", "scontrol", "slurm", "qsub", "qstat", "qdel"),
        "slurm and grid engine",
    ),
    **dict.fromkeys(("parallel", "sem", "xargs"), "parallel, sem and xargs"),
    **dict.fromkeys(("crontab", "anacron"), "cron"),
    **dict.fromkeys(("make", "makefile"), "makefiles"),
    "ssh": "other machines",
}
#: How far the headings of parts and of their parts are indented.
_INDENTS: Final = (0, 3)


def run(*, topic: str | None = None) -> int:
    """`help`: show the page, or the part of one, that *topic* names."""
    wanted = (topic or "jobctl").strip().lower()
    text = _find(KNOWN_AS.get(wanted, wanted))
    if text is None:
        raise UsageError(
            f"the manual has nothing under {topic!r}; there are the pages jobctl, concepts, files and configuration, "
            "every command, every heading, and tools that people come from, as at, tsp, sbatch, parallel, cron and make"
        )
    if output.is_terminal():
        import pydoc  # noqa: PLC0415  # dear, and only a terminal has a pager

        pydoc.pager(text)
    else:
        output.write(text.encode("utf-8"))
    return 0


def _find(topic: str) -> str | None:
    for page, names in PAGES.items():
        if topic in {page, *names}:
            return _text(page)
    for page in PAGES:
        part = _part(_text(page), topic)
        if part is not None:
            return part
    return None


def _text(page: str) -> str:
    with open(f"{os.path.dirname(__file__)}/pages/{page}.txt", encoding="utf-8") as file:
        return file.read()


def _part(text: str, heading: str) -> str | None:
    """Return what stands in *text* under *heading*, or under several that begin with it as with a group of commands."""
    lines = text.splitlines()
    found: list[str] = []
    inside, depth = False, 0
    for line in lines[1:-1]:
        indent = len(line) - len(line.lstrip())
        if line and indent in _INDENTS and (not inside or indent <= depth):
            title = line.strip().lower()
            inside = title == heading or title.startswith(f"{heading} ")
            depth = indent
        if inside:
            found.append(line)
    return "\n".join(found).rstrip() + "\n" if found else None

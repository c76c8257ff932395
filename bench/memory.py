"""What a process takes of memory and of a processor, as the kernel tells it (proc(5))."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Memory:
    """In KiB: all that is resident, its share of it, and what nobody else has."""

    resident: int
    share: int
    private: int


def of(pid: int) -> Memory:
    """Return the memory of the process *pid*."""
    sizes = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]:
        name, size = line.split()[:2]
        sizes[name] = int(size)
    return Memory(sizes["Rss:"], sizes["Pss:"], sizes["Private_Clean:"] + sizes["Private_Dirty:"])


def processor_time(pid: int) -> float:
    """Return the seconds that the process *pid* has had a processor."""
    return int(Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()[0]) / 1e9


def children(pid: int) -> list[int]:
    """Return the children of the process *pid*."""
    return list(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()))


def name(pid: int) -> str:
    """Return what the process *pid* is called."""
    return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip()

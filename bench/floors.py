"""What nobody can be faster than: an empty Python, the same system calls from C, and fsync(2) itself."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from bench.measure import process, timed
from bench.place import EMPTY, ENVIRON

if TYPE_CHECKING:
    from bench.measure import Competitor, Sample

PYTHON = "`python -I -c pass`"
CALLS = "the same system calls in C"
FSYNC = "one fsync of 2 KB"


def floors(base: Path) -> dict[str, Competitor]:
    """Return the floors that there are here; the C program is left out without a compiler. They work below *base*."""
    found: dict[str, Competitor] = {PYTHON: lambda: process(EMPTY, ENVIRON)}
    program = compiled("calls.c", base)
    if program is not None:
        home = base / "floor"
        for name in ("active", "spool/tmp"):
            (home / name).mkdir(parents=True)
        numbers = itertools.count(1)
        found[CALLS] = lambda: process([program, str(home), str(next(numbers))], {})
    found[FSYNC] = lambda: _fsync(base / "fsync")
    return found


def compiled(source: str, base: Path) -> str | None:
    """Return the program that *source*, beside this file, is compiled to below *base*; None without a compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        return None
    program = base / Path(source).stem
    subprocess.run([compiler, "-O2", "-o", str(program), str(Path(__file__).with_name(source))], check=True)
    return str(program)


def _fsync(path: Path) -> Sample:
    fd = os.open(path, os.O_CREAT | os.O_WRONLY, 0o600)
    try:
        os.pwrite(fd, b"x" * 2000, 0)
        return timed(lambda: os.fsync(fd))
    finally:
        os.close(fd)

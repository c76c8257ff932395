"""Our own modules, compiled, in one file beside those that Python keeps (`__pycache__/compiled.*.pyc`).

A command needs thirty of them, and Python takes longer to find and read each than to run it; one file for all of them
saves an eighth of a `jobctl submit`. It is a cache like Python's own and goes by the same rule: what is kept of a
module counts as long as time and size of its source are those that it was compiled from. Where anything is missing or
other, Python does what it always does, and the file is written anew after the answer (`keeping`).
"""

from __future__ import annotations

import marshal
import os
import sys

# What `importlib` is made of, and is there before anything is imported.
from _frozen_importlib import ModuleSpec
from _frozen_importlib_external import MAGIC_NUMBER

import jobctl

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

    #: Of a module: time and size of its source, whether it is a package, and where its code lies in the file.
    Entry = tuple[int, int, bool, int, int]

ROOT = os.path.dirname(jobctl.__file__)
PATH = f"{ROOT}/__pycache__/compiled.{sys.implementation.cache_tag}.pyc"
#: What was written by another Python, or by another jobctl, is not even looked at. Behind it are, in eight bytes each,
#: the length of the index and that of all that follows, then the index, and the code of each module. It begins with
#: none of Python's own magic numbers: the module `compiled` is not in it.
HEAD = b"jobctl " + jobctl.__version__.encode("ascii") + b"\n" + MAGIC_NUMBER


class Kept:
    """Finds the modules that are kept, and loads them."""

    def __init__(self, index: dict[str, Entry], codes: memoryview) -> None:
        """Find what is in *index*; *codes* has the code of each."""
        self.index = index
        self.codes = codes
        #: What is in it and is not what the source has become.
        self.missed: list[str] = []

    def find_spec(self, name: str, *_: object) -> ModuleSpec | None:
        """Return how to load the module *name*, None where it is to be looked for elsewhere."""
        entry = self.index.get(name)
        if entry is None:
            return None
        path = source(name, is_package=entry[2])
        try:
            found = os.stat(path)
        except OSError:
            return None
        if found.st_mtime_ns != entry[0] or found.st_size != entry[1]:
            self.missed.append(name)
            return None
        spec = ModuleSpec(name, self, origin=path, is_package=entry[2])  # type: ignore[arg-type]  # all that is asked of one
        spec.has_location = True
        spec.cached = PATH
        if entry[2]:
            spec.submodule_search_locations = [os.path.dirname(path)]
        return spec

    def create_module(self, spec: ModuleSpec) -> None:
        """Let Python make the module."""

    def exec_module(self, module: ModuleType) -> None:
        """Run the code that is kept of *module*."""
        *_, begin, end = self.index[module.__name__]
        exec(marshal.loads(self.codes[begin:end]), module.__dict__)  # noqa: S102, S302  # trusted as what lies beside it


def use() -> Kept | None:
    """Load from now on what is kept; return who finds it, None where nothing is to be kept."""
    if sys.flags.optimize or sys.pycache_prefix is not None:
        return None
    kept = _read()
    sys.meta_path.insert(0, kept)
    return kept


def source(name: str, *, is_package: bool) -> str:
    """Return where the source of our module *name* lies."""
    place = name[len("jobctl.") :].replace(".", "/")
    return f"{ROOT}/{place}/__init__.py" if is_package else f"{ROOT}/{place}.py"


def _read() -> Kept:
    try:
        fd = os.open(PATH, os.O_RDONLY | os.O_CLOEXEC)
        try:
            data = os.read(fd, os.fstat(fd).st_size)
        finally:
            os.close(fd)
        begin = len(HEAD) + 16
        if data.startswith(HEAD) and int.from_bytes(data[begin - 8 : begin], "little") == len(data) - begin:
            end = begin + int.from_bytes(data[begin - 16 : begin - 8], "little")
            return Kept(marshal.loads(data[begin:end]), memoryview(data)[end:])  # noqa: S302  # as above
    except (OSError, EOFError, ValueError, TypeError):
        pass  # Without it Python does what it always does.
    return Kept({}, memoryview(b""))

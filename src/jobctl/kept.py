"""The modules that a command needs, compiled and in one piece, beside what Python keeps (`__pycache__/compiled.*.pyc`).

It needs thirty of them, and Python takes longer to find, read and enter them one by one than to run them: in one piece
they save a tenth of a `jobctl submit`. It is a cache like Python's own and goes by the same rule: what is kept counts
as long as time and size of each source are those that it was compiled from. Where anything is missing or other, Python
does what it always does, and the file is written anew after the answer (`keeping`).

Neither here nor in `__main__` are annotations postponed, because that would load the module `__future__`.
"""

import marshal
import os
import sys

# What `importlib` is made of, and is there before anything is imported.
from _frozen_importlib import ModuleSpec
from _frozen_importlib_external import MAGIC_NUMBER, SourceFileLoader

import jobctl

_ModuleType = type(sys)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType

    #: Name, whether it is a package, time and size of its source.
    Module = tuple[str, bool, int, int]

ROOT = os.path.dirname(jobctl.__file__)
PATH = f"{ROOT}/__pycache__/compiled.{sys.implementation.cache_tag}.pyc"
#: What was written by another Python, or by another jobctl, is not even looked at. Behind it are, in eight bytes each,
#: the length of the index and that of all that follows, then the index, and for each command a tuple of its modules and
#: one of their code. It begins with none of Python's own magic numbers: the module `compiled` is not in it.
HEAD = b"jobctl %b, by command\n" % jobctl.__version__.encode("ascii") + MAGIC_NUMBER


def use(command: str) -> bool:
    """Load the modules that are kept for *command*; return whether they are to be kept, because they are not."""
    if sys.flags.optimize or sys.pycache_prefix is not None:
        return False
    try:
        modules, codes = marshal.loads(read(command)[command])  # noqa: S302  # trusted as what lies beside it
        for name, is_package, time, size in modules:
            found = os.stat(source(name, is_package=is_package))
            if found.st_mtime_ns != time or found.st_size != size:
                return True
        pairs = list(zip(modules, codes, strict=True))
    except Exception:  # noqa: BLE001  # there is nothing, or it is damaged, and how that shows is endless
        return True  # Without it Python does what it always does.
    for (name, is_package, _, _), code in pairs:
        if name not in sys.modules:
            _enter(name, code, is_package=is_package)
    return False


def read(command: str | None = None) -> dict[str, bytes]:
    """Return what is kept for *command*, or for all of them.

    Raises:
        Exception: of whatever kind: there is nothing, or nothing that can be used.
    """
    with open(PATH, "rb", buffering=0) as file:
        begin = len(HEAD) + 16
        head = file.read(begin)
        if not head.startswith(HEAD) or int.from_bytes(head[-8:], "little") != os.stat(file.fileno()).st_size - begin:
            raise ValueError(PATH)
        length = int.from_bytes(head[-16:-8], "little")
        found = {}
        for name, (first, size) in marshal.loads(file.read(length)).items():  # noqa: S302  # as above
            if command in {None, name}:
                file.seek(begin + length + first)
                found[name] = file.read(size)
    return found


def source(name: str, *, is_package: bool) -> str:
    """Return where the source of our module *name* lies."""
    place = name[len("jobctl.") :].replace(".", "/")
    return f"{ROOT}/{place}/__init__.py" if is_package else f"{ROOT}/{place}.py"


def _enter(name: str, code: "CodeType", *, is_package: bool) -> None:
    """Do what `import` does, less the search and the locks: nothing else runs yet, and what it imports is there.

    The attributes are those of "The import system", section 5.4, in the language reference.
    """
    path = source(name, is_package=is_package)
    loader = SourceFileLoader(name, path)
    spec = ModuleSpec(name, loader, origin=path, is_package=is_package)
    spec.has_location = True
    spec.cached = PATH
    module = _ModuleType(name)
    attributes = module.__dict__
    attributes.update(__spec__=spec, __loader__=loader, __file__=path, __cached__=PATH, __package__=spec.parent)
    if is_package:
        attributes["__path__"] = spec.submodule_search_locations = [os.path.dirname(path)]
    sys.modules[name] = module
    try:
        exec(code, attributes)  # noqa: S102  # as above
    except BaseException:
        del sys.modules[name]
        raise
    package, _, own = name.rpartition(".")
    setattr(sys.modules[package], own, module)

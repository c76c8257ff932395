"""Write what `kept` reads: once for each installation, and again when a source has changed or another command came."""

from __future__ import annotations

import marshal
import os
import sys

from jobctl.kept import HEAD, PATH, ROOT, source
from jobctl.store import atomic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType

    from jobctl.kept import Entry, Kept


def keep(kept: Kept, names: list[str]) -> None:
    """Keep the modules *names*, which are loaded, beside what is *kept*. Best effort: it is worth no error."""
    index: dict[str, Entry] = {}
    codes = bytearray()
    try:
        for name in sorted({*kept.index, *names}):
            if name in names:
                is_package = hasattr(sys.modules[name], "__path__")
                path = source(name, is_package=is_package)
                # Before the code: what changes in between is seen to be another one.
                found = os.stat(path)
                stamp = (found.st_mtime_ns, found.st_size, is_package)
                code = marshal.dumps(_compiled(path))
            else:
                *_, begin, end = kept.index[name]
                stamp, code = kept.index[name][:3], bytes(kept.codes[begin:end])
            index[name] = (*stamp, len(codes), len(codes) + len(code))
            codes += code
        written = marshal.dumps(index)
        lengths = (len(written), len(written) + len(codes))
        atomic.replace(PATH, HEAD + b"".join(length.to_bytes(8, "little") for length in lengths) + written + codes)
        # Read by whoever may read the sources, as what Python compiles is.
        os.chmod(PATH, os.stat(ROOT + "/kept.py").st_mode & 0o644)
    except (OSError, SyntaxError, ValueError):
        return


def _compiled(path: str) -> CodeType:
    """Return the code of the source *path* without its docstrings, a third of what a command would have to load.

    Like the asserts, which go with them (`python -OO`), they are nothing that a command needs.
    """
    with open(path, "rb") as file:
        return compile(file.read(), path, "exec", dont_inherit=True, optimize=2)

"""Write what `kept` reads: once for each command of an installation, and again when a source has changed."""

from __future__ import annotations
import __future__

import ast
import marshal
import os
import sys

from jobctl import kept
from jobctl.store import atomic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType

#: They are loaded before what is kept can be.
_DOOR = frozenset(("jobctl", "jobctl.__main__", "jobctl.kept"))
_POSTPONED = ast.dump(ast.parse("from __future__ import annotations").body[0])


def keep(command: str, names: tuple[str, ...]) -> None:
    """Keep for *command* the modules *names* and all that is imported with them. Best effort: it is worth no error.

    What they import later, when an option asks for it say, stays as Python keeps it.
    """
    try:
        modules, codes = zip(*_with_imports(names, set()), strict=True)
        pieces = {**_kept(), command: marshal.dumps((modules, codes))}
        index = {}
        first = 0
        for name, piece in pieces.items():
            index[name] = (first, len(piece))
            first += len(piece)
        written = marshal.dumps(index)
        lengths = b"".join(length.to_bytes(8, "little") for length in (len(written), len(written) + first))
        atomic.rewrite(kept.PATH, (kept.HEAD, lengths, written, *pieces.values()), durable=False)
        # Read by whoever may read the sources, as what Python compiles is.
        os.chmod(kept.PATH, os.stat(f"{kept.ROOT}/kept.py").st_mode & 0o644)
    except (OSError, SyntaxError, ValueError):
        return


def _kept() -> dict[str, bytes]:
    try:
        return kept.read()
    except Exception:  # noqa: BLE001  # as in `kept`
        return {}


def _with_imports(names: tuple[str, ...], seen: set[str]) -> Iterator[tuple[kept.Module, CodeType]]:
    """Yield those of *names* that are modules of ours, each behind what it imports, but for what was *seen*."""
    for name in names:
        if name in seen or name in _DOOR or name not in sys.modules:
            continue
        seen.add(name)
        is_package = hasattr(sys.modules[name], "__path__")
        path = kept.source(name, is_package=is_package)
        # Before it is read: what changes in between is seen to be another one.
        stamp = os.stat(path)
        with open(path, "rb") as file:
            tree = ast.parse(file.read(), path)
        yield from _with_imports((name.rpartition(".")[0], *_imported(tree)), seen)
        yield (name, is_package, stamp.st_mtime_ns, stamp.st_size), _compiled(tree, path)


def _imported(tree: ast.Module) -> Iterator[str]:
    """Yield what may be modules of ours that are imported as soon as the module *tree* is run."""
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module is not None and node.module.startswith("jobctl"):
            yield node.module
            for alias in node.names:
                yield f"{node.module}.{alias.name}"


def _compiled(tree: ast.Module, path: str) -> CodeType:
    """Return the code of *tree* without what a command would have to load and does not need.

    These are the docstrings, a third of it, with the asserts, which go with them (`python -OO`), and the module
    `__future__`, when what it is imported for is said here.
    """
    body = [node for node in tree.body if ast.dump(node) != _POSTPONED]
    flags = __future__.annotations.compiler_flag if len(body) < len(tree.body) else 0
    code: CodeType = compile(ast.Module(body, []), path, "exec", flags, dont_inherit=True, optimize=2)
    return code

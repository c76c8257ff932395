"""Everything that can be wrong with a file: each damage is done in place of the file, and what was done is returned."""

from __future__ import annotations

import json
import os
import random
import stat
from collections.abc import Callable
from typing import Any

Damage = Callable[[str], None]
#: A user that owns nothing.
NOBODY = 65534
#: What a program that does not look takes for something else.
WRONG: tuple[Any, ...] = (None, -1, 2**80, 1e308, "", "x", "\udcff\x1b]0;x\x07", [], [None], {}, {"v": 9}, True)


def _content(data: bytes) -> Damage:
    return _large(lambda: data)


def _large(make: Callable[[], bytes]) -> Damage:
    """Put in the file what *make* returns, which is there no longer than that takes: there are very many damages."""

    def write(path: str) -> None:
        os.chmod(path, 0o600)
        with open(path, "wb") as file:
            file.write(make())

    return write


def _instead(make: Callable[[str], object]) -> Damage:
    """Put something that is no file in its place; the file itself stays beside the home."""

    def replace(path: str) -> None:
        os.unlink(path)
        make(path)

    return replace


def _own(path: str) -> None:
    os.chown(path, NOBODY, NOBODY)


def every(path: str, aside: str, chosen: random.Random, points: int | None) -> dict[str, Damage]:
    """Return every damage of the file at *path* by name; of cuts and flipped bits only some *points*.

    None: it is cut at each byte, and a bit is flipped in each.

    *aside* is a directory outside the home, where what links point to may lie.
    """
    with open(path, "rb") as file:
        data = file.read()
    copy = f"{aside}/{len(os.listdir(aside))}"
    with open(copy, "wb") as file:
        file.write(data)
    found: dict[str, Damage] = {
        "empty": _content(b""),
        "one byte": _content(b"{"),
        "NULs": _content(bytes(max(1, len(data)))),
        "10 MB": _large(lambda: b"x" * 10_000_000),
        "10 MB in a string": _large(lambda: b'{"v":1,"x":"' + b"y" * 10_000_000 + b'"}\n'),
        "deep nesting": _large(lambda: b'{"v":1,"x":' + b"[" * 200_000 + b"]" * 200_000 + b"}\n"),
        "no object": _content(b"[]\n"),
        "unknown version": _content(b'{"v":99}\n'),
        "a symbolic link": _instead(lambda path: os.symlink(copy, path)),
        "a FIFO": _instead(os.mkfifo),
        "a directory": _instead(os.mkdir),
        "a hard link": lambda path: os.link(path, f"{copy}.linked"),
        "gone": os.unlink,
    }
    if os.geteuid() == 0:
        found["another's"] = _own
    cuts = range(1, len(data))
    for cut in cuts if points is None else chosen.sample(cuts, min(points, len(cuts))):
        found[f"cut at {cut}"] = _content(data[:cut])
    bits = [8 * at + chosen.randrange(8) for at in range(len(data))]
    for bit in bits if points is None else chosen.sample(bits, min(points, len(bits))):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        found[f"bit {bit} flipped"] = _content(bytes(flipped))
    found.update(_wrong_values(data, chosen, points))
    return found


def _wrong_values(data: bytes, chosen: random.Random, points: int | None) -> dict[str, Damage]:
    try:
        document = json.loads(data)
    except ValueError:
        return {}
    if not isinstance(document, dict):
        return {}
    pairs = [(key, value) for key in document for value in WRONG]
    return {
        f"{key} is {value!a}": _content(json.dumps({**document, key: value}).encode() + b"\n")
        for key, value in (pairs if points is None else chosen.sample(pairs, min(points, len(pairs))))
    }


def inodes(top: str) -> dict[int, str]:
    """Return every file, directory and link below *top* by its inode."""
    return {
        os.lstat(path).st_ino: path
        for directory, directories, files in os.walk(top)
        for path in (f"{directory}/{name}" for name in directories + files)
    }


def is_regular(path: str) -> bool:
    return stat.S_ISREG(os.lstat(path).st_mode)

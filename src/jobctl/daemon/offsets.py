"""How far the processes of a job have read the file they work on: for programs that say nothing.

That is the progress of the whole only of a job that does one thing with one file: named on the command line or the
standard input, the only such one, of a size that stays, read from its beginning to its end, with nothing to be done
before or after. Whatever else moves says nothing.
"""

from __future__ import annotations

import os
import re
import stat

from jobctl.model.progress.fact import Fact

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

#: Smaller files are read before anybody looks.
_SMALLEST: Final = 1024 * 1024
#: What is looked at in one look, however large the tree of the job is.
_MOST_PROCESSES: Final = 24
_MOST_FILES: Final = 64
_MOST_WORDS: Final = 200
#: Seconds between looks: at first, and after many that found nothing.
_EVERY: Final = 2.0
_SELDOM: Final = 15.0
_IN_VAIN: Final = 15
_BREAKS: Final = re.compile(r"[\s;&|<>()'\"`=]+")
#: Programs that run one command and do nothing else; shells, and what in their text makes several commands.
_WRAPPERS: Final = re.compile(r"nice|ionice|time|env|timeout|nohup|stdbuf|setsid|chrt|taskset|sudo|chronic")
_SHELLS: Final = frozenset(("sh", "bash", "dash", "zsh", "ksh", "ash", "busybox"))
_SEVERAL: Final = re.compile(r"[;\n]|&&|\|\||(?<![<>&])&(?![>&])|\b(?:for|while|until|if|case)\b")
#: How often a file must be seen to move before anything is said.
_MOVES: Final = 2


class _Reading:
    """A regular file that a process reads, as it was last seen."""

    __slots__ = ("at", "fd", "moves", "name", "named", "pid", "size")

    def __init__(self, at: int, size: int, pid: int, fd: str, name: str) -> None:
        self.at = at
        self.size = size
        self.pid = pid
        self.fd = fd
        self.name = name
        #: Whether it is what the job was told to read, and nothing else was.
        self.named = False
        #: How often it was seen to have moved on; -1 when it moved otherwise.
        self.moves = 0


class Offsets:
    """Looks at the process *pid* and those below it, at a slow pace of its own; files below *own* do not count."""

    def __init__(self, pid: int, own: str) -> None:
        """Begin with nothing known."""
        self._pid = pid
        self._own = own + "/"
        self._look_at = 0.0
        self._in_vain = 0
        #: By device and inode.
        self._known: dict[tuple[int, int], _Reading] = {}
        self._fact: Fact | None = None

    def look(self, now: float) -> Fact | None:
        """Return how far it is, None if nobody can tell."""
        if now < self._look_at:
            return self._fact
        tree = _tree(self._pid)
        found, written = _open_files(list(tree), self._own)
        for key, reading in found.items():
            known = self._known.get(key)
            if known is not None:
                _follow(known, reading)
            elif len(self._known) < _MOST_FILES:
                reading.named = _is_all_there_is(reading, {key, *written}, tree)
                self._known[key] = reading
        self._fact = self._choose(found)
        self._in_vain = 0 if self._fact is not None else self._in_vain + 1
        self._look_at = now + (_SELDOM if self._in_vain > _IN_VAIN else _EVERY)
        return self._fact

    def _choose(self, found: dict[tuple[int, int], _Reading]) -> Fact | None:
        """Return how far the one file is; None where there were or are several."""
        named = [key for key, known in self._known.items() if known.named]
        if len(named) != 1 or named[0] not in found or self._known[named[0]].moves < _MOVES:
            return None
        reading = self._known[named[0]]
        at = min(reading.at, reading.size)
        return Fact(percent=100 * at / reading.size, done=float(at), total=float(reading.size), unit="bytes")


def _follow(known: _Reading, now: _Reading) -> None:
    if known.moves < 0 or now.at < known.at or now.size != known.size:
        # Read again, read here and there, or still written: no measure of anything.
        known.moves = -1
    elif now.at > known.at:
        known.moves += 1
        known.at = now.at


def _open_files(pids: list[int], own: str) -> tuple[dict[tuple[int, int], _Reading], set[tuple[int, int]]]:
    """Return the large regular files that the processes *pids* read, by device and inode, and those they write."""
    found: dict[tuple[int, int], _Reading] = {}
    written = set()
    for pid in pids:
        try:
            descriptors = os.listdir(f"/proc/{pid}/fd")[:_MOST_FILES]
        except OSError:
            continue
        for fd in descriptors:
            try:
                path = os.readlink(f"/proc/{pid}/fd/{fd}")
                if path[:1] != "/" or path.startswith(own):
                    continue
                status = os.stat(f"/proc/{pid}/fd/{fd}")
                if stat.S_ISREG(status.st_mode) and status.st_size >= _SMALLEST:
                    at = _position(pid, fd)
                    key = (status.st_dev, status.st_ino)
                    if at is None:
                        written.add(key)
                    else:
                        found[key] = _Reading(at, status.st_size, pid, fd, os.path.basename(path))
            except (OSError, ValueError, KeyError):
                continue  # It is gone, or not ours to see.
    return found, written


def _is_all_there_is(reading: _Reading, known: set[tuple[int, int]], tree: dict[int, int]) -> bool:
    """Whether the job was told to read this file, on a command line or as standard input, and to do nothing else.

    *known* are the file itself and those that the job writes; *tree* are the processes and their parents.
    """
    above = tree.get(reading.pid, 0)
    while above:
        if not _does_one_thing(above):
            return False
        above = tree.get(above, 0)
    named = reading.fd == "0"
    for pid in tree:
        for word in _words(pid):
            if word == reading.name or word.endswith("/" + reading.name):
                named = True
            try:
                status = os.stat(word if word[0] == "/" else f"/proc/{pid}/cwd/{word}")
            except (OSError, ValueError):
                continue
            large = stat.S_ISREG(status.st_mode) and status.st_size >= _SMALLEST
            other = large and (status.st_dev, status.st_ino) not in known and not _is_program(word, tree)
            if other or stat.S_ISDIR(status.st_mode):
                return False
    return named


def _does_one_thing(pid: int) -> bool:
    """Whether the process only waits for the one command that it was told to run."""
    arguments = _arguments(pid)
    name = os.path.basename(arguments[0]) if arguments else ""
    if _WRAPPERS.fullmatch(name):
        return True
    return name in _SHELLS and len(arguments) > 2 and arguments[1] == "-c" and not _SEVERAL.search(arguments[2].strip())


def _is_program(word: str, tree: dict[int, int]) -> bool:
    """Whether *word* is what one of the processes executes."""
    for pid in tree:
        try:
            if os.path.samefile(word, f"/proc/{pid}/exe"):
                return True
        except OSError:
            continue
    return False


def _tree(root: int) -> dict[int, int]:
    """Return *root* and what it has started, as far as is looked at, each with its parent; that of *root* is 0."""
    found = {root: 0}
    waiting = [root]
    for pid in waiting:
        try:
            with open(f"/proc/{pid}/task/{pid}/children", "rb") as file:
                children = [int(child) for child in file.read(4096).split()]
        except (OSError, ValueError):
            continue
        for child in children[: _MOST_PROCESSES - len(found)]:
            found.setdefault(child, pid)
            waiting.append(child)
    return found


def _position(pid: int, fd: str) -> int | None:
    """Return how far a descriptor that is open for reading only has come; None for any other."""
    with open(f"/proc/{pid}/fdinfo/{fd}", "rb") as file:
        lines = dict(line.split(b":", 1) for line in file.read(4096).splitlines() if b":" in line)
    if int(lines[b"flags"], 8) & os.O_ACCMODE != os.O_RDONLY:
        return None
    return int(lines[b"pos"])


def _arguments(pid: int) -> list[str]:
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return [os.fsdecode(word) for word in file.read(65536).split(b"\0")[:_MOST_WORDS]]
    except OSError:
        return []


def _words(pid: int) -> list[str]:
    """Return the words of a command line, those inside the text for a shell or an interpreter one by one."""
    words: list[str] = []
    for argument in _arguments(pid)[1:]:
        # `if=FILE`, `--input=FILE`
        words += {argument, *_BREAKS.split(argument), argument.partition("=")[2]}
    return [word for word in words if word and word[0] != "-"][:_MOST_WORDS]

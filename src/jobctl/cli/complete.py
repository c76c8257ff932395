"""What could come next on a command line: the hidden command `complete-words`, which the completion scripts call.

The words of the line are its arguments, the last one is being written. The first line of the answer is what to
complete: `words` (they follow, each with a tab and what it is about), `files`, `directories`, or `command N`:
as the command that begins with word N. A key was pressed: it is quick, and silent whatever is wrong.
"""

from __future__ import annotations

from jobctl.cli import candidates, output
from jobctl.cli.words import COMMANDS, GROUPS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jobctl.cli.candidates import Word


def run(*, words: list[str]) -> int:
    """Answer for the command line *words*."""
    try:
        kind, found = _next(words or [""])
        lines = [kind, *(f"{word}\t{about}" for word, about in found)]
    except Exception:  # noqa: BLE001  # whatever is wrong is said by the command itself, not while it is written
        lines = ["words"]
    output.write("".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape"))
    return 0


def _next(words: list[str]) -> tuple[str, Iterable[Word]]:  # one line a place in a command
    """Return what to complete, and the words if it is words."""
    *before, current = words
    name, first = _command(before)
    if name not in COMMANDS:
        return "words", _fitting(_commands(name), current)
    _, options, positional = COMMANDS[name]
    expected, at = _expected(before, first, options, positional)
    flag, equals, begun = current.partition("=")
    if not expected and current.startswith("--") and equals:
        kind, found = _values(options.get(flag, ("", ""))[0], name, before, begun)
        return kind, [(f"{flag}={word}", about) for word, about in found]
    if not expected and current.startswith("-"):
        return "words", _fitting(((flag, about) for flag, (_, about) in options.items()), current)
    if (expected or positional) == "COMMAND":
        # For the shell jobctl itself is a word as well, the one before the first of ours.
        return f"command {at + 1}", ()
    return _values(expected or positional, name, before, current)


def _expected(before: list[str], first: int, options: dict[str, tuple[str, str]], positional: str) -> tuple[str, int]:
    """Return what must come behind *before*, empty where that is open, and at which word it begins."""
    expected = ""
    for position, word in enumerate(before[first:], start=first):
        if expected:
            expected = ""
        elif word == "--":
            return positional, position + 1
        elif word.startswith("-") and word != "-":
            expected = "" if "=" in word else options.get(word, ("", ""))[0]
        elif positional == "COMMAND":
            return positional, position
    return expected, len(before)


def _command(before: list[str]) -> tuple[str, int]:
    """Return the command that *before* names, and which word of them is the first behind it."""
    if before and before[0] in GROUPS:
        return " ".join(before[:2]), min(2, len(before))
    return (before[0] if before else ""), 1


def _commands(group: str) -> Iterator[Word]:
    """Yield the commands of *group*, or of jobctl itself."""
    if group:
        yield from (
            (name.removeprefix(f"{group} "), about)
            for name, (about, _, _) in COMMANDS.items()
            if name.startswith(f"{group} ")
        )
        return
    yield from ((name, about) for name, (about, _, _) in COMMANDS.items() if " " not in name)
    yield from GROUPS.items()


def _values(kind: str, command: str, before: list[str], current: str) -> tuple[str, Iterable[Word]]:
    """Return what may stand where the help writes *kind*."""
    if kind.endswith("FILE") or kind.startswith("FILE|"):
        return "files", ()
    if kind == "DIR":
        return "directories", ()
    return "words", _fitting(candidates.of(kind, command, before, current), current)


def _fitting(words: Iterable[Word], current: str) -> Iterator[Word]:
    """Yield those of *words* that begin as *current*; what cannot be shown on one line is left out."""
    return ((word, output.visible(about)) for word, about in words if word.startswith(current) and word.isprintable())

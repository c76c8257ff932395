"""man/jobctl.1, taken apart: the few macros of mdoc(7) that the page's own form consists of (see its first lines)."""

from __future__ import annotations

from pathlib import Path

PATH = Path(__file__).parents[2] / "man" / "jobctl.1"


def part(section: str, subsection: str = "") -> list[str]:
    """Return the lines of *section*, up to its first subsection, or those of one *subsection* of it."""
    heading, lines = ("", ""), []
    for line in PATH.read_text(encoding="utf-8").splitlines():
        if line.startswith(".Sh "):
            heading = (line.removeprefix(".Sh "), "")
        elif line.startswith(".Ss "):
            heading = (heading[0], line.removeprefix(".Ss "))
        elif heading == (section, subsection):
            lines.append(line)
    assert lines, f"the page has no {section} {subsection}"
    return lines


def subsections(section: str) -> list[str]:
    """Return the names of the subsections of *section*."""
    found, here = [], ""
    for line in PATH.read_text(encoding="utf-8").splitlines():
        if line.startswith(".Sh "):
            here = line.removeprefix(".Sh ")
        elif line.startswith(".Ss ") and here == section:
            found.append(line.removeprefix(".Ss "))
    return found


def items(lines: list[str]) -> list[list[str]]:
    """Return the words of each list item's head; a head of several lines (`Xo` … `Xc`) is one."""
    heads: list[list[str]] = []
    long = False
    for line in lines:
        if line == ".It Xo":
            long = True
            heads.append([])
        elif line == ".Xc":
            long = False
        elif long:
            heads[-1] += line.removeprefix(".").split()
        elif line.startswith(".It "):
            heads.append(line.removeprefix(".It ").split())
    return heads


def names(lines: list[str], macro: str) -> list[str]:
    """Return what the heads of the list items mark with *macro*, in order."""
    return [name for head in items(lines) for name in marked(head, macro)]


def marked(words: list[str], macro: str) -> list[str]:
    """Return the words that *macro* marks among *words*: all that are no punctuation, up to the next macro."""
    found, on = [], False
    for word in words:
        if word[0].isupper() and word.isalpha() and len(word) == 2:
            on = word == macro
        elif on and word not in {",", ";", "."}:
            found.append(word)
    return found


def mentions(lines: list[str], macro: str) -> list[str]:
    """Return what *macro* marks anywhere in *lines*, heads and text, each once and in order."""
    words = [marked(line.removeprefix(".It ").removeprefix(".").split(), macro) for line in lines if line[:1] == "."]
    return list(dict.fromkeys(name for found in words for name in found))


def options(lines: list[str]) -> dict[str, bool]:
    """Return the options that the list items document, and whether each takes a value."""
    found: dict[str, bool] = {}
    for head in items(lines):
        waiting: list[str] = []
        for word, after in zip(head, [*head[1:], ""], strict=True):
            if word == "Fl":
                assert f"-{after}" not in found, f"-{after} is documented twice"
                waiting.append(f"-{after}")
                found[f"-{after}"] = False
            elif word == "Ar":
                found.update(dict.fromkeys(waiting, True))
                waiting = []
    return found


def display(lines: list[str]) -> str:
    """Return the text of the one literal display among *lines*, as it is shown."""
    begin = next(number for number, line in enumerate(lines) if line.startswith(".Bd -literal"))
    end = lines.index(".Ed", begin)
    return "\n".join(lines[begin + 1 : end]).replace("\\-", "-").replace("\\(aq", "'") + "\n"

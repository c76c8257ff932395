"""The pages in man/, taken apart: the few macros of mdoc(7) that their own form consists of (see their first lines)."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parents[2] / "man"
PAGES = sorted(path for path in FOLDER.iterdir() if path.suffix[1:].isdigit())


def part(section: str, subsection: str = "", page: str = "jobctl.1") -> list[str]:
    """Return the lines of *section* of *page*, up to its first subsection, or those of one *subsection* of it."""
    heading, lines = ("", ""), []
    for line in (FOLDER / page).read_text(encoding="utf-8").splitlines():
        if line.startswith(".Sh "):
            heading = (line.removeprefix(".Sh "), "")
        elif line.startswith(".Ss "):
            heading = (heading[0], line.removeprefix(".Ss "))
        elif heading == (section, subsection):
            lines.append(line)
    assert lines, f"{page} has no {section} {subsection}"
    return lines


def commands() -> dict[str, str]:
    """Return the commands that have a part on a page, and that page."""
    found: dict[str, str] = {}
    for page in PAGES:
        for name in subsections("COMMANDS", page.name):
            assert name not in found, f"{name} is on {page.name} and on {found[name]}"
            found[name] = page.name
    return found


def about(command: str) -> list[str]:
    """Return the lines that are about *command*."""
    return part("COMMANDS", command, page=commands()[command])


def subsections(section: str, page: str = "jobctl.1") -> list[str]:
    """Return the names of the subsections of *section* of *page*."""
    found, here = [], ""
    for line in (FOLDER / page).read_text(encoding="utf-8").splitlines():
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


def displays(lines: list[str]) -> list[str]:
    """Return the texts of the literal displays among *lines*, as they are shown."""
    texts: list[str] = []
    inside = False
    for line in lines:
        if line.startswith(".Bd -literal"):
            inside = True
            texts.append("")
        elif line == ".Ed":
            inside = False
        elif inside:
            texts[-1] += f"{shown(line)}\n"
    return texts


def shown(line: str) -> str:
    """Return *line* as it is shown: with the characters that are written as escapes."""
    escapes = (("\\-", "-"), ("\\(aq", "'"), ("\\(dq", '"'), ("\\(ti", "~"), ("\\&", ""), ("\\e", "\\"))
    for written, character in escapes:
        line = line.replace(written, character)
    return line

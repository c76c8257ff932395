"""Run the sessions that README.md shows, and put in what they print; draw docs/watch.svg from a real screen.

    docs/tour.py            write both
    docs/tour.py --check    change nothing; exit 1 and show the difference if they no longer say what happens

A session is the ```console blocks of one section: lines that begin with `$ ` are typed, by one shell on a terminal,
in a directory and a home of jobctl that are new; the rest is what the terminal showed. Only the directory is put
differently: /home/me. Times, sizes and percentages differ from run to run and are not compared.

It needs what the tests need (tests/run), and ffmpeg and jq.
"""

from __future__ import annotations

import difflib
import html
import io
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyte
from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.style import Style
from rich.text import Text

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from support.installed import COMMAND, Home  # noqa: E402  # where it is has just been said
from support.terminal import Terminal  # noqa: E402
from support.wait import until  # noqa: E402

README = ROOT / "README.md"
PICTURE = ROOT / "docs" / "watch.svg"
COLUMNS = 100
#: What the reader is told the directory of the session to be.
SHOWN_HOME = "/home/me"
#: Separates what the commands of a session print; no command prints it.
MARK = "\x1e"
#: Longer than any command takes, on a machine that has other things to do.
LONG = 120.0

MAKEFILE = "all:\n\t@echo built\n"


class Session(Home):
    """A user's directory with nothing in it but a project to build."""

    def __init__(self, base: Path) -> None:
        super().__init__(base)
        self.directory = base / "me"
        self.path = self.directory / ".local" / "state" / "jobctl"
        self.base = self.directory / "video"
        self.base.mkdir(parents=True, mode=0o700)
        self.directory.chmod(0o700)
        (self.base / "Makefile").write_text(MAKEFILE)

    @property
    def environ(self) -> dict[str, str]:
        return {
            "HOME": str(self.directory),
            "PATH": f"{Path(COMMAND).parent}:/usr/local/bin:/usr/bin:/bin",
            "TZ": "UTC",
            "JOBCTL_HOME": str(self.path),  # by which `destroy` finds what is left
        }


@contextmanager
def session() -> Iterator[Session]:
    with tempfile.TemporaryDirectory() as base:
        made = Session(Path(base))
        try:
            yield made
        finally:
            made.destroy()


# ── the sessions ─────────────────────────────────────────────────────────────────────────────────


def played(readme: str) -> str:
    """Return *readme* with what its commands print now."""
    sections = re.split(r"(?m)^(?=## )", readme)
    return "".join(_section(section) for section in sections)


def _section(text: str) -> str:
    blocks = re.findall(r"(?ms)^```console\n(.*?)^```$", text)
    commands = [line.removeprefix("$ ") for block in blocks for line in block.splitlines() if line.startswith("$ ")]
    if not commands:
        return text
    answers = iter(_typed(commands))

    def again(block: re.Match[str]) -> str:
        typed = [line for line in block[1].splitlines() if line.startswith("$ ")]
        return "```console\n" + "".join(f"{line}\n{next(answers)}" for line in typed) + "```"

    return re.sub(r"(?ms)^```console\n(.*?)^```$", again, text)


def _typed(commands: list[str]) -> list[str]:
    """Return what each of *commands* shows when one shell runs them on a terminal."""
    script = "".join(f"{command}\nprintf '{MARK}'\n" for command in commands)
    with session() as home:
        with Terminal(home, "-c", script, program="/bin/bash", columns=COLUMNS, rows=50) as terminal:
            until(lambda: terminal.look() and terminal.process.poll() is not None, "the session to end", within=LONG)
            terminal.look()
            shown = terminal.received.decode().split(MARK)
        return [_screen(text).replace(str(home.directory), SHOWN_HOME) for text in shown[: len(commands)]]


def _screen(received: str) -> str:
    """Return the lines that *received* leaves on a screen."""
    screen = pyte.Screen(COLUMNS * 3, 50)
    pyte.Stream(screen).feed(received)
    lines = [line.rstrip() for line in screen.display]
    shown = "\n".join(lines).strip("\n")
    return f"{shown}\n" if shown else ""


# ── the picture ──────────────────────────────────────────────────────────────────────────────────

#: What runs while the picture is taken.
JOBS = (
    ("-n", "transcode", "--", "ffmpeg", "-y", "-i", "holiday.avi", "-c:v", "libx264", "-preset", "veryslow", "x.mp4"),
    ("-n", "thumbnails", "--array", "1-200%2", "-c", "test $JOBCTL_ITEM != 3 && sleep 0.4"),
    ("-n", "train", "-c", 'for n in $(seq 200); do jobctl progress $n/200 -m "epoch $n"; sleep 0.4; done'),
    ("-n", "import", "-c", "echo 'no such table' >&2; exit 3"),
    ("-n", "upload", "--after-ok", "1", "--", "true"),
    ("-n", "reindex", "--", "sleep", "600"),
)
#: What is waited for until it is taken: each of these on a line of its own.
SIGHTS = (
    r"1 transcode +━+─+ +\d+ % output +\S+ +~?[\d.ms]+ left +[\d.]+/240 s",
    r"2 thumbnails +━+✗.*─+ +\d+ % tasks +\S+ .*1 failed \d+/200",
    r"3 train +━+─+ +\d+ % reported +\S+ +\S+ .*epoch",
    r"4 import +failed \(exit 3\)",
    r"5 upload +queued \(dependency\)",
    r"6 reindex +. processing",
)


def photographed() -> str:
    """Return the picture of `jobctl watch` while every kind of job is to be seen."""
    with session() as home:
        home.run("queue", "set", "default", "--slots", "6")
        source = ("-v", "error", "-f", "lavfi", "-i", "testsrc=duration=240:size=640x360:rate=25", "-q:v", "2")
        with Terminal(home, *source, "holiday.avi", program="/usr/bin/ffmpeg") as made:
            until(lambda: made.process.poll() is not None, "the video", within=LONG)
        jobs = [home.submit(*job) for job in JOBS]
        with Terminal(
            home, "watch", f"{jobs[0]}-{jobs[-1]}", columns=COLUMNS, rows=len(JOBS) + 3, NO_COLOR=""
        ) as terminal:

            def sights() -> bool:
                seen = terminal.look()
                return all(re.search(f"(?m)^{sight}", seen) for sight in SIGHTS)

            until(sights, "every kind of job to be seen", within=LONG)
            return _drawn(terminal.screen)


def _drawn(screen: pyte.Screen) -> str:
    """Return *screen* as a picture that needs nothing from elsewhere, no font either, and says what is on it."""
    lines = [line.rstrip() for line in "\n".join(screen.display).rstrip().split("\n")]
    console = Console(
        record=True, width=screen.columns, file=io.StringIO(), force_terminal=True, color_system="truecolor"
    )
    console.print(Text("$ jobctl watch 1-6", style="bold"))
    for row, words in enumerate(lines):
        line = Text()
        for column in range(len(words)):
            cell = screen.buffer[row][column]
            color = None if cell.fg == "default" else cell.fg.replace("brown", "yellow")
            line.append(cell.data, Style(color=color, bold=cell.bold))
        console.print(line)
    own = re.sub(r"(?ms)^ *@font-face \{\{.*?^ *\}\}\n", "", CONSOLE_SVG_FORMAT).replace("Fira Code, ", "")
    own = own.replace("<!-- Generated", "<desc>{{words}}</desc>\n    <!-- Generated")
    drawn = console.export_svg(title="jobctl watch", code_format=own, unique_id="watch")
    return drawn.replace("{words}", html.escape("\n".join(lines)))


# ── what must stay the same ──────────────────────────────────────────────────────────────────────


def lasting(text: str) -> list[str]:
    """Return the lines of *text* without what differs from run to run: figures, and bars, which a slow run shows."""
    text = re.sub(r", [\d.]+ .?i?B of memory at most", "", text)  # which nobody knows of a job that ended at once
    text = re.sub(r"[━─╍✗⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]+( +\d+ %)?", "", text)
    text = re.sub(r"~?\b([\d.]+(ms|[smhd]))+\b", "TIME", text)
    text = re.sub(r"\d+(\.\d+)?", "0", text)
    text = text.replace(" 0/s", "")  # a pace is known a little later than a count
    return [re.sub(r"\s+", " ", line).strip() for line in text.splitlines()]


def words_of(picture: str) -> str:
    """Return the words on *picture*, which says them itself."""
    (words,) = re.findall(r"(?s)<desc>(.*?)</desc>", picture)
    return html.unescape(words)


def differences(before: str, now: str, name: str) -> list[str]:
    return list(difflib.unified_diff(lasting(before), lasting(now), name, "what happens now", lineterm="", n=1))


def main() -> int:
    readme = README.read_text(encoding="utf-8")
    replayed = played(readme)
    picture = photographed()
    if "--check" not in sys.argv[1:]:
        README.write_text(replayed, encoding="utf-8")
        PICTURE.write_text(picture, encoding="utf-8")
        return 0
    found = differences(readme, replayed, README.name)
    found += differences(words_of(PICTURE.read_text(encoding="utf-8")), words_of(picture), PICTURE.name)
    sys.stderr.writelines(f"{line}\n" for line in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

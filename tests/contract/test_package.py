"""The wheel: the same bytes each time, with the manual and the completions where installers put them."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
SHARED = {
    "bash-completion/completions/jobctl",
    "fish/vendor_completions.d/jobctl.fish",
    "man/man1/jobctl.1",
    "man/man5/jobctl-files.5",
    "man/man5/jobctl.toml.5",
    "man/man7/jobctl.7",
    "zsh/site-functions/_jobctl",
}


def wheel(into: Path) -> Path:
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", into, ROOT]
    subprocess.run(command, check=True, capture_output=True)
    (made,) = into.glob("*.whl")
    return made


def test_the_wheel_is_the_same_twice_and_carries_manual_and_completions(tmp_path: Path) -> None:
    first, second = wheel(tmp_path / "1"), wheel(tmp_path / "2")
    assert first.read_bytes() == second.read_bytes()
    with zipfile.ZipFile(first) as content:
        shared = {name.partition(".data/data/share/")[2] for name in content.namelist()} - {""}
        pages = {name.rpartition("/")[2] for name in content.namelist() if "/cli/pages/" in name}
    assert shared == SHARED
    assert pages == {f"{page.name}.txt" for page in (ROOT / "man").glob("*.[157]")}

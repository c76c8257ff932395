"""What is the matter with a command that could not be executed, and the command that mends it."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobctl.cli.unstarted import look
from jobctl.model.spec import Spec


def found(directory: Path, *command: str, **changes: object) -> tuple[str, tuple[str, ...]]:
    """Return the words on *command* in *directory*, and what mends it."""
    env = (("PATH", str(directory / "bin")),)
    spec = Spec(uuid="u", command=command, cwd=str(directory), umask=0, submitted_at="", env=env).but(**changes)
    facts, mend = look(spec)
    return " ".join(text for _, text in facts), mend


def script(place: Path, text: str, mode: int = 0o755) -> Path:
    place.write_text(text, newline="")
    place.chmod(mode)
    return place


def test_a_directory_that_is_gone_is_made(tmp_path: Path) -> None:
    gone = tmp_path / "a b"
    assert found(gone, "true") == (f"{gone} is not there", (f"mkdir -p '{gone}'",))
    gone.touch()
    assert found(gone, "true") == (f"{gone} is no directory", ())


def test_a_program_without_the_right_is_given_it(tmp_path: Path) -> None:
    place = script(tmp_path / "run", "#!/bin/sh\n", 0o644)
    assert found(tmp_path, "./run") == ("it may not be executed: its mode is -rw-r--r--", (f"chmod +x {place}",))


def test_a_missing_interpreter_is_named(tmp_path: Path) -> None:
    script(tmp_path / "run", "#!/no/such/python -u\n")
    said, _ = found(tmp_path, "./run")
    assert said == "it is there, but its first line asks for /no/such/python, which is not"


def test_lines_that_end_as_on_windows_are_mended(tmp_path: Path) -> None:
    place = script(tmp_path / "run", "#!/bin/sh\r\necho\r\n")
    said, mend = found(tmp_path, "./run")
    assert "CR LF" in said
    assert mend == (f"sed -i 's/\\r$//' {place}",)


def test_a_program_that_is_nowhere_on_the_path_is_told_with_it(tmp_path: Path) -> None:
    assert found(tmp_path, "prog") == (f"no prog in {tmp_path}/bin", ())
    (tmp_path / "bin").mkdir()
    script(tmp_path / "bin" / "prog", "#!/no/such\n")
    assert "/no/such" in found(tmp_path, "prog")[0]
    assert found(tmp_path, "./gone")[0] == f"{tmp_path}/gone: No such file or directory"


@pytest.mark.parametrize("command", [("/bin/sh",), ("{}",)])
def test_where_nothing_is_seen_nothing_is_said(tmp_path: Path, command: tuple[str, ...]) -> None:
    assert found(tmp_path, *command) == ("", ())

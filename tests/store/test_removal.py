"""A directory is removed whole, and nothing outside of it is touched."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jobctl.store.removal import remove_tree


def test_everything_is_removed_whatever_its_mode(folder: str) -> None:
    tree = Path(folder, "tree")
    (tree / "sub" / "deep").mkdir(parents=True)
    (tree / "sub" / "file").touch()
    os.mkfifo(tree / "sub" / "deep" / "pipe")
    for path in (tree / "sub" / "file", tree / "sub" / "deep", tree / "sub", tree):
        path.chmod(0o500)
    remove_tree(str(tree))
    assert os.listdir(folder) == []


def test_links_are_removed_and_not_followed(folder: str) -> None:
    kept = Path(folder, "kept")
    kept.mkdir()
    (kept / "file").write_text("mine")
    tree = Path(folder, "tree")
    tree.mkdir()
    (tree / "to-directory").symlink_to(kept)
    (tree / "to-file").symlink_to(kept / "file")
    (tree / "dangling").symlink_to("/nowhere")
    remove_tree(str(tree))
    assert os.listdir(folder) == ["kept"]
    assert (kept / "file").read_text() == "mine"


def test_a_link_in_the_place_of_the_directory_is_refused(folder: str) -> None:
    kept = Path(folder, "kept")
    kept.mkdir()
    Path(folder, "tree").symlink_to(kept)
    with pytest.raises(OSError, match="tree"):
        remove_tree(f"{folder}/tree")
    assert kept.exists()


def test_a_directory_that_is_not_there_is_an_error(folder: str) -> None:
    with pytest.raises(FileNotFoundError):
        remove_tree(f"{folder}/nothing")

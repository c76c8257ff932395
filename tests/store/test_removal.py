"""A directory is removed whole, and nothing outside of it is touched."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from jobctl.store.removal import remove_tree
from support.disk import own_mounts


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
    (kept / "file").write_text("mine")
    Path(folder, "tree").symlink_to(kept)
    with pytest.raises(OSError, match="tree"):
        remove_tree(f"{folder}/tree")
    assert (kept / "file").read_text() == "mine"


def test_a_link_that_takes_the_place_of_a_directory_meanwhile_is_not_followed(
    folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Path(folder, "kept")
    kept.mkdir()
    (kept / "file").write_text("mine")
    below = Path(folder, "tree", "sub")
    below.mkdir(parents=True)
    real = os.unlink

    def swap(name: str, **more: int) -> None:
        try:
            real(name, **more)
        except OSError:
            below.rmdir()
            below.symlink_to(kept)
            raise

    monkeypatch.setattr(os, "unlink", swap)
    with pytest.raises(OSError, match="sub"):
        remove_tree(f"{folder}/tree")
    assert (kept / "file").read_text() == "mine"


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to mount something")
def test_what_is_mounted_inside_is_left_alone(folder: str) -> None:
    inside = Path(folder, "tree", "sub")
    inside.mkdir(parents=True)
    with own_mounts():
        subprocess.run(["mount", "-t", "tmpfs", "none", str(inside)], check=True)
        (inside / "file").write_text("mine")
        with pytest.raises(OSError, match="another file system is mounted there"):
            remove_tree(f"{folder}/tree")
        assert (inside / "file").read_text() == "mine"
        subprocess.run(["umount", str(inside)], check=True)
    remove_tree(f"{folder}/tree")
    assert os.listdir(folder) == []


def test_a_directory_that_is_not_there_is_an_error(folder: str) -> None:
    with pytest.raises(FileNotFoundError):
        remove_tree(f"{folder}/nothing")


def test_more_directories_in_one_another_than_there_are_descriptors_are_removed(folder: str) -> None:
    here = os.open(folder, os.O_RDONLY)
    for _ in range(3000):
        os.mkdir("d", dir_fd=here)
        below = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    remove_tree(f"{folder}/d")
    assert os.listdir(folder) == []


def test_what_was_moved_away_meanwhile_takes_nothing_with_it(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("tree/sub/deep", "elsewhere/sub"):
        Path(folder, name).mkdir(parents=True)
    real = os.rmdir

    def move(name: str, **more: int) -> None:
        real(name, **more)
        if name == "deep":
            Path(folder, "elsewhere", "sub").rmdir()
            Path(folder, "tree", "sub").rename(Path(folder, "elsewhere", "sub"))

    monkeypatch.setattr(os, "rmdir", move)
    with pytest.raises(OSError, match="moved while it was removed"):
        remove_tree(f"{folder}/tree")
    assert Path(folder, "elsewhere", "sub").exists()

"""Fixtures of the tests of the store: real files in a directory of the test's own, no daemon."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from store.calls import Calls

if TYPE_CHECKING:
    from pathlib import Path

    from jobctl.store.layout import Layout


@pytest.fixture
def folder(tmp_path: Path) -> str:
    """An empty directory."""
    made = tmp_path / "folder"
    made.mkdir()
    return str(made)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch, folder: str) -> Calls:
    """What is asked of the kernel below `folder`."""
    return Calls(monkeypatch, folder)


@pytest.fixture
def store_calls(monkeypatch: pytest.MonkeyPatch, layout: Layout) -> Calls:
    """What is asked of the kernel below the home."""
    return Calls(monkeypatch, layout.home)

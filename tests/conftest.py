"""The fixtures that every test may ask for."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

sys.path.insert(0, str(Path(__file__).parent))

from jobctl.store import home as homes
from support.installed import Home

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jobctl.store.layout import Layout

# No test asserts a time, and Hypothesis is not to do so either.
settings.register_profile("jobctl", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("jobctl")


@pytest.fixture(autouse=True)
def _no_home_of_the_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test may touch the home of whoever runs it, nor be steered by its environment."""
    for name in [name for name in os.environ if name.startswith("JOBCTL_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "nobody"))


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    """A new home on real files, without a daemon."""
    return homes.create({"JOBCTL_HOME": str(tmp_path / "home")})


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A home for the installed command; whatever still runs in it afterwards is killed, and its log is shown."""
    made = Home(tmp_path)
    try:
        yield made
    finally:
        made.destroy()
        log = made.path / "daemon.log"
        if log.exists():
            print(f"--- {log}\n{log.read_text(errors='replace')[-4000:]}")

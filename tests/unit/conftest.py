"""Tests of what reads no file, starts no process and looks at no clock; all of them in about a second."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True, scope="session")
def _no_home_of_the_user() -> None:
    """Override the one for all tests: nothing here has a home, and a directory for each test would cost the most."""

"""Fixtures of the tests of the daemon: its loop on real files, stepped by hand, with processes that are none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.stepped import Stepped

if TYPE_CHECKING:
    from jobctl.store.layout import Layout


@pytest.fixture
def daemon(layout: Layout) -> Stepped:
    """A daemon of two slots that does nothing unless it is stepped."""
    return Stepped(layout)

"""Whether something is gone."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from jobctl.store import presence


def test_what_is_there_is_there_even_as_a_link_that_leads_nowhere(folder: str) -> None:
    Path(folder, "file").touch()
    os.symlink("nowhere", folder + "/link")
    assert [presence.is_there(f"{folder}/{name}") for name in ("", "file", "link")] == [True] * 3


def test_what_is_not_there_is_gone(folder: str) -> None:
    Path(folder, "file").touch()
    assert [presence.is_there(f"{folder}/{name}") for name in ("gone", "gone/inside", "file/inside")] == [False] * 3


@pytest.mark.parametrize("number", [errno.EIO, errno.EACCES, errno.ELOOP, errno.ENOMEM])
def test_an_error_of_the_moment_is_no_answer(folder: str, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def fail(_: str) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(os, "lstat", fail)
        with pytest.raises(OSError, match=os.strerror(number)):
            presence.is_there(folder)

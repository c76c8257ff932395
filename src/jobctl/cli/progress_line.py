"""How far a job is, on one line of standard error that is written over: `jobctl run` on a terminal."""

from __future__ import annotations

import os
from datetime import UTC, datetime

from jobctl.cli import output
from jobctl.model import states
from jobctl.model.progress import view as progress_view
from jobctl.store import atomic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Final

    from jobctl.cli.streaming import Sink
    from jobctl.model.status import Status

_ERR: Final = 2
_BAR: Final = 20


class ProgressLine:
    """A line below what the job writes; it is taken away before the job writes more, and at the end."""

    def __init__(self, sinks: Iterable[Sink]) -> None:
        """Prepare to stand below what *sinks* bring to the terminal."""
        self._sinks = list(sinks)
        self._shown = ""
        for sink in self._sinks:
            sink.before = self.clear

    def show(self, status: Status) -> None:
        """Show how far the job is, if that is known and the job has ended its last line."""
        text = "" if status.finished else _text(status)
        if text == self._shown or not all(sink.at_line_start for sink in self._sinks):
            return
        self.clear()
        if text:
            width = _width()
            self._write(text if len(text) < width else text[: width - 2] + "…")
            self._shown = text

    def clear(self) -> None:
        """Take the line away."""
        if self._shown:
            self._write("\r\x1b[K")
            self._shown = ""

    def _write(self, text: str) -> None:
        try:
            atomic.write_all(_ERR, text.encode("utf-8", "replace"))
        except OSError:
            pass  # There is nobody left to tell.


def _text(status: Status) -> str:
    if status.progress is None or status.state != states.PROCESSING:
        return ""
    shown = progress_view.of(status)
    parts = []
    if shown.percent is not None:
        done = _BAR * shown.percent // 100
        parts.append(f"[{'#' * done}{'-' * (_BAR - done)}] {shown.percent} %")
    parts += [part for part in (shown.count, shown.speed) if part]
    if shown.left is not None:
        left = progress_view.show_left(shown.left - _age(shown.noted_at), estimate=shown.is_estimate)
        parts += [f"{left} left"] if left else []
    parts += [part for part in (shown.message, f"({shown.source})" if shown.source else "") if part]
    return output.visible("  ".join(parts))


def _age(moment: str | None) -> float:
    try:
        return 0.0 if moment is None else (datetime.now(UTC) - datetime.fromisoformat(moment)).total_seconds()
    except (ValueError, TypeError):
        return 0.0


def _width() -> int:
    try:
        return os.get_terminal_size(_ERR).columns
    except OSError:
        return 80

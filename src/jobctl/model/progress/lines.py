"""Read the lines of a job's output: those of one family first, then whatever has the shape of a fraction.

What lines say of later ones is remembered here: how long the media is, that columns follow, how many tests are
planned. Only whole lines are learned from; one that is still being written may be read, and says nothing yet.
"""

from __future__ import annotations

from jobctl.model.progress import formats, objects, shapes
from jobctl.model.progress.bare import Numbers
from jobctl.model.progress.candidate import Candidate
from jobctl.model.progress.fact import message_of
from jobctl.model.progress.scale import Scale

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

#: Of more inputs than one nobody knows which length counts.
_MOST_DURATIONS: Final = 3
SCALE: Final = ("scale",)
BARE: Final = ("bare",)


class Lines:
    """The lines of one stream, with what was learned of the streams of one job."""

    __slots__ = ("_columns", "_durations", "_numbers", "_plan", "_scale")

    def __init__(self, stream: str, durations: set[float]) -> None:
        """Begin with nothing known of *stream*; *durations* are those of all media that the job names."""
        self._durations = durations
        self._columns = False
        self._plan: int | None = None
        self._scale = Scale()
        self._numbers = Numbers(stream)

    def take(self, raw: bytes, *, rewritten: bool) -> list[Candidate]:
        """Learn from the line *raw* and return what in it may be a fraction of work done."""
        text = _text(raw)
        length = formats.duration(text) if "Duration: " in text else None
        if length is not None and len(self._durations) < _MOST_DURATIONS:
            self._durations.add(length)
        self._columns = self._columns or formats.is_columns_head(text)
        self._plan = formats.plan(text) or self._plan
        drawn = self._scale.line(text)
        if drawn is not None:
            return [_of_scale(0.0, drawn[1]), _of_scale(*drawn)]
        alone = self._numbers.line(text)
        if alone is not None:
            return [Candidate(percent=alone, key=BARE, style=BARE, weight=4)]
        return self.read(raw, rewritten=rewritten)

    def read(self, raw: bytes, *, rewritten: bool) -> list[Candidate]:
        """Return what in the line *raw* may be a fraction of work done."""
        if raw.startswith(b"{"):
            document = objects.parse(raw.decode("utf-8", "replace")) if raw.rstrip().endswith(b"}") else None
            found = None if document is None else objects.candidate(document)
            return [] if found is None else [found]
        text = _text(raw)
        found = self._special(text)
        if found is not None:
            return [found]
        if formats.is_columns_head(text) or text.startswith(formats.STATUS_LINES):
            return []
        return shapes.candidates(text, rewritten=rewritten)

    def growing(self, raw: bytes) -> Candidate | None:
        """Return how far the line *raw* has come that is being written, if it is one that grows by marks."""
        drawn = self._scale.reached(_text(raw))
        return None if drawn is None else _of_scale(*drawn)

    @property
    def no_numbers(self) -> bool:
        """Whether what stood alone in lines has turned out not to be progress."""
        return self._numbers.over

    def _special(self, text: str) -> Candidate | None:
        found = None
        if "time=" in text:
            found = self._media(text)
        if found is None and self._columns:
            found = formats.columns(text)
        if found is None and text.startswith(formats.STATUS_LINES):
            found = formats.status_line(text)
        if found is None and self._plan is not None:
            found = formats.planned(text, self._plan)
        if found is None and text.count("=") > 1:
            found = formats.fields(text)
        return found

    def _media(self, text: str) -> Candidate | None:
        """A time that has been reached, against the duration of the one input there is."""
        if len(self._durations) != 1:
            return None
        (length,) = self._durations
        reached = formats.media_time(text)
        if reached is None or not length or reached > 1.02 * length:
            return None
        reached = min(reached, length)
        return Candidate(
            percent=100 * reached / length,
            done=reached,
            total=length,
            unit="s",
            key=("media",),
            style=("media",),
            weight=4,
        )


def _text(raw: bytes) -> str:
    return raw[: 4 * shapes.WIDEST].decode("utf-8", "replace")


def _of_scale(percent: float, label: str) -> Candidate:
    return Candidate(
        percent=percent,
        label=message_of(label),
        key=SCALE,
        style=SCALE,
        weight=4,
        activity=shapes.counts_parts(label),
    )

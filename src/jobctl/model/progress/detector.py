"""Decide what of a job's output is its progress; silent rather than wrong.

Every candidate belongs to a *track*, all the lines of one bar. A track counts when it has moved forward often enough
for what else speaks for it. The whole job is only said to be so far when there is one track that never began
again. Where there are several, one after the other or one within the other, the part that runs is named, without
a percentage of the whole.
"""

from __future__ import annotations

from functools import partial

from jobctl.model.progress.candidate import Candidate
from jobctl.model.progress.fact import Fact, message_of
from jobctl.model.progress.lines import BARE, Lines
from jobctl.model.progress.screen import Screen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

#: Streams of a job, in the order of a tie.
STREAMS: Final = ("stdout", "stderr")
#: Tracks that are remembered; the one that was silent for longest is forgotten.
_MOST_TRACKS: Final = 24
#: A step back by more than this many points is a new beginning, by less it is noise.
_NOISE: Final = 5.0
#: Different values a track must have shown, each no less than the one before, by its weight: none for a lower one.
_NEEDED: Final = {1: 4, 2: 3, 3: 3, 4: 2}
_NEEDED_COUNT: Final = 3
#: Below this weight it may just as well be a gauge: one that begins in the middle or steps back is none.
_SURE: Final = 3
_BEGINS: Final = 34.0
#: Lines with the same total after which it counts as all there is.
_STILL_GROWING: Final = 2


class _Track:
    """The lines of one bar."""

    __slots__ = (
        "activity",
        "begun",
        "downs",
        "erratic",
        "fact",
        "from_none",
        "growing",
        "high",
        "last",
        "parts",
        "restarts",
        "seen",
        "style",
        "total",
        "ups",
        "weight",
    )

    def __init__(self, first: Candidate, now: int) -> None:
        self.style = first.style
        self.begun = now
        self.last = now
        self.seen = 0
        #: How often it moved forward since it last began, and in small steps back altogether.
        self.ups = 0
        self.downs = 0
        self.restarts = 0
        self.erratic = first.weight < _SURE and first.percent > _BEGINS
        #: How many more lines must come before what there is to do is taken for known.
        self.growing = 0
        self.high = first.percent
        self.total = first.total
        self.weight = first.weight
        self.parts = first.parts
        self.activity = first.activity
        #: Whether it counted from 0: then what it says begins is what it says is done.
        self.from_none = False
        self.fact = first
        self.add(first, now)

    def add(self, found: Candidate, now: int) -> None:
        self.last = now
        self.seen += 1
        self.weight = max(self.weight, found.weight)
        self.activity = self.activity and found.activity
        self.from_none = self.from_none or found.done == 0
        grown = found.total != self.total
        self.growing = _STILL_GROWING if grown else max(0, self.growing - 1)
        if found.percent > self.high or (grown and _grew(self.fact, found)):
            self.ups += self.seen > 1
            self.high = found.percent
            self.fact = found
        elif found.percent < self.high - _NOISE or (grown and found.percent < self.high):
            # From the end to the beginning is a new beginning. Anything else is no progress.
            if self.high < 90 and found.percent > 20:
                self.erratic = True
            self.restarts += 1
            self.ups = 0
            self.high = found.percent
            self.fact = found
        elif found.percent < self.high:
            self.downs += 1
            self.erratic = self.erratic or self.weight < _SURE or self.downs > 3 * (self.ups + 1)
        else:
            self.fact = found
        self.total = found.total

    @property
    def confirmed(self) -> bool:
        """Whether it is progress of something."""
        if self.erratic or not self.weight:
            return False
        needed = _NEEDED.get(min(4, self.weight), 99)
        if self.total is not None:
            needed = min(needed, _NEEDED_COUNT)
            if self.total <= 2:
                return False
        # Who began again has shown by that how it moves.
        return self.ups + 1 >= needed or (self.restarts >= 2 and self.seen > 2 * self.restarts + 2)


def _grew(before: Candidate, after: Candidate) -> bool:
    """Whether there is only more to do than was known before."""
    return (
        before.done is not None
        and after.done is not None
        and before.total is not None
        and after.total is not None
        and after.total > before.total
        and after.done > before.done
        and after.percent > before.percent - 3 * _NOISE
    )


class Detector:
    """What the output of one attempt says about how far it is.

    `feed` takes the bytes of a stream as they come; how they are cut makes no difference. `fact` is what may be
    claimed: the whole (with a percentage), a part (only a message), or None. `reported` is what the job says
    on purpose, by OSC 9;4.
    """

    def __init__(self) -> None:
        """Begin with nothing known."""
        self.reported: Fact | None = None
        self._tracks: dict[tuple[str, ...], _Track] = {}
        self._now = 0
        durations: set[float] = set()
        self._lines = {name: Lines(name, durations) for name in STREAMS}
        self._last = dict.fromkeys(STREAMS, b"")
        self._screens = {name: Screen(partial(self._line, name), self._osc) for name in STREAMS}

    def feed(self, stream: str, data: bytes) -> None:
        """Take in the next bytes of *stream*: `stdout` or `stderr`."""
        self._screens[stream].feed(data)

    @property
    def fact(self) -> Fact | None:
        """What may be claimed now."""
        growing = self._growing()
        if growing is not None:
            return growing
        chosen = self._choose()
        if chosen is None:
            return None
        key, track, whole = chosen
        found = self._ahead(key, track)
        if not whole or track.activity:
            return Fact(message=_part_of(found))
        percent, done = found.percent, found.done
        # Of a line that is being written the word that says so may be missing yet.
        if (found.begins or track.fact.begins) and done and found.total and not track.from_none:
            percent, done = 100 * (done - 1) / found.total, done - 1
        return Fact(percent=percent, done=done, total=found.total, unit=found.unit, message=found.label)

    # ── what comes in ──────────────────────────────────────────────────────────────────────────

    def _osc(self, state: int, percent: int | None) -> None:
        if state in {0, 3}:
            self.reported = None
        elif percent is not None and percent <= 100:
            self.reported = Fact(percent=float(percent))

    def _line(self, stream: str, raw: bytes, rewritten: bool) -> None:  # noqa: FBT001  # as Screen calls it
        if raw == self._last[stream]:
            return
        self._last[stream] = raw
        lines = self._lines[stream]
        for found in lines.take(raw, rewritten=rewritten):
            self._add((stream, *found.key), found)
        if lines.no_numbers:
            self._tracks.pop((stream, *BARE), None)

    def _add(self, key: tuple[str, ...], found: Candidate) -> None:
        self._now += 1
        track = self._tracks.get(key)
        if track is None:
            if len(self._tracks) >= _MOST_TRACKS:
                # One that was never confirmed goes first.
                del self._tracks[min(self._tracks, key=lambda k: (self._tracks[k].confirmed, self._tracks[k].last))]
            self._tracks[key] = _Track(found, self._now)
        else:
            track.add(found, self._now)

    # ── what may be claimed ────────────────────────────────────────────────────────────────────

    def _choose(self) -> tuple[tuple[str, ...], _Track, bool] | None:
        """Return the track to speak of, and whether it speaks for the whole job."""
        known = {key: track for key, track in self._tracks.items() if track.confirmed}
        if not known:
            return None
        rivals = [track for track in self._tracks.values() if not track.erratic]
        key = max(known, key=lambda k: known[k].last)
        latest = known[key]
        others = [track for track in rivals if track is not latest and _rivals(track, latest)]
        if latest.parts:
            # Parts of which each has a bar are no measure of the whole while one of them goes on.
            others += [track for track in rivals if track is not latest and track.last > latest.begun]
        if not others and not latest.restarts:
            return None if latest.growing else (key, latest, True)
        outer = self._outer(known)
        if outer is not None:
            return outer, known[outer], True
        abreast = self._abreast(known)
        if abreast is not None:
            return abreast, known[abreast], True
        if any(track.last > latest.begun and not track.restarts for track in others if track.confirmed):
            # Several at the same time, none within another: none of them speaks for all.
            return None
        return key, latest, False

    def _abreast(self, known: dict[tuple[str, ...], _Track]) -> tuple[str, ...] | None:
        """Return the one that is least far of tracks that count the same things in turn; None if they do not.

        `Emerging (3 of 8) x`, `Installing (3 of 8) x`: what is done to each.
        """
        tracks = list(known.values())
        if len(tracks) != len([track for track in self._tracks.values() if not track.erratic]) or len(tracks) < 2:
            return None
        if len({track.total for track in tracks}) > 1 or any(track.restarts or track.growing for track in tracks):
            return None
        facts = [track.fact for track in tracks if track.fact.unit not in {"bytes", "s"}]
        counted = [fact.done for fact in facts if fact.done is not None and fact.total is not None]
        if len(counted) < len(tracks) or max(counted) - min(counted) > 1:
            return None
        if max(track.begun for track in tracks) > min(track.last for track in tracks):
            return None
        return min(known, key=lambda key: known[key].fact.percent)

    def _growing(self) -> Fact | None:
        """Return what a line says that is being written mark by mark."""
        for stream in STREAMS:
            pending = self._screens[stream].pending
            found = None if pending is None else self._lines[stream].growing(pending[0])
            if found is not None:
                if found.activity or any(track.confirmed or track.parts for track in self._tracks.values()):
                    return Fact(message=_part_of(found))
                return Fact(percent=found.percent, message=found.label)
        return None

    def _outer(self, known: dict[tuple[str, ...], _Track]) -> tuple[str, ...] | None:
        """Return the one track that went on while every other one began again: it holds them all."""
        steady = [key for key, track in known.items() if not track.restarts and not track.parts]
        if len(steady) != 1:
            return None
        outer = known[steady[0]]
        inner = [track for track in known.values() if track is not outer]
        if inner and all(outer.begun < track.begun and track.restarts and outer.last > track.begun for track in inner):
            return steady[0]
        return None

    def _ahead(self, key: tuple[str, ...], track: _Track) -> Candidate:
        """Return the last of *track*, taking the line that is still being written where that is plainly of it."""
        stream = key[0]
        pending = self._screens[stream].pending
        if pending is None or pending[0].startswith(b"{"):
            return track.fact
        for found in self._lines[stream].read(pending[0], rewritten=pending[1]):
            if (
                (stream, *found.key) == key
                and found.style[0] == track.fact.style[0]
                and found.total == track.total
                and track.fact.percent <= found.percent <= track.fact.percent + 3 * _NOISE
            ):
                return found
        return track.fact


def _rivals(track: _Track, latest: _Track) -> bool:
    """Whether *track* makes it doubtful that *latest* speaks for the whole."""
    if track.confirmed:
        return True
    if track.parts and track.total is not None and track.total > 1:
        return True
    return track.style == latest.style and track.weight >= 3


def _part_of(found: Candidate) -> str:
    """Return how far a part of the work is, in words."""
    where = f"{found.percent:.0f}%"
    if found.done is not None and found.total is not None and found.unit not in {"bytes", "s"}:
        where = f"{found.done:.0f}/{found.total:.0f}"
    return (message_of(f"{found.label}: {where}") if found.label else None) or f"{where} of this part"

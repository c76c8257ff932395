"""What `--progress-from` may be: auto, none, the name of a shape, or a regular expression."""

from __future__ import annotations

from jobctl.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from typing import Final

AUTO: Final = "auto"
NONE: Final = "none"
#: The shapes that can be asked for: what they claim is taken at its word.
FORMATS: Final = {
    "percent": "a percentage, or a number from 0 to 100 alone on a line",
    "count": "N/M or N of M",
    "json": "a JSON object on each line",
    "time": "time= against a Duration:, as ffmpeg writes them",
    "columns": "the table of curl",
    "osc": "the sequence OSC 9;4",
}
#: Characters of a line that a user's expression is tried on.
LONGEST_TRIED: Final = 1000


def check(wanted: str) -> None:
    """Refuse what is no source of progress.

    Raises:
        UsageError: neither a name nor a usable regular expression.
    """
    if wanted not in {AUTO, NONE, *FORMATS}:
        expression(wanted)


def expression(wanted: str) -> re.Pattern[str]:
    """Return the regular expression *wanted*, which must have a group `percent`, or `done` and perhaps `total`.

    Raises:
        UsageError: it is none, or names nothing that could be progress.
    """
    import re  # noqa: PLC0415  # only who gives one pays for it

    try:
        pattern = re.compile(wanted)
    except (re.error, OverflowError, RecursionError) as wrong:
        raise UsageError(f"--progress-from {wanted!r:.80} is no regular expression: {wrong}") from None
    if not {"percent", "done"} & set(pattern.groupindex):
        names = ", ".join((AUTO, NONE, *FORMATS))
        raise UsageError(
            f"--progress-from {wanted!r:.80} is none of {names}; a regular expression needs a group "
            "(?P<percent>…) or (?P<done>…) with (?P<total>…)"
        )
    return pattern

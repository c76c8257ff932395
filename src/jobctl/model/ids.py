"""Job IDs and the selectors that name jobs: `17`, `17.3`, `17.1-3`, `17-20`, `@`, `@~2`."""

from __future__ import annotations

from jobctl.errors import UsageError
from jobctl.model.value import Value

#: IDs have at most 15 digits, so that every JSON reader keeps them exact (RFC 8259, section 6).
_MOST_DIGITS = 15


class Selector(Value):
    """One word that names jobs; exactly one of the forms below.

    `first`..`last` are absolute IDs (equal for a single job), `task` goes with a single job only and is the first
    of several with `last_task`, `back` counts from the last submitted job (`@` is 0).
    """

    text: str
    first: int | None = None
    last: int | None = None
    task: int | None = None
    last_task: int | None = None
    back: int | None = None


def parse_id(text: str) -> int | None:
    """Return the ID that *text* writes, or None; signs, zeros in front and other digits are not IDs."""
    if text.isascii() and text.isdigit() and text[0] != "0" and len(text) <= _MOST_DIGITS:
        return int(text)
    return None


def parse_selector(text: str) -> Selector:
    """Return what *text* names.

    Raises:
        UsageError: it is none of the forms, or a range that runs backwards.
    """
    if text == "@":
        return Selector(text=text, back=0)
    if text.startswith("@~"):
        back = parse_id(text[2:])
        if back is not None or text == "@~0":
            return Selector(text=text, back=back or 0)
    job, dot, task = text.partition(".")
    first, _, last = text.partition("-")
    if dot and (number := parse_id(job)):
        begin, dash, end = task.partition("-")
        # Both ends as they are written alone, 17.1-17.3, or the second one shorter.
        which, until = parse_id(begin), parse_id(end.removeprefix(f"{job}."))
        if which and (until or not dash):
            if until and until < which:
                raise UsageError(f"selector {text!r} runs backwards: write {job}.{until}-{which}")
            return Selector(text=text, first=number, last=number, task=which, last_task=until)
    if (low := parse_id(first)) and (high := parse_id(last)):
        if low > high:
            raise UsageError(f"selector {text!r} runs backwards: write {high}-{low}")
        return Selector(text=text, first=low, last=high)
    if single := parse_id(text):
        return Selector(text=text, first=single, last=single)
    wrong = UsageError(
        f"{text!r} does not name a job: write an ID (17), a task (17.3), a range (17-20, 17.1-3), "
        "or @ for the last job submitted (@~2: two before it)"
    )
    wrong.selector = text
    raise wrong

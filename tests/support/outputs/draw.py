"""Lines of output, drawn again and again with other numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def bar(percent: int, width: int = 20, full: str = "#", empty: str = ".", tip: str = "") -> str:
    """Return a bar of *percent*."""
    done = percent * width // 100
    return (full * done + (tip if done < width else "") + empty * (width - done))[:width]


def t(form: str, values: range = range(0, 100, 4)) -> str:
    """Return *form* once for each of *values*: `{p}`, other numbers that grow or change with it, bars drawn as full."""
    return "".join(
        form.format(
            p=p,
            q=p // 8,
            d=(p * 7) % 10,
            e=(p * 13) % 90 + 10,
            n=p * 20,
            left=100 - p,
            leftq=(100 - p) // 8,
            hash=bar(p),
            hashsp=bar(p, empty=" "),
            eq=bar(p, full="=", empty=" ", tip=">"),
            eqd=bar(p, full="=", empty="-"),
            blk=bar(p, full="█", empty="░"),
            blk2=bar(p, full="█", empty=" "),
            dot=bar(p, full="o", empty="."),
        )
        for p in values
    )


def each(draw: Callable[[int], str], values: Iterable[int] = range(0, 61, 4)) -> str:
    """Return what *draw* makes of each of *values*, percentages, one after the other."""
    return "".join(map(draw, values))

"""The report: sections with a table each, shown as they are made and written as Markdown at the end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.measure import Series


@dataclass
class Section:
    """One question with the table that answers it."""

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]] = field(default_factory=list)
    #: What was to be reached, and how to read the table.
    notes: list[str] = field(default_factory=list)

    def add(self, *cells: object) -> None:
        """Add a row."""
        self.rows.append(tuple(map(str, cells)))

    def markdown(self) -> str:
        """Return the section as Markdown that can be read as it stands."""
        table = [self.columns, *self.rows]
        widths = [max(len(row[column]) for row in table) for column in range(len(self.columns))]
        lines = [
            "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
            for row in table
        ]
        lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
        notes = "".join(f"\n{note}\n" for note in self.notes)
        return f"## {self.title}\n\n" + "\n".join(lines) + "\n" + notes


def milliseconds(seconds: float) -> str:
    """Return *seconds* in ms, with three digits that mean something."""
    value = seconds * 1000
    return f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 100 else f"{value:.0f}"


def compare(title: str, results: dict[str, Series], floor: str, *notes: str) -> Section:
    """Return a section with a row for each of *results* and its ratio to that of *floor*."""
    section = Section(title, ("what", "median ms", "p95 ms", "× floor", "cpu ms", "× floor's cpu"), notes=list(notes))
    least = results[floor]
    for name, series in results.items():
        section.add(
            name,
            milliseconds(series.median),
            milliseconds(series.p95),
            f"{series.median / least.median:.2f}",
            milliseconds(series.cpu),
            f"{series.cpu / least.cpu:.2f}" if least.cpu else "–",
        )
    return section

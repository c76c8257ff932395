"""`python -m bench`: measure jobctl beside floors and peers, in one run, and write bench/RESULTS.md."""

from __future__ import annotations

import argparse
import importlib
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from bench import machine

if TYPE_CHECKING:
    from collections.abc import Iterator

ROWS = ("submit", "reading", "array", "latency", "throughput", "running", "watching", "growth")


def main() -> int:
    """Run the rows that were asked for and show each as it is done; all of them together are also written."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"what to measure, of: {', '.join(ROWS)} (default: all)")
    parser.add_argument("--quick", action="store_true", help="a tenth of the runs: to see that it works, not how fast")
    parser.add_argument("--output", type=Path, help="write the report there (default: bench/RESULTS.md, if complete)")
    options = parser.parse_args()
    if unknown := set(options.rows) - set(ROWS):
        parser.error(f"no such row: {', '.join(sorted(unknown))}; there are {', '.join(ROWS)}")
    report = ["# What jobctl takes", "", "Written by `python -m bench`.", ""]
    report += machine.description(Path(tempfile.gettempdir()))
    sys.stdout.write("\n".join(report) + "\n\n")
    output = options.output
    if output is None and not options.rows and not options.quick:
        output = Path(__file__).with_name("RESULTS.md")
    failed = []
    for name in options.rows or ROWS:
        for text in _sections(name, quick=options.quick):
            if text is None:
                failed.append(name)
                continue
            sys.stdout.write(text + "\n")
            sys.stdout.flush()
            report += ["", text.rstrip("\n")]
            if output is not None:
                # After each: what was measured is worth keeping, whatever comes next.
                output.write_text("\n".join(report) + "\n", encoding="utf-8")
    if failed:
        sys.stderr.write(f"bench: failed: {', '.join(failed)}\n")
    return 1 if failed else 0


def _sections(name: str, *, quick: bool) -> Iterator[str | None]:
    """Yield the sections of the row *name*; if it fails, what went wrong as another one, and None."""
    began = time.monotonic()
    try:
        for section in importlib.import_module(f"bench.rows.{name}").run(quick=quick):
            yield section.markdown()
    except Exception as failure:  # noqa: BLE001  # the other rows are measured all the same
        traceback.print_exc()
        yield f"## {name}\n\nIt failed: {type(failure).__name__}: {failure}\n"
        yield None
    sys.stderr.write(f"bench: {name} took {time.monotonic() - began:.0f} s\n")


if __name__ == "__main__":
    sys.exit(main())

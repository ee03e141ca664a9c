"""The figures that have a goal as a table, put at the end of a document in place of the one that stood there.

python -m tests.bench | tee figures.jsonl && python -m tests.bench.table docs/performance.md < figures.jsonl
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

MARK = "<!-- Written by tests.bench.table: everything below is replaced. -->"
HEAD = ("| Figure | Database | Of what | Value | Goal | n | Load |", "| --- | --- | --- | ---: | ---: | ---: | ---: |")
APART = ("name", "value", "unit", "n", "database", "goal", "load", "p95", "rss", "html", "workers")
"""What has a column of its own, or says more than a table can hold."""


def table(figures: Iterable[dict[str, Any]]) -> str:
    """A row for each figure with a goal, the last measured of each, in the order in which they were measured."""
    rows: dict[tuple[str, str, str], str] = {}
    for figure in figures:
        if "goal" in figure:
            of = ", ".join(f"{key} {value}" for key, value in figure.items() if key not in APART)
            said = "not measured" if figure["value"] is None else f"{figure['value']:g} {figure['unit']}"
            cells = (figure["name"], figure["database"], of, said, figure["goal"], figure["n"], figure["load"])
            rows[figure["name"], figure["database"], of] = f"| {' | '.join(map(str, cells))} |"
    return "\n".join((*HEAD, *rows.values()))


def main() -> None:
    """Read figures, one JSON object a line, and write them into the document."""
    document = Path(sys.argv[1])
    above, _, _ = document.read_text().partition(MARK)
    figures = [json.loads(line) for line in sys.stdin if line.startswith("{")]
    document.write_text(f"{above}{MARK}\n\n{table(figures)}\n")


if __name__ == "__main__":
    main()

"""Figures: one line of JSON each, with how many times it was measured and how busy the machine was."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any


def p95(values: Sequence[float]) -> float:
    """The value that 95 in 100 do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]


def ms(seconds: Sequence[float]) -> dict[str, float]:
    """Median and 95th percentile in milliseconds."""
    return {"median": round(median(seconds) * 1000, 3), "p95": round(p95(seconds) * 1000, 3)}


def load() -> float:
    """The load average of the last minute: what else ran shows here too."""
    return round(os.getloadavg()[0], 2)


@dataclass
class Report:
    """Prints figures as they come, and keeps them so that ratios can be made."""

    figures: list[dict[str, Any]] = field(default_factory=list)

    def add(self, name: str, value: float | None, unit: str, n: int, database: str = "", **context: Any) -> None:
        """One figure. A value of None says that it could not be measured; `why` in the context tells the reason."""
        shown = None if value is None else round(value, 4 if abs(value) < 10 else 1)
        figure = {"name": name, "value": shown, "unit": unit, "n": n, "database": database, **context, "load": load()}
        self.figures.append(figure)
        print(json.dumps(figure), flush=True)

    def ratio(self, name: str, value: float, base: float, n: int, database: str = "", **context: Any) -> None:
        """One figure as a multiple of another."""
        self.add(name, value / base if base else None, "ratio", n, database, **context)

    def find(self, name: str, **context: Any) -> float | None:
        """The value of the last figure of this name with this context; None when there is none."""
        for figure in reversed(self.figures):
            if figure["name"] == name and all(figure.get(key) == value for key, value in context.items()):
                return figure["value"]  # type: ignore[no-any-return]
        return None


def say(text: str) -> None:
    """Progress, beside the figures."""
    print(f"# {text}", file=sys.stderr, flush=True)

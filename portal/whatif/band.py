"""Between which figures a period of so many days ends up by chance alone: the band in which one story of it should lie.

Not an interval for a mean: what is played once, as a round of a workshop is, may lie anywhere in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from portal.whatif.compare import Job, replicated
from portal.whatif.model import Model
from portal.whatif.plan import WARM_UP, Window
from portal.whatif.stats import quantile

TIMES = 40


@dataclass(frozen=True, slots=True)
class Band:
    """Of 40 such periods 38 lie between `low` and `high`, and half below `middle`."""

    low: float
    middle: float
    high: float


def band(model: Model, *, days: int = 28, seed: int = 1, times: int = TIMES, warm: bool = True) -> Mapping[str, Band]:
    """By figure (`portal.whatif.answers.MEASURES`) between what it lies in a period; of nothing that never ended.

    `warm` begins with work that goes on; without it with empty desks, as a workshop may. Takes a second or so for a
    small office: call it where nobody waits for the database.
    """
    before = WARM_UP if warm else 0
    first = model.last + timedelta(days=1) if model.last else date(2026, 1, 5)
    job = Job((model,), Window(first - timedelta(days=before), before, days), seed)
    rows = [row[0].measures for row in replicated(job, range(times))]
    keys = dict.fromkeys(key for row in rows for key in row)
    return {key: _band(sorted(row[key] for row in rows if key in row)) for key in keys}


def _band(values: list[float]) -> Band:
    return Band(*(quantile(values, share) for share in (0.025, 0.5, 0.975)))

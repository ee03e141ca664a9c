"""How the cases of a log come in: level, hours of the week, season, and how they come in bursts."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from datetime import date, timedelta
from itertools import pairwise
from statistics import fmean

from portal.whatif.foreign import EPOCH
from portal.whatif.inputs import FEW
from portal.whatif.log_clock import hour_of_week

DAY = 1440.0
RIGHT_AFTER = 3.0
YEAR = 365
"""At which hours people hand in changes less than how fast they are answered, so a year of it is looked at."""


class Coming:
    """The moments at which cases came in, in order, up to and including a last day."""

    def __init__(self, begun: Sequence[float], last: int, holidays: Collection[int], holiday_factor: float) -> None:
        self.begun, self.last = begun, last
        self.holidays, self.factor = holidays, holiday_factor
        self.by_day = Counter(int(at // DAY) for at in begun)

    def days(self, first: int) -> list[int]:
        """The ordinary days from one on."""
        return [day for day in range(first, self.last + 1) if day not in self.holidays] or [first]

    def week(self) -> tuple[float, ...]:
        """The share of each hour of the week."""
        hours = [0.0] * 168
        for at in self.begun[bisect_left(self.begun, (self.last - YEAR) * DAY) :]:
            if int(at // DAY) not in self.holidays or self.factor >= 1:
                hours[hour_of_week(at)] += 1
        total = sum(hours)
        return tuple(round(one / total, 6) for one in hours) if total else (1 / 168,) * 168

    def level(self, first: int, week: Sequence[float], season: Sequence[float]) -> tuple[float, float]:
        """How many come in a week since a day, and how far the number of a day spreads beyond chance."""
        days = self.days(first)
        shares = [sum(week[24 * day : 24 * day + 24]) for day in range(7)]
        level = [shares[(day + 3) % 7] * season[_date(day).month - 1] for day in days]
        per_week = sum(self.by_day[day] for day in days) / (sum(level) or 1.0)
        means = [per_week * part for part in level]
        extra = sum((self.by_day[day] - mean) ** 2 - mean for day, mean in zip(days, means, strict=True))
        square = sum(mean * mean for mean in means)
        return round(per_week, 3), round(max(extra / square, 0.0), 4) if square else 0.0

    def season(self) -> tuple[float, ...]:
        """A factor for each month, where two years were seen: of one, nobody can tell a season from a change."""
        days = self.days(int(self.begun[0] // DAY))
        if len(days) < 700 or len(self.begun) < 24 * FEW:
            return (1.0,) * 12
        parts: dict[int, list[float]] = defaultdict(list)
        years: dict[int, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
        for day in days:
            years[_date(day).year][_date(day).month].append(self.by_day[day])
        for months in years.values():
            mean = fmean([count for counts in months.values() for count in counts])
            if len(months) == 12 and mean:
                for month, counts in months.items():
                    parts[month].append(fmean(counts) / mean)
        return tuple(round(fmean(parts[month]), 4) if parts[month] else 1.0 for month in range(1, 13))

    def together(self, week: Sequence[float], per_week: float) -> float:
        """The share of cases that come in right after another, beyond what chance gives."""
        if len(self.begun) < 3 * FEW:
            return 0.0
        after = [two - one <= RIGHT_AFTER for one, two in pairwise(self.begun)]
        rates = [per_week * week[hour_of_week(at)] / 60 for at in self.begun[:-1]]
        chance = fmean([1 - math.exp(-RIGHT_AFTER * rate) for rate in rates])
        return round(max((fmean(after) - chance) / (1 - chance), 0.0), 3) if chance < 1 else 0.0


def _date(day: int) -> date:
    return (EPOCH + timedelta(days=day)).date()

"""The week of one activity as a clock: how much of its week passes between two moments, and the way back.

An hour in which the activity never happens takes no time on this clock; the hour of a batch takes half a week of it.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Collection, Sequence
from itertools import accumulate

HOUR, DAY_HOURS = 60.0, 24
THURSDAY = 3
"""The first of January 1970, from which minutes are counted, was a Thursday."""


def hour_of_week(minutes: float) -> int:
    """Which hour of the week it is, Monday midnight first."""
    hours = int(minutes // HOUR)
    return (hours // DAY_HOURS + THURSDAY) % 7 * DAY_HOURS + hours % DAY_HOURS


class WeekClock:
    """From a day since 1970 on, for so many days; on holidays everything is as much slower as `factor` says."""

    __slots__ = ("first", "passed")

    def __init__(
        self, week: Sequence[float], first_day: int, days: int, holidays: Collection[int] = (), factor: float = 1.0
    ) -> None:
        total = sum(week) or 1.0
        shares = [one / total for one in week]
        rates: list[float] = []
        for day in range(first_day, first_day + days):
            weekday = (day + THURSDAY) % 7
            today = shares[weekday * DAY_HOURS : weekday * DAY_HOURS + DAY_HOURS]
            rates += [one * factor for one in today] if day in holidays else today
        self.first = first_day * DAY_HOURS * HOUR
        self.passed = array("d", accumulate(rates, initial=0.0))

    def at(self, minutes: float) -> float:
        """How much has passed since the first day, in weeks."""
        place = (minutes - self.first) / HOUR
        hour = int(place)
        if hour < 0:
            return 0.0
        if hour >= len(self.passed) - 1:
            return self.passed[-1]
        return self.passed[hour] + (place - hour) * (self.passed[hour + 1] - self.passed[hour])

    def moment(self, passed: float) -> float:
        """The first moment at which so much has passed."""
        hour = bisect_left(self.passed, passed) - 1
        hour = max(hour, 0)
        if hour >= len(self.passed) - 1:
            return self.first + (len(self.passed) - 1) * HOUR
        step = self.passed[hour + 1] - self.passed[hour]
        part = (passed - self.passed[hour]) / step if step > 0 else 0.0
        return self.first + (hour + part) * HOUR

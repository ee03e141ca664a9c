"""Office time as an axis that is worked out once: minutes since the first midnight, there and back in one step.

Minutes are those on the clock on the wall: that a night in spring is an hour shorter changes nothing in an office.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from datetime import date, timedelta

DAY = 1440.0
WEEK = 7 * DAY


class Axis:
    """When somebody works: on these days, from opening to closing. Raises ValueError when that is never."""

    __slots__ = ("base", "closes", "days", "length", "opens")

    def __init__(self, open_days: Sequence[bool], opens: float, closes: float) -> None:
        if closes <= opens or not any(open_days):
            raise ValueError("an office that never opens")
        self.opens, self.closes, self.length = float(opens), float(closes), float(closes - opens)
        self.days = [day for day, is_open in enumerate(open_days) if is_open]
        base, passed = [], 0.0
        for is_open in open_days:
            base.append(passed)
            passed += self.length if is_open else 0.0
        self.base = [*base, passed]
        """Office time before each day."""

    def spent(self, at: float) -> float:
        """Office time up to this moment."""
        day = int(at // DAY)
        if day >= len(self.base) - 1:
            return self.base[-1]
        before, after = self.base[day], self.base[day + 1]
        if before == after:
            return before
        within = at - day * DAY - self.opens
        return before if within <= 0 else after if within >= self.length else before + within

    def moment(self, spent: float) -> float:
        """The first moment at which so much office time has passed."""
        number, rest = divmod(spent, self.length)
        nth = int(number)
        if rest <= 1e-9 and nth > 0:
            return self.days[min(nth, len(self.days)) - 1] * DAY + self.closes
        if nth >= len(self.days):
            return self.days[-1] * DAY + self.closes
        return self.days[nth] * DAY + self.opens + rest

    def add(self, at: float, minutes: float) -> float:
        """When so many minutes of office time have passed since this moment; with none, the moment itself."""
        return max(at, self.moment(self.spent(at) + minutes)) if minutes > 0 else at

    def is_open(self, at: float) -> bool:
        """Whether it is open at this moment; at closing time it is not."""
        day = int(at // DAY)
        return (
            day < len(self.base) - 1
            and self.base[day] < self.base[day + 1]
            and self.opens <= at - day * DAY < self.closes
        )

    def opening(self, at: float) -> float:
        """The next opening after this moment; infinite when it does not open any more."""
        day = int(at // DAY)
        nth = bisect_left(self.days, day)
        if nth < len(self.days) and self.days[nth] * DAY + self.opens <= at:
            nth += 1
        return self.days[nth] * DAY + self.opens if nth < len(self.days) else float("inf")


def open_days(first: date, count: int, weekdays: Sequence[int], closed: Sequence[date]) -> list[bool]:
    """For each of so many days whether it is worked on."""
    shut = set(closed)
    days = (first + timedelta(days=nth) for nth in range(count))
    return [day.weekday() in weekdays and day not in shut for day in days]


class Runs:
    """Moments at which what waits is taken along, and until when a case must be there for that."""

    __slots__ = ("cut_offs", "releases")

    def __init__(self, run_days: Sequence[bool], work_days: Sequence[bool], cut_off: float, at: float) -> None:
        cut_offs, releases = [], []
        for planned, runs in enumerate(run_days):
            # A run that falls on a closed day is done on the next day on which is worked.
            later = range(planned, len(work_days)) if runs else ()
            day = next((day for day in later if work_days[day]), None)
            if day is not None:
                cut_offs.append(day * DAY + min(cut_off, at))
                releases.append(day * DAY + at)
        self.cut_offs, self.releases = sorted(set(cut_offs)), sorted(set(releases))

    def next(self, at: float) -> float:
        """When what is ready at this moment is released; infinite when there is no run any more."""
        nth = bisect_left(self.cut_offs, at)
        return self.releases[nth] if nth < len(self.releases) else float("inf")

"""Periods of a report as people name them: a month, a quarter, a year, or from one month or day to another."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

ONE_DAY = timedelta(days=1)
FIRST_YEAR, LAST_YEAR = 2000, 2199
"""Outside these nothing is counted, and some way beyond them no moment can be named."""
FORMS = (
    re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})"),
    re.compile(r"(?P<year>\d{4})-?[QqKk](?P<quarter>[1-4])"),
    re.compile(r"(?P<year>\d{4})"),
    re.compile(r"(?P<from>\d{4}-\d{2}(?:-\d{2})?)\.\.(?P<to>\d{4}-\d{2}(?:-\d{2})?)"),
)


@dataclass(frozen=True, slots=True)
class Period:
    """From a day up to and including another, under the name by which it is asked for."""

    name: str
    first: date
    last: date

    @property
    def whole(self) -> bool:
        """Whether it is made of whole months."""
        return self.first.day == 1 and (self.last + ONE_DAY).day == 1

    @property
    def months(self) -> Sequence[date]:
        """The first day of each month that it touches."""
        found = [self.first.replace(day=1)]
        while (following := shifted(found[-1], 1)) <= self.last:
            found.append(following)
        return found


def shifted(month: date, count: int) -> date:
    """The first day of the month so many months later, or earlier."""
    months = month.year * 12 + month.month - 1 + count
    return date(months // 12, months % 12 + 1, 1)


def month(first: date) -> Period:
    """The month that a day is in."""
    begin = first.replace(day=1)
    return Period(f"{begin:%Y-%m}", begin, shifted(begin, 1) - ONE_DAY)


def quarter_of(day: date) -> Period:
    """The quarter that a day is in."""
    begin = date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
    return Period(f"{begin.year}-Q{(begin.month + 2) // 3}", begin, shifted(begin, 3) - ONE_DAY)


def parsed(text: str) -> Period | None:
    """The period that is meant by `2026-10`, `2026Q3`, `2026`, `2026-03..2026-05` or two days.

    None if it is none, or so far away that nothing is counted there.
    """
    for form in FORMS:
        if said := form.fullmatch(text.strip()):
            try:
                found = _period(said.groupdict())
            except ValueError:
                return None
            return found if found and found.first.year >= FIRST_YEAR and found.last.year <= LAST_YEAR else None
    return None


def _period(said: dict[str, str]) -> Period | None:
    if "from" in said:
        first, last = _day(said["from"], begins=True), _day(said["to"], begins=False)
        return Period(f"{said['from']}..{said['to']}", first, last) if first <= last else None
    year = int(said["year"])
    if "quarter" in said:
        return quarter_of(date(year, int(said["quarter"]) * 3, 1))
    if "month" in said:
        return month(date(year, int(said["month"]), 1))
    return Period(f"{year:04d}", date(year, 1, 1), date(year, 12, 31))


def _day(text: str, *, begins: bool) -> date:
    if len(text) == len("2026-10-31"):
        return date.fromisoformat(text)
    first = date.fromisoformat(f"{text}-01")
    return first if begins else shifted(first, 1) - ONE_DAY

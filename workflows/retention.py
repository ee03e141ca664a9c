"""How long a case is kept after it ended, by its result: dated data, each row with the article it comes from."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from workflows.parties import Result

SELECTIELIJST_2020 = "Selectielijst gemeenten en intergemeentelijke organen 2020 (VNG)"


@dataclass(frozen=True, slots=True)
class Retention:
    """A period in years for one result, counted from the day the case ended; for cases that ended from `since` on."""

    result: Result
    years: int
    article: str
    since: date = date(2020, 1, 1)
    source: str = SELECTIELIJST_2020


def months_before(day: date, months: int) -> date:
    """The day so many months before this one: the same of an earlier month, or the last one it has."""
    years, month = divmod(day.month - 1 - months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def retention_of(rows: Iterable[Retention], result: str, ended: date) -> Retention | None:
    """The row that holds for a case that ended with this result on this day: the one that began last."""
    held = [row for row in rows if row.result.value == result and row.since <= ended]
    return max(held, key=lambda row: row.since, default=None)


def destruction_day(retention: Retention, ended: date) -> date:
    """The first day on which the case may be destroyed: the period is over then."""
    try:
        return ended.replace(year=ended.year + retention.years) + timedelta(days=1)
    except ValueError:  # the 29th of February
        return date(ended.year + retention.years, 3, 1)

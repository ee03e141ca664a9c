"""On which days people work for how long: an employment's own patterns, and what was agreed where it has none."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from portal.models.people import Employment, Municipality
from portal.models.work_patterns import EmploymentPattern, PatternDay
from portal.queries.people import calendar_of, employments_of, policies_of
from workflows.work_patterns import NOWHERE, Part, Spell, Week, WorkPattern, agreed_patterns, filled, minutes_on, spells

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Hours:
    """When somebody works in one employment, within a period.

    `first` and `last` are the part of the period in which the employment holds, `patterns` follow each other without a
    gap in it, and on the `free` days the municipality is closed.
    """

    employment: Employment
    first: date
    last: date
    patterns: Sequence[WorkPattern]
    free: frozenset[date]

    def minutes(self, day: date, part: Part = Part.WHOLE) -> int:
        """How long is worked on (a part of) a day; nothing when the municipality is closed."""
        return minutes_on(self.patterns, day, part, self.free)

    def planned(self, day: date, part: Part = Part.WHOLE) -> int:
        """The same as the pattern has it, whether the municipality is closed or not."""
        return minutes_on(self.patterns, day, part, NOWHERE)

    @property
    def spells(self) -> list[Spell]:
        """The times in which the hours a week are the same."""
        return spells(self.patterns, self.first, self.last)


def hours_of(session: Session, person_id: int, first: date, last: date) -> list[Hours]:
    """When a person works in a period, for each employment that holds in it, the latest begun first."""
    return hours_in(session, employments_of(session, person_id), first, last)


def hours_in(session: Session, employments: Iterable[Employment], first: date, last: date) -> list[Hours]:
    """The same for these employments, whose units and municipalities were loaded; one query and one by municipality."""
    held = [one for one in employments if one.valid_from <= last and (one.valid_to is None or one.valid_to >= first)]
    own = own_patterns(session, {one.id for one in held})
    return [_within(session, one, own.get(one.id, ()), first, last) for one in held]


def _within(session: Session, employment: Employment, own: Iterable[WorkPattern], first: date,
            last: date) -> Hours:  # fmt: skip
    begins, ends = max(first, employment.valid_from), min(last, employment.valid_to or last)
    municipality = employment.unit.municipality
    agreed = agreed_patterns(policies_of(session, municipality.id), begins, ends)
    return Hours(employment, begins, ends, filled(own, agreed, begins, ends), free_days(municipality))


def free_days(municipality: Municipality) -> frozenset[date]:
    """The days on which a municipality is closed, besides weekends: public holidays and days of its own."""
    return calendar_of(municipality).closed


PATTERNS = (
    select(
        EmploymentPattern.id, EmploymentPattern.employment_id, EmploymentPattern.valid_from,
        EmploymentPattern.weeks, EmploymentPattern.anchor, PatternDay.day, PatternDay.minutes,
    )
    .outerjoin(PatternDay, PatternDay.pattern_id == EmploymentPattern.id)
    .where(EmploymentPattern.employment_id.in_(bindparam("employments", expanding=True)))
    .order_by(EmploymentPattern.employment_id, EmploymentPattern.valid_from, PatternDay.day)
)  # fmt: skip


def own_patterns(session: Session, employments: Collection[int]) -> Mapping[int, tuple[WorkPattern, ...]]:
    """The patterns of these employments themselves, in order, each up to the next; those without any are left out."""
    if not employments:
        return {}
    rows: Any = session.execute(PATTERNS, {"employments": sorted(employments)})
    return chained(tuple(row) for row in rows)


PatternRow = tuple[int, int, date, int, date, int | None, int | None]
"""Of a day of a pattern: pattern, employment, first day, number of weeks, anchor, day and minutes."""


def chained(rows: Iterable[PatternRow]) -> Mapping[int, tuple[WorkPattern, ...]]:
    """Patterns by employment, each up to the next, from rows in the order of employment, first day and pattern."""
    found: dict[int, list[WorkPattern]] = {}
    for _, group in groupby(rows, key=lambda row: row[0]):
        days = list(group)
        _, employment, first, count, anchor, *_ = days[0]
        known = found.setdefault(employment, [])
        if known:
            known[-1] = replace(known[-1], valid_to=first - ONE_DAY)
        minutes = {row[5]: row[6] or 0 for row in days if row[5] is not None}
        known.append(WorkPattern(tuple(_week(minutes, 7 * number) for number in range(count)), first, None, anchor))
    return {employment: tuple(patterns) for employment, patterns in found.items()}


def _week(minutes: Mapping[int, int], monday: int) -> Week:
    return tuple(minutes.get(day, 0) for day in range(monday, monday + 7))

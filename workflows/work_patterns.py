"""Work patterns: how long somebody works on which day, as a pure function of dated records.

A pattern is one week, or two that take turns; minutes for each day, Monday first. Which of two weeks a day falls in is
counted from the week of the anchor. Nothing here knows holidays: the days that are free are handed in.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import Enum
from fractions import Fraction
from typing import Any

from workflows.parties import N_
from workflows.policies import PolicyBook

Week = tuple[int, ...]
"""Minutes of seven days, Monday first."""

POLICY = "work_pattern"
"""Under which key the pattern is agreed for employments without one of their own."""
FULL_TIME: tuple[Week, ...] = ((432, 432, 432, 432, 432, 0, 0),)
"""36 hours over five days, for when nothing was agreed: full time by the Cao Gemeenten, chapter 5."""
LONGEST_DAY = 24 * 60
ONE_DAY = timedelta(days=1)
NOWHERE: frozenset[date] = frozenset()

NO_WEEKS = N_("Write one or two weeks as lists of seven numbers, such as [[432, 432, 432, 432, 432, 0, 0]].")
NO_MINUTES = N_("Each number is the minutes of a day: whole, from 0 to 1440, and not all zero.")


class Part(Enum):
    """Which part of a day: half a day is half of that day."""

    WHOLE = "whole"
    MORNING = "morning"
    AFTERNOON = "afternoon"

    def of(self, minutes: int) -> int:
        """The minutes of this part of a day. Of an odd minute the morning has one more: both together are the day."""
        match self:
            case Part.WHOLE:
                return minutes
            case Part.MORNING:
                return minutes - minutes // 2
            case Part.AFTERNOON:
                return minutes // 2


@dataclass(frozen=True, slots=True)
class WorkPattern:
    """One or two weeks, from when to when (last day included). `anchor` is a day of a first week."""

    weeks: tuple[Week, ...]
    valid_from: date
    valid_to: date | None
    anchor: date = date(2024, 1, 1)

    def holds(self, day: date) -> bool:
        """Whether this pattern is in force on a day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def minutes(self, day: date) -> int:
        """How long the pattern says that is worked on this day, in force or not."""
        return self.weeks[(_week(day) - _week(self.anchor)) % len(self.weeks)][day.weekday()]

    @property
    def weekly(self) -> Fraction:
        """Minutes a week, on average over its weeks."""
        return Fraction(sum(map(sum, self.weeks)), len(self.weeks))


@dataclass(frozen=True, slots=True)
class Spell:
    """A time, last day included, in which the hours a week are the same."""

    first: date
    last: date
    weekly: Fraction

    @property
    def days(self) -> int:
        """How many days it lasts."""
        return (self.last - self.first).days + 1


def wrong_weeks(weeks: Any) -> Iterator[str]:
    """What is wrong with weeks as they came from outside, in sentences marked for translation."""
    listed = (list, tuple)
    if not (isinstance(weeks, listed) and len(weeks) in (1, 2) and all(isinstance(one, listed) for one in weeks)):
        yield NO_WEEKS
        return
    minutes = [each for week in weeks for each in week]
    if any(len(week) != 7 for week in weeks):
        yield NO_WEEKS
    elif not all(type(each) is int and 0 <= each <= LONGEST_DAY for each in minutes) or not any(minutes):
        yield NO_MINUTES


def days_between(first: date, last: date) -> Iterator[date]:
    """Every day from the first up to and including the last."""
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        yield date.fromordinal(ordinal)


def pattern_on(patterns: Iterable[WorkPattern], day: date) -> WorkPattern | None:
    """The pattern in force on a day; None when nothing is worked then."""
    return next((each for each in patterns if each.holds(day)), None)


def minutes_on(patterns: Iterable[WorkPattern], day: date, part: Part = Part.WHOLE,
               free: Collection[date] = NOWHERE) -> int:  # fmt: skip
    """How long is worked on (a part of) a day: nothing on a free day, and nothing where no pattern holds."""
    if day in free:
        return 0
    found = pattern_on(patterns, day)
    return part.of(found.minutes(day)) if found else 0


def minutes_between(patterns: Sequence[WorkPattern], first: date, last: date,
                    free: Collection[date] = NOWHERE) -> int:  # fmt: skip
    """How long is worked from the first day up to and including the last, without the free days."""
    return sum(minutes_on(patterns, day, free=free) for day in days_between(first, last))


def spells(patterns: Iterable[WorkPattern], first: date, last: date) -> list[Spell]:
    """The times within a period in which the hours a week are the same, in order.

    Patterns of equal hours that follow each other are one spell; a time without any pattern is in none.
    """
    found: list[Spell] = []
    for each in sorted(patterns, key=lambda one: one.valid_from):
        begins, ends = max(first, each.valid_from), min(last, each.valid_to or last)
        if begins > ends:
            continue
        before = found[-1] if found else None
        if before and before.weekly == each.weekly and before.last + ONE_DAY == begins:
            found[-1] = replace(before, last=ends)
        else:
            found.append(Spell(begins, ends, each.weekly))
    return found


def filled(own: Iterable[WorkPattern], agreed: Sequence[WorkPattern], first: date, last: date) -> list[WorkPattern]:
    """The patterns of an employment in a period without a gap: its own, and where it has none what was agreed.

    `own` do not overlap each other, and neither do `agreed`.
    """
    found: list[WorkPattern] = []
    begins = first
    for each in sorted(own, key=lambda one: one.valid_from):
        starts, ends = max(first, each.valid_from), min(last, each.valid_to or last)
        if starts > ends:
            continue
        found += _cut(agreed, begins, starts - ONE_DAY)
        found.append(replace(each, valid_from=starts, valid_to=ends))
        begins = ends + ONE_DAY
    return [*found, *_cut(agreed, begins, last)]


def agreed_patterns(policies: PolicyBook, first: date, last: date) -> list[WorkPattern]:
    """What was agreed for a period as patterns, one for each dated agreement, and full time where nothing was."""
    return [
        WorkPattern(weeks_of(row.record) if row else FULL_TIME, begins, ends)
        for begins, ends, row in policies.spells(POLICY, first, last)
    ]


def weeks_of(stored: Any) -> tuple[Week, ...]:
    """Weeks as they are kept in JSON."""
    return tuple(tuple(int(each) for each in week) for week in stored)


def full_time_on(policies: PolicyBook, day: date) -> Fraction:
    """How many minutes a week full time is on a day."""
    return agreed_patterns(policies, day, day)[0].weekly


def _cut(patterns: Sequence[WorkPattern], first: date, last: date) -> Iterator[WorkPattern]:
    for each in patterns:
        begins, ends = max(first, each.valid_from), min(last, each.valid_to or last)
        if begins <= ends:
            yield replace(each, valid_from=begins, valid_to=ends)


def _week(day: date) -> int:
    """The number of the week of a day; day 1 of Python's calendar is a Monday."""
    return (day.toordinal() - 1) // 7

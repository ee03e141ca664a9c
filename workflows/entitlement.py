"""How many hours of leave somebody is given in a year, by the hours they work. Pure; whole minutes.

Each day of the real year (365 or 366) gives its share, by the hours a week and by what was agreed on that day. The sum
is rounded up, once, at its end, to a whole number of minutes that was agreed (`leave_unit_minutes`; one minute where
nothing was): never below the legal minimum. A change of hours gives a correcting entry on its first day, which is the
difference between two such sums; so whoever works it out late, or twice, finds the same entries.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from math import ceil

from workflows.lots import EXTRA, LAPSES, PRESCRIBES, STATUTORY, months_later
from workflows.policies import PolicyBook
from workflows.work_patterns import Spell, full_time_on

WEEKS, EXTRA_MINUTES, UNIT = "leave_statutory_weeks", "leave_extra_minutes", "leave_unit_minutes"
LAPSE_MONTHS, PRESCRIBE_YEARS, BOUGHT_MOST = "leave_lapse_months", "leave_prescribe_years", "leave_bought_minutes"
YEARLY = (STATUTORY, EXTRA)
"""The kinds that everybody is given each year."""
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Due:
    """What is to stand in the ledger on a day, for one kind: a grant, or what a change of hours makes of it."""

    kind: str
    day: date
    minutes: int


@dataclass(frozen=True, slots=True)
class Term:
    """Up to and including which day hours of a year can be used, what happens then, and where that was agreed."""

    last_day: date
    ends_as: str
    source: str


@dataclass(frozen=True, slots=True)
class _Stretch:
    first: date
    last: date
    rate: Fraction
    """Minutes of leave for each day."""

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


def yearly(spells: Sequence[Spell], policies: PolicyBook, year: int) -> list[Due]:
    """All that is given for a year to whoever works so; spells of several employments with one employer add up."""
    return [due for kind in YEARLY for due in _of_kind(kind, spells, policies, year)]


def term_of(kind: str, policies: PolicyBook, year: int) -> Term:
    """How long hours of a year can be used: statutory hours lapse some months after it, others prescribe years later.

    Without an agreement as the law has it: six months (Civil Code 7:640a) and five years (7:642).
    """
    ends = date(year, 12, 31)
    if kind == STATUTORY:
        row = policies.at(LAPSE_MONTHS, ends)
        last = months_later(date(year + 1, 1, 1), int(row.number) if row else 6) - ONE_DAY
        return Term(last, LAPSES, _source(row.article, row.source) if row else "Burgerlijk Wetboek 7:640a")
    row = policies.at(PRESCRIBE_YEARS, ends)
    last = date(year + (int(row.number) if row else 5), 12, 31)
    return Term(last, PRESCRIBES, _source(row.article, row.source) if row else "Burgerlijk Wetboek 7:642")


def bought_at_most(policies: PolicyBook, year: int) -> int:
    """How many minutes can be bought in a year; none where nothing was agreed."""
    return int(policies.number(BOUGHT_MOST, date(year, 1, 1)))


def _source(article: str, source: str) -> str:
    return ", ".join(filter(None, (article, source)))


def _of_kind(kind: str, spells: Sequence[Spell], policies: PolicyBook, year: int) -> Iterator[Due]:
    unit = max(int(policies.number(UNIT, date(year, 1, 1), 1)), 1)
    stretches = list(_stretches(kind, spells, policies, year))
    given, stands = Fraction(0), 0
    for place, stretch in enumerate(stretches):
        left = sum(one.days for one in stretches[place:])
        total = _rounded(given + stretch.rate * left, unit)
        if total != stands:
            yield Due(kind, stretch.first, total - stands)
        stands = total
        given += stretch.rate * stretch.days


def _rounded(minutes: Fraction, unit: int) -> int:
    return ceil(minutes / unit) * unit


def _stretches(kind: str, spells: Sequence[Spell], policies: PolicyBook, year: int) -> Iterator[_Stretch]:
    """The times of a year in which each day gives the same, from the first day that is worked to the last."""
    begins, ends = date(year, 1, 1), date(year, 12, 31)
    within = [(max(one.first, begins), min(one.last, ends), one.weekly) for one in spells]
    within = [one for one in within if one[0] <= one[1]]
    if not within:
        return
    first, last = min(one[0] for one in within), max(one[1] for one in within)
    starts = {first, *(one[0] for one in within), *(one[1] + ONE_DAY for one in within)}
    for key in (WEEKS, EXTRA_MINUTES, "work_pattern"):
        starts |= {start for start, _, _ in policies.spells(key, first, last)}
    ordered = sorted(day for day in starts if day <= last)
    in_year = (ends - begins).days + 1
    for start, end in zip(ordered, [*(day - ONE_DAY for day in ordered[1:]), last], strict=True):
        weekly = sum((one[2] for one in within if one[0] <= start <= one[1]), Fraction(0))
        yield _Stretch(start, end, _in_a_year(kind, weekly, policies, start) / in_year)


def _in_a_year(kind: str, weekly: Fraction, policies: PolicyBook, day: date) -> Fraction:
    """What a whole year of such weeks gives, by what was agreed on a day."""
    if kind == STATUTORY:
        return Fraction(policies.number(WEEKS, day)) * weekly
    return Fraction(policies.number(EXTRA_MINUTES, day)) * weekly / full_time_on(policies, day)


def differences(due: Iterable[Due], posted: Mapping[tuple[str, date], int]) -> list[Due]:
    """What is still to be entered for the ledger to hold exactly what is due, by kind and day, the earliest first."""
    wanted: dict[tuple[str, date], int] = {}
    for one in due:
        wanted[one.kind, one.day] = wanted.get((one.kind, one.day), 0) + one.minutes
    keys = sorted(wanted.keys() | posted.keys(), key=lambda key: (key[1], key[0]))
    missing = [(key, wanted.get(key, 0) - posted.get(key, 0)) for key in keys]
    return [Due(kind, day, minutes) for (kind, day), minutes in missing if minutes]

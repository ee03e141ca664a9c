"""A business case: what the work cost before, what it costs year by year since, and what that is worth in the end.

Pure functions of whole cents. A year's saving is the cost before less the cost of that year; its added value is the
saving less what is invested in it once; the cumulative value is the sum of those so far. It breaks even in the first
year in which that sum is not below zero.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate


@dataclass(frozen=True, slots=True)
class Year:
    """What a year costs: to run, and once."""

    year: int
    running_cents: int
    investment_cents: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What comes of a year."""

    year: int
    running_cents: int
    investment_cents: int
    saving_cents: int
    added_cents: int
    cumulative_cents: int


@dataclass(frozen=True)
class BusinessCase:
    """What it cost before, in a year, and the years since, one after the other."""

    current_cents: int
    years: tuple[Year, ...]

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """Every year with what comes of it."""
        savings = [self.current_cents - one.running_cents for one in self.years]
        added = [saving - one.investment_cents for saving, one in zip(savings, self.years, strict=True)]
        return tuple(
            Outcome(one.year, one.running_cents, one.investment_cents, saving, value, so_far)
            for one, saving, value, so_far in zip(self.years, savings, added, accumulate(added), strict=True)
        )

    @property
    def break_even_year(self) -> int | None:
        """The first year in which the cumulative added value is not below zero; None when there is none."""
        return next((one.year for one in self.outcomes if one.cumulative_cents >= 0), None)

    def cost_of(self, year: int) -> Year:
        """What a year costs. A year of which nothing is said goes on as before: no saving and no investment."""
        return next((one for one in self.years if one.year == year), Year(year, self.current_cents, 0))


def consolidated(cases: Sequence[BusinessCase]) -> BusinessCase:
    """Several business cases as one, over all the years that any of them has; every amount is the sum of theirs."""
    return BusinessCase(sum(one.current_cents for one in cases), tuple(_summed(cases)))


def _summed(cases: Sequence[BusinessCase]) -> Iterator[Year]:
    named = sorted({year.year for one in cases for year in one.years})
    for year in range(named[0], named[-1] + 1) if named else ():
        costs = [one.cost_of(year) for one in cases]
        yield Year(year, sum(one.running_cents for one in costs), sum(one.investment_cents for one in costs))

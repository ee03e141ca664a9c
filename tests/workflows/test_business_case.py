"""A business case: the table of the handbook to the euro, and what must hold of every table."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.business_case import BusinessCase, Year, consolidated

THOUSAND = 1_000_00
HANDBOOK = BusinessCase(
    750 * THOUSAND,
    tuple(
        Year(at, running * THOUSAND, once * THOUSAND)
        for at, (running, once) in enumerate(((750, 175), (700, 75), (650, 0), (650, 0), (650, 0)), 1)
    ),
)

amounts = st.integers(0, 10**11)


@st.composite
def cases(draw: st.DrawFn) -> BusinessCase:
    """A business case over some years that follow each other."""
    first = draw(st.integers(1, 6))
    costs = draw(st.lists(st.tuples(amounts, amounts), min_size=1, max_size=6))
    return BusinessCase(draw(amounts), tuple(Year(first + at, *cost) for at, cost in enumerate(costs)))


def test_the_table_of_the_handbook_comes_out_to_the_euro() -> None:
    rows = HANDBOOK.outcomes
    assert [one.saving_cents // THOUSAND for one in rows] == [0, 50, 100, 100, 100]
    assert [one.added_cents // THOUSAND for one in rows] == [-175, -25, 100, 100, 100]
    assert [one.cumulative_cents for one in rows] == [n * THOUSAND for n in (-175, -200, -100, 0, 100)]
    assert HANDBOOK.break_even_year == 4


@settings(max_examples=60)
@given(cases())
def test_the_sums_and_the_year_of_breaking_even_are_what_they_are_said_to_be(case: BusinessCase) -> None:
    rows = case.outcomes
    for at, one in enumerate(rows):
        assert one.saving_cents + one.running_cents == case.current_cents
        assert one.added_cents + one.investment_cents == one.saving_cents
        assert one.cumulative_cents == sum(before.added_cents for before in rows[: at + 1])
    reached = [one.year for one in rows if one.cumulative_cents >= 0]
    assert case.break_even_year == (min(reached) if reached else None)


@settings(max_examples=60)
@given(st.lists(cases(), min_size=1, max_size=4))
def test_what_is_consolidated_is_the_sum_in_every_year_of_any(several: list[BusinessCase]) -> None:
    whole = consolidated(several)
    for one in whole.outcomes:
        behind = [[row for row in case.outcomes if row.year <= one.year] for case in several]
        assert one.added_cents == sum(rows[-1].added_cents for rows in behind if rows and rows[-1].year == one.year)
        assert one.cumulative_cents == sum(row.added_cents for rows in behind for row in rows)
    assert {one.year for one in whole.outcomes} >= {year.year for case in several for year in case.years}
    assert consolidated([whole]) == whole


def test_nothing_consolidated_is_nothing() -> None:
    assert consolidated([]) == BusinessCase(0, ())
    assert BusinessCase(5, ()).break_even_year is None

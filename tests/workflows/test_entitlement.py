"""What a year gives equals a naive sum day by day, rounded up once; a change of hours only corrects it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.entitlement import Due, bought_at_most, differences, term_of, yearly
from workflows.lots import BOUGHT, EXTRA, LAPSES, PRESCRIBES, STATUTORY
from workflows.policies import PolicyBook, PolicyRow
from workflows.work_patterns import Spell

FULL = Fraction(2160)
ALWAYS = date(2020, 1, 1)


def row(key: str, value: str, since: date = ALWAYS, until: date | None = None) -> PolicyRow:
    return PolicyRow(key, value, since, until, "Cao Gemeenten", article="art. 6.1")


AGREED = (
    row("leave_statutory_weeks", "4"),
    row("leave_extra_minutes", "3024", until=date(2024, 12, 31)),
    row("leave_extra_minutes", "3456", date(2025, 1, 1)),
    row("leave_unit_minutes", "6"),
    row("leave_lapse_months", "12"),
    row("leave_bought_minutes", "8640"),
)
BOOK = PolicyBook(AGREED)


def spell(first: str, last: str, weekly: int) -> Spell:
    return Spell(date.fromisoformat(first), date.fromisoformat(last), Fraction(weekly))


def total(due: Sequence[Due], kind: str) -> int:
    return sum(one.minutes for one in due if one.kind == kind)


def naive(spells: Sequence[Spell], kind: str, year: int) -> int:
    """Day by day: the share of a day is what a year of such weeks would give, divided by the days of the year."""
    in_year = date(year, 12, 31).timetuple().tm_yday
    summed = Fraction(0)
    for number in range(in_year):
        day = date(year, 1, 1) + timedelta(days=number)
        for one in spells:
            if one.first <= day <= one.last:
                extra = Fraction(3456 if year >= 2025 else 3024) * one.weekly / FULL
                summed += (4 * one.weekly if kind == STATUTORY else extra) / in_year
    return ceil(summed / 6) * 6


@st.composite
def worked(draw: st.DrawFn) -> list[Spell]:
    """Spells that follow each other, with or without a gap between them, from 2023 to 2027."""
    found: list[Spell] = []
    begins = date(2023, 1, 1) + timedelta(days=draw(st.integers(0, 800)))
    for _ in range(draw(st.integers(1, 5))):
        last = begins + timedelta(days=draw(st.integers(0, 600)))
        found.append(Spell(begins, last, Fraction(draw(st.integers(1, 2400)))))
        begins = last + timedelta(days=draw(st.sampled_from((1, 1, 1, 40))))
    return found


@given(worked(), st.integers(2023, 2028))
def test_a_year_gives_the_sum_of_its_days_rounded_up_once(spells: list[Spell], year: int) -> None:
    due = yearly(spells, BOOK, year)
    assert total(due, STATUTORY) == naive(spells, STATUTORY, year)
    assert total(due, EXTRA) == naive(spells, EXTRA, year)
    assert all(one.day.year == year and one.minutes for one in due)
    assert total(due, STATUTORY) >= sum(
        (4 * one.weekly * max((min(one.last, date(year, 12, 31)) - max(one.first, date(year, 1, 1))).days + 1, 0)
         for one in spells), Fraction(0)
    ) / date(year, 12, 31).timetuple().tm_yday  # fmt: skip


@given(worked(), st.integers(2023, 2027), st.lists(st.integers(1, 3), max_size=3))
def test_entered_late_in_parts_or_twice_the_ledger_holds_the_same(
    spells: list[Spell], year: int, known: list[int]
) -> None:
    due = yearly(spells, BOOK, year)
    ledger: dict[tuple[str, date], int] = {}
    # The job ran when only some of the spells were known, in any order, and at the end when all were.
    for count in [*known, len(spells), len(spells)]:
        for one in differences(yearly(spells[:count], BOOK, year), ledger):
            ledger[one.kind, one.day] = ledger.get((one.kind, one.day), 0) + one.minutes
    assert {key: minutes for key, minutes in ledger.items() if minutes} == {
        (one.kind, one.day): one.minutes for one in due
    }
    assert differences(due, ledger) == []


def test_full_time_a_whole_year_is_what_the_agreement_says() -> None:
    year = [spell("2020-01-01", "2030-12-31", 2160)]
    assert [(one.kind, one.day, one.minutes) for one in yearly(year, BOOK, 2026)] == [
        (STATUTORY, date(2026, 1, 1), 144 * 60), (EXTRA, date(2026, 1, 1), 3456),
    ]  # fmt: skip
    assert total(yearly(year, BOOK, 2024), EXTRA) == 3024
    assert yearly([], BOOK, 2026) == []
    assert yearly(year, PolicyBook(()), 2026) == []


def test_other_hours_correct_from_their_first_day_and_an_end_is_known_from_the_start() -> None:
    halves = [spell("2026-01-01", "2026-06-30", 2160), spell("2026-07-01", "2026-12-31", 1080)]
    due = [one for one in yearly(halves, BOOK, 2026) if one.kind == STATUTORY]
    assert [one.day for one in due] == [date(2026, 1, 1), date(2026, 7, 1)]
    assert due[0].minutes == 8640
    assert total(due, STATUTORY) == ceil(Fraction(8640 * 181 + 4320 * 184, 365) / 6) * 6
    left = [one for one in yearly([spell("2026-01-01", "2026-03-31", 2160)], BOOK, 2026) if one.kind == STATUTORY]
    assert [(one.day, one.minutes) for one in left] == [(date(2026, 1, 1), ceil(Fraction(8640 * 90, 365) / 6) * 6)]


def test_two_employments_with_one_employer_add_up() -> None:
    both = [spell("2026-01-01", "2026-12-31", 1080), spell("2026-01-01", "2026-12-31", 540)]
    assert total(yearly(both, BOOK, 2026), STATUTORY) == 4 * 1620


@pytest.mark.parametrize(
    ("kind", "book", "last_day", "ends_as", "source"),
    [
        (STATUTORY, BOOK, date(2027, 12, 31), LAPSES, "art. 6.1, Cao Gemeenten"),
        (STATUTORY, PolicyBook(()), date(2027, 6, 30), LAPSES, "Burgerlijk Wetboek 7:640a"),
        (EXTRA, BOOK, date(2031, 12, 31), PRESCRIBES, "Burgerlijk Wetboek 7:642"),
        (BOUGHT, PolicyBook((row("leave_prescribe_years", "3"),)), date(2029, 12, 31), PRESCRIBES,
         "art. 6.1, Cao Gemeenten"),
    ],
)  # fmt: skip
def test_a_term_is_that_of_the_law_unless_more_was_agreed(
    kind: str, book: PolicyBook, last_day: date, ends_as: str, source: str
) -> None:
    found = term_of(kind, book, 2026)
    assert (found.last_day, found.ends_as, found.source) == (last_day, ends_as, source)


def test_nothing_is_bought_where_nothing_was_agreed() -> None:
    assert bought_at_most(PolicyBook(()), 2027) == 0
    assert bought_at_most(BOOK, 2027) == 8640

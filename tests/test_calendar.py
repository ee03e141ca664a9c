"""Lists of days, working days and office hours, each against a day-by-day recount."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.calendar import (
    FIRST_YEAR,
    OfficeCalendar,
    dutch_public_holidays,
    is_bank_day,
    municipal_closing_days,
    next_bank_day,
    target2_closed,
    termijnenwet_days,
)
from portal.clock import local, local_date
from tests.recount import DAY, NO_TIME, OFFICE, at, days, moments, naive_add, naive_between, spells

# Written by hand from a wall calendar; month-day.
CLOSED_BY_AGREEMENT = {
    2024: "01-01 04-01 04-27 05-05 05-09 05-20 12-25 12-26",
    2025: "01-01 04-21 04-26 05-05 05-29 06-09 12-25 12-26",
    2026: "01-01 04-06 04-27 05-05 05-14 05-25 12-25 12-26",
    2027: "01-01 03-29 04-27 05-05 05-06 05-17 12-25 12-26",
}
GOOD_FRIDAY = {2024: "03-29", 2025: "04-18", 2026: "04-03", 2027: "03-26"}
EASTER_AND_WHIT_SUNDAY = {2024: "03-31 05-19", 2025: "04-20 06-08", 2026: "04-05 05-24", 2027: "03-28 05-16"}
EQUATED = {2024: "05-10 12-27", 2025: "05-30", 2026: "01-02 05-15", 2027: "05-07"}
BANKS_CLOSED = {
    2024: "01-01 03-29 04-01 05-01 12-25 12-26",
    2025: "01-01 04-18 04-21 05-01 12-25 12-26",
    2026: "01-01 04-03 04-06 05-01 12-25 12-26",
    2027: "01-01 03-26 03-29 05-01 12-25 12-26",
}
YEARS = tuple(CLOSED_BY_AGREEMENT)

some_closed = st.frozensets(st.dates(date(2026, 3, 1), date(2026, 4, 30)), max_size=40)


def on(year: int, month_days: str) -> set[date]:
    """The days written as "01-01 04-06"."""
    return {date.fromisoformat(f"{year}-{text}") for text in month_days.split()}


@pytest.mark.parametrize("year", YEARS)
def test_days_by_hand(year: int) -> None:
    closed, good_friday = on(year, CLOSED_BY_AGREEMENT[year]), on(year, GOOD_FRIDAY[year])
    assert set(municipal_closing_days(year)) == closed
    assert set(dutch_public_holidays(year)) == closed | good_friday | on(year, EASTER_AND_WHIT_SUNDAY[year])
    assert set(termijnenwet_days(year)) == closed | good_friday | on(year, EQUATED[year])
    assert set(target2_closed(year)) == on(year, BANKS_CLOSED[year])


def test_days_have_names() -> None:
    assert list(dutch_public_holidays(2026).values()) == [
        "New Year's Day",
        "Good Friday",
        "Easter Sunday",
        "Easter Monday",
        "King's Day",
        "Liberation Day",
        "Ascension Day",
        "Whit Sunday",
        "Whit Monday",
        "Christmas Day",
        "Second Day of Christmas",
    ]
    assert termijnenwet_days(2026)[date(2026, 5, 15)] == "Equated with a holiday"
    assert target2_closed(2026)[date(2026, 5, 1)] == "Labour Day"
    assert target2_closed(2026)[date(2026, 12, 26)] == "Second Day of Christmas"


@pytest.mark.parametrize("year", range(FIRST_YEAR, 2060))
def test_the_data_source_knows_every_year(year: int) -> None:
    # On 5 May 2016 it was Ascension Day as well; in such a year there is one day less.
    expected = 10 if year == 2016 else 11
    assert len(dutch_public_holidays(year)) == expected
    assert len(target2_closed(year)) == 6
    assert date(year, 5, 5) in termijnenwet_days(year)


def test_the_fifth_of_may_is_free_from_2024() -> None:
    assert date(2023, 5, 5) not in municipal_closing_days(2023)
    assert date(2024, 5, 5) in municipal_closing_days(2024)


def test_no_lists_before_the_first_kings_day() -> None:
    with pytest.raises(ValueError, match="known from 2014"):
        dutch_public_holidays(FIRST_YEAR - 1)


def test_bank_days() -> None:
    assert not is_bank_day(date(2026, 5, 1))
    assert all(is_bank_day(date(2026, *day)) for day in ((4, 27), (5, 5), (5, 14), (5, 25)))
    assert next_bank_day(date(2026, 4, 27)) == date(2026, 4, 27)
    assert next_bank_day(date(2026, 4, 3)) == date(2026, 4, 7)
    assert next_bank_day(date(2026, 12, 25)) == date(2026, 12, 28)


@given(days)
def test_the_next_bank_day_is_the_first(day: date) -> None:
    found = next_bank_day(day)
    assert is_bank_day(found)
    assert not any(is_bank_day(day + DAY * i) for i in range((found - day).days))


def test_a_municipality_has_its_own_closing_days() -> None:
    assert not OFFICE.is_working_day(date(2026, 12, 24))
    assert OFFICE.is_working_day(date(2025, 12, 24))
    assert OFFICE.is_working_day(date(2026, 4, 3))
    assert not OFFICE.is_working_day(date(2026, 5, 5))
    assert not OFFICE.is_working_day(date(2026, 3, 28))


@given(days, st.integers(-60, 60))
def test_adding_working_days_is_walking(day: date, count: int) -> None:
    assert OFFICE.add_working_days(day, count) == naive_add(OFFICE, day, count)


@given(some_closed, st.dates(date(2026, 2, 20), date(2026, 5, 10)), st.integers(-40, 40))
def test_adding_working_days_is_walking_whatever_is_closed(closed: frozenset[date], day: date, count: int) -> None:
    calendar = OfficeCalendar(closed)
    assert calendar.add_working_days(day, count) == naive_add(calendar, day, count)


@given(days, days)
def test_working_days_between_is_counting(start: date, end: date) -> None:
    start, end = min(start, end), max(start, end)
    assert OFFICE.working_days_between(start, end) == naive_between(OFFICE, start, end)


@given(days, st.integers(-500, 500))
def test_between_is_the_inverse_of_add(day: date, count: int) -> None:
    assert OFFICE.working_days_between(day, OFFICE.add_working_days(day, count)) == count


@given(days, days)
def test_add_is_the_inverse_of_between(start: date, end: date) -> None:
    found = OFFICE.add_working_days(start, OFFICE.working_days_between(start, end))
    assert found == end or not OFFICE.is_working_day(end)


def test_an_office_closes_after_it_opens() -> None:
    with pytest.raises(ValueError, match="closes"):
        OfficeCalendar(frozenset(), time(9), time(9))


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-03-02 08:00", "2026-03-02 08:00"),
        ("2026-03-02 12:34", "2026-03-02 12:34"),
        ("2026-03-02 07:59", "2026-03-02 08:00"),
        ("2026-03-02 17:00", "2026-03-03 08:00"),
        ("2026-03-27 17:01", "2026-03-30 08:00"),
        ("2026-10-25 02:30", "2026-10-26 08:00"),
        ("2026-04-26 12:00", "2026-04-28 08:00"),
        ("2026-12-23 20:00", "2026-12-28 08:00"),
    ],
)
def test_the_next_office_moment(moment: str, expected: str) -> None:
    found = OFFICE.next_office_moment(at(moment))
    assert found == at(expected)
    assert found.tzinfo is UTC


@given(moments)
def test_the_next_office_moment_is_in_office_hours_and_the_first(moment: datetime) -> None:
    found = OFFICE.next_office_moment(moment)
    assert found >= moment
    assert OFFICE.is_working_day(local_date(found))
    assert time(8) <= local(found).time() < time(17)
    assert OFFICE.office_hours_between(moment, found) == NO_TIME
    assert OFFICE.next_office_moment(found) == found


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("2026-03-02 09:00", "2026-03-02 11:30", 2.5),
        ("2026-03-02 16:00", "2026-03-03 09:00", 2),
        ("2026-03-27 08:00", "2026-03-30 17:00", 18),
        ("2026-10-23 16:00", "2026-10-26 09:00", 2),
        ("2026-04-27 08:00", "2026-04-27 17:00", 0),
        ("2026-03-03 09:00", "2026-03-02 16:00", -2),
    ],
)
def test_office_hours_between(start: str, end: str, hours: float) -> None:
    assert OFFICE.office_hours_between(at(start), at(end)) == timedelta(hours=hours)


@given(moments, spells)
def test_office_hours_are_the_sum_of_the_days(start: datetime, spell: timedelta) -> None:
    end, total, day = start + spell, NO_TIME, local_date(start)
    while day <= local_date(end):
        if OFFICE.is_working_day(day):
            opening, closing = at(f"{day} 08:00"), at(f"{day} 17:00")
            total += max(min(end, closing) - max(start, opening), NO_TIME)
        day += DAY
    assert OFFICE.office_hours_between(start, end) == total == -OFFICE.office_hours_between(end, start)

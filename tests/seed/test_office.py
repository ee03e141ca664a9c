"""Office time: later and earlier are each other's reverse."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from portal.calendar import municipal_calendar
from seed.office import earlier, later, moment, months_before, workdays

OFFICE = municipal_calendar(range(2024, 2029), {})
TUESDAY_NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)


@pytest.mark.parametrize("hours", [0.0, 0.5, 5.0, 9.0, 13.5, 100.0])
def test_there_and_back(hours: float) -> None:
    assert later(OFFICE, earlier(OFFICE, TUESDAY_NOON, hours), hours) == TUESDAY_NOON


def test_a_weekend_counts_for_nothing() -> None:
    friday_at_four, monday_at_nine = moment(date(2026, 11, 27), 16), moment(date(2026, 11, 30), 9)
    assert later(OFFICE, friday_at_four, 2) == monday_at_nine
    assert earlier(OFFICE, monday_at_nine, 2) == friday_at_four
    sunday = moment(date(2026, 11, 29), 22)
    assert earlier(OFFICE, sunday, 1) == friday_at_four
    assert later(OFFICE, sunday, 1) == monday_at_nine


def test_before_opening_is_the_day_before() -> None:
    assert earlier(OFFICE, moment(date(2026, 11, 24), 7), 0) == moment(date(2026, 11, 23), 17)
    assert later(OFFICE, moment(date(2026, 11, 24), 7), 0) == moment(date(2026, 11, 24), 8)


def test_an_hour_of_the_clock_on_the_wall() -> None:
    assert moment(date(2026, 7, 1), 9.5) == datetime(2026, 7, 1, 7, 30, tzinfo=UTC)
    assert moment(date(2026, 12, 1), 9.5) - moment(date(2026, 12, 1), 0) == timedelta(hours=9.5)


def test_months_and_working_days() -> None:
    assert months_before(date(2026, 3, 31), 1) == date(2026, 2, 28)
    assert months_before(date(2026, 1, 15), 13) == date(2024, 12, 15)
    assert workdays(OFFICE, date(2026, 12, 24), date(2026, 12, 29)) == [
        date(2026, 12, 24), date(2026, 12, 28), date(2026, 12, 29),
    ]  # fmt: skip

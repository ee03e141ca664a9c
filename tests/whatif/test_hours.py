"""Office time there and back, against the portal's own calendar; payment runs with their cut-off."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.calendar import OfficeCalendar
from portal.clock import AMSTERDAM
from portal.whatif.hours import DAY, Axis, Runs, open_days

FIRST = date(2026, 1, 5)
CLOSED = (date(2026, 1, 7), date(2026, 2, 2))
DAYS = open_days(FIRST, 70, range(5), CLOSED)
AXIS = Axis(DAYS, 480, 1020)
CALENDAR = OfficeCalendar(frozenset(CLOSED))
MOMENTS = st.floats(0, 40 * DAY)


def moment(minutes: float) -> datetime:
    return datetime.combine(FIRST, time.min, AMSTERDAM).astimezone(UTC) + timedelta(minutes=minutes)


@given(MOMENTS, MOMENTS)
def test_office_time_is_that_of_the_calendar(one: float, two: float) -> None:
    hours = CALENDAR.office_hours_between(moment(one), moment(two))
    assert AXIS.spent(two) - AXIS.spent(one) == pytest.approx(hours / timedelta(minutes=1), abs=0.01)


@given(st.floats(0, 40 * 540))
def test_there_and_back(spent: float) -> None:
    assert AXIS.spent(AXIS.moment(spent)) == pytest.approx(spent, abs=1e-6)


@settings(max_examples=50)
@given(MOMENTS, st.floats(0.01, 5000), st.floats(0.01, 5000))
def test_adding_in_two_steps_is_adding_at_once(at: float, one: float, two: float) -> None:
    twice, once = AXIS.add(AXIS.add(at, one), two), AXIS.add(at, one + two)
    assert AXIS.spent(twice) == pytest.approx(AXIS.spent(once), abs=1e-6)
    assert AXIS.add(at, one) >= at
    assert AXIS.spent(AXIS.add(at, one)) - AXIS.spent(at) == pytest.approx(one, abs=1e-6)


@given(MOMENTS)
def test_it_opens_next_on_a_day_that_is_worked(at: float) -> None:
    opening = AXIS.opening(at)
    assert opening > at
    assert AXIS.is_open(opening)
    assert not AXIS.is_open(opening - 0.01)
    assert AXIS.is_open(at) == (CALENDAR.next_office_moment(moment(at)) == moment(at).replace(tzinfo=UTC))


def test_what_never_opens_is_refused() -> None:
    with pytest.raises(ValueError, match="never opens"):
        Axis([False], 480, 1020)
    with pytest.raises(ValueError, match="never opens"):
        Axis([True], 480, 480)
    assert Axis([True], 480, 1020).opening(500) == float("inf")


def test_a_run_takes_along_what_was_there_before_the_cut_off() -> None:
    runs = Runs(open_days(FIRST, 70, (0, 3), ()), DAYS, 720, 900)
    assert runs.next(719) == 900
    assert runs.next(720) == 900
    assert runs.next(721) == 3 * DAY + 900
    # The second of February is closed: that run is a day later.
    assert runs.next(27 * DAY) == 29 * DAY + 900
    assert runs.next(100 * DAY) == float("inf")

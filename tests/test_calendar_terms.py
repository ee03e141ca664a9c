"""When terms end, and what a suspension gives back."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.calendar import OfficeCalendar
from portal.clock import local, local_date
from tests.recount import DAY, NO_TIME, OFFICE, at, moments, naive_add, naive_legal_end, ordinary, spells
from workflows.kernel import CalendarDays, WorkingDays


@pytest.mark.parametrize(
    ("received", "count", "due"),
    [
        ("2026-03-02 09:00", 1, "2026-03-03 17:00"),
        ("2026-03-02 18:30", 1, "2026-03-03 17:00"),
        ("2026-03-06 23:59", 1, "2026-03-09 17:00"),
        ("2026-03-07 10:00", 1, "2026-03-09 17:00"),
        ("2026-03-08 10:00", 5, "2026-03-13 17:00"),
        ("2026-04-02 12:00", 3, "2026-04-08 17:00"),
        ("2026-04-24 12:00", 10, "2026-05-12 17:00"),
        ("2026-03-27 12:00", 1, "2026-03-30 17:00"),
        ("2026-10-23 12:00", 1, "2026-10-26 17:00"),
        ("2026-12-23 12:00", 1, "2026-12-28 17:00"),
        ("2026-03-02 09:00", 0, "2026-03-02 17:00"),
        ("2026-03-02 17:00", 0, "2026-03-03 17:00"),
        ("2026-03-07 09:00", 0, "2026-03-09 17:00"),
    ],
)
def test_a_term_in_working_days(received: str, count: int, due: str) -> None:
    found = OFFICE.due(at(received), WorkingDays(count))
    assert found == at(due)
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    ("received", "count", "last"),
    [
        ("2026-03-02", 7, "2026-03-09"),
        ("2026-03-02", 5, "2026-03-09"),
        ("2026-03-20", 14, "2026-04-07"),
        ("2026-04-28", 7, "2026-05-06"),
        ("2026-05-01", 14, "2026-05-18"),
        ("2026-04-02", 3, "2026-04-08"),
        ("2026-04-02", 2, "2026-04-07"),
        ("2026-12-10", 14, "2026-12-24"),
        ("2026-03-02", 90, "2026-06-01"),
        ("2026-03-02", 96, "2026-06-06"),
    ],
)
def test_a_term_in_calendar_days(received: str, count: int, last: str) -> None:
    assert OFFICE.due(at(f"{received} 12:00"), CalendarDays(count)) == at(f"{last} 23:59:59.999999")


@given(moments, st.integers(0, 120))
def test_a_legal_term_is_the_law_day_by_day(received: datetime, count: int) -> None:
    found = OFFICE.due(received, CalendarDays(count))
    assert local_date(found) == naive_legal_end(local_date(received), count)
    assert local_date(found + timedelta(microseconds=1)) == local_date(found) + DAY


def test_without_legal_days_terms_end_on_working_days() -> None:
    calendar = OfficeCalendar(frozenset({date(2026, 3, 9)}))
    assert local_date(calendar.due(at("2026-03-02 12:00"), CalendarDays(7))) == date(2026, 3, 10)


@given(moments, st.integers(1, 60))
def test_a_term_in_working_days_is_walking(received: datetime, count: int) -> None:
    found = local(OFFICE.due(received, WorkingDays(count)))
    assert found.time() == time(17)
    assert found.date() == naive_add(OFFICE, local_date(received), count)


@pytest.mark.parametrize("norm", [WorkingDays(-1), CalendarDays(-1)])
def test_a_negative_term_is_refused(norm: WorkingDays | CalendarDays) -> None:
    with pytest.raises(ValueError, match="negative"):
        OFFICE.due(at("2026-03-02 12:00"), norm)


@pytest.mark.parametrize(
    ("due", "since", "until", "new"),
    [
        ("2026-03-13 17:00", "2026-03-09 10:00", "2026-03-09 15:00", "2026-03-13 17:00"),
        ("2026-03-13 17:00", "2026-03-09 10:00", "2026-03-10 09:00", "2026-03-16 17:00"),
        ("2026-03-13 17:00", "2026-03-13 10:00", "2026-03-15 12:00", "2026-03-16 15:00"),
        ("2026-03-13 17:00", "2026-03-06 18:00", "2026-03-08 12:00", "2026-03-13 17:00"),
        ("2026-04-24 17:00", "2026-04-23 12:00", "2026-04-28 12:00", "2026-04-29 17:00"),
        ("2026-03-27 17:00", "2026-03-26 12:00", "2026-03-30 12:00", "2026-03-31 17:00"),
        ("2026-03-13 17:00", "2026-03-13 16:00", "2026-03-13 16:30", "2026-03-16 08:30"),
        ("2026-03-13 17:00", "2026-03-13 16:59", "2026-03-13 18:00", "2026-03-16 08:01"),
        ("2026-03-13 17:00", "2026-03-13 08:00", "2026-03-16 08:00", "2026-03-16 17:00"),
        ("2026-03-13 17:00", "2026-03-16 10:00", "2026-03-18 10:00", "2026-03-17 17:00"),
        ("2026-03-13 17:00", "2026-03-10 10:00", "2026-03-09 10:00", "2026-03-13 17:00"),
    ],
)
def test_suspended_working_days_are_given_back(due: str, since: str, until: str, new: str) -> None:
    assert OFFICE.resume(at(due), at(since), at(until)) == at(new)
    assert OFFICE.resume(at(due), at(since), at(until), WorkingDays(5)) == at(new)


@given(moments, st.integers(0, 20), spells, spells)
def test_no_breach_on_resuming_and_no_time_lost(
    received: datetime, count: int, before: timedelta, spell: timedelta
) -> None:
    due, since = OFFICE.due(received, WorkingDays(count)), received + before
    until = since + spell
    new = OFFICE.resume(due, since, until)
    suspended = OFFICE.working_days_between(local_date(since), local_date(until))
    assert new >= due
    assert new >= OFFICE.resume(due, since, until - spell / 2)
    assert OFFICE.working_days_between(local_date(due), local_date(new)) in (suspended, suspended + 1)
    if since < due:
        assert new > until
        assert OFFICE.office_hours_between(until, new) > NO_TIME


@given(moments, st.integers(1, 20), spells, spells)
def test_on_its_last_day_a_term_keeps_its_office_time(
    received: datetime, count: int, before: timedelta, spell: timedelta
) -> None:
    due = OFFICE.due(received, WorkingDays(count))
    since = due - before % timedelta(hours=9)
    new = OFFICE.resume(due, since, since + spell)
    left = OFFICE.office_hours_between(since, due)
    assert OFFICE.office_hours_between(since + spell, new) >= left


@pytest.mark.parametrize(
    ("due", "since", "until", "new"),
    [
        ("2026-03-12", "2026-03-03", "2026-03-04", "2026-03-12"),
        ("2026-03-12", "2026-03-03", "2026-03-05", "2026-03-13"),
        ("2026-03-12", "2026-03-03", "2026-03-06", "2026-03-16"),
        ("2026-03-16", "2026-03-03", "2026-03-06", "2026-03-16"),
        ("2026-03-16", "2026-03-03", "2026-03-11", "2026-03-23"),
        ("2026-03-12", "2026-03-12", "2026-03-18", "2026-03-18"),
        ("2026-03-12", "2026-03-12", "2026-03-21", "2026-03-23"),
        ("2026-03-12", "2026-03-13", "2026-03-20", "2026-03-18"),
    ],
)
def test_suspended_calendar_days_are_given_back(due: str, since: str, until: str, new: str) -> None:
    end = at(f"{due} 23:59:59.999999")
    found = OFFICE.resume(end, at(f"{since} 10:00"), at(f"{until} 10:00"), CalendarDays(42))
    assert found == at(f"{new} 23:59:59.999999")


@given(moments, st.integers(8, 120), spells, spells)
def test_a_resumed_legal_term_is_never_later_than_the_law(
    received: datetime, count: int, before: timedelta, spell: timedelta
) -> None:
    due, since = OFFICE.due(received, CalendarDays(count)), received + before
    until = since + spell
    new = OFFICE.resume(due, since, until, CalendarDays(count))
    extra = max((local_date(until) - local_date(since)).days - 1, 0)
    last = max(local_date(received) + DAY * (count + extra), local_date(until) if since < due else date.min)
    while count <= 90 and not ordinary(last):
        last += DAY
    assert due <= new
    assert local_date(new) <= last
    if since < due:
        assert new > until

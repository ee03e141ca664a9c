"""Moments in office time: so many working hours later or earlier, and the working days of a period."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from portal.calendar import OfficeCalendar
from portal.clock import AMSTERDAM, local


def moment(day: date, hour: float) -> datetime:
    """This hour (9.5 is half past nine) of a day on the clock in the Netherlands."""
    wall = datetime.combine(day, time.min) + timedelta(seconds=round(hour * 3600))
    return wall.replace(tzinfo=AMSTERDAM).astimezone(UTC)


def _at(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour.replace(tzinfo=AMSTERDAM)).astimezone(UTC)


def later(office: OfficeCalendar, at: datetime, hours: float) -> datetime:
    """The moment after this many office hours; it is always in office time."""
    start, left = office.next_office_moment(at), timedelta(hours=hours)
    while (closing := _at(local(start).date(), office.closes)) - start < left:
        left -= closing - start
        start = _at(office.add_working_days(local(start).date(), 1), office.opens)
    return start + left


def earlier(office: OfficeCalendar, at: datetime, hours: float) -> datetime:
    """The moment this many office hours ago; it is always in office time."""
    end, left = _last_office_moment(office, at), timedelta(hours=hours)
    while end - (opening := _at(local(end).date(), office.opens)) < left:
        left -= end - opening
        end = _at(office.add_working_days(local(end).date(), -1), office.closes)
    return end - left


def _last_office_moment(office: OfficeCalendar, at: datetime) -> datetime:
    here = local(at)
    if office.is_working_day(here.date()) and here.time() >= office.opens:
        return min(at, _at(here.date(), office.closes))
    return _at(office.add_working_days(here.date(), -1), office.closes)


def workdays(office: OfficeCalendar, first: date, last: date) -> list[date]:
    """The working days from one day to another, both included."""
    days = (first + timedelta(days=count) for count in range((last - first).days + 1))
    return [day for day in days if office.is_working_day(day)]


def months_before(day: date, months: int) -> date:
    """The same day of the month, so many months earlier; the 28th at most."""
    total = day.year * 12 + day.month - 1 - months
    return date(total // 12, total % 12 + 1, min(day.day, 28))

"""The calendar recounted the slow way, day by day, and the moments to try it on."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from portal.calendar import OfficeCalendar, municipal_calendar, termijnenwet_days
from portal.clock import AMSTERDAM

DAY = timedelta(days=1)
NO_TIME = timedelta(0)
OFFICE = municipal_calendar(range(2020, 2036), {date(2026, 12, 24): "Christmas Eve"})

days = st.dates(date(2021, 1, 1), date(2034, 12, 31))
moments = st.datetimes(datetime(2021, 1, 1), datetime(2034, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
spells = st.timedeltas(NO_TIME, timedelta(days=40))


def at(text: str) -> datetime:
    """A moment in the Netherlands: "2026-03-27 16:00"."""
    return datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM)


def naive_add(calendar: OfficeCalendar, day: date, count: int) -> date:
    """The slow way: walk, and count the working days met."""
    step = DAY if count > 0 else -DAY
    while count:
        day += step
        if calendar.is_working_day(day):
            count -= 1 if step > NO_TIME else -1
    return day


def naive_between(calendar: OfficeCalendar, start: date, end: date) -> int:
    """The slow way: look at each day after `start` up to and including `end`."""
    return sum(calendar.is_working_day(start + DAY * i) for i in range(1, (end - start).days + 1))


def ordinary(day: date) -> bool:
    """No Saturday, Sunday or holiday by the Algemene termijnenwet."""
    return day.weekday() < 5 and day not in termijnenwet_days(day.year)


def naive_legal_end(start: date, count: int) -> date:
    """Articles 1, 2 and 4 of the Algemene termijnenwet, day by day."""
    end = start + DAY * count
    if count > 90:
        return end
    while not ordinary(end) or (
        count >= 3 and sum(ordinary(start + DAY * i) for i in range(1, (end - start).days + 1)) < 2
    ):
        end += DAY
    return end

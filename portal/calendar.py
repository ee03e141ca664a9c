"""Working days, office hours, holidays and bank days, and when a term ends. Pure: every moment is handed in.

There are four lists of days, and they differ: what is celebrated, when offices are closed (for terms in
working days), when no legal term ends (for terms in calendar days) and when banks do not pay.
Days are days in the Netherlands; moments are aware datetimes, and come out in UTC.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from types import MappingProxyType

import holidays

from portal.clock import AMSTERDAM, local, local_date
from workflows.kernel import CalendarDays, Norm, WorkingDays
from workflows.parties import N_

GOOD_FRIDAY = N_("Good Friday")
EASTER_SUNDAY = N_("Easter Sunday")
LIBERATION_DAY = N_("Liberation Day")
WHIT_SUNDAY = N_("Whit Sunday")
OTHER_NAMES = (
    *(N_("New Year's Day"), N_("Easter Monday"), N_("King's Day"), N_("Labour Day"), N_("Ascension Day")),
    *(N_("Whit Monday"), N_("Christmas Day"), N_("Second Day of Christmas"), N_("Equated with a holiday")),
)

_RENAMED = {
    "Pentecost": WHIT_SUNDAY,
    "Pentecost Monday": "Whit Monday",
    "Christmas Holiday": "Second Day of Christmas",
}
"""What the data source calls a day, where we use another name."""

FIRST_YEAR = 2014
"""The first year with a King's Day; lists of earlier years are refused with ValueError."""

_LIBERATION_DAY_FREE_FROM = 2024
"""Cao Gemeenten 2023 art. 6.6: from 2024 the fifth of May is free every year; before, each employer chose."""

_EQUATED = (
    date(2023, 4, 28), date(2023, 5, 19), date(2024, 5, 10), date(2024, 12, 27), date(2025, 5, 30),
    date(2026, 1, 2), date(2026, 5, 15), date(2027, 5, 7), date(2028, 4, 28), date(2028, 5, 26),
)  # fmt: skip
"""Royal decrees for 2023-2025 and 2026-2028 that equate days with a holiday (Atw art. 3(3))."""

_LONGEST_EXTENDED = 90
"""Legal terms of more days than this are never extended (Atw art. 4)."""

_ONE_DAY = timedelta(days=1)


def _by_name(days: Mapping[date, str]) -> Mapping[str, date]:
    """Name to day. Two holidays can fall on one day: in 2016 Ascension Day was on the fifth of May."""
    return {_RENAMED.get(name, name): day for day, names in days.items() for name in names.split("; ")}


@cache
def _dutch(year: int) -> Mapping[str, date]:
    if year < FIRST_YEAR:
        raise ValueError(f"holidays are known from {FIRST_YEAR}")
    # The source calls 5 May public in lustrum years only and optional in the others; by law it is every year.
    categories = (holidays.PUBLIC, holidays.OPTIONAL)
    return _by_name(holidays.country_holidays("NL", years=year, language="en_US", categories=categories))


def _except(year: int, *names: str) -> dict[date, str]:
    return dict(sorted((day, name) for name, day in _dutch(year).items() if name not in names))


@cache
def dutch_public_holidays(year: int) -> Mapping[date, str]:
    """Every Dutch public holiday of a year (from 2014) with its English name, Sundays among them included."""
    return MappingProxyType(_except(year))


@cache
def municipal_closing_days(year: int) -> Mapping[date, str]:
    """When municipal offices are closed by agreement (Cao Gemeenten art. 6.6), with the English name.

    Good Friday is not among them, the fifth of May is from 2024 on. An employer may name more days.
    """
    open_days = () if year >= _LIBERATION_DAY_FREE_FROM else (LIBERATION_DAY,)
    return MappingProxyType(_except(year, EASTER_SUNDAY, WHIT_SUNDAY, GOOD_FRIDAY, *open_days))


@cache
def termijnenwet_days(year: int) -> Mapping[date, str]:
    """On which days, next to Saturday and Sunday, no legal term ends (Algemene termijnenwet, Atw, art. 3).

    Good Friday and every fifth of May count, and so do the days that a royal decree equates with a holiday.
    """
    equated = {day: "Equated with a holiday" for day in _EQUATED if day.year == year}
    return MappingProxyType(dict(sorted((equated | _except(year, EASTER_SUNDAY, WHIT_SUNDAY)).items())))


@cache
def target2_closed(year: int) -> Mapping[date, str]:
    """When, next to Saturday and Sunday, no euro payment is executed (the ECB's TARGET calendar).

    King's Day, the fifth of May, Ascension Day and Whit Monday are ordinary bank days.
    """
    days = holidays.financial_holidays("ECB", years=year, language="en_US")
    return MappingProxyType({day: name for name, day in _by_name(days).items()})


def is_bank_day(day: date) -> bool:
    """Whether euro payments are executed on this day."""
    return day.weekday() < 5 and day not in target2_closed(day.year)


def next_bank_day(day: date) -> date:
    """This day when it is a bank day, else the first one after it."""
    while not is_bank_day(day):
        day += _ONE_DAY
    return day


def bank_days_before(day: date, count: int) -> date:
    """The `count`-th bank day before this day; with 0 the last bank day up to it."""
    while not is_bank_day(day):
        day -= _ONE_DAY
    for _ in range(count):
        day -= _ONE_DAY
        while not is_bank_day(day):
            day -= _ONE_DAY
    return day


class _DayCount:
    """Numbers all Mondays to Fridays outside `closed`; day 1 of Python's calendar is a Monday."""

    def __init__(self, closed: Iterable[date]) -> None:
        self._closed = sorted({day.toordinal() for day in closed if day.weekday() < 5})
        self._members = frozenset(self._closed)
        # How many open days precede each closed one; rises with it, so the way back is a search as well.
        self._before = [self.up_to(ordinal) for ordinal in self._closed]

    def __contains__(self, day: date) -> bool:
        return day.weekday() < 5 and day.toordinal() not in self._members

    def up_to(self, ordinal: int) -> int:
        """How many open days there are up to and including this one."""
        weeks, rest = divmod(ordinal, 7)
        return weeks * 5 + min(rest, 5) - bisect_right(self._closed, ordinal)

    def nth(self, number: int) -> date:
        """The open day with this number."""
        weeks, rest = divmod(number + bisect_left(self._before, number) - 1, 5)
        return date.fromordinal(weeks * 7 + rest + 1)

    def after(self, day: date, count: int) -> date:
        """The `count`-th open day after this one, or before it when negative. Not for 0."""
        ordinal = day.toordinal()
        return self.nth(self.up_to(ordinal) + count if count > 0 else self.up_to(ordinal - 1) + 1 + count)

    def from_(self, day: date) -> date:
        """This day when it is open, else the first open one after it."""
        return self.nth(self.up_to(day.toordinal() - 1) + 1)


class OfficeCalendar:
    """When an office is open, and when terms end there.

    `closed` comes on top of Saturdays and Sundays; `opens` and `closes` are on the clock in the Netherlands.
    `legal` are the days on which no legal term ends: `closed` when left out. ValueError when it never opens.
    """

    def __init__(
        self,
        closed: frozenset[date],
        opens: time = time(8, 0),
        closes: time = time(17, 0),
        *,
        legal: frozenset[date] | None = None,
    ) -> None:
        if opens >= closes:
            raise ValueError("an office closes after it opens")
        self.closed, self.opens, self.closes = closed, opens, closes
        self._days = _DayCount(closed)
        self._legal = _DayCount(closed if legal is None else legal)
        self._day_length = datetime.combine(date.min, closes) - datetime.combine(date.min, opens)

    def is_working_day(self, day: date) -> bool:
        """Whether the office is open on this day."""
        return day in self._days

    def add_working_days(self, day: date, count: int) -> date:
        """The `count`-th working day after this day, which itself does not count; before it when negative.

        0 gives the day itself, also when it is no working day.
        """
        return self._days.after(day, count) if count else day

    def working_days_between(self, start: date, end: date) -> int:
        """How many working days one counts from `start`, which itself does not count, to `end`, which does.

        Negative when `end` is earlier: adding the result to `start` gives `end` when that is a working day.
        """
        if end >= start:
            return self._days.up_to(end.toordinal()) - self._days.up_to(start.toordinal())
        return self._days.up_to(end.toordinal() - 1) - self._days.up_to(start.toordinal() - 1)

    def due(self, at: datetime, norm: Norm) -> datetime:
        """The last moment that is in time for what was received `at`. ValueError for a negative norm.

        The day of receipt does not count; it is the day in the Netherlands, whatever the hour and also when
        the office is closed. A term in working days ends at closing time, one of 0 days at the first to come.
        A term in calendar days runs to the end of its last day and is extended as the Atw says.
        """
        if norm.days < 0:
            raise ValueError("a term cannot be negative")
        match norm:
            case WorkingDays(0):
                return _moment(local_date(self.next_office_moment(at)), self.closes)
            case WorkingDays(count):
                return _moment(self.add_working_days(local_date(at), count), self.closes)
            case CalendarDays(count):
                return _moment(self._legal_end(local_date(at), count), time.max)

    @staticmethod
    def end_of_day_after(at: datetime, days: int) -> datetime:
        """The end of the day so many days later, whatever day that is."""
        return _moment(local_date(at) + timedelta(days=days), time.max)

    def earlier(self, due: datetime, days: int) -> datetime:
        """This moment so many working days earlier, at the same hour."""
        here = local(due)
        return _moment(self.add_working_days(here.date(), -days), here.time())

    def _legal_end(self, start: date, count: int) -> date:
        """The last day of a legal term that starts after `start` (Atw art. 1, 2 and 4)."""
        end = start + timedelta(days=count)
        if count > _LONGEST_EXTENDED:
            return end
        end = self._legal.from_(end)
        # Art. 2: a term of three days or more has at least two ordinary days in it.
        return max(end, self._legal.after(start, 2)) if count >= 3 else end

    def resume(self, due: datetime, since: datetime, until: datetime, norm: Norm | None = None) -> datetime:
        """The new end of a term that stood still from `since` to `until`; never earlier than `due`.

        In working days (also when no norm is given) the working days of the suspension are added, the first
        day not counting. On its last day a term is counted in office time: what was left when it stopped is
        left when it goes on. In calendar days the days strictly between are added (Awb art. 4:15(1)). What
        was in time when it stopped is in time when it goes on. An `until` before `since` adds nothing.
        """
        if until <= since:
            return due
        if isinstance(norm, CalendarDays):
            return self._resume_legal(due, since, until, norm)
        start, end, before = local_date(since), local_date(until), local(due)
        last = self.add_working_days(before.date(), self.working_days_between(start, end))
        later = _moment(last, before.time())
        if due > since and last <= end:
            return max(later, self.worked_off(until, self.office_hours_between(since, due)))
        return later

    def _resume_legal(self, due: datetime, since: datetime, until: datetime, norm: CalendarDays) -> datetime:
        start, end, last = local_date(since), local_date(until), local_date(due)
        extended = norm.days <= _LONGEST_EXTENDED
        if extended:
            # The suspension lengthens the term, not its extension over a weekend: that is first taken back,
            # as far as it may have been. An end some days too early is safe, one too late is not.
            last = min(last, self._legal.after(last, -1) + _ONE_DAY)
        last += timedelta(days=max((end - start).days - 1, 0))
        if due > since:
            last = max(last, end)
        return max(due, _moment(self._legal.from_(last) if extended else last, time.max))

    def next_office_moment(self, at: datetime) -> datetime:
        """This moment when it is in office hours (closing time is not), else the next opening."""
        here = local(at)
        day, hour = here.date(), here.time()
        if day in self._days and hour < self.closes:
            return at.astimezone(UTC) if hour >= self.opens else _moment(day, self.opens)
        return _moment(self.add_working_days(day, 1), self.opens)

    def office_hours_between(self, start: datetime, end: datetime) -> timedelta:
        """How long the office was open between two moments; negative when `end` is earlier.

        The clock changes on Sundays only, so the wall clock measures office hours truly.
        """
        return self._office_time(end) - self._office_time(start)

    def office_days(self, spent: timedelta) -> float:
        """Office time as a number of whole working days of this office."""
        return spent / self._day_length

    def _office_time(self, at: datetime) -> timedelta:
        """All office time up to this moment, counted from the first day of the calendar."""
        day = local_date(at)
        whole = self._days.up_to(day.toordinal() - 1) * self._day_length
        if day not in self._days:
            return whole
        return whole + min(max(at - _moment(day, self.opens), timedelta(0)), self._day_length)

    def worked_off(self, at: datetime, left: timedelta) -> datetime:
        """The moment at which this much office time has passed; with nothing left, the next office moment."""
        if not left:
            return self.next_office_moment(at)
        days, rest = divmod(self._office_time(at) + left, self._day_length)
        if not rest:
            return _moment(self._days.nth(days), self.closes)
        return _moment(self._days.nth(days + 1), self.opens) + rest


def municipal_calendar(years: Iterable[int], extra: Mapping[date, str]) -> OfficeCalendar:
    """The office calendar of a municipality for these years, with its own closing days and their names.

    Outside these years only weekends and `extra` are closed. Own closing days do not lengthen legal terms.
    """
    closed, legal = set(extra), set[date]()
    for year in years:
        closed.update(municipal_closing_days(year))
        legal.update(termijnenwet_days(year))
    return OfficeCalendar(frozenset(closed), legal=frozenset(legal))


def _moment(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour.replace(tzinfo=AMSTERDAM)).astimezone(UTC)

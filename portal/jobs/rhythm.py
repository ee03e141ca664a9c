"""When a job is due: every so often, or once a month at an hour on the wall in the Netherlands. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from portal.clock import AMSTERDAM, local

LONGEST_LOOK = timedelta(minutes=1)
"""The scheduler looks at least this often whether a moment is there that nobody claimed yet."""


class Rhythm(Protocol):
    """Tells the moments at which a job is due."""

    def last(self, at: datetime) -> datetime:
        """The last due moment, up to and including `at`."""
        ...

    def next(self, at: datetime) -> datetime:
        """The first due moment after `at`."""
        ...

    @property
    def look(self) -> timedelta:
        """How often the scheduler looks: the run claims its moment, so looking costs nothing."""
        ...


@dataclass(frozen=True)
class Every:
    """Again and again after this long, counted from midnight UTC."""

    apart: timedelta

    def last(self, at: datetime) -> datetime:
        """The last due moment, up to and including `at`."""
        midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight + (at - midnight) // self.apart * self.apart

    def next(self, at: datetime) -> datetime:
        """The first due moment after `at`: at midnight the count begins anew."""
        midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
        return min(self.last(at) + self.apart, midnight + timedelta(days=1))

    @property
    def look(self) -> timedelta:
        """As often as it is due, and each minute at least."""
        return min(self.apart, LONGEST_LOOK)


@dataclass(frozen=True)
class Monthly:
    """Once a month, on a day and at an hour in the Netherlands. A day of each month, so 28 at most.

    An hour that the clock skips when summer time begins counts as the hour after it; of an hour that comes twice when
    it ends, the first counts.
    """

    day: int = 1
    hour: int = 6

    def __post_init__(self) -> None:
        if not (1 <= self.day <= 28 and 0 <= self.hour <= 23):
            raise ValueError("a monthly job needs a day from 1 to 28 and an hour from 0 to 23")

    def _in(self, year: int, month: int) -> datetime:
        """The moment in this month; months before January and after December run on into the years beside it."""
        year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
        return datetime(year, month, self.day, self.hour, tzinfo=AMSTERDAM).astimezone(UTC)

    def last(self, at: datetime) -> datetime:
        """The last due moment, up to and including `at`: in this month or the one before."""
        here = local(at)
        this = self._in(here.year, here.month)
        return this if this <= at else self._in(here.year, here.month - 1)

    def next(self, at: datetime) -> datetime:
        """The first due moment after `at`: in this month or the one after."""
        here = local(at)
        this = self._in(here.year, here.month)
        return this if this > at else self._in(here.year, here.month + 1)

    @property
    def look(self) -> timedelta:
        """Each minute."""
        return LONGEST_LOOK

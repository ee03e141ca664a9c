"""The time: the only module that reads it.

Belongs here: clocks, and what every moment needs (its day and hour in the Netherlands). Everything else gets
the moment handed in as `at`, so that a workshop can run on a fast clock and a test on one that stands still.

A moment is always an aware datetime in UTC with microseconds; a naive one is refused with ValueError.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from time import perf_counter
from typing import Any, Protocol
from zoneinfo import ZoneInfo

AMSTERDAM = ZoneInfo("Europe/Amsterdam")

MOST_SPEED = 100_000
"""The fastest pace of a story: a year in five minutes."""

END_OF_TIME = datetime(2200, 1, 1, tzinfo=UTC)
"""Every story stops here, so that a fast workshop left running for months can still be opened."""


def utc(at: datetime) -> datetime:
    """The same moment in UTC. ValueError when it is naive: nobody knows which moment that is."""
    if at.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return at.astimezone(UTC)


def local(at: datetime) -> datetime:
    """The moment on the clock on the wall in the Netherlands. ValueError when it is naive."""
    if at.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return at.astimezone(AMSTERDAM)


def local_date(at: datetime) -> date:
    """The day it is in the Netherlands at this moment. ValueError when it is naive."""
    return local(at).date()


def end_of_day(day: date) -> datetime:
    """The last moment of a day in the Netherlands, in UTC."""
    return datetime.combine(day, time.max, AMSTERDAM).astimezone(UTC)


def stopwatch() -> Callable[[], float]:
    """Start a stopwatch. Calling what comes back gives the real seconds since, whatever any clock says."""
    started = perf_counter()
    return lambda: perf_counter() - started


class Clock(Protocol):
    """Tells what time it is."""

    def now(self) -> datetime:
        """This moment: aware, in UTC."""
        ...


@dataclass(frozen=True)
class SystemClock:
    """The time of the machine."""

    def now(self) -> datetime:
        """This moment by the machine's clock."""
        return datetime.now(UTC)  # noqa: TID251 the one place that reads the time


class FixedClock:
    """A clock that moves only when told to: for tests, and for the seed that plays a year of history."""

    def __init__(self, at: datetime) -> None:
        self._at = utc(at)

    def now(self) -> datetime:
        """The moment it was last put at."""
        return self._at

    def set(self, at: datetime) -> None:
        """Put the clock at any moment, also an earlier one."""
        self._at = utc(at)

    def advance(self, by: timedelta) -> datetime:
        """Move the clock forward and tell the new time. ValueError for a negative duration."""
        if by < timedelta(0):
            raise ValueError("a clock moves forward only; put it back with set()")
        self._at += by
        return self._at


Office = Callable[[datetime, timedelta], datetime]
"""Gives the moment at which, from a moment on, an office was open for so long (`OfficeCalendar.worked_off`)."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How the time of a story follows from the time on the wall: all that must be stored of its clock.

    At the moment `wall` it was `at` in the story; since then the story runs `speed` times as fast, or stands still
    while `paused`. With `office_only` it runs in office hours alone: nights and weekends are skipped. Each change is a
    new Pace, anchored at the moment of the change, so that the story goes on from where it was and never goes back.
    """

    wall: datetime
    at: datetime
    speed: float = 1.0
    paused: bool = False
    office_only: bool = False

    def __post_init__(self) -> None:
        if not (math.isfinite(self.speed) and 0 < self.speed <= MOST_SPEED):
            raise ValueError(f"the speed must be above 0 and at most {MOST_SPEED}; to stand still, pause")
        object.__setattr__(self, "wall", utc(self.wall))
        object.__setattr__(self, "at", utc(self.at))
        if self.at > END_OF_TIME:
            raise ValueError(f"a story ends on {END_OF_TIME:%Y-%m-%d}")

    def moment(self, wall: datetime, office: Office) -> datetime:
        """The moment in the story at this moment on the wall; one before the anchor counts as the anchor."""
        passed = max(wall - self.wall, timedelta(0))
        if self.paused or not passed:
            return self.at
        told = min(passed * self.speed, END_OF_TIME - self.at)
        return min(office(self.at, told), END_OF_TIME) if self.office_only else self.at + told

    def changed(self, wall: datetime, office: Office, *, to: datetime | None = None, **how: Any) -> Pace:
        """Another pace from this moment on the wall on: `speed`, `paused` or `office_only`, and from a later moment.

        ValueError for an impossible speed, and for a moment that is past: what happened stays.
        """
        here = self.moment(wall, office)
        if to is not None and utc(to) < here:
            raise ValueError("a story never goes back")
        return replace(self, wall=max(wall, self.wall), at=to or here, **how)


@dataclass(frozen=True)
class StoryClock:
    """The clock of a workshop. Its pace is asked for each time: another process may have changed it."""

    pace: Callable[[], Pace]
    wall: Clock
    office: Office

    def now(self) -> datetime:
        """The moment in the story."""
        return self.pace().moment(self.wall.now(), self.office)

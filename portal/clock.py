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
from typing import Protocol
from zoneinfo import ZoneInfo

AMSTERDAM = ZoneInfo("Europe/Amsterdam")

MOST_FACTOR = 100_000
"""The fastest pace of a workshop: a year in five minutes."""

END_OF_TIME = datetime(2200, 1, 1, tzinfo=UTC)
"""Virtual time stops here, so that a fast workshop left running for months can still be opened."""


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


@dataclass(frozen=True, slots=True)
class Pace:
    """How virtual time follows from real time: all that must be stored of an accelerated clock.

    At the real moment `real_anchor` it was `virtual_anchor`; since then virtual time runs `factor` times as
    fast, or stands still while `paused`. Each change is a new Pace, anchored at the moment of the change, so
    that virtual time goes on from where it was and never goes back.
    """

    virtual_anchor: datetime
    real_anchor: datetime
    factor: float = 1.0
    paused: bool = False

    def __post_init__(self) -> None:
        if not (math.isfinite(self.factor) and 0 < self.factor <= MOST_FACTOR):
            raise ValueError(f"the factor must be above 0 and at most {MOST_FACTOR}; to stand still, pause")
        object.__setattr__(self, "virtual_anchor", utc(self.virtual_anchor))
        object.__setattr__(self, "real_anchor", utc(self.real_anchor))
        if self.virtual_anchor > END_OF_TIME:
            raise ValueError(f"virtual time ends on {END_OF_TIME:%Y-%m-%d}")

    def at(self, real: datetime) -> datetime:
        """The virtual moment at this real moment; a real moment before the anchor counts as the anchor."""
        passed = max(real - self.real_anchor, timedelta(0))
        if self.paused or not passed:
            return self.virtual_anchor
        return self.virtual_anchor + min(passed * self.factor, END_OF_TIME - self.virtual_anchor)

    def _anchored(self, real: datetime) -> Pace:
        return replace(self, virtual_anchor=self.at(real), real_anchor=real)

    def pause(self, real: datetime) -> Pace:
        """Virtual time stands still from this real moment on."""
        return replace(self._anchored(real), paused=True)

    def resume(self, real: datetime) -> Pace:
        """Virtual time runs again from this real moment on, from where it stood."""
        return replace(self._anchored(real), paused=False)

    def run_at(self, factor: float, real: datetime) -> Pace:
        """Another factor from this real moment on; what was paused stays so. ValueError for a bad factor."""
        return replace(self._anchored(real), factor=factor)

    def jump(self, to: datetime, real: datetime) -> Pace:
        """Skip to a later virtual moment. ValueError when it is earlier than now: history stays."""
        if utc(to) < self.at(real):
            raise ValueError("virtual time never goes back")
        return replace(self._anchored(real), virtual_anchor=to)


class AcceleratedClock:
    """The clock of a workshop: runs `factor` times as fast as its source, can be paused and can jump ahead.

    Its whole state is `pace`, which may be stored and put back; every change of pace replaces it.
    """

    def __init__(self, start: datetime, real_start: datetime, factor: float, source: Clock) -> None:
        self.pace = Pace(start, real_start, factor)
        self._source = source

    @classmethod
    def at_pace(cls, pace: Pace, source: Clock) -> AcceleratedClock:
        """The clock again, from a stored pace."""
        clock = cls(pace.virtual_anchor, pace.real_anchor, pace.factor, source)
        clock.pace = pace
        return clock

    def now(self) -> datetime:
        """The virtual moment."""
        return self.pace.at(self._source.now())

    def pause(self) -> None:
        """Stand still."""
        self.pace = self.pace.pause(self._source.now())

    def resume(self) -> None:
        """Run again."""
        self.pace = self.pace.resume(self._source.now())

    def run_at(self, factor: float) -> None:
        """Run faster or slower from now on. ValueError unless 0 < factor <= MOST_FACTOR."""
        self.pace = self.pace.run_at(factor, self._source.now())

    def jump(self, to: datetime) -> None:
        """Skip to a later virtual moment. ValueError when it is earlier than now."""
        self.pace = self.pace.jump(to, self._source.now())

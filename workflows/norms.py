"""How long something may take: so many days, and which days count. What they come to is worked out by a calendar."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """A term in working days: weekends, public holidays and closing days do not count."""

    days: int


@dataclass(frozen=True, slots=True)
class CalendarDays:
    """A term in calendar days, as most legal terms are."""

    days: int


Norm = WorkingDays | CalendarDays

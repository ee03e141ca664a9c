"""Lots of hours and what they are burned for: which hours go first, and whether there are enough. Pure; whole minutes.

A lot is what was given once: so many hours of one kind, that can be used from a day up to and including its last day.
What is left of it is the sum of its entries, so a lot can be overdrawn by a correction: that debt is first taken from
the others. Hours go day by day, those that lapse first before the others, then by kind; one day can be split over lots.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Protocol

from workflows.parties import N_
from workflows.work_patterns import Part, days_between

STATUTORY, EXTRA, BOUGHT = "statutory", "extra", "bought"
LOT_KINDS: Mapping[str, str] = {
    STATUTORY: N_("Statutory leave"),
    EXTRA: N_("Leave above the statutory minimum"),
    BOUGHT: N_("Bought leave"),
}
"""The kinds of lots with what people call them; of lots that end on the same day the first of these goes first."""
_ORDER = {kind: place for place, kind in enumerate(LOT_KINDS)}

LAPSES, PRESCRIBES = "lapses", "prescribes"
"""How a lot ends: it lapses only if the employee was told in time; it prescribes by itself."""


@dataclass(frozen=True, slots=True)
class Lot:
    """What is left, in minutes, of one lot; negative when more was used than was given in the end."""

    id: int
    kind: str
    valid_from: date
    last_day: date
    left: int

    def holds(self, day: date) -> bool:
        """Whether its hours can be used on a day."""
        return self.valid_from <= day <= self.last_day


@dataclass(frozen=True, slots=True)
class Cost:
    """How many minutes are taken on (a part of) one day."""

    day: date
    minutes: int
    part: Part = Part.WHOLE


@dataclass(frozen=True, slots=True)
class Share:
    """What of one day comes from one lot; from none where the kind of leave is only counted."""

    day: date
    minutes: int
    part: Part = Part.WHOLE
    lot: int | None = None


@dataclass(frozen=True, slots=True)
class Booked:
    """What of a day was taken off one lot, or counted, and not given back."""

    day: date
    minutes: int
    part: Part = Part.WHOLE
    lot: int | None = None
    kind: str = ""
    occasion: date | None = None


@dataclass(frozen=True, slots=True)
class Spell:
    """When somebody is absent for another reason than leave: up to and including the last day, None while it runs.

    `since` is when it began where it goes on after a short while, `number` the case in which that is known.
    """

    first: date
    last: date | None
    since: date
    number: str = ""

    def holds(self, day: date) -> bool:
        """Whether it is one of its days."""
        return self.first <= day and (self.last is None or day <= self.last)


class Schedule(Protocol):
    """How many minutes somebody works on (a part of) a day."""

    def __call__(self, day: date, part: Part = Part.WHOLE) -> int: ...


@dataclass(frozen=True, slots=True)
class Burned:
    """What comes from where, what is left of the lots then, and how many minutes there were too few."""

    shares: tuple[Share, ...]
    lots: tuple[Lot, ...]
    short: int

    def by_lot(self) -> Mapping[int, int]:
        """The minutes that come from each lot."""
        found: dict[int, int] = {}
        for share in self.shares:
            if share.lot is not None:
                found[share.lot] = found.get(share.lot, 0) + share.minutes
        return found


def in_burn_order(lots: Iterable[Lot]) -> list[Lot]:
    """Those that end first before the others, then by kind, then the oldest."""
    return sorted(lots, key=lambda lot: (lot.last_day, _ORDER.get(lot.kind, len(_ORDER)), lot.valid_from, lot.id))


def afloat(lots: Iterable[Lot]) -> list[Lot]:
    """The lots in the order in which they burn, with what was overdrawn taken from the others."""
    ordered = in_burn_order(lots)
    debt = sum(-lot.left for lot in ordered if lot.left < 0)
    found: list[Lot] = []
    for lot in ordered:
        kept = max(lot.left, 0)
        paid = min(kept, debt)
        debt -= paid
        found.append(replace(lot, left=kept - paid))
    return found


def burn(costs: Iterable[Cost], lots: Iterable[Lot], kinds: Collection[str]) -> Burned:
    """Take these days from lots of these kinds, as far as they reach."""
    standing = [lot for lot in afloat(lots) if lot.kind in kinds]
    shares: list[Share] = []
    short = 0
    for cost in sorted(costs, key=lambda one: (one.day, one.part.value)):
        rest = cost.minutes
        for place, lot in enumerate(standing):
            taken = min(rest, lot.left) if lot.holds(cost.day) else 0
            if taken:
                shares.append(Share(cost.day, taken, cost.part, lot.id))
                standing[place] = replace(lot, left=lot.left - taken)
                rest -= taken
        short += rest
    return Burned(tuple(shares), tuple(standing), short)


def usable(lots: Iterable[Lot], first: date, last: date, kinds: Collection[str]) -> int:
    """What can be used at all between two days: of the lots that hold on one of them."""
    return sum(
        lot.left for lot in afloat(lots) if lot.kind in kinds and lot.valid_from <= last and lot.last_day >= first
    )


def costs_of(first: date, last: date, first_part: Part, last_part: Part, worked: Schedule) -> tuple[Cost, ...]:
    """What each day from the first up to and including the last takes; days on which nothing is worked take nothing.

    On one day the first part counts.
    """
    found: list[Cost] = []
    for day in days_between(first, last):
        part = first_part if day == first else last_part if day == last else Part.WHOLE
        if minutes := worked(day, part):
            found.append(Cost(day, minutes, part))
    return tuple(found)


def collide(one: Part, other: Part) -> bool:
    """Whether two parts of the same day have a moment in common."""
    return Part.WHOLE in (one, other) or one is other


@dataclass(frozen=True, slots=True)
class Absent:
    """A day (or a part of it) that somebody takes in another case: how long, what kind of leave, in which case."""

    day: date
    minutes: int
    part: Part
    kind: str
    number: str = ""
    occasion: date | None = None


def clashes(costs: Iterable[Cost], others: Iterable[Absent]) -> Iterator[Absent]:
    """The days of other cases that are asked for again."""
    asked: dict[date, list[Part]] = {}
    for cost in costs:
        asked.setdefault(cost.day, []).append(cost.part)
    for other in others:
        if any(collide(part, other.part) for part in asked.get(other.day, ())):
            yield other


@dataclass(frozen=True, slots=True)
class Limit:
    """The most that is taken of a kind that comes from no lot.

    In any `months` months, in the whole of the calendar year (`months` 0), or for one occasion, where `occasion` says
    so. `kinds` count together.
    """

    minutes: int
    kinds: tuple[str, ...]
    months: int = 0
    occasion: bool = False


@dataclass(frozen=True, slots=True)
class Taking:
    """What a case takes: which kind of leave, on which days, from lots of which kinds, and within which limit."""

    kind: str
    costs: tuple[Cost, ...]
    burns: tuple[str, ...] = ()
    occasion: date | None = None
    limit: Limit | None = None

    @property
    def minutes(self) -> int:
        """All of it."""
        return sum(cost.minutes for cost in self.costs)


def months_later(day: date, months: int) -> date:
    """The same day some months on (or back), or the last one of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def within(limit: Limit, taking: Taking, others: Sequence[Absent]) -> int:
    """How many minutes this goes beyond the limit, with what was taken and asked for besides; zero is within it."""
    kin = [(one.day, one.minutes) for one in others if one.kind in limit.kinds
           and (not limit.occasion or one.occasion == taking.occasion)]  # fmt: skip
    mine = [(cost.day, cost.minutes) for cost in taking.costs]
    days = sorted(kin + mine)
    if limit.occasion or not days:
        return max(sum(minutes for _, minutes in days) - limit.minutes, 0)
    return max(0, *(_in_period(limit, ends, days) - limit.minutes for ends, _ in days if _touches(limit, ends, mine)))


def _begins(limit: Limit, ends: date) -> date:
    """The first day of the period that ends with this day; of a calendar year its first."""
    if not limit.months:
        return date(ends.year, 1, 1)
    return months_later(ends, -limit.months) + timedelta(days=1)


def _in_period(limit: Limit, ends: date, days: Iterable[tuple[date, int]]) -> int:
    begins = _begins(limit, ends)
    return sum(minutes for day, minutes in days if begins <= day <= ends)


def _touches(limit: Limit, ends: date, mine: Iterable[tuple[date, int]]) -> bool:
    begins = _begins(limit, ends)
    return any(begins <= day <= ends for day, _ in mine)


def never(day: date, part: Part = Part.WHOLE) -> int:
    """The hours of somebody who does not work."""
    return 0


@dataclass(frozen=True)
class Hours:
    """What a form may know of somebody's hours: how long they work on a day and in a week, their lots, when they are
    away; for the employer that the case belongs to, but for being away, which is for any."""

    worked: Schedule = never
    weekly: Callable[[date], Fraction] = lambda day: Fraction(0)
    lots: tuple[Lot, ...] = ()
    absences: tuple[Absent, ...] = ()
    booked: tuple[Booked, ...] = ()
    """What the case that it is about took and was not given back."""
    ill: Spell | None = None
    """The last time that they were reported ill, for a form that reports it."""


NO_HOURS = Hours()

"""Minimum occupancy: how many people of a unit, or of a role in it, should be there; and when there are too few. Pure.

Somebody who is away for half a day is there for the other half, so a day is judged in two halves and the lesser counts.
It is a warning to whoever decides, never a reason to refuse.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from workflows.work_patterns import Part

ONE_DAY = timedelta(days=1)
HALVES = (Part.MORNING, Part.AFTERNOON)


@dataclass(frozen=True, slots=True)
class Minimum:
    """How many people with a job title should be there, from when to when; an empty title is everybody of the unit."""

    title: str
    people: int
    valid_from: date
    valid_to: date | None

    def holds(self, day: date) -> bool:
        """Whether it is in force on a day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def counts(self, title: str) -> bool:
        """Whether somebody with this job title counts."""
        return not self.title or same_title(self.title, title)


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody of the unit: their job title, and whether they are at work on a day when they take no leave."""

    person: int
    title: str
    works: Callable[[date], bool]


@dataclass(frozen=True, slots=True)
class Shortage:
    """Days that follow each other on which there are too few: at the least so many, of the people there should be."""

    first: date
    last: date
    title: str
    present: int
    people: int


def chain(minimums: Iterable[Minimum]) -> list[Minimum]:
    """Minimums by title and day, each up to the next of the same title."""
    found: list[Minimum] = []
    for one in sorted(minimums, key=lambda one: (one.title, one.valid_from)):
        if found and found[-1].title == one.title:
            found[-1] = replace(found[-1], valid_to=one.valid_from - ONE_DAY)
        found.append(one)
    return found


Away = Mapping[tuple[int, date], Collection[Part]]
"""Who is away when, and for which parts of the day."""


def same_title(one: str, other: str) -> bool:
    """Whether two job titles are the same, however they were typed."""
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()


def is_there(colleague: Colleague, day: date, half: Part, away: Away) -> bool:
    """Whether somebody is at work on half a day."""
    gone = away.get((colleague.person, day), ())
    return colleague.works(day) and Part.WHOLE not in gone and half not in gone


def shortages(days: Iterable[date], minimums: Sequence[Minimum], colleagues: Sequence[Colleague],
              away: Away) -> list[Shortage]:  # fmt: skip
    """Where, of these days in order, fewer are there than a minimum in force. On days nobody works nobody is short."""
    found: list[Shortage] = []
    for title in dict.fromkeys(one.title for one in minimums):
        before: Shortage | None = None
        for day in days if isinstance(days, Sequence) else sorted(days):
            short = _on(day, title, minimums, colleagues, away)
            if before and short and (before.present, before.people) == (short.present, short.people):
                before = replace(before, last=day)
                found[-1] = before
                continue
            before = short
            if short:
                found.append(short)
    return sorted(found, key=lambda one: (one.first, one.title))


def _on(day: date, title: str, minimums: Sequence[Minimum], colleagues: Sequence[Colleague],
        away: Away) -> Shortage | None:  # fmt: skip
    minimum = next((one for one in minimums if one.title == title and one.holds(day)), None)
    if minimum is None or not any(one.works(day) for one in colleagues):
        return None
    counted = [one for one in colleagues if minimum.counts(one.title)]
    present = min(sum(is_there(one, day, half, away) for one in counted) for half in HALVES)
    return Shortage(day, day, title, present, minimum.people) if present < minimum.people else None

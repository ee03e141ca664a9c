"""Who is away when: of one person, and of a team. Never why: that stands in the request, for whoever decides on it.

A team is everybody of a unit; who leads it sees the units below it as well, and what waits to be decided.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session, joinedload

from portal.access import Viewer
from portal.db import overlaps
from portal.models.cases import Case
from portal.models.leave import LeaveEntry
from portal.models.people import Employment, ManagerRelation, Municipality, Person, Unit
from portal.queries.sickness import absences_in
from portal.queries.work_patterns import Hours, hours_in
from workflows.absences import Absence
from workflows.work_patterns import Part, days_between

BOOKED, WAITING = ("burn", "give_back"), ("reserve", "release")


@dataclass(frozen=True)
class Away:
    """(A part of) a day that somebody is away, or asked to be; `number` is that of the request, when it still is."""

    person_id: int
    day: date
    part: Part
    approved: bool
    minutes: int
    case_id: int | None
    number: str
    changed_at: datetime

    @property
    def absence(self) -> Absence:
        """The same without whose it is."""
        return Absence(self.day, self.part, self.approved, self.number, self.minutes)


def away(session: Session, persons: Collection[int], first: date, last: date, *, besides: int = 0) -> list[Away]:
    """When these people are away between two days, approved or asked for, without the case `besides`. One query."""
    if not persons:
        return []
    booked, waiting = (
        func.sum(case((LeaveEntry.what.in_(what), LeaveEntry.minutes), else_=0)) for what in (BOOKED, WAITING)
    )
    rows: Any = session.execute(
        select(
            LeaveEntry.person_id, LeaveEntry.day, LeaveEntry.part, booked, waiting, LeaveEntry.case_id, Case.number,
            func.max(LeaveEntry.recorded_at),
        )
        .outerjoin(Case, Case.id == LeaveEntry.case_id)
        .where(
            LeaveEntry.person_id.in_(persons), LeaveEntry.day >= first, LeaveEntry.day <= last,
            LeaveEntry.what.in_(BOOKED + WAITING),
        )
        .group_by(LeaveEntry.person_id, LeaveEntry.case_id, Case.number, LeaveEntry.day, LeaveEntry.part)
        .order_by(LeaveEntry.day, LeaveEntry.person_id, LeaveEntry.part)
    )  # fmt: skip
    return [
        Away(who, day, Part(part), taken < 0, -int(taken or asked), case_id, number or "", changed_at)
        for who, day, part, taken, asked, case_id, number, changed_at in rows
        if (taken < 0 or asked < 0) and case_id != besides
    ]


KNOWN_FOR = timedelta(days=7)
"""For how long somebody who is ill counts as absent from today, as long as nobody knows better."""


def gone(session: Session, persons: Collection[int], first: date, last: date, today: date, *,
         besides: int = 0) -> list[Away]:  # fmt: skip
    """As `away`, with the days of absence that is no leave; which of the two is not told. Two queries."""
    found = away(session, persons, first, last, besides=besides)
    for who, spell, since in absences_in(session, persons, first, last):
        ends = spell.last or today + KNOWN_FOR
        found += [
            Away(who, day, Part.WHOLE, True, 0, None, "", since)
            for day in days_between(max(first, spell.first), min(last, ends))
        ]
    return found


@dataclass(frozen=True)
class Member:
    """Somebody of a unit in a period: when they work there, in one employment or more."""

    person: Person
    title: str
    hours: tuple[Hours, ...]

    def works(self, day: date) -> bool:
        """Whether they would be at work on a day when they take no leave."""
        return any(one.first <= day <= one.last and one.minutes(day) for one in self.hours)

    def idle(self, day: date) -> bool:
        """Whether nothing is worked on a day."""
        return not self.works(day)


def members_of(session: Session, unit_id: int, first: date, last: date) -> list[Member]:
    """Everybody who works for a unit in a period, by name. Two queries, and the agreements of the municipality."""
    employments = session.scalars(
        select(Employment)
        .join(Person, Person.id == Employment.person_id)
        .where(
            Employment.unit_id == unit_id, Employment.valid_from <= last,
            Employment.valid_to.is_(None) | (Employment.valid_to >= first),
        )
        .options(joinedload(Employment.person), joinedload(Employment.unit).joinedload(Unit.municipality))
        .order_by(Person.family_name, Person.given_name, Person.id, Employment.valid_from.desc())
    ).all()  # fmt: skip
    found: dict[int, list[Hours]] = {}
    for hours in hours_in(session, employments, first, last):
        found.setdefault(hours.employment.person_id, []).append(hours)
    return [Member(those[0].employment.person, those[0].employment.job_title, tuple(those)) for those in found.values()]


@dataclass(frozen=True)
class SeenUnit:
    """A unit of which somebody sees who is away; `leads` is whether they lead it, or one above it.

    `own` is whether they work in it, or lead just this one.
    """

    id: int
    name: str
    municipality: Municipality
    leads: bool
    own: bool


def seen_units(session: Session, viewer: Viewer, on: date) -> Sequence[SeenUnit]:
    """The units in which somebody works today, and those they lead with all below; their own first. Three queries."""
    works = session.scalars(
        select(Employment.unit_id)
        .where(Employment.person_id == viewer.person_id, overlaps(on, Employment.valid_from, Employment.valid_to))
        .order_by(Employment.valid_from.desc(), Employment.id)
    ).all()
    led = session.scalars(
        select(ManagerRelation.unit_id).where(
            ManagerRelation.manager_id == viewer.person_id,
            overlaps(on, ManagerRelation.valid_from, ManagerRelation.valid_to),
        )
    ).all()
    if not works and not led:
        return ()
    places = select(Unit.municipality_id).where(Unit.id.in_({*works, *led}))
    units = session.scalars(
        select(Unit)
        .where(Unit.municipality_id.in_(places), Unit.valid_to.is_(None) | (Unit.valid_to >= on))
        .options(joinedload(Unit.municipality))
        .order_by(Unit.municipality_id, Unit.name, Unit.id)
    ).all()
    below = _below({unit.id: unit.parent_id for unit in units}, led)
    first = {unit: place for place, unit in enumerate(dict.fromkeys((*led, *works)))}
    return sorted(
        (
            SeenUnit(unit.id, unit.name, unit.municipality, unit.id in below, unit.id in first)
            for unit in units
            if unit.id in below or unit.id in works
        ),
        key=lambda unit: first.get(unit.id, len(first)),
    )


def _below(parents: Mapping[int, int | None], led: Collection[int]) -> frozenset[int]:
    """The units that are led, and all below them."""
    found = set(led)
    grew = True
    while grew:
        more = {unit for unit, parent in parents.items() if parent in found} - found
        found |= more
        grew = bool(more)
    return frozenset(found & parents.keys())

"""Who people are and what they may: standing today, employments, policies. Who is next up the line is in `line.py`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, bindparam, func, literal, null, or_, select, true, union_all
from sqlalchemy.orm import Session, joinedload

from portal.access import Power, Role, Viewer
from portal.calendar import OfficeCalendar, municipal_calendar
from portal.db import overlaps
from portal.models.people import (
    Employment,
    ManagerRelation,
    Mandate,
    Municipality,
    Person,
    Policy,
    RoleGrant,
    Substitution,
    Unit,
    policy_books,
)
from portal.searching import matching
from workflows.fields import OLDEST
from workflows.policies import PolicyBook, PolicyRow

CALENDAR_YEARS = range(2020, 2041)


WHO: BindParameter[int] = bindparam("who")
WHERE: BindParameter[int] = bindparam("where")
DAY: BindParameter[date] = bindparam("day")
"""Statements that (nearly) every page runs are put together once: making one takes longer than running it.

Those that read plain columns go straight to the connection: the session has nothing to add.
"""


def _standing_today() -> Any:
    now = overlaps(DAY, Substitution.valid_from, Substitution.valid_to)
    pairs = select(Substitution.absent_id)
    # Who stands in for somebody stands in for those that person stands in for, too.
    chain = pairs.where(Substitution.substitute_id == WHO, now).cte("absent", recursive=True)
    chain = chain.union(pairs.join(chain, Substitution.substitute_id == chain.c.absent_id).where(now))
    absent = select(chain.c.absent_id)
    nothing = literal("")
    roles = select(
        literal("role"), RoleGrant.role, RoleGrant.person_id, RoleGrant.municipality_id, literal(0), nothing
    ).where(RoleGrant.person_id == WHO, overlaps(DAY, RoleGrant.valid_from, RoleGrant.valid_to))
    stand_ins = select(literal("absent"), nothing, chain.c.absent_id, null(), literal(0), nothing)
    mandates = select(
        literal("mandate"), Mandate.kind, Mandate.person_id, Mandate.municipality_id, Mandate.maximum_cents,
        Mandate.cost_centres,
    ).where(
        (Mandate.person_id == WHO) | Mandate.person_id.in_(absent),
        overlaps(DAY, Mandate.valid_from, Mandate.valid_to),
    )  # fmt: skip
    return union_all(roles, stand_ins, mandates)


STANDING_TODAY = _standing_today()


def viewer_of(session: Session, person: Person, on: date) -> Viewer:
    """Everything that today gives this person. One query."""
    return viewer_named(session, person.id, person.name, person.language, on)


def viewer_named(session: Session, person_id: int, name: str, language: str, on: date) -> Viewer:
    """The same of somebody of whom no more was loaded than this."""
    found = Viewer(person_id, name, language)
    held: set[tuple[Role, int | None]] = set()
    stands_in_for: set[int] = set()
    powers: dict[tuple[int, int, str], tuple[Power, ...]] = {}
    row: Any
    for row in session.connection().execute(STANDING_TODAY, {"who": person_id, "day": on}):
        what, word, who, municipality, cents, cost_centres = row
        if what == "role":
            held.add((Role(word), municipality))
        elif what == "absent":
            if who != person_id:
                stands_in_for.add(who)
        else:
            key = (who, municipality, word)
            powers[key] = (*powers.get(key, ()), Power(cents, tuple(cost_centres.split())))
    return replace(found, roles=frozenset(held), stands_in_for=frozenset(stands_in_for), mandates=powers)


POLICIES = select(
    Policy.key,
    Policy.value,
    Policy.valid_from,
    Policy.valid_to,
    Policy.source,
    Policy.municipality_id,
    Policy.article,
).where(or_(Policy.municipality_id == WHERE, Policy.municipality_id.is_(None)))


def policies_of(session: Session, municipality_id: int) -> PolicyBook:
    """The policies of a municipality: its own, and on days for which it has none those that hold for all."""
    books: dict[int, PolicyBook] = policy_books(session)
    if municipality_id not in books:
        books[municipality_id] = _policies(session, municipality_id)
    return books[municipality_id]


def _policies(session: Session, municipality_id: int) -> PolicyBook:
    return _book(tuple(map(tuple, session.connection().execute(POLICIES, {"where": municipality_id}))))


@lru_cache(maxsize=64)
def _book(rows: tuple[tuple[Any, ...], ...]) -> PolicyBook:
    """The book of these rows. They are read in every transaction; put in a book only when one of them is new."""
    return PolicyBook(
        tuple(
            PolicyRow(key, value, first, last, source, municipality is not None, article)
            for key, value, first, last, source, municipality, article in rows
        )
    )


@lru_cache(maxsize=64)
def _calendar(closing: tuple[tuple[str, str], ...]) -> OfficeCalendar:
    return municipal_calendar(CALENDAR_YEARS, {date.fromisoformat(day): name for day, name in closing})


def calendar_of(municipality: Municipality) -> OfficeCalendar:
    """The office calendar of a municipality: national days with its own closing days."""
    return _calendar(tuple(sorted(municipality.closing_days.items())))


def national_calendar() -> OfficeCalendar:
    """The office calendar without any municipality's own days."""
    return _calendar(())


EMPLOYMENTS = (
    select(Employment)
    .where(Employment.person_id == WHO)
    .options(joinedload(Employment.unit).joinedload(Unit.municipality))
    .order_by(Employment.valid_from.desc(), Employment.id.desc())
)
SPELLS = (
    select(Employment.valid_from, Employment.valid_to, Unit.municipality_id, Municipality.name)
    .join(Unit, Unit.id == Employment.unit_id)
    .join(Municipality, Municipality.id == Unit.municipality_id)
    .where(Employment.person_id == WHO)
    .order_by(Employment.valid_from, Employment.id)
)


def employments_of(session: Session, person_id: int) -> Sequence[Employment]:
    """All employments of a person, the latest first, with unit and municipality."""
    return session.scalars(EMPLOYMENTS, {"who": person_id}).all()


Spell = tuple[date, date | None]


@dataclass(frozen=True)
class Worked:
    """When somebody worked for one municipality, and for which others they did: first and last days."""

    here: tuple[Spell, ...]
    elsewhere: tuple[tuple[str, date, date | None], ...]


def worked_at(session: Session, person_id: int, municipality_id: int) -> Worked:
    """When a person worked for this municipality, and when for others. One query."""
    rows = session.connection().execute(SPELLS, {"who": person_id}).all()
    return Worked(
        tuple((row.valid_from, row.valid_to) for row in rows if row.municipality_id == municipality_id),
        tuple((row.name, row.valid_from, row.valid_to) for row in rows if row.municipality_id != municipality_id),
    )


def main_employment(employments: Sequence[Employment], on: date) -> Employment | None:
    """The one that counts on this day: the latest begun of those in force, else the last that ended."""
    begun = [one for one in employments if one.valid_from <= on]
    now = [one for one in begun if one.valid_to is None or one.valid_to >= on]
    if now:
        return max(now, key=lambda one: (one.valid_from, one.id))
    return max(begun, key=lambda one: (one.valid_to or on, one.id), default=next(iter(employments), None))


def employers_of(employments: Sequence[Employment], on: date) -> list[Employment]:
    """For which employers somebody can ask something: one employment each, the one that counts most in front.

    Also former ones, as long as an expense for them can still be claimed.
    """
    of_each: dict[int, list[Employment]] = {}
    for one in employments:
        if one.valid_from <= on and (one.valid_to is None or one.valid_to.year >= on.year - OLDEST):
            of_each.setdefault(one.unit.municipality_id, []).append(one)
    main = main_employment(employments, on)
    if main is None:
        return []
    others = (main_employment(those, on) for place, those in of_each.items() if place != main.unit.municipality_id)
    return [main, *(one for one in others if one is not None)]


def colleagues(session: Session, person_id: int, on: date) -> Sequence[Person]:
    """Everybody employed on this day by the municipality (or municipalities) of this person, by name."""
    mine = (
        select(Unit.municipality_id)
        .join(Employment, Employment.unit_id == Unit.id)
        .where(Employment.person_id == person_id, overlaps(on, Employment.valid_from, Employment.valid_to))
    )
    return session.scalars(
        select(Person)
        .join(Employment, Employment.person_id == Person.id)
        .join(Unit, Unit.id == Employment.unit_id)
        .where(
            Unit.municipality_id.in_(mine),
            Person.id != person_id,
            overlaps(on, Employment.valid_from, Employment.valid_to),
        )
        .distinct()
        .order_by(Person.family_name, Person.given_name, Person.id)
    ).all()


def within(places: Collection[int] | None) -> ColumnElement[bool]:
    """The SQL condition that an employment is with one of these municipalities; None is any of them."""
    if places is None:
        return true()
    return Employment.unit_id.in_(select(Unit.id).where(Unit.municipality_id.in_(places)))


def person_within(session: Session, person_id: int, places: Collection[int] | None) -> Person | None:
    """Somebody who works, worked or will work for one of these municipalities; others do not exist."""
    works_here = select(Employment.id).where(Employment.person_id == Person.id, within(places)).exists()
    return session.scalars(select(Person).where(Person.id == person_id, works_here)).first()


def find_people(session: Session, text: str, places: Collection[int] | None, limit: int = 25) -> Sequence[Employment]:
    """Employments, with these municipalities, of people whose name and address, or personnel number, hold each word."""
    return session.scalars(
        select(Employment)
        .join(Person, Person.id == Employment.person_id)
        .where(
            or_(matching(Person.words, text), matching(func.lower(Employment.personnel_number), text)),
            within(places),
        )
        .options(joinedload(Employment.person), joinedload(Employment.unit).joinedload(Unit.municipality))
        .order_by(Person.family_name, Person.given_name, Employment.id)
        .limit(limit)
    ).all()


def exactly(employment: Employment, text: str) -> bool:
    """Whether this is the name, mail address or personnel number of just this person, and no part of one."""
    person = employment.person
    return text.lower() in (person.email.lower(), employment.personnel_number.lower(), person.name.lower())


@dataclass(frozen=True)
class Standing:
    """What somebody may, with dates: roles, mandates, units they lead, who stands in for them and for whom they do."""

    roles: Sequence[RoleGrant]
    mandates: Sequence[Mandate]
    leads: Sequence[tuple[ManagerRelation, Unit]]
    substitutions: Sequence[Substitution]


def standing_of(session: Session, person_id: int, on: date) -> Standing:
    """Roles, mandates, units and substitutions of a person, past ones too. Four queries."""
    leads = session.execute(
        select(ManagerRelation, Unit)
        .join(Unit, Unit.id == ManagerRelation.unit_id)
        .where(ManagerRelation.manager_id == person_id)
        .order_by(ManagerRelation.valid_from)
    )
    either = or_(Substitution.absent_id == person_id, Substitution.substitute_id == person_id)
    return Standing(
        roles=session.scalars(select(RoleGrant).where(RoleGrant.person_id == person_id).order_by(RoleGrant.id)).all(),
        mandates=session.scalars(select(Mandate).where(Mandate.person_id == person_id).order_by(Mandate.id)).all(),
        leads=[(row[0], row[1]) for row in leads],
        substitutions=session.scalars(
            select(Substitution).where(either, Substitution.valid_to >= on).order_by(Substitution.valid_from)
        ).all(),
    )


def names_of(session: Session, persons: Collection[int]) -> Mapping[int, str]:
    """The names of these people."""
    return {person.id: person.name for person in session.scalars(select(Person).where(Person.id.in_(persons)))}


def municipality_names(session: Session) -> Mapping[int, str]:
    """The names of all municipalities."""
    return {row.id: row.name for row in session.execute(select(Municipality.id, Municipality.name))}

"""What administration looks at: people and their accounts, units, and requests for roles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, func, or_, select, true, tuple_
from sqlalchemy.orm import Session, joinedload

from portal.access import Role
from portal.db import overlaps
from portal.models.people import (
    Account,
    Employment,
    ManagerRelation,
    Municipality,
    Person,
    RoleGrant,
    RoleRequest,
    Unit,
)
from portal.searching import matching

PAGE = 50
Places = frozenset[int] | None


def municipalities(session: Session, places: Places) -> Sequence[Municipality]:
    """The municipalities of somebody's work, by name."""
    mine = true() if places is None else Municipality.id.in_(places)
    return session.scalars(select(Municipality).where(mine).order_by(Municipality.name)).all()


def open_units(session: Session, places: Places, on: date) -> Sequence[Unit]:
    """The units in which people can be put, by municipality and name, with their municipality."""
    mine = true() if places is None else Unit.municipality_id.in_(places)
    return session.scalars(
        select(Unit)
        .join(Municipality, Municipality.id == Unit.municipality_id)
        .where(mine, or_(Unit.valid_to.is_(None), Unit.valid_to >= on))
        .options(joinedload(Unit.municipality))
        .order_by(Municipality.name, Unit.name)
    ).all()


@dataclass(frozen=True)
class Sought:
    """Which people: by text, of a municipality, with a role, or of a kind: `left`, `locked`, `no_account`."""

    text: str = ""
    municipality_id: int | None = None
    role: Role | None = None
    kind: str = ""


@dataclass(frozen=True)
class Row:
    """Somebody in the list: with the employment of today (or else the last), account and roles of today."""

    person: Person
    employment: Employment
    account: Account | None
    roles: Sequence[str]


def people(
    session: Session, places: Places, sought: Sought, on: date, after: str = "", limit: int = PAGE
) -> tuple[Sequence[Row], str | None]:
    """One page of people by name, and the key to ask the next with. Four queries, whatever there is."""
    name = tuple_(Person.family_name, Person.given_name, Person.id)
    query = select(Person).where(*_conditions(places, sought, on))
    parts = after.rsplit("|", 2)
    if len(parts) == 3 and parts[2].isdigit() and len(parts[2]) < 19:
        query = query.where(name > (parts[0], parts[1], int(parts[2])))
    found = session.scalars(query.order_by(Person.family_name, Person.given_name, Person.id).limit(limit + 1)).all()
    shown = found[:limit]
    last = shown[-1] if len(found) > limit else None
    key = f"{last.family_name}|{last.given_name}|{last.id}" if last else None
    return _rows(session, shown, on), key


def all_people(session: Session, places: Places, sought: Sought, on: date) -> Sequence[Row]:
    """Everybody who is sought, for a file."""
    found = session.scalars(
        select(Person)
        .where(*_conditions(places, sought, on))
        .order_by(Person.family_name, Person.given_name, Person.id)
    ).all()
    return [row for start in range(0, len(found), 500) for row in _rows(session, found[start : start + 500], on)]


def _conditions(places: Places, sought: Sought, on: date) -> list[ColumnElement[bool]]:
    works = select(Employment.id).join(Unit, Unit.id == Employment.unit_id).where(Employment.person_id == Person.id)
    if places is not None:
        works = works.where(Unit.municipality_id.in_(places))
    if sought.municipality_id is not None:
        works = works.where(Unit.municipality_id == sought.municipality_id)
    wanted: list[ColumnElement[bool]] = [works.exists()]
    if sought.text:
        numbers = select(Employment.person_id).where(matching(func.lower(Employment.personnel_number), sought.text))
        wanted.append(or_(matching(Person.words, sought.text), Person.id.in_(numbers)))
    if sought.role is not None:
        held = overlaps(on, RoleGrant.valid_from, RoleGrant.valid_to)
        wanted.append(Person.id.in_(select(RoleGrant.person_id).where(RoleGrant.role == sought.role.value, held)))
    accounts = select(Account.id).where(Account.person_id == Person.id)
    still = select(Employment.id).where(
        Employment.person_id == Person.id, or_(Employment.valid_to.is_(None), Employment.valid_to >= on)
    )
    kinds = {
        "left": ~still.exists(),
        "locked": accounts.where(Account.locked_at.is_not(None)).exists(),
        "no_account": and_(~accounts.exists(), still.exists()),
    }
    return [*wanted, kinds[sought.kind]] if sought.kind in kinds else wanted


def _rows(session: Session, persons: Sequence[Person], on: date) -> Sequence[Row]:
    ids = [person.id for person in persons]
    employments = session.scalars(
        select(Employment)
        .where(Employment.person_id.in_(ids))
        .options(joinedload(Employment.unit).joinedload(Unit.municipality))
        .order_by(Employment.valid_from, Employment.id)
    ).all()
    latest: dict[int, Employment] = {}
    for employment in employments:
        if employment.person_id not in latest or employment.valid_from <= on:
            latest[employment.person_id] = employment
    accounts = {a.person_id: a for a in session.scalars(select(Account).where(Account.person_id.in_(ids)))}
    grants = session.execute(
        select(RoleGrant.person_id, RoleGrant.role)
        .where(RoleGrant.person_id.in_(ids), overlaps(on, RoleGrant.valid_from, RoleGrant.valid_to))
        .distinct()
        .order_by(RoleGrant.role)
    ).all()
    roles: dict[int, list[str]] = {}
    for person_id, role in grants:
        roles.setdefault(person_id, []).append(role)
    return [Row(p, latest[p.id], accounts.get(p.id), roles.get(p.id, ())) for p in persons]


def account_for(session: Session, person_id: int) -> Account | None:
    """The account by which somebody signs in."""
    return session.scalars(select(Account).where(Account.person_id == person_id)).first()


@dataclass(frozen=True)
class Rights:
    """The roles of somebody and the units they lead, past ones too."""

    roles: Sequence[RoleGrant]
    leads: Sequence[tuple[ManagerRelation, Unit]]


def rights_of(session: Session, person_id: int) -> Rights:
    """What somebody may by role, and which units they lead. Two queries."""
    leads = session.execute(
        select(ManagerRelation, Unit)
        .join(Unit, Unit.id == ManagerRelation.unit_id)
        .where(ManagerRelation.manager_id == person_id)
        .order_by(ManagerRelation.valid_from)
    )
    roles = session.scalars(select(RoleGrant).where(RoleGrant.person_id == person_id).order_by(RoleGrant.id))
    return Rights(roles.all(), [(row[0], row[1]) for row in leads])


def role_requests(session: Session, places: Places, person_id: int | None = None) -> Sequence[RoleRequest]:
    """Requests for roles that nobody decided on yet, with who it is about and who asked."""
    query = select(RoleRequest).where(RoleRequest.decided_at.is_(None)).order_by(RoleRequest.id)
    if places is not None:
        query = query.where(RoleRequest.municipality_id.in_(places))
    if person_id is not None:
        query = query.where(RoleRequest.person_id == person_id)
    return session.scalars(query.options(joinedload(RoleRequest.person), joinedload(RoleRequest.asked_by))).all()


@dataclass(frozen=True)
class Twig:
    """A unit in the tree of its municipality: how deep, who leads it, and how many people work there on the day."""

    unit: Unit
    depth: int
    leader: str
    people: int


def tree_of(session: Session, municipality_id: int, on: date) -> Sequence[Twig]:
    """The units of one municipality, each below the one it falls under. Three queries, whatever its size."""
    units = session.scalars(
        select(Unit).where(Unit.municipality_id == municipality_id).order_by(Unit.name, Unit.id)
    ).all()
    mine = [unit.id for unit in units]
    leaders = session.execute(
        select(ManagerRelation.unit_id, Person)
        .join(Person, Person.id == ManagerRelation.manager_id)
        .join(Unit, Unit.id == ManagerRelation.unit_id)
        .where(
            Unit.municipality_id == municipality_id, overlaps(on, ManagerRelation.valid_from, ManagerRelation.valid_to)
        )
        .order_by(ManagerRelation.valid_from)
    )
    leads = {unit_id: person.name for unit_id, person in leaders}
    counted = session.execute(
        select(Employment.unit_id, func.count())
        .join(Unit, Unit.id == Employment.unit_id)
        .where(Unit.municipality_id == municipality_id, overlaps(on, Employment.valid_from, Employment.valid_to))
        .group_by(Employment.unit_id)
    ).all()
    counts = {row[0]: row[1] for row in counted}
    below: dict[int | None, list[Unit]] = {}
    for unit in units:
        below.setdefault(unit.parent_id if unit.parent_id in mine else None, []).append(unit)
    return list(_twigs(below, None, 0, leads, counts))


def _twigs(below: Mapping[int | None, list[Unit]], parent: int | None, depth: int, leads: Mapping[int, str],
           counts: Mapping[int, int]) -> list[Twig]:  # fmt: skip
    found = []
    for unit in below.get(parent, ()):
        found.append(Twig(unit, depth, leads.get(unit.id, ""), counts.get(unit.id, 0)))
        found += _twigs(below, unit.id, depth + 1, leads, counts)
    return found


def unit_in(session: Session, places: Places, unit_id: int) -> Unit | None:
    """A unit of a municipality of somebody's work, with its municipality."""
    found = session.scalars(select(Unit).where(Unit.id == unit_id).options(joinedload(Unit.municipality))).first()
    return found if found and (places is None or found.municipality_id in places) else None

"""Who leads the units of a municipality, now and from a later day on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select, union
from sqlalchemy.orm import Session

from portal.models.people import Employment, ManagerRelation, Mandate, Person, Unit


@dataclass(frozen=True)
class Leads:
    """Somebody leads a unit from when to when."""

    name: str
    first: date
    last: date | None


def relations_of(session: Session, municipality_id: int, on: date) -> Mapping[int, list[Leads]]:
    """Who leads each unit on this day and after it, by unit, the first first. One query."""
    rows = session.execute(
        select(ManagerRelation, Person)
        .join(Person, Person.id == ManagerRelation.manager_id)
        .join(Unit, Unit.id == ManagerRelation.unit_id)
        .where(
            Unit.municipality_id == municipality_id,
            or_(ManagerRelation.valid_to.is_(None), ManagerRelation.valid_to >= on),
        )
        .order_by(ManagerRelation.valid_from, ManagerRelation.id)
    )
    found: dict[int, list[Leads]] = {}
    for relation, person in rows:
        found.setdefault(relation.unit_id, []).append(Leads(person.name, relation.valid_from, relation.valid_to))
    return found


def signs_in(session: Session, person_id: int) -> frozenset[int]:
    """The municipalities in which somebody works, leads or has a mandate, ever: where others may depend on them."""
    works = select(Unit.municipality_id).join(Employment, Employment.unit_id == Unit.id)
    leads = select(Unit.municipality_id).join(ManagerRelation, ManagerRelation.unit_id == Unit.id)
    every = union(
        works.where(Employment.person_id == person_id),
        leads.where(ManagerRelation.manager_id == person_id),
        select(Mandate.municipality_id).where(Mandate.person_id == person_id),
    )
    return frozenset(session.scalars(every))

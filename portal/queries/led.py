"""Whom somebody leads directly: who works in a unit of theirs, and who leads a unit just below it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session, joinedload

from portal.access import Viewer
from portal.db import overlaps
from portal.models.people import Employment, ManagerRelation, Person, Unit


def _leads(unit_id: object, who: Collection[int] | object, on: date) -> ColumnElement[bool]:
    """Whether (one of) these people lead a unit on a day."""
    person = ManagerRelation.manager_id
    mine = person.in_(who) if isinstance(who, Collection) else person == who
    return exists().where(
        ManagerRelation.unit_id == unit_id, mine, overlaps(on, ManagerRelation.valid_from, ManagerRelation.valid_to)
    )


def led_by(session: Session, viewer: Viewer, on: date, person_id: int | None = None) -> Sequence[Employment]:
    """The jobs of today of those whom this person leads, or stands in for who does; of one of them alone. By name.

    Who leads a unit is led by who leads the one above it, not by themselves nor by a second leader beside them.
    """
    leaders = {viewer.person_id} | viewer.stands_in_for
    leads_own = _leads(Employment.unit_id, Employment.person_id, on)
    found = (
        select(Employment)
        .join(Employment.person)
        .join(Employment.unit)
        .where(
            Employment.person_id != viewer.person_id,
            overlaps(on, Employment.valid_from, Employment.valid_to),
            or_(
                and_(_leads(Employment.unit_id, leaders, on), ~leads_own),
                and_(_leads(Unit.parent_id, leaders, on), leads_own),
            ),
        )
        .options(joinedload(Employment.person), joinedload(Employment.unit).joinedload(Unit.municipality))
        .order_by(Person.family_name, Person.given_name, Person.id, Employment.valid_from.desc(), Employment.id)
    )
    if person_id is not None:
        found = found.where(Employment.person_id == person_id)
    return session.scalars(found).all()

"""Who holds a role for a municipality on a day: whom to mail about it, and who may sign for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal.access import Role
from portal.db import overlaps
from portal.models.people import Person, RoleGrant


def holders(session: Session, role: Role, municipality_id: int | None, on: date) -> Sequence[Person]:
    """Who has a role for a municipality, for it alone or for all; with None only who has it for all. One query."""
    everywhere = RoleGrant.municipality_id.is_(None)
    where = everywhere if municipality_id is None else or_(everywhere, RoleGrant.municipality_id == municipality_id)
    held = select(RoleGrant.person_id).where(
        RoleGrant.role == role.value, where, overlaps(on, RoleGrant.valid_from, RoleGrant.valid_to)
    )
    return session.scalars(select(Person).where(Person.id.in_(held)).order_by(Person.id)).all()

"""Contact moments as they are looked at."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.models.contact import Contact


def contacts_of(session: Session, person_id: int, limit: int = 20) -> Sequence[Contact]:
    """The last contacts with a person, the newest first."""
    return session.scalars(
        select(Contact)
        .where(Contact.person_id == person_id)
        .options(joinedload(Contact.clerk))
        .order_by(Contact.id.desc())
        .limit(limit)
    ).all()

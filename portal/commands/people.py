"""What people choose about themselves: their language."""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal.models.people import Person


def set_language(session: Session, person_id: int, code: str) -> None:
    """In which language somebody reads their mail and screens."""
    session.get_one(Person, person_id).language = code

"""Files with people that were handed in."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, true
from sqlalchemy.orm import Session, joinedload

from portal.models.imports import PeopleImport

Places = frozenset[int] | None
WHOLE = (joinedload(PeopleImport.municipality), joinedload(PeopleImport.handed_in_by))


def imports(session: Session, places: Places, limit: int = 20) -> Sequence[PeopleImport]:
    """The last files of the municipalities of somebody's work, the newest first."""
    mine = true() if places is None else PeopleImport.municipality_id.in_(places)
    return session.scalars(
        select(PeopleImport).where(mine).order_by(PeopleImport.id.desc()).limit(limit).options(*WHOLE)
    ).all()


def import_within(session: Session, import_id: int, places: Places) -> PeopleImport | None:
    """One file of a municipality of somebody's work."""
    found = session.get(PeopleImport, import_id, options=WHOLE)
    return found if found and (places is None or found.municipality_id in places) else None

"""Post as clerks look at it: what waits, one part of a scan, and to which lines of a case paper can belong."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, exists, or_, select, true
from sqlalchemy.orm import Session, joinedload

from portal.access import Role, Viewer
from portal.models.cases import Case, Document
from portal.models.post import ScanPart

PAGE = 50


def _reached(viewer: Viewer) -> ColumnElement[bool]:
    """The SQL condition that a clerk may see to pages: those that belong with a case, only where they work for it."""
    places = viewer.reach(Role.CLERK)
    if places is None:
        return true()
    of_case = exists().where(Case.number == ScanPart.number, Case.municipality_id.in_(places))
    return or_(ScanPart.number == "", of_case)


def waiting(
    session: Session, viewer: Viewer, after: int | None = None, limit: int = PAGE
) -> tuple[Sequence[ScanPart], int | None]:
    """Pages that wait for this clerk to place them, the first that came first; and the key of the next page."""
    query = select(ScanPart).where(ScanPart.settled_at.is_(None), _reached(viewer)).options(joinedload(ScanPart.scan))
    if after is not None:
        query = query.where(ScanPart.id > after)
    found = session.scalars(query.order_by(ScanPart.id).limit(limit + 1)).all()
    return found[:limit], found[limit - 1].id if len(found) > limit else None


def part_of(session: Session, viewer: Viewer, part_id: int) -> ScanPart | None:
    """One part, while it waits: pages that are with a case are that case's."""
    query = select(ScanPart).where(ScanPart.id == part_id, ScanPart.settled_at.is_(None), _reached(viewer))
    return session.scalars(query.options(joinedload(ScanPart.scan))).first()


def lines_of(session: Session, case: Case) -> tuple[str, ...]:
    """The keys of the lines of a case to which paper can belong: those submitted, and those that hold a document."""
    submitted = [str(line["key"]) for line in case.content.get("lines", ()) if line.get("key")]
    held = session.scalars(select(Document.line_key).where(Document.case_id == case.id, Document.line_key != ""))
    return tuple(dict.fromkeys([*submitted, *held]))

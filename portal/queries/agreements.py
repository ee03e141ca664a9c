"""Agreements with municipalities: what holds on a day, what is drafted, and what was agreed about an indicator."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session, joinedload

from portal.access import Role, Viewer
from portal.db import overlaps
from portal.models.agreements import Agreement
from portal.queries.holders import holders
from workflows.agreements import MUNICIPALITY, SSC

BOTH = Agreement.ssc_signed_at.is_not(None) & Agreement.municipality_signed_at.is_not(None)
LOOK = (Role.DIRECTOR, Role.CONTRACT_MANAGER)
"""Who looks at agreements: those who sign them."""
PEOPLE = (
    joinedload(Agreement.municipality),
    joinedload(Agreement.drafted_by),
    joinedload(Agreement.ssc_signed_by),
    joinedload(Agreement.municipality_signed_by),
)


def agrees(viewer: Viewer) -> bool:
    """Whether somebody has to do with agreements at all."""
    return any(viewer.has(role) for role in LOOK)


def to_sign(session: Session, viewer: Viewer) -> Sequence[Agreement]:
    """The drafts that wait for a signature of this person: the other side signed, or nobody did."""
    if not agrees(viewer):
        return ()
    reach = viewer.reach(*LOOK)
    mine = true() if reach is None else Agreement.municipality_id.in_(reach)
    rows = session.scalars(select(Agreement).where(~BOTH, mine).options(*PEOPLE).order_by(Agreement.id))
    return [row for row in rows if sides_left(viewer, row)]


def sides_left(viewer: Viewer, row: Agreement) -> list[str]:
    """For which sides somebody could still sign this version."""
    signers = {SSC: row.ssc_signed_by_id, MUNICIPALITY: row.municipality_signed_by_id}
    if row.signed or viewer.person_id in signers.values():
        return []
    return [side for side in sides_of(viewer, row.municipality_id) if signers[side] is None]


def sides_of(viewer: Viewer, municipality_id: int) -> tuple[str, ...]:
    """For which sides somebody may sign an agreement of this municipality."""
    director = viewer.has(Role.DIRECTOR, municipality_id)
    manager = viewer.has(Role.CONTRACT_MANAGER, municipality_id)
    return (*((SSC,) if director else ()), *((MUNICIPALITY,) if manager else ()))


def signers_of(session: Session, side: str, municipality_id: int, day: date) -> Sequence[int]:
    """Who may sign for a side on a day."""
    role = Role.DIRECTOR if side == SSC else Role.CONTRACT_MANAGER
    return [person.id for person in holders(session, role, municipality_id, day)]


def _of(municipality_id: int, kind: str) -> ColumnElement[bool]:
    return (Agreement.municipality_id == municipality_id) & (Agreement.kind == kind)


def draft_of(session: Session, municipality_id: int, kind: str) -> Agreement | None:
    """The version that is not signed by both yet."""
    return session.scalars(select(Agreement).where(_of(municipality_id, kind), ~BOTH)).one_or_none()


def last_signed(session: Session, municipality_id: int, kind: str) -> Agreement | None:
    """The version that both signed and that begins last, whether it has begun or not."""
    query = select(Agreement).where(_of(municipality_id, kind), BOTH).order_by(Agreement.valid_from.desc())
    return session.scalars(query.limit(1)).one_or_none()


def in_force(session: Session, municipality_id: int, kind: str, day: date) -> Agreement | None:
    """The version that both signed and that holds on a day."""
    holds = overlaps(day, Agreement.valid_from, Agreement.valid_to)
    query = select(Agreement).where(_of(municipality_id, kind), BOTH, holds).order_by(Agreement.valid_from.desc())
    return session.scalars(query.limit(1)).one_or_none()


def all_in_force(session: Session, kind: str, day: date) -> Sequence[Agreement]:
    """The versions of all municipalities that both signed and that hold on a day."""
    holds = overlaps(day, Agreement.valid_from, Agreement.valid_to)
    query = select(Agreement).where(Agreement.kind == kind, BOTH, holds).order_by(Agreement.valid_from)
    return session.scalars(query).all()


def agreements_of(session: Session, places: Collection[int]) -> Sequence[Agreement]:
    """All versions of these municipalities, the newest first."""
    query = select(Agreement).where(Agreement.municipality_id.in_(places)).options(*PEOPLE)
    return session.scalars(query.order_by(Agreement.kind, Agreement.number.desc())).all()


def agreement_seen(session: Session, viewer: Viewer, agreement_id: int) -> Agreement | None:
    """One version, with everybody in it, when this person may look at it."""
    found = session.get(Agreement, agreement_id, options=PEOPLE, populate_existing=True)
    return found if found is not None and sides_of(viewer, found.municipality_id) else None

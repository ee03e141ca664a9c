"""Reading of dossiers: whose work it is, whether it is on record today, and who looked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Integer, bindparam, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from portal.access import Role, Viewer
from portal.models.cases import Case
from portal.models.reads import DossierRead
from portal.queries.cases import standing
from workflows.parties import APPROVER, CLERK, TREASURER

PAGE = 50
LATELY = 10
CAPACITIES = (APPROVER, CLERK, TREASURER)


def is_ones_own(viewer: Viewer, case: Case) -> bool:
    """Whether the case is this person's own: what one reads of oneself is not recorded."""
    return viewer.person_id in (case.initiator_id, case.preparer_id)


def is_own_work(viewer: Viewer, case: Case) -> bool:
    """Whether looking into this case is part of a person's work.

    It is when they are asked to decide, have the case or ever took a step in it; and for the SSC's staff while the
    case runs. A closed case is nobody's work any more but theirs who worked on it.
    """
    took_part = any(viewer.person_id in step[1:] for step in case.trail)
    if took_part or case.assignee_id == viewer.person_id or viewer.asked(standing(case)):
        return True
    return case.closed_at is None and any(
        viewer.has(role, case.municipality_id) for role in (Role.CLERK, Role.TREASURER)
    )


def capacity_of(viewer: Viewer, case: Case) -> str:
    """As what somebody reads: the first part that fits, or nothing for who only once took a step."""
    parties = viewer.parties(standing(case))
    return next((party.name or "" for party in CAPACITIES if party & parties), "")


TODAY = select(DossierRead.id).where(
    DossierRead.case_id == bindparam("case"), DossierRead.person_id == bindparam("who"),
    DossierRead.day == bindparam("day"),
)  # fmt: skip


def read_on(session: Session, case_id: int, person_id: int, day: date) -> bool:
    """Whether this person's reading of this case is on record for the day already."""
    return session.scalar(TODAY, {"case": case_id, "who": person_id, "day": day}) is not None


READS = (
    select(DossierRead)
    .where(DossierRead.case_id == bindparam("case"))
    .options(joinedload(DossierRead.person))
    .order_by(DossierRead.id.desc())
    .limit(bindparam("most", type_=Integer()))
)


def reads_of(session: Session, case_id: int, most: int = LATELY) -> Sequence[DossierRead]:
    """Who looked into this case lately, the last first."""
    return session.scalars(READS, {"case": case_id, "most": most}).all()


def reads_about(
    session: Session, person_id: int, after: int | None = None, limit: int = PAGE
) -> tuple[Sequence[DossierRead], int | None]:
    """Who looked into any case of this person's, the last first: a page, and the key of the next."""
    query = (
        select(DossierRead)
        .join(DossierRead.case)
        .where(Case.initiator_id == person_id)
        .options(contains_eager(DossierRead.case).load_only(Case.number, Case.title), joinedload(DossierRead.person))
        .order_by(DossierRead.id.desc())
        .limit(limit + 1)
    )
    found = session.scalars(query if after is None else query.where(DossierRead.id < after)).all()
    return found[:limit], found[limit - 1].id if len(found) > limit else None


def reads_outside_work(
    session: Session, places: frozenset[int] | None, after: int | None = None, limit: int = PAGE
) -> tuple[Sequence[DossierRead], int | None]:
    """Reading outside one's own work in these municipalities (None: all), the last first: a page and the next key."""
    query = (
        select(DossierRead)
        .join(DossierRead.case)
        .where(DossierRead.own_work.is_(False))
        .options(
            contains_eager(DossierRead.case).load_only(Case.number).options(
                joinedload(Case.initiator), joinedload(Case.municipality)
            ),
            joinedload(DossierRead.person),
        )
        .order_by(DossierRead.id.desc())
        .limit(limit + 1)
    )  # fmt: skip
    if places is not None:
        query = query.where(Case.municipality_id.in_(places))
    found = session.scalars(query if after is None else query.where(DossierRead.id < after)).all()
    return found[:limit], found[limit - 1].id if len(found) > limit else None

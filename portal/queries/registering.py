"""What clerks are registering: the drafts that are theirs until they hand them in."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.access import Viewer
from portal.models.cases import Case
from portal.queries.cases import HEADLINES, PAGE
from workflows.parties import Party


def drafts_of(session: Session, viewer: Viewer, type_key: str) -> Sequence[Case]:
    """The drafts of this kind that this clerk began, the newest first."""
    return session.scalars(
        select(Case)
        .where(
            Case.assignee_id == viewer.person_id, Case.waits_for == Party.CLERK.name, Case.type == type_key,
            Case.number.is_(None), Case.closed_at.is_(None),
        )
        .options(*HEADLINES, joinedload(Case.municipality))
        .order_by(Case.id.desc())
        .limit(PAGE)
    ).all()  # fmt: skip

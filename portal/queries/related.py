"""Cases that have to do with each other."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal.access import Viewer
from portal.models.cases import Case
from portal.queries.cases import HEADLINES, visible


def kin_of(session: Session, viewer: Viewer, case: Case) -> Sequence[Case]:
    """The case this one followed from, and those that followed from it, as far as this person may see them."""
    related = [Case.parent_id == case.id]
    if case.parent_id is not None:
        related.append(Case.id == case.parent_id)
    query = select(Case).where(or_(*related), visible(viewer)).options(*HEADLINES).order_by(Case.id)
    return session.scalars(query).all()

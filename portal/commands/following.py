"""The cases that followed from one by themselves, as samples and recoveries do: what becomes of it touches them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from portal.models.cases import Case
from portal.queries.cases import WHOLE
from workflows import CASE_TYPES

BELOW = select(Case.id, Case.type).where(Case.parent_id.in_(bindparam("parents", expanding=True))).order_by(Case.id)


def followed_from(session: Session, case: Case) -> Sequence[Case]:
    """The cases that followed from this one, and from those, the first first.

    What somebody asks for anew with lines that left a case is a request of its own, and is not among them.
    """
    found: list[int] = []
    front = [case.id]
    while front:
        rows = session.execute(BELOW, {"parents": front}).all()
        front = [row.id for row in rows if not CASE_TYPES[row.type].asked_for]
        found += front
    query = select(Case).where(Case.id.in_(found)).options(*WHOLE).order_by(Case.id)
    return session.scalars(query.execution_options(populate_existing=True)).all() if found else ()

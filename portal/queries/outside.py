"""A case as somebody outside the portal is told of it."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.clock import local_date
from portal.models.cases import Case
from workflows import CASE_TYPES


def case_for_outside(session: Session, number: str) -> Case | None:
    """The case of this number, for who has its link."""
    return session.scalars(select(Case).where(Case.number == number).options(joinedload(Case.municipality))).first()


def to_be_paid_by(case: Case) -> date | None:
    """By when it is paid: by its own terms, or by law when that is sooner. None where nothing is paid."""
    due = CASE_TYPES[case.type].facts(case.content).due
    if due is None or case.state in ("credit", "disputed"):
        return None
    return min(due, local_date(case.legal_due)) if case.legal_due else due

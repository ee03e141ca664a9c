"""What a case makes payable: one payable per case, proposed for payment until it is in a batch or stopped."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from portal.models.cases import Case
from portal.models.payments import Payable

OF_CASE = select(Payable).where(Payable.case_id == bindparam("case"))


def _payable(session: Session, case: Case) -> Payable | None:
    return session.scalars(OF_CASE, {"case": case.id}).first()


def make_payable(session: Session, case: Case, at: datetime) -> None:
    """Propose the sanctioned amount for payment to the initiator; again after the bank returned it."""
    found = _payable(session, case)
    if found is None:
        found = Payable(
            case_id=case.id, municipality_id=case.municipality_id, payee_id=case.initiator_id, created_at=at
        )
        session.add(found)
    found.cents, found.closed_at = case.sanctioned_cents, None


def stop(session: Session, case: Case, at: datetime) -> None:
    """Propose it no longer: the case was withdrawn."""
    found = _payable(session, case)
    if found is not None and found.closed_at is None:
        found.closed_at = at

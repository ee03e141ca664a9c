"""Keeping the statements in place of a receipt: those that a case was handed in with last."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from portal.models.cases import Case
from portal.models.statements import ReceiptStatement
from workflows.kernel import CaseType


def keep(session: Session, case: Case, case_type: CaseType, at: datetime) -> None:
    """Count the statements of this case from now on, instead of those of the round before."""
    stated = case_type.stated(case.content)
    if len(case.trail) > 1:
        session.execute(delete(ReceiptStatement).where(ReceiptStatement.case_id == case.id))
    session.add_all(
        ReceiptStatement(case_id=case.id, line_key=key, person_id=case.initiator_id, day=day, signed_at=at)
        for key, day in stated
    )

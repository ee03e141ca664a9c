"""How many statements in place of a receipt somebody signed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models.cases import Case
from portal.models.statements import ReceiptStatement
from workflows.parties import GRANTED


def statements_of(session: Session, person_id: int, but: int) -> Mapping[int, int]:
    """By calendar year, in all cases of this person but one. What was rejected or withdrawn does not count."""
    days = session.scalars(
        select(ReceiptStatement.day)
        .join(Case, Case.id == ReceiptStatement.case_id)
        .where(
            ReceiptStatement.person_id == person_id,
            ReceiptStatement.case_id != but,
            Case.result.is_(None) | (Case.result == GRANTED.value),
        )
    )
    return Counter(day.year for day in days)


def statements_for(session: Session, case: Case) -> Mapping[int, int]:
    """What a filled-in form needs to know of them; nothing is looked up when no statement is typed in it."""
    typed = case.draft or {}
    if not any(value for name, value in typed.items() if name.endswith(("-missing_why", "-missing_sign"))):
        return {}
    return statements_of(session, case.initiator_id, case.id)

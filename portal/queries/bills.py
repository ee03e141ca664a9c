"""Invoices and claims that an invoice could be a duplicate of, found by an index; of cases that go on or ended well.

What was rejected or thrown away is no candidate.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal.models.bills import CaseBill
from portal.models.cases import Case
from portal.models.lines import CaseLine
from portal.queries.lines import IN_FORCE
from workflows.bills import Bill, plain_number
from workflows.parties import GRANTED

MOST = 200
NEAR = timedelta(days=62)
"""How far apart the dates of two invoices of the same amount may be to be looked at."""


def bills_like(session: Session, case: Case, bill: Bill) -> list[tuple[str, Bill]]:
    """Invoices with this number, or of this amount in these months, with the number of their case. One query."""
    stands = or_(Case.result.is_(None), Case.result == GRANTED.value)
    number = CaseBill.number == plain_number(bill.number)
    amount = CaseBill.cents == bill.cents
    if bill.issued is not None:
        amount &= CaseBill.issued.between(bill.issued - NEAR, bill.issued + NEAR)
    query = (
        select(CaseBill, Case.number)
        .join(Case, Case.id == CaseBill.case_id)
        .where(CaseBill.case_id != case.id, stands, or_(number, amount))
        .order_by(CaseBill.id.desc())
        .limit(MOST)
    )
    return [
        (number_of or "", Bill(row.number, row.issued, row.cents, row.iban, row.name,
                         frozenset({row.supplier_id} if row.supplier_id else ()), row.credit))
        for row, number_of in session.execute(query)
    ]  # fmt: skip


def claims_like(session: Session, bill: Bill) -> list[str]:
    """The numbers of claims with an expense of this day and amount that name this supplier. One query."""
    words = [word for word in bill.name.split() if len(word) > 3]
    if bill.issued is None or not words:
        return []
    query = (
        select(Case.number)
        .join(CaseLine, CaseLine.case_id == Case.id)
        .where(
            CaseLine.day == bill.issued, CaseLine.cents == bill.cents, IN_FORCE,
            CaseLine.alike.contains(max(words, key=len), autoescape=True),
        )
        .order_by(CaseLine.id.desc())
        .limit(MOST)
    )  # fmt: skip
    return [number for number in dict.fromkeys(session.scalars(query)) if number]

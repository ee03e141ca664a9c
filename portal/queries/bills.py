"""Invoices and claims that an invoice could be a duplicate of, found by an index; of cases that go on or ended well.

What was rejected or thrown away is no candidate.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, literal, or_, select, union_all
from sqlalchemy.orm import Session, aliased

from portal.models.bills import CaseBill
from portal.models.cases import Case, Document
from portal.models.lines import CaseLine
from portal.queries.lines import IN_FORCE
from workflows.bills import Bill, plain_number
from workflows.parties import GRANTED

MOST = 200
NEAR = timedelta(days=62)
"""How far apart the dates of two invoices of the same amount may be to be looked at."""
SHORT = 3
"""A word this short in the name of a supplier recognises nobody."""
STANDS = or_(Case.result.is_(None), Case.result == GRANTED.value)
"""The SQL condition that a case goes on or ended well."""
MINE, OTHER = aliased(Document), aliased(Document)


def bills_like(session: Session, case: Case, bill: Bill) -> list[tuple[str, Bill]]:
    """Invoices with this number, or of this amount in these months, with the number of their case. One query."""
    number = CaseBill.number == plain_number(bill.number)
    amount = CaseBill.cents == bill.cents
    if bill.issued is not None:
        amount &= CaseBill.issued.between(bill.issued - NEAR, bill.issued + NEAR)
    query = (
        select(CaseBill, Case.number)
        .join(Case, Case.id == CaseBill.case_id)
        .where(CaseBill.case_id != case.id, STANDS, or_(number, amount))
        .order_by(CaseBill.id.desc())
        .limit(MOST)
    )
    return [
        (number_of or "", Bill(row.number, row.issued, row.cents, row.iban, row.name,
                         frozenset({row.supplier_id} if row.supplier_id else ()), row.credit))
        for row, number_of in session.execute(query)
    ]  # fmt: skip


@dataclass(frozen=True)
class Invoiced:
    """An invoice that a line of a claim may be of: the line that holds its file, or empty when day and amount agree."""

    line: str
    number: str
    name: str
    issued: date | None
    cents: int


# Put together once: that takes longer than running it.
_BILLED = (CaseBill.name, CaseBill.issued, CaseBill.cents)
OF_LINES = union_all(
    select(MINE.line_key, Case.number, *_BILLED, OTHER.id.label("place"))
    .join(OTHER, and_(OTHER.original_sha256 == MINE.original_sha256, OTHER.case_id != MINE.case_id))
    .join(CaseBill, CaseBill.case_id == OTHER.case_id)
    .join(Case, Case.id == OTHER.case_id)
    .where(MINE.case_id == bindparam("case"), MINE.line_key != "", Case.number.is_not(None), STANDS),
    select(literal(""), Case.number, *_BILLED, CaseBill.id)
    .join(Case, Case.id == CaseBill.case_id)
    .where(
        CaseBill.issued.in_(bindparam("days", expanding=True)), CaseBill.cents.in_(bindparam("cents", expanding=True)),
        CaseBill.credit.is_(False), Case.number.is_not(None), STANDS,
    ),
)  # fmt: skip
OF_LINES_NEWEST = OF_LINES.order_by(OF_LINES.selected_columns.place.desc()).limit(2 * MOST)


def invoiced(session: Session, case: Case, days: Collection[date], cents: Collection[int]) -> list[Invoiced]:
    """Invoices that hold the file of a line of this case, or are of one of these days and amounts. One query."""
    asked = {"case": case.id, "days": list(days), "cents": list(cents)}
    rows: Any = session.execute(OF_LINES_NEWEST, asked)
    return [Invoiced(*row[:5]) for row in rows]


SAME_FILE = (
    select(Case.number)
    .join(OTHER, OTHER.case_id == Case.id)
    .join(MINE, and_(MINE.original_sha256 == OTHER.original_sha256, MINE.case_id == bindparam("case")))
    .join(CaseLine, and_(CaseLine.case_id == OTHER.case_id, CaseLine.line_key == OTHER.line_key))
    .where(OTHER.case_id != bindparam("case"), IN_FORCE)
    .order_by(OTHER.id.desc())
    .limit(MOST)
)


def cases_with_same_file(session: Session, case: Case) -> list[str]:
    """The numbers of claims of which a line that stands holds the same file as this invoice. One query."""
    return [number for number in dict.fromkeys(session.scalars(SAME_FILE, {"case": case.id})) if number]


def named_by(name: str) -> str:
    """By which word a description is recognised as naming this supplier: their longest; empty without."""
    return max((word for word in name.split() if len(word) > SHORT), key=len, default="")


def claims_like(session: Session, bill: Bill) -> list[str]:
    """The numbers of claims with an expense of this day and amount that name this supplier. One query."""
    word = named_by(bill.name)
    if bill.issued is None or not word:
        return []
    query = (
        select(Case.number)
        .join(CaseLine, CaseLine.case_id == Case.id)
        .where(
            CaseLine.day == bill.issued, CaseLine.cents == bill.cents, IN_FORCE,
            CaseLine.alike.contains(word, autoescape=True),
        )
        .order_by(CaseLine.id.desc())
        .limit(MOST)
    )  # fmt: skip
    return [number for number in dict.fromkeys(session.scalars(query)) if number]

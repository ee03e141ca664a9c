"""Holding an invoice against all others, those of other municipalities and claims of employees too; and its account
against the master data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from portal.clock import local_date
from portal.models.bills import CaseBill
from portal.models.cases import Case
from portal.models.people import Municipality
from portal.models.suppliers import Supplier
from portal.queries.bills import (
    bills_like,
    cases_with_same_file,
    claims_like,
    invoiced,
    named_by,
)
from portal.queries.people import policies_of
from portal.queries.suppliers import accounts_of, held_until, records_of
from portal.searching import bare_name, folded
from workflows.bills import ENOUGH, Bill, plain_number, score
from workflows.filling import LineFacts, Raised
from workflows.iban import masked
from workflows.parties import N_

MOST_NAMED = 3
"""How many other cases are named: who has seen these looks further by hand."""
SAME: Mapping[str, str] = {
    "supplier": N_("supplier"), "number": N_("number"), "date": N_("date"), "amount": N_("amount"),
    "iban": N_("account number"),
}  # fmt: skip


def raised(session: Session, case: Case, content: Mapping[str, Any], bill: Bill, at: datetime) -> list[Raised]:
    """What is to be flagged of an invoice by what others say. What it said itself goes along: another number, another
    flag, also when the first was settled."""
    supplier = session.get(Supplier, min(bill.suppliers)) if bill.suppliers else None
    records = frozenset(records_of(session, supplier)) if supplier else frozenset()
    mine = replace(bill, name=bare_name(bill.name), suppliers=records)
    about = {"number": bill.number, "cents": bill.cents, "issued": bill.issued.isoformat() if bill.issued else ""}
    scored = [(*score(mine, other), number) for number, other in bills_like(session, case, mine)]
    found = sorted(((points, same, number) for points, same, number in scored if points >= ENOUGH), reverse=True)
    flags = [
        Raised("", "invoice_alike", number, about | {"score": points, "same": list(same)})
        for points, same, number in found[:MOST_NAMED]
    ]
    claims = claims_like(session, mine) if not bill.credit else []
    flags += [Raised("", "invoice_claimed", number, about) for number in claims[:MOST_NAMED]]
    files = [number for number in cases_with_same_file(session, case) if number not in claims]
    flags += [Raised("", "claim_file", number, about) for number in files[:MOST_NAMED]]
    return flags + (_account(session, case, bill, supplier, at) if supplier else [])


def of_lines(session: Session, case: Case, lines: Sequence[LineFacts]) -> list[Raised]:
    """What suppliers invoiced of what an employee claims: the same file, or the day and the amount of a line that names
    the supplier. Of each invoice one flag a line. One query, whatever the number of lines."""
    found = invoiced(session, case, {line.day for line in lines}, {line.cents for line in lines})
    flags = []
    for line in lines:
        about: dict[str, Any] = {"day": line.day.isoformat(), "cents": line.cents}
        same = sorted({bill.number for bill in found if bill.line == line.key}, reverse=True)
        said = folded(line.text)
        like = [
            bill.number for bill in found
            if not bill.line and (bill.issued, bill.cents) == (line.day, line.cents) and bill.number not in same
            and (word := named_by(bill.name)) and word in said
        ]  # fmt: skip
        flags += [Raised(line.key, "invoice_file", number, about) for number in same[:MOST_NAMED]]
        flags += [Raised(line.key, "claim_invoiced", number, about) for number in like[:MOST_NAMED]]
    return flags


def _account(session: Session, case: Case, bill: Bill, supplier: Supplier, at: datetime) -> list[Raised]:
    """Whether the invoice names another account than we know, or one that came in use lately."""
    paid_on = accounts_of(session, [supplier.id], local_date(at), asked_for=False)[supplier.id]
    if bill.iban and bill.iban not in paid_on.ibans:
        known = masked(paid_on.account.iban) if paid_on.account else "–"
        return [Raised("", "iban_differs", masked(bill.iban), {"iban": masked(bill.iban), "known": known})]
    account = paid_on.account
    municipality = session.get_one(Municipality, case.municipality_id)
    until = held_until(account, municipality, policies_of(session, municipality.id)) if account else None
    if account is not None and until is not None and at < until:
        return [Raised("", "iban_lately", masked(account.iban), {"since": local_date(account.changed_at).isoformat()})]
    return []


def keep(session: Session, case: Case, bill: Bill) -> None:
    """Keep by what it is known, for those that come later."""
    session.execute(delete(CaseBill).where(CaseBill.case_id == case.id))
    session.add(
        CaseBill(
            case_id=case.id, supplier_id=min(bill.suppliers, default=None), name=bare_name(bill.name),
            number=plain_number(bill.number), issued=bill.issued, cents=bill.cents, iban=bill.iban, credit=bill.credit,
        )
    )  # fmt: skip

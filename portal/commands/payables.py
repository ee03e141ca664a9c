"""What a case makes payable: one payable per case, proposed for payment until it is in a batch or stopped.

What the payee still owes the municipality is settled first; the difference is what is paid.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from portal.calendar import bank_days_before
from portal.clock import local_date
from portal.commands import mail, outstanding
from portal.commands.outstanding import Follows
from portal.models.cases import Case
from portal.models.events import CaseEvent
from portal.models.payments import Payable
from portal.queries.outstanding import settled_with
from portal.queries.people import policies_of
from workflows import CASE_TYPES

OF_CASE = select(Payable).where(Payable.case_id == bindparam("case"))
DAYS_BEFORE, DEFAULT_DAYS = "pay_days_before", 5
"""The policy that says how many bank days before its last day something joins a payment run, and what holds without."""
COVER = "cover"
"""The step by which a case ends that settled an amount owed, and leaves nothing to pay."""


def _payable(session: Session, case: Case) -> Payable | None:
    return session.scalars(OF_CASE, {"case": case.id}).first()


def pay(session: Session, case: Case, event: CaseEvent, at: datetime, letter: str, *, net: bool) -> Sequence[Follows]:
    """Propose what a case grants for payment, and tell its initiator; again after the bank returned it.

    With `net`, less what they still owe; its event then tells what was settled. Returns the steps that follow.
    """
    rest, follows = outstanding.settle(session, case, at) if net else (case.sanctioned_cents, ())
    sums = sums_of(session, case, rest)
    event.data = {**event.data, **sums}
    if not rest:
        return (*follows, Follows(case, COVER, sums))
    make_payable(session, case, rest, at)
    mail.tell(session, case, case.initiator_id, letter, at, event)
    return follows


def make_payable(session: Session, case: Case, cents: int, at: datetime) -> None:
    """Propose this amount for payment to the initiator, or to the supplier whom the type of the case names."""
    found = _payable(session, case)
    who = outstanding.debtor_of(case)
    if found is None:
        found = Payable(case_id=case.id, municipality_id=case.municipality_id, created_at=at)
        session.add(found)
    found.payee_id, found.supplier_id = who["person_id"], who["supplier_id"]
    found.cents, found.closed_at, found.pay_from = cents, None, pay_from(session, case)


def pay_from(session: Session, case: Case) -> date | None:
    """From which day it is proposed: some bank days before it must be there, by its own terms or the law at the latest.

    None where the type knows no such day: then it is proposed at once.
    """
    due = CASE_TYPES[case.type].facts(case.content).due
    if due is None:
        return None
    last = min(due, local_date(case.legal_due)) if case.legal_due else due
    days = policies_of(session, case.municipality_id).number(DAYS_BEFORE, last, default=DEFAULT_DAYS)
    return bank_days_before(last, int(days))


def sums_of(session: Session, case: Case, paid_cents: int) -> dict[str, Any]:
    """What an event tells of a case that pays less than it grants: how much, and what the rest was settled with."""
    if paid_cents == case.sanctioned_cents:
        return {}
    settled = [
        {"number": one.outstanding.case.number, "kind": one.outstanding.kind, "cents": one.cents}
        for one in settled_with(session, (case,)).get(case.id, ())
    ]
    return {"paid_cents": paid_cents, "settled": settled}


def stop(session: Session, case: Case, event: CaseEvent, at: datetime) -> Sequence[Follows]:
    """Propose it no longer: the case was withdrawn, or the bank returned it. What was settled with it is owed again."""
    found = _payable(session, case)
    if found is None:
        return ()
    if found.closed_at is None:
        found.closed_at = at
    return outstanding.undo(session, case, event, at)

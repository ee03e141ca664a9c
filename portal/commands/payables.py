"""What a case makes payable: one payable per case, proposed for payment until it is in a batch or stopped.

What the payee still owes the municipality is settled first; the difference is what is paid.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from portal.commands import mail, outstanding
from portal.commands.outstanding import Follows
from portal.models.cases import Case
from portal.models.events import CaseEvent
from portal.models.payments import Payable
from portal.queries.outstanding import settled_with

OF_CASE = select(Payable).where(Payable.case_id == bindparam("case"))
COVER = "cover"
"""The step by which a case ends that settled an amount owed, and leaves nothing to pay."""


def _payable(session: Session, case: Case) -> Payable | None:
    return session.scalars(OF_CASE, {"case": case.id}).first()


def pay(session: Session, case: Case, event: CaseEvent, at: datetime, letter: str, *, net: bool) -> Sequence[Follows]:
    """Propose what a case grants for payment to the initiator, and tell them; again after the bank returned it.

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
    """Propose this amount for payment to the initiator."""
    found = _payable(session, case)
    if found is None:
        found = Payable(
            case_id=case.id, municipality_id=case.municipality_id, payee_id=case.initiator_id, created_at=at
        )
        session.add(found)
    found.cents, found.closed_at = cents, None


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

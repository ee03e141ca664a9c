"""What people still owe: writing it down, settling it with what is paid to them, and undoing that.

Whoever calls these takes the steps they answer with: another case is accounted for, or is so no longer. The database
itself keeps anybody from settling more than is owed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session, joinedload

from portal.models.cases import Case
from portal.models.events import CaseEvent
from portal.models.outstanding import Outstanding, Settlement
from portal.queries.cases import WHOLE
from workflows import CASE_TYPES
from workflows.kernel import Given, Refusal, Refused
from workflows.parties import N_

ADVANCE, RECOVERY, CREDIT = "advance", "recovery", "credit"
ACCOUNT, REOPEN = "account", "reopen"
"""The steps by which the case that gave rise to it learns that all is settled, and that it is so no longer. A case type
declares them where they mean something to it."""

ACCOUNTED = Refusal(
    "accounted_already",
    N_("Something was settled with this amount already, so it must be paid again: it cannot be refused or withdrawn."),
)


@dataclass(frozen=True)
class Follows:
    """A step that follows by itself in a case, what its event tells, and what it is given."""

    case: Case
    key: str
    data: dict[str, Any] = field(default_factory=dict)
    given: Given = field(default_factory=Given)


OPEN = (
    select(Outstanding)
    .where(
        or_(Outstanding.person_id == bindparam("person"), Outstanding.supplier_id == bindparam("supplier")),
        Outstanding.municipality_id == bindparam("municipality"),
        Outstanding.settled_cents < Outstanding.cents, Outstanding.held_at.is_(None), Outstanding.voided_at.is_(None),
        Outstanding.case_id != bindparam("case"),
    )
    .order_by(Outstanding.id)
    .options(joinedload(Outstanding.case).options(*WHOLE))
    .with_for_update(of=Outstanding)
    .execution_options(populate_existing=True)
)  # fmt: skip
OF_CASE = select(Outstanding).where(Outstanding.case_id == bindparam("case")).with_for_update(of=Outstanding)
STANDING = (
    select(Settlement)
    .where(Settlement.case_id == bindparam("case"), Settlement.undone_at.is_(None))
    .order_by(Settlement.id)
    .options(joinedload(Settlement.outstanding).joinedload(Outstanding.case).options(*WHOLE))
    .execution_options(populate_existing=True)
)


def owe(session: Session, case: Case, cents: int, kind: str, at: datetime) -> Outstanding:
    """From now on the initiator of this case, or its supplier, owes its municipality this amount: it was paid out, they
    agreed, or they credited it.

    Paid again after the bank returned it, it is the same amount that is owed, and no longer held.
    """
    found = session.scalars(OF_CASE, {"case": case.id}).first()
    if found is None:
        found = Outstanding(
            case_id=case.id, **debtor_of(case), municipality_id=case.municipality_id, kind=kind, cents=cents,
            settled_cents=0, created_at=at,
        )  # fmt: skip
        session.add(found)
    found.held_at = None
    session.flush()
    return found


def debtor_of(case: Case) -> dict[str, int | None]:
    """Who owes because of this case, and who is paid by it: the supplier whom its type names, else the initiator."""
    supplier_id = CASE_TYPES[case.type].payee(case.content)
    return {"person_id": None if supplier_id else case.initiator_id, "supplier_id": supplier_id}


def owed(debt: Outstanding, case: Case) -> Sequence[Follows]:
    """The step that follows from owing it: none, but where all was settled before it was paid again."""
    return () if debt.open_cents else _told(case, ACCOUNT)


def hold(session: Session, case: Case, at: datetime) -> None:
    """The bank returned what was paid: until it is paid again nothing can be settled with it."""
    found = session.scalars(OF_CASE, {"case": case.id}).first()
    if found is not None and found.held_at is None:
        found.held_at = at


def release(session: Session, case: Case) -> None:
    """It was paid again: what is owed because of this case is held no longer."""
    found = session.scalars(OF_CASE, {"case": case.id}).first()
    if found is not None:
        found.held_at = None


def expect_nothing_settled(session: Session, case: Case) -> None:
    """Refuse to let go of an amount with which something was settled: the employee would lose that."""
    found = session.scalars(OF_CASE, {"case": case.id}).first()
    if found is not None and found.settled_cents:
        raise Refused(ACCOUNTED)


def void(session: Session, case: Case, at: datetime) -> None:
    """It is not owed after all; only when nothing was settled with it."""
    expect_nothing_settled(session, case)
    found = session.scalars(OF_CASE, {"case": case.id}).first()
    if found is not None and found.voided_at is None:
        found.voided_at = at


def settle(session: Session, case: Case, at: datetime) -> tuple[int, Sequence[Follows]]:
    """Settle what whoever is paid still owes this municipality with what the case pays: the oldest first.

    Returns how much is left to pay, and the steps that follow.
    """
    rest = case.sanctioned_cents
    follows: list[Follows] = []
    who = debtor_of(case)
    sought = {"person": who["person_id"], "supplier": who["supplier_id"], "municipality": case.municipality_id,
              "case": case.id}  # fmt: skip
    for debt in session.scalars(OPEN, sought) if rest else ():
        part = min(rest, debt.open_cents)
        if part:
            follows += _book(session, debt, Settlement(case_id=case.id, cents=part, at=at))
            rest -= part
    return rest, follows


def give_back(session: Session, debt: Outstanding, entry_id: int, cents: int, at: datetime) -> Sequence[Follows]:
    """Settle with money that came in on the municipality's account."""
    return _book(session, debt, Settlement(bank_entry_id=entry_id, cents=cents, at=at))


def _book(session: Session, debt: Outstanding, settlement: Settlement) -> Sequence[Follows]:
    settlement.outstanding_id = debt.id
    session.add(settlement)
    session.flush()
    # The database counted it.
    session.refresh(debt, ["settled_cents"])
    return _told(debt.case, ACCOUNT) if not debt.open_cents else ()


def undo(session: Session, case: Case, event: CaseEvent, at: datetime) -> Sequence[Follows]:
    """What the case pays is not paid after all, so what was settled with it is owed again; its event tells that."""
    follows: list[Follows] = []
    standing = session.scalars(STANDING, {"case": case.id}).all()
    if standing:
        undone = [
            {"number": one.outstanding.case.number, "kind": one.outstanding.kind, "cents": one.cents}
            for one in standing
        ]
        event.data = {**event.data, "undone": undone}
    for one in standing:
        follows += take_back(session, one, at)
    return follows


def take_back(session: Session, one: Settlement, at: datetime) -> Sequence[Follows]:
    """Undo one settlement: what it settled is owed again."""
    was_whole = one.outstanding.settled_cents == one.outstanding.cents
    one.undone_at = at
    session.flush()
    session.refresh(one.outstanding, ["settled_cents"])
    return _told(one.outstanding.case, REOPEN) if was_whole else ()


def _told(case: Case, key: str) -> Sequence[Follows]:
    """The step in the case that gave rise to it, if its type has one in the state it is in."""
    return (Follows(case, key),) if can(case, key) else ()


def can(case: Case, key: str) -> bool:
    """Whether a case is in a state in which its type has this step."""
    return any(action.key == key and case.state in action.at for action in CASE_TYPES[case.type].actions)

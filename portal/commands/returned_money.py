"""Money that an employee paid back: an entry of the bank that matched no payment, tied to what it settles."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, joinedload

from portal.access import Role, Viewer
from portal.commands import mail, outstanding
from portal.commands.cases import follow
from portal.models.cases import Case
from portal.models.events import CaseEvent, record
from portal.models.outstanding import Outstanding, Settlement
from portal.models.payments import BankEntry, BankFile
from portal.queries.cases import WHOLE
from workflows.kernel import REASON_LIMIT, REASON_MISSING, REASON_TOO_LONG, Refusal, Refused
from workflows.parties import N_

RETURN_UNKNOWN = Refusal(
    "return_unknown", N_("Nothing is owed under this number. Look it up in the dossier: it begins with VOO or TVR.")
)
RETURN_TOO_MUCH = N_("Under this number %(open)s is still owed, and %(amount)s came in. Settle this by hand.")
RETURN_NOT_IN = Refusal("return_not_in", N_("No money came in with this entry, so nothing can be booked as paid back."))
RETURN_TWICE = Refusal(
    "return_twice",
    N_("The same money was booked as paid back already: the bank told of it in another file. Take this off the list."),
)
RETURN_ELSEWHERE = Refusal(
    "return_elsewhere", N_("This money came in on the account of another municipality than it is owed to.")
)
RETURN_OWN = Refusal("return_own", N_("This is your own money, so a colleague must book it."))

RETURN_NOT_BOOKED = Refusal("return_not_booked", N_("This money is not booked as paid back. Look again."))
RETURN_UNDO_SECOND = Refusal(
    "return_undo_second", N_("You booked this money yourself, so a colleague must take it back.")
)
RETURN_UNDONE = "return_undone"
"""The note in a case that money was booked on it by mistake; also the letter that says so."""

STATEMENTS = frozenset({"camt.053", "camt.054"})
MONEY_IN = frozenset({"not_ours", "unknown_reference"})
"""Why an entry waits that may be money of somebody; any other is about a payment of ours."""

OF_NUMBER = (
    select(Outstanding)
    .join(Case, Case.id == Outstanding.case_id)
    .where(Case.number == bindparam("number"), Outstanding.voided_at.is_(None), Outstanding.held_at.is_(None))
    .options(joinedload(Outstanding.case).options(*WHOLE))
    .with_for_update(of=Outstanding)
    .execution_options(populate_existing=True)
)


def give_back(session: Session, viewer: Viewer, entry: BankEntry, number: str, at: datetime) -> Outstanding:
    """Book an entry as paid back on what is owed because of the case of this number; the entry is dealt with."""
    kind = session.get_one(BankFile, entry.bank_file_id).kind
    if not is_money_in(entry, kind):
        raise Refused(RETURN_NOT_IN)
    debt = session.scalars(OF_NUMBER, {"number": number.strip().upper()[:40]}).first()
    if debt is None or not _may_book(viewer, debt) or not debt.open_cents:
        raise Refused(RETURN_UNKNOWN)
    if debt.person_id == viewer.person_id:
        raise Refused(RETURN_OWN)
    if entry.municipality_id not in (None, debt.municipality_id):
        raise Refused(RETURN_ELSEWHERE)
    if entry.cents > debt.open_cents:
        raise Refused(
            Refusal("return_too_much", RETURN_TOO_MUCH, {"open_cents": debt.open_cents, "amount_cents": entry.cents})
        )
    if session.scalars(_same_money(entry, kind)).first() is not None:
        raise Refused(RETURN_TWICE)
    entry.resolved_at, entry.resolved_by_id, entry.resolution = at, viewer.person_id, debt.case.number or ""
    follow(session, outstanding.give_back(session, debt, entry.id, entry.cents, at), at)
    return debt


OF_ENTRY = (
    select(Settlement)
    .join(Outstanding, Outstanding.id == Settlement.outstanding_id)
    .where(Settlement.bank_entry_id == bindparam("entry"), Settlement.undone_at.is_(None))
    .options(joinedload(Settlement.outstanding).joinedload(Outstanding.case).options(*WHOLE))
    .with_for_update(of=(Settlement, Outstanding))
    .execution_options(populate_existing=True)
)


def undo(session: Session, viewer: Viewer, entry: BankEntry, reason: str, at: datetime) -> Outstanding:
    """Take back that an entry was paid back on a case: it was another's. The entry waits on the list again.

    Never by who booked it: one who could do both could let money wander from case to case alone.
    """
    booked = session.scalars(OF_ENTRY, {"entry": entry.id}).first()
    if booked is None or not _may_book(viewer, booked.outstanding):
        raise Refused(RETURN_NOT_BOOKED)
    if viewer.person_id == booked.outstanding.person_id:
        raise Refused(RETURN_OWN)
    if viewer.person_id == entry.resolved_by_id:
        raise Refused(RETURN_UNDO_SECOND)
    if not reason.strip():
        raise Refused(REASON_MISSING)
    if len(reason) > REASON_LIMIT:
        raise Refused(REASON_TOO_LONG)
    debt, case = booked.outstanding, booked.outstanding.case
    follows = outstanding.take_back(session, booked, at)
    event = CaseEvent(
        case_id=case.id, action=RETURN_UNDONE, from_state=case.state, to_state=case.state, enabled_at=booked.at,
        started_at=at, at=at, actor_id=viewer.person_id, on_behalf_of_id=None, channel="portal",
        reason=" ".join(reason.split()),
        data={"entry": entry.id, "cents": booked.cents, "booked_by": entry.resolved_by_id,
              "booked_at": booked.at.isoformat()},
    )  # fmt: skip
    record(session, event)
    case.trail = [*case.trail, [RETURN_UNDONE, viewer.person_id, None]]
    entry.resolved_at = entry.resolved_by_id = None
    entry.resolution = ""
    session.flush()
    mail.tell(session, case, case.initiator_id, RETURN_UNDONE, at, event, cents=booked.cents, left=debt.open_cents)
    follow(session, follows, at)
    return debt


def is_money_in(entry: BankEntry, kind: str) -> bool:
    """Whether money of somebody came in with this entry of a file of this kind.

    What the bank says of a payment of ours names an amount too, but brings no money; and what came back of such a
    payment is no money that somebody paid.
    """
    return entry.cents > 0 and kind in STATEMENTS and entry.why in MONEY_IN


def _same_money(entry: BankEntry, kind: str) -> Any:
    """An entry booked as paid back by which another kind of file told of the same money: banks notify, then state."""
    return (
        select(BankEntry.id)
        .join(Settlement, Settlement.bank_entry_id == BankEntry.id)
        .join(BankFile, BankFile.id == BankEntry.bank_file_id)
        .where(
            Settlement.undone_at.is_(None), BankFile.kind != kind, BankEntry.cents == entry.cents,
            BankEntry.iban == entry.iban, BankEntry.reference == entry.reference,
            BankEntry.booked_on == entry.booked_on,
        )
        .limit(1)
    )  # fmt: skip


def _may_book(viewer: Viewer, debt: Outstanding) -> bool:
    return any(viewer.has(role, debt.municipality_id) for role in (Role.CLERK, Role.TREASURER))

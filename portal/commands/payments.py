"""Releasing payments: one batch per municipality's own account, in a file whose bytes never change again."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.access import Role, Viewer
from portal.calendar import next_bank_day
from portal.clock import local, local_date
from portal.commands.cases import Step, act
from portal.commands.four_eyes import eyes_of
from portal.i18n import gettext, reading_in
from portal.interfaces.bank import BankFileError, Debtor, Transfer, credit_transfer
from portal.models.cases import Case
from portal.models.payments import BatchLine, PaymentBatch
from portal.models.people import Municipality, PersonAccount
from portal.queries.bank_accounts import ACCOUNT_HELD
from portal.queries.cases import WHOLE, standing
from portal.queries.payments import Proposed, proposal
from workflows import CASE_TYPES
from workflows.iban import clean_iban
from workflows.kernel import Given, Refusal, Refused
from workflows.parties import N_

NOTHING_CHOSEN = Refusal("nothing_chosen", N_("Choose at least one payment to release."))
NOT_TREASURER = Refusal("not_treasurer", N_("You may not release payments for this municipality."))
NOT_PROPOSED = Refusal(
    "not_proposed",
    N_("Some of these payments are no longer proposed: somebody was just before you. Look again."),
)
NO_BANK_FILE = Refusal(
    "no_bank_file",
    N_(
        "No file could be made for the bank (%(code)s %(detail)s). Nothing was released. "
        "Ask the functional manager to look at the municipality's account and its name."
    ),
)
NOT_HELD = Refusal("hold_over", N_("Payments to this account are not held any more. Look again."))
BANK_CLOSES = 14
"""The hour (in the Netherlands) after which a batch is for the next bank day; banks' own cut-offs are later."""


def execution_date(at: datetime) -> date:
    """The first day on which the bank can execute a batch released now: a TARGET2 day, today until BANK_CLOSES."""
    today = local_date(at)
    first = next_bank_day(today)
    return (
        first
        if first != today or local(at).hour < BANK_CLOSES
        else next_bank_day(date.fromordinal(today.toordinal() + 1))
    )


def release(
    session: Session, viewer: Viewer, municipality: Municipality, payable_ids: Sequence[int], at: datetime
) -> PaymentBatch:
    """Release these payables in one batch: all of them or, when anything stands in the way of one, none."""
    if not viewer.has(Role.TREASURER, municipality.id):
        raise Refused(NOT_TREASURER)
    if not payable_ids:
        raise Refused(NOTHING_CHOSEN)
    chosen = proposal(session, viewer, municipality, at, only=sorted(set(payable_ids)))
    if len(chosen) != len(set(payable_ids)):
        raise Refused(NOT_PROPOSED)
    refusals = [refusal for one in chosen for refusal in one.refusals]
    if refusals:
        raise Refused(*refusals)
    batch = _batch(session, viewer, municipality, chosen, at)
    for one in chosen:
        one.payable.closed_at = at
        actor = viewer.actor(standing(one.payable.case))
        # What was proposed without a refusal has nothing open: that was asked for all of them together.
        act(session, one.payable.case, Step("release", actor, at, data={"batch": batch.message_id}, still_open=()))
    return batch


def release_hold(
    session: Session, viewer: Viewer, municipality: Municipality, account_id: int, reason: str, at: datetime
) -> PersonAccount:
    """End the hold on a changed account, so that what this municipality owes can be paid to it."""
    if not viewer.has(Role.TREASURER, municipality.id):
        raise Refused(NOT_TREASURER)
    held = [
        one
        for one in proposal(session, viewer, municipality, at)
        if isinstance(one.account, PersonAccount) and one.account.id == account_id
    ]
    account = session.get(PersonAccount, account_id) if held else None
    if account is None or account.case_id is None or not any(ACCOUNT_HELD.code in _codes(one) for one in held):
        raise Refused(NOT_HELD)
    case = session.scalars(select(Case).where(Case.id == account.case_id).options(*WHOLE)).one()
    act(session, case, Step("release_hold", viewer.actor(standing(case)), at, Given(reason)))
    return account


def _codes(one: Proposed) -> set[str]:
    return {refusal.code for refusal in one.refusals}


def _batch(
    session: Session, viewer: Viewer, municipality: Municipality, chosen: Sequence[Proposed], at: datetime
) -> PaymentBatch:
    day = execution_date(at)
    message_id = f"SSC-{municipality.code[:12].upper()}-{local_date(at):%Y%m%d}-{secrets.token_hex(3)}"
    earlier = _earlier(session, chosen)
    lines = [_line(one, earlier.get(one.payable.id, 0)) for one in chosen]
    try:
        file = credit_transfer(
            message_id=message_id,
            payment_info_id=message_id,
            created_at=at,
            debtor=Debtor(municipality.account_name, municipality.iban, municipality.bic),
            execution_date=day,
            transfers=[
                Transfer(line.end_to_end_id, line.name, line.iban, line.cents, _remittance(one))
                for line, one in zip(lines, chosen, strict=True)
            ],
        )
    except BankFileError as error:
        raise Refused(
            Refusal(NO_BANK_FILE.code, NO_BANK_FILE.sentence, {"code": error.code, "detail": error.detail})
        ) from error
    batch = PaymentBatch(
        municipality_id=municipality.id,
        message_id=message_id,
        execution_date=day,
        debtor_name=municipality.account_name,
        debtor_iban=municipality.iban,
        released_at=at,
        released_by_id=viewer.person_id,
        count=len(lines),
        cents=sum(line.cents for line in lines),
        file=file,
        sha256=hashlib.sha256(file).hexdigest(),
    )
    session.add(batch)
    session.flush()
    for line in lines:
        line.batch_id, line.released_by_id = batch.id, batch.released_by_id
    session.add_all(lines)
    return batch


def _remittance(one: Proposed) -> str:
    """What the payee reads on their statement: their own reference where they gave one, and our number."""
    case = one.payable.case
    own = CASE_TYPES[case.type].facts(case.content).reference
    return f"{own} {case.number}" if own else _description(case)


def _description(case: Case) -> str:
    """Which case it is, in Dutch as all that banks carry for us."""
    with reading_in("nl"):
        return f"{gettext(CASE_TYPES[case.type].label)} {case.number}"


def _earlier(session: Session, chosen: Sequence[Proposed]) -> dict[int, int]:
    """How often each of these was paid before, and came back."""
    payables = [one.payable.id for one in chosen]
    counts = select(BatchLine.payable_id, func.count().label("times")).where(BatchLine.payable_id.in_(payables))
    return {row.payable_id: row.times for row in session.execute(counts.group_by(BatchLine.payable_id))}


def _line(one: Proposed, earlier: int) -> BatchLine:
    """One payment. The account is copied now: a later change does not touch what was released."""
    if one.account is None:
        raise Refused(NOT_PROPOSED)
    case = one.payable.case
    return BatchLine(
        payable_id=one.payable.id,
        end_to_end_id=f"{case.number}-{earlier + 1}",
        name=one.payable.payee_name,
        iban=clean_iban(one.account.iban),
        cents=one.payable.cents,
        **eyes_of(case.initiator_id, case.preparer_id, case.trail, one.account),
    )

"""Payments as the treasurer sees them: what is proposed, what stands in the way, batches, and the bank's answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Date, Select, bindparam, func, or_, select
from sqlalchemy.orm import Session, joinedload, undefer

from portal.access import Role, Viewer
from portal.clock import local_date
from portal.interfaces.bank import is_writable_name
from portal.models.cases import Case
from portal.models.payments import BankEntry, BankFile, BatchLine, Payable, PaymentBatch
from portal.models.people import Municipality, PersonAccount
from portal.models.suppliers import SupplierAccount
from portal.queries.bank_accounts import ACCOUNT_HELD, latest_accounts, pending_changes, waits
from portal.queries.cases import WHOLE, standing, view_of
from portal.queries.gaps import open_in
from portal.queries.people import policies_of
from portal.queries.suppliers import accounts_of, supplier_waits
from workflows import CASE_TYPES
from workflows.deciding import offers
from workflows.gaps import Open
from workflows.iban import InvalidIban, clean_iban
from workflows.kernel import Given, Refusal, Situation
from workflows.parties import N_, Party
from workflows.policies import PolicyBook

NO_ACCOUNT = Refusal("no_account", N_("No bank account is known for this person."))
UNWRITABLE_NAME = Refusal(
    "unwritable_name",
    N_("The bank takes names in Latin letters only, and this name has none. Have the name in Latin letters recorded."),
)
BAD_ACCOUNT = Refusal("bad_account", N_("The bank account number is not valid."))
ACCOUNT_CHANGED_BY_YOU = Refusal(
    "account_changed_by_you", N_("You asked for this account number, so somebody else must release the payment.")
)
ACCOUNT_CHECKED_BY_YOU = Refusal(
    "account_checked_by_you", N_("You checked this account number, so somebody else must release the payment.")
)


@dataclass(frozen=True)
class Proposed:
    """A payable as proposed: the account it would be paid on, and what stands in the way."""

    payable: Payable
    account: PersonAccount | SupplierAccount | None
    refusals: tuple[Refusal, ...]

    @property
    def payable_now(self) -> bool:
        return not self.refusals

    def held_for(self, viewer: Viewer) -> bool:
        """Whether it waits for the hold on a changed account, which this person may end."""
        held = any(refusal.code == ACCOUNT_HELD.code for refusal in self.refusals)
        eyes = (self.account.changed_by_id, self.account.checked_by_id) if self.account else ()
        return held and viewer.person_id not in (*eyes, self.payable.payee_id)

    @property
    def to_supplier(self) -> bool:
        return self.payable.supplier_id is not None


def municipalities_of(session: Session, viewer: Viewer, role: Role) -> Sequence[Municipality]:
    """The municipalities for which this person has the role."""
    allowed = viewer.municipalities(role)
    if allowed is None:
        return session.scalars(EVERYWHERE).all()
    return session.scalars(THERE, {"there": list(allowed)}).all()


EVERYWHERE = select(Municipality).order_by(Municipality.name)
THERE = EVERYWHERE.where(Municipality.id.in_(bindparam("there", expanding=True)))
# What is not too early to be paid on this day.
_BEGUN = or_(Payable.pay_from.is_(None), Payable.pay_from <= bindparam("on", type_=Date()))


def paid_later(session: Session, municipality_id: int, on: date) -> tuple[int, int]:
    """How many payables wait for their day in this municipality, and for how many cents."""
    count, cents = session.execute(
        select(func.count(), func.coalesce(func.sum(Payable.cents), 0)).where(
            Payable.municipality_id == municipality_id, Payable.closed_at.is_(None), Payable.pay_from > on
        )
    ).one()
    return count, int(cents)


def open_totals(session: Session, on: date) -> Mapping[int, tuple[int, int]]:
    """Per municipality how many payables are proposed on this day and for how many cents."""
    rows = session.execute(
        select(Payable.municipality_id, func.count(), func.sum(Payable.cents))
        .where(Payable.closed_at.is_(None), _BEGUN)
        .group_by(Payable.municipality_id),
        {"on": on},
    )
    return {municipality: (count, int(cents)) for municipality, count, cents in rows}


MOST_IN_BATCH = 500
# Put together once: that takes longer than running them.
PROPOSED = (
    select(Payable)
    .where(Payable.municipality_id == bindparam("where"), Payable.closed_at.is_(None), _BEGUN)
    .options(joinedload(Payable.payee), joinedload(Payable.supplier), joinedload(Payable.case).options(*WHOLE))
    .order_by(Payable.id)
    .limit(MOST_IN_BATCH)
)
CHOSEN = PROPOSED.where(Payable.id.in_(bindparam("only", expanding=True))).with_for_update(of=Payable)


def proposal(
    session: Session,
    viewer: Viewer,
    municipality: Municipality,
    at: datetime,
    only: Sequence[int] | None = None,
) -> Sequence[Proposed]:
    """What is proposed for payment from one municipality's account, the oldest first. Four queries, two more where
    suppliers are paid.

    With `only`, just those payables, locked until the transaction ends.
    """
    asked = {"where": municipality.id, "on": local_date(at)}
    chosen = {} if only is None else {"only": list(only)}
    found = session.scalars(PROPOSED if only is None else CHOSEN, asked | chosen).all()
    payees = [payable.payee_id for payable in found if payable.payee_id is not None]
    suppliers = {payable.supplier_id for payable in found if payable.supplier_id is not None}
    paid_on = accounts_of(session, suppliers, local_date(at)) if suppliers else {}
    accounts, pending = latest_accounts(session, payees), pending_changes(session, payees)
    policies = policies_of(session, municipality.id)
    still_open = open_in(session, [payable.case for payable in found])

    def proposed(payable: Payable) -> Proposed:
        account: PersonAccount | SupplierAccount | None
        wait: tuple[Refusal, ...]
        if payable.supplier is not None:
            known = paid_on[payable.supplier.id]
            account, wait = known.account, supplier_waits(payable.supplier, known, municipality, policies, at)
        else:
            payee = payable.payee_id or 0
            account = mine = accounts.get(payee)
            wait = waits(mine, pending.get(payee), municipality, policies, at)
            wait = wait if mine else (NO_ACCOUNT, *wait)
        return Proposed(
            payable,
            account,
            (
                *_account_refusals(viewer, account),
                *(() if is_writable_name(payable.payee_name) else (UNWRITABLE_NAME,)),
                *wait,
                *_by_rule(viewer, payable.case, policies, still_open.get(payable.case_id, ()), at),
            ),
        )

    return [proposed(payable) for payable in found]


def _account_refusals(viewer: Viewer, account: PersonAccount | SupplierAccount | None) -> tuple[Refusal, ...]:
    """What is wrong with an account, and whether this person had a hand in it."""
    if account is None:
        return ()
    refusals: list[Refusal] = []
    try:
        clean_iban(account.iban)
    except InvalidIban:
        refusals.append(BAD_ACCOUNT)
    if account.changed_by_id == viewer.person_id:
        refusals.append(ACCOUNT_CHANGED_BY_YOU)
    if account.checked_by_id == viewer.person_id:
        refusals.append(ACCOUNT_CHECKED_BY_YOU)
    return tuple(refusals)


def _by_rule(
    viewer: Viewer, case: Case, policies: PolicyBook, still_open: tuple[Open, ...], at: datetime
) -> tuple[Refusal, ...]:
    """What the case type's own rules say about this person releasing this case."""
    actor = viewer.actor(standing(case))
    situation = Situation(view_of(case, policies, still_open), actor, Given(), at, local_date(at))
    for offer in offers(CASE_TYPES[case.type], situation):
        if offer.action.who & Party.TREASURER:
            return offer.refusals
    return ()


def batches(session: Session, allowed: Sequence[int], limit: int = 50) -> Sequence[PaymentBatch]:
    """Released batches of these municipalities, the newest first."""
    return session.scalars(
        select(PaymentBatch)
        .where(PaymentBatch.municipality_id.in_(allowed))
        .options(joinedload(PaymentBatch.municipality), joinedload(PaymentBatch.released_by))
        .order_by(PaymentBatch.id.desc())
        .limit(limit)
    ).all()


def paid_counts(session: Session, batch_ids: Sequence[int]) -> Mapping[int, int]:
    """How many payments of each of these batches are paid, and stayed so; one without any is left out."""
    rows = session.execute(
        select(BatchLine.batch_id, func.count())
        .where(BatchLine.batch_id.in_(batch_ids), BatchLine.settled_at.is_not(None), BatchLine.returned_at.is_(None))
        .group_by(BatchLine.batch_id)
    )
    return {row[0]: row[1] for row in rows}


def batch_by_id(session: Session, allowed: Sequence[int], batch_id: int, *, file: bool = False) -> PaymentBatch | None:
    """One batch, if it is of one of these municipalities; with its file when asked."""
    query = select(PaymentBatch).where(PaymentBatch.id == batch_id, PaymentBatch.municipality_id.in_(allowed))
    options = [joinedload(PaymentBatch.municipality), joinedload(PaymentBatch.released_by)]
    return session.scalars(query.options(*options, *([undefer(PaymentBatch.file)] if file else []))).first()


def lines_of(session: Session, batch_id: int) -> Sequence[BatchLine]:
    """The payments in a batch, with their cases."""
    return session.scalars(
        select(BatchLine)
        .where(BatchLine.batch_id == batch_id)
        .options(joinedload(BatchLine.payable).joinedload(Payable.case))
        .order_by(BatchLine.id)
    ).all()


def _entries_within(places: frozenset[int] | None) -> Select[BankEntry]:
    """Open entries about the accounts of these municipalities, and those of which nobody can tell whose they are."""
    mine = BankEntry.municipality_id.in_(places or ()) | BankEntry.municipality_id.is_(None)
    open_now = select(BankEntry).where(BankEntry.resolved_at.is_(None))
    return open_now if places is None else open_now.where(mine)


def open_entries(session: Session, places: frozenset[int] | None, limit: int = 100) -> Sequence[BankEntry]:
    """Bank entries that nobody has dealt with yet, the oldest first."""
    whole = (joinedload(BankEntry.bank_file), joinedload(BankEntry.municipality))
    return session.scalars(_entries_within(places).options(*whole).order_by(BankEntry.id).limit(limit)).all()


def open_entry(session: Session, entry_id: int, places: frozenset[int] | None) -> BankEntry | None:
    """One of them."""
    return session.scalars(_entries_within(places).where(BankEntry.id == entry_id)).first()


def bank_files(session: Session, limit: int = 30) -> Sequence[BankFile]:
    """The last files that came from the bank, refused ones too."""
    return session.scalars(select(BankFile).order_by(BankFile.id.desc()).limit(limit)).all()

"""Bank accounts: which one somebody is paid on, and why payments to it wait.

Payments wait while a change is being checked, and for the municipality's hold period after it was: time for whoever
is told of the change to say that they never asked for it. A second person can end that period.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from portal.clock import local_date
from portal.models.cases import Case
from portal.models.people import Municipality, Person, PersonAccount
from portal.models.suppliers import SupplierAccount
from portal.queries.people import WHO, calendar_of, policies_of
from workflows import CASE_TYPES
from workflows.effects import UseAccount
from workflows.kernel import Refusal, WorkingDays
from workflows.parties import N_
from workflows.policies import PolicyBook

ACCOUNT_PENDING = Refusal(
    "account_pending",
    N_("Another account number was asked for (%(number)s). Payments wait until the SSC has checked it."),
)
ACCOUNT_HELD = Refusal(
    "account_held",
    N_("The account number was changed on %(since)s. Payments wait until %(until)s, unless a treasurer ends that."),
)


def _changing() -> list[str]:
    """The kinds of cases that can change an account."""
    return [
        key for key, case_type in CASE_TYPES.items() if any(UseAccount() in action.then for action in case_type.actions)
    ]


ACCOUNT = select(PersonAccount).where(PersonAccount.person_id == WHO).order_by(PersonAccount.id.desc()).limit(1)
CHANGING = (
    Case.type.in_(bindparam("types", expanding=True)),
    Case.closed_at.is_(None),
    Case.number.is_not(None),
)
PENDING = select(Case.initiator_id, Case.number).where(
    Case.initiator_id.in_(bindparam("persons", expanding=True)), *CHANGING
)
STANDING = (
    select(PersonAccount, select(func.max(Case.number)).where(Case.initiator_id == WHO, *CHANGING).scalar_subquery())
    .select_from(Person)
    .outerjoin(
        PersonAccount,
        PersonAccount.id == select(func.max(PersonAccount.id)).where(PersonAccount.person_id == WHO).scalar_subquery(),
    )
    .where(Person.id == WHO)
)


def account_of(session: Session, person_id: int) -> PersonAccount | None:
    """The bank account a person is paid on: the last one that came in use."""
    return session.scalars(ACCOUNT, {"who": person_id}).first()


LATEST = (
    select(PersonAccount)
    .where(PersonAccount.person_id.in_(bindparam("persons", expanding=True)))
    .order_by(PersonAccount.id)
)


def latest_accounts(session: Session, persons: Collection[int]) -> Mapping[int, PersonAccount]:
    """The account each of these people is paid on."""
    rows = session.scalars(LATEST, {"persons": list(persons)})
    return {row.person_id: row for row in rows}


def pending_changes(session: Session, persons: Collection[int]) -> Mapping[int, str]:
    """The number of the open change of account of each of these people who has one."""
    rows = session.connection().execute(PENDING, {"persons": list(persons), "types": _changing()})
    return {row.initiator_id: row.number for row in rows}


def held_until(account: PersonAccount, municipality: Municipality, policies: PolicyBook) -> datetime | None:
    """Until when payments to a changed account wait; None when they need not."""
    if account.checked_by_id is None or account.released_at is not None:
        return None
    days = int(policies.number("account_hold_days", local_date(account.changed_at), default=5))
    return calendar_of(municipality).due(account.changed_at, WorkingDays(days)) if days else None


def waits(
    account: PersonAccount | None, pending: str | None, municipality: Municipality, policies: PolicyBook, at: datetime
) -> tuple[Refusal, ...]:
    """Why payments to this person wait now, as far as their account is the reason."""
    refusals = [Refusal(ACCOUNT_PENDING.code, ACCOUNT_PENDING.sentence, {"number": pending})] if pending else []
    until = held_until(account, municipality, policies) if account else None
    if account is not None and until is not None and at < until:
        values: dict[str, date] = {"since": local_date(account.changed_at), "until": local_date(until)}
        refusals.append(Refusal(ACCOUNT_HELD.code, ACCOUNT_HELD.sentence, values))
    return tuple(refusals)


@dataclass(frozen=True)
class Paid:
    """Where somebody is paid, and why payments to them wait."""

    account: PersonAccount | SupplierAccount | None
    waits: tuple[Refusal, ...] = ()


def paid_on(session: Session, person_id: int, municipality: Municipality | None, at: datetime) -> Paid:
    """The account of a person, with what their municipality's hold says of it. One or two queries."""
    account, pending = session.execute(STANDING, {"who": person_id, "types": _changing()}).one()
    if municipality is None:
        return Paid(account)
    changed = account is not None and account.checked_by_id is not None and account.released_at is None
    policies = policies_of(session, municipality.id) if changed else PolicyBook(())
    return Paid(account, waits(account, pending, municipality, policies, at))

"""What can be changed about people: their language, their bank account, and who stands in for them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.access import Viewer
from portal.interfaces.bank import InvalidIban, clean_iban
from portal.models.people import Person, PersonAccount, Substitution
from portal.queries.people import account_of
from workflows.kernel import Refusal, Refused
from workflows.parties import N_

IBAN_SENTENCES = {
    "iban_empty": N_("Fill in the account number."),
    "iban_format": N_("This is not an account number. Write it as NL91 ABNA 0417 1643 00."),
    "iban_length": N_("This account number has too many or too few characters."),
    "iban_checksum": N_("This account number is not right. Check it for a typing mistake."),
    "iban_country": N_("Payments are possible to accounts in SEPA countries only."),
}
OWN_ACCOUNT = Refusal("own_account", N_("You cannot change or confirm your own account number here: ask a colleague."))
SAME_ACCOUNT = Refusal("same_account", N_("This is already the account number."))
REASON_MISSING = Refusal("account_reason_missing", N_("Write down how you know that this number is right."))
CONFIRM_OWN_CHANGE = Refusal("confirm_own_change", N_("You changed this account, so a second person must confirm it."))
NOTHING_TO_CONFIRM = Refusal("nothing_to_confirm", N_("There is no changed account to confirm."))

SUBSTITUTE_SELF = Refusal("substitute_self", N_("You cannot stand in for yourself. Choose somebody else."))
SUBSTITUTE_UNKNOWN = Refusal("substitute_unknown", N_("Choose a colleague from the list."))
SUBSTITUTE_PERIOD = Refusal("substitute_period", N_("The last day must be on or after the first day."))
SUBSTITUTE_PAST = Refusal("substitute_past", N_("This period is already over."))
SUBSTITUTE_CIRCLE = Refusal(
    "substitute_circle",
    N_("This colleague is away too then, and you stand in for them. Choose somebody else."),
)


def change_account(session: Session, viewer: Viewer, person: Person, typed: str, reason: str, at: datetime) -> None:
    """Register another bank account for somebody, on their word. Payments to it are held at first."""
    if person.id == viewer.person_id:
        raise Refused(OWN_ACCOUNT)
    if not typed.strip():
        raise Refused(Refusal("iban_empty", IBAN_SENTENCES["iban_empty"]))
    try:
        iban = clean_iban(typed)
    except InvalidIban as error:
        raise Refused(Refusal(error.code, IBAN_SENTENCES[error.code])) from error
    if not reason.strip():
        raise Refused(REASON_MISSING)
    current = account_of(session, person.id)
    if current is not None and current.iban == iban:
        raise Refused(SAME_ACCOUNT)
    session.add(
        PersonAccount(
            person_id=person.id,
            iban=iban,
            changed_at=at,
            changed_by_id=viewer.person_id,
            reason=reason.strip()[:500],
        )
    )


def confirm_account(session: Session, viewer: Viewer, person: Person, at: datetime) -> None:
    """A second person confirms a changed account, which ends the hold."""
    current = account_of(session, person.id)
    if current is None or current.changed_by_id is None or current.confirmed_at is not None:
        raise Refused(NOTHING_TO_CONFIRM)
    if person.id == viewer.person_id:
        raise Refused(OWN_ACCOUNT)
    if current.changed_by_id == viewer.person_id:
        raise Refused(CONFIRM_OWN_CHANGE)
    current.confirmed_at, current.confirmed_by_id = at, viewer.person_id


def set_language(session: Session, person_id: int, code: str) -> None:
    """In which language somebody reads their mail and screens."""
    session.get_one(Person, person_id).language = code


def stand_in(session: Session, absent: int, substitute: int, first: date, last: date, today: date) -> Substitution:
    """Let somebody decide in one's place for a time. Raises Refused on circles and impossible periods."""
    if absent == substitute:
        raise Refused(SUBSTITUTE_SELF)
    if session.get(Person, substitute) is None:
        raise Refused(SUBSTITUTE_UNKNOWN)
    if last < first:
        raise Refused(SUBSTITUTE_PERIOD)
    if last < today:
        raise Refused(SUBSTITUTE_PAST)
    if _leads_to(session, substitute, absent, first, last):
        raise Refused(SUBSTITUTE_CIRCLE)
    new = Substitution(absent_id=absent, substitute_id=substitute, valid_from=first, valid_to=last)
    session.add(new)
    return new


def _leads_to(session: Session, start: int, goal: int, first: date, last: date) -> bool:
    """Whether substitutions in this period lead from one person, step by step, to another."""
    rows = session.execute(
        select(Substitution.absent_id, Substitution.substitute_id).where(
            Substitution.valid_from <= last, Substitution.valid_to >= first
        )
    ).all()
    reached, front = {start}, {start}
    while front:
        front = {who for absent, who in rows if absent in front} - reached
        reached |= front
    return goal in reached


def end_substitution(session: Session, absent: int, substitution_id: int) -> None:
    """Take back a substitution of one's own."""
    found = session.get(Substitution, substitution_id)
    if found is not None and found.absent_id == absent:
        session.delete(found)
